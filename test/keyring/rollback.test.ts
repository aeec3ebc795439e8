/** What an attacker without keys can put back: every combination of a keyring, a log and a head of different times. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { verifyLog } from '../../src/audit/verify.ts';
import { backupKeyring, restoreKeyring } from '../../src/keyring/backup.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { memoryStore } from '../../src/keyring/memory-store.ts';
import { temporaryFolders } from '../support/folder.ts';
import { keyringFile, type KeyringFile } from '../support/keyring-file.ts';

const folder = temporaryFolders();

/** The three files at a time. */
type State = { readonly [K in 'keyring' | 'log' | 'head']: Buffer };

const filesOf = ({ keyringPath, logPath }: KeyringFile) => ({
  keyring: keyringPath,
  log: logPath,
  head: `${logPath}.head`,
});

const change = (keyring: Keyring, name: string): Promise<void> =>
  keyring.transact(async (tx) => {
    tx.put('r/x', Buffer.from(name));
    tx.append({ eventName: name });
  });
const read = (keyring: Keyring, name: string): Promise<void> =>
  keyring.transact(async (tx) => tx.append({ eventName: name }));

async function history(home: KeyringFile): Promise<{ readonly [name: string]: State }> {
  const files = filesOf(home);
  const state = (): State => ({
    keyring: readFileSync(files.keyring),
    log: readFileSync(files.log),
    head: readFileSync(files.head),
  });
  const states: { [name: string]: State } = {};
  let keyring = await home.reopen();
  const step = async (name: string, steps: readonly ((keyring: Keyring) => Promise<unknown>)[]): Promise<void> => {
    for (const one of steps) await one(keyring);
    keyring.close();
    states[name] = state();
    keyring = await home.reopen();
  };
  const changes = (name: string) => (keyring: Keyring) => change(keyring, name);
  const reads = (name: string) => (keyring: Keyring) => read(keyring, name);
  await step('a', [changes('Change1'), reads('Read1')]);
  await step('b', [changes('Change2'), reads('Read2')]);
  await step('c', [reads('Read3'), reads('Read4')]);
  const backup = memoryStore();
  await backupKeyring(keyring, backup);
  await step('r', [(keyring) => keyring.restartLog(async (tx) => tx.append({ eventName: 'Restart' })), reads('Read5')]);
  await step('s', [
    (keyring) =>
      restoreKeyring({ from: backup, keyring, isDraft: false }, async (tx) => tx.append({ eventName: 'Restore' })),
    reads('Read6'),
  ]);
  await step('n', [changes('Change3'), reads('Read7')]);
  // a copy that was made at b goes on by itself: to the generation that c has, and beyond the end of its log
  const { b } = states;
  for (const part of ['keyring', 'log', 'head'] as const) writeFileSync(files[part], b![part]);
  keyring.close();
  keyring = await home.reopen();
  await step('x', [changes('Other'), reads('Other1'), reads('Other2'), reads('Other3')]);
  // and another one of c, so that its root is earlier than that of x, and its log longer
  for (const part of ['keyring', 'log', 'head'] as const) writeFileSync(files[part], states['c']![part]);
  keyring.close();
  keyring = await home.reopen();
  await step(
    'y',
    Array.from({ length: 9 }, (_, count) => reads(`Long${count}`)),
  );
  await step('z', [changes('Long'), ...Array.from({ length: 9 }, (_, count) => reads(`Longer${count}`))]);
  keyring.close();
  return states;
}

/**
 * A: accepted. l: the log or the head is of a later state than the keyring. t: lines are missing that the keyring or the head
 * knows. e: another line is where the keyring or the head has its end. d: the log, or the head, is that of another copy. o: the
 * head is that of an earlier log.
 */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/is ahead of the keyring/, 'l'],
  [/was truncated/, 't'],
  [/end of the audit log .* was changed/, 'e'],
  [/does not continue from the end that the keyring has/, 'd'],
  [/is that of an earlier log/, 'o'],
];

/** In each row a keyring and a log; in each column a head. */
const GRID = `
   a b c r s n x y z
aa A l l l l l l l l
ab l l l l l l l l l
ac l l l l l l l l l
ar e l l l l l l l l
as e l l l l l l l l
an e l l l l l l l l
ax l l l l l l l l l
ay l l l l l l l l l
az l l l l l l l l l
ba A t t l l l l t l
bb A A t l l l l t l
bc A A A l l l l t l
br d t t l l l l t l
bs e e t l l l l t l
bn e e e l l l l t l
bx l l e l l l l t l
by A A A l l l l A l
bz l l l l l l l l l
ca A t t l l l l t l
cb A A t l l l l t l
cc A A A l l l l t l
cr d t t l l l l t l
cs e e t l l l l t l
cn e e e l l l l t l
cx l l e l l l l t l
cy A A A l l l l A l
cz l l l l l l l l l
ra o o o e e l o o o
rb o o o e e l o o o
rc o o o e e l o o o
rr o o o A A l o o o
rs o o o l l l o o o
rn o o o l l l o o o
rx o o o e e l o o o
ry o o o e e l o o o
rz o o o e e l o o o
sa o o o t t l o o o
sb o o o e e l o o o
sc o o o e e l o o o
sr o o o t t l o o o
ss o o o A A l o o o
sn o o o l l l o o o
sx o o o e e l o o o
sy o o o e e l o o o
sz o o o e e l o o o
na o o o t t t o o o
nb o o o t t t o o o
nc o o o e e t o o o
nr o o o t t t o o o
ns o o o A A t o o o
nn o o o A A A o o o
nx o o o e e e o o o
ny o o o e e e o o o
nz o o o e e e o o o
xa t t d l l l t d t
xb A A d l l l t d t
xc e e d l l l t d t
xr t t d l l l t d t
xs e e d l l l t d t
xn e e d l l l t d t
xx A A d l l l A d t
xy e e d l l l e d t
xz e e d l l l e d d
ya A t t l l l l t l
yb A A t l l l l t l
yc A A A l l l l t l
yr d t t l l l l t l
ys e e t l l l l t l
yn e e e l l l l t l
yx l l e l l l l t l
yy A A A l l l l A l
yz l l l l l l l l l
za t t t l l l t t t
zb t t t l l l t t t
zc t t t l l l t t t
zr t t t l l l t t t
zs t t t l l l t t t
zn t t t l l l t t t
zx t t t l l l t t t
zy A A A l l l A A t
zz A A A l l l A A A`;

/** Events that changed nothing, since the root was written. */
const AFTER_ANCHOR: { readonly [state: string]: number } = { a: 1, b: 1, c: 3, r: 1, s: 0, n: 1, x: 3, y: 12, z: 9 };

const namesIn = (log: Buffer): string[] =>
  log
    .toString()
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { eventName: string }).eventName);

test('what is put back is refused, but for events since the last anchor that changed nothing', async () => {
  const home = await keyringFile(folder());
  home.keyring.close();
  const states = await history(home);
  const files = filesOf(home);
  const names = Object.keys(states);
  const rows = [`   ${names.join(' ')}`];
  for (const k of names) {
    for (const l of names) {
      const verdicts: string[] = [];
      for (const h of names) {
        writeFileSync(files.keyring, states[k]!.keyring);
        writeFileSync(files.log, states[l]!.log);
        writeFileSync(files.head, states[h]!.head);
        const keyring = await home.reopen();
        const verdict = await read(keyring, 'Next').then(
          () => 'A',
          (error: Error) => REFUSALS.find(([pattern]) => pattern.test(error.message))?.[1] ?? error.message,
        );
        verdicts.push(verdict);
        const { problems } = await keyring.inspect(async ({ log, root, barrier, end }) =>
          verifyLog(log.read(), { key: barrier.auditKey, start: root.logStart, head: end(), passes: root.head }),
        );
        keyring.close();
        // the lines alone tell it too, unless only the head is wrong
        if (verdict === 'A' || k !== l) expect([k, l, h, problems.length === 0]).toEqual([k, l, h, verdict === 'A']);
        if (verdict !== 'A') continue;
        const [wanted, there] = [namesIn(states[k]!.log), namesIn(readFileSync(files.log))];
        const hidden = wanted.filter((name) => !there.includes(name));
        expect(wanted.slice(wanted.length - AFTER_ANCHOR[k]!)).toEqual(expect.arrayContaining(hidden));
        expect(there).toEqual(expect.arrayContaining(namesIn(states[l]!.log)));
      }
      rows.push(`${k}${l} ${verdicts.join(' ')}`);
    }
  }
  expect(`\n${rows.join('\n')}`).toBe(GRID);
}, 60_000);

test('kms audit restart accepts a keyring that was put back alone: the old head is gone, in both of its blocks', async () => {
  const home = await keyringFile(folder());
  home.keyring.close();
  const states = await history(home);
  const files = filesOf(home);
  for (const [now, before] of [
    ['n', 's'],
    ['z', 'c'],
    ['s', 'a'],
  ] as const) {
    for (const part of ['keyring', 'log', 'head'] as const) writeFileSync(files[part], states[now]![part]);
    writeFileSync(files.keyring, states[before]!.keyring);
    const keyring = await home.reopen();
    await expect(read(keyring, 'Next')).rejects.toThrow('is ahead of the keyring');
    await keyring.restartLog(async (tx) => tx.append({ eventName: 'Restart' }));
    for (const name of ['Next1', 'Next2', 'Next3']) await read(keyring, name);
    keyring.close();
    const next = await home.reopen();
    await read(next, 'Next4');
    const names = namesIn(readFileSync(files.log));
    expect(names.filter((name) => name.startsWith('Next'))).toEqual(['Next1', 'Next2', 'Next3', 'Next4']);
    next.close();
  }
});

test('a restore does not continue the log of another copy', async () => {
  const home = await keyringFile(folder());
  home.keyring.close();
  const states = await history(home);
  const files = filesOf(home);
  // the keyring of x, with the log and the head of z, both of the same generation
  for (const part of ['log', 'head'] as const) writeFileSync(files[part], states['z']![part]);
  writeFileSync(files.keyring, states['x']!.keyring);
  const keyring = await home.reopen();
  const backup = memoryStore();
  await backupKeyring(keyring, backup);
  let putAside: string | undefined;
  await restoreKeyring({ from: backup, keyring, isDraft: false }, async (tx, begun) => {
    ({ putAside } = begun!);
    tx.append({ eventName: 'Restore' });
  });
  expect(putAside).toMatch(/^audit-\d+\.jsonl$/);
  expect(readFileSync(`${files.log.replace('audit.jsonl', '')}${putAside}`)).toEqual(states['z']!.log);
  expect(namesIn(readFileSync(files.log))).toEqual(['Restore', 'Other']); // with the pending line, which is in no log
  await read(keyring, 'Next');
});
