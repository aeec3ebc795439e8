/** Whose keyrings are used: what others put before the command, in folders of theirs and of ours. Runs as root. */
import { execa } from 'execa';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createKeyring } from '../../src/keyring/open.ts';
import { createPlace } from '../../src/keyring/open-place.ts';
import { placeAt } from '../../src/keyring/place.ts';
import { keyFileMaterial, newKeyFile, passphraseMaterial } from '../../src/keyring/slot.ts';
import { seeded } from '../support/fixture.ts';
import { BIN, SCRIPT, type Ran } from './command.ts';

const OTHER = 12_345;
const node = process.execPath;

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-trust-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface User {
  readonly home: string;
  /** In a folder, as this user's shell runs it. */
  kms(cwd: string, ...args: string[]): Promise<Ran>;
  with(env: { readonly [name: string]: string }): User;
}

function user(home = temporary(), env: { readonly [name: string]: string } = {}): User {
  return {
    home,
    with: (more) => user(home, { ...env, ...more }),
    async kms(cwd, ...args) {
      const ran = await execa(node, [BIN, ...args], {
        cwd,
        env: { PATH: process.env['PATH'], HOME: home, TZ: 'UTC', ...env },
        extendEnv: false,
        reject: false,
        stripFinalNewline: false,
        stdin: 'ignore',
      });
      const { stdout, stderr, exitCode, signal } = ran;
      return { stdout, stderr, exitCode, signal };
    },
  };
}

async function json(ran: Promise<Ran>): Promise<Record<string, unknown>> {
  const { stdout, stderr, exitCode } = await ran;
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return JSON.parse(stdout) as Record<string, unknown>;
}

function folderIn(parent: string, name: string): string {
  const path = join(parent, name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** Every file below, and what is in it. */
function tree(folder: string): Record<string, string> {
  const names = execFileSync('find', ['.', '-type', 'f', '-printf', '%P\n'], { cwd: folder, encoding: 'utf8' });
  const rows = names
    .split('\n')
    .filter((name) => name !== '')
    .toSorted()
    .map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]);
  return Object.fromEntries(rows) as Record<string, string>;
}

const trustedBy = (who: User): string[] => globSync('.config/pocket-kms/trusted/*.json', { cwd: who.home });

/** Root writes where modes forbid it, so it takes a file system that is read-only. */
function readOnly(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=0700,ro', 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', [folder]));
}

/** What comes in an archive: a project whose slot leads to a key file that comes with it. */
async function projectOfAnother(): Promise<{ project: string; id: string; keyFile: string; author: User }> {
  const author = user();
  const made = folderIn(author.home, 'project');
  const keyFile = '/proc/self/cwd/.kms/deploy.key';
  mkdirSync(join(made, '.kms'), { mode: 0o700 });
  const { KeyringId } = await json(author.kms(made, 'init', '--keyring', '.kms', '--key-file', keyFile));
  const byHand = ['--keyring', '.kms', '--key-file', '.kms/deploy.key'];
  const { KeyMetadata } = await json(author.kms(made, 'create-key', ...byHand));
  const { KeyId } = KeyMetadata as { KeyId: string };
  await author.kms(made, 'create-alias', ...byHand, '--alias-name', 'alias/app', '--target-key-id', KeyId);
  const project = join(temporary(), 'project');
  cpSync(made, project, { recursive: true, preserveTimestamps: true });
  return { project, id: KeyringId as string, keyFile: join(project, '.kms/deploy.key'), author };
}

const ENCRYPT = ['encrypt', '--key-id', 'alias/app', '--plaintext', 'aGVsbG8='];

/** Exit 253, nothing on stdout, and a message that says which keyring it is, where, and how to trust it. */
function expectUntrusted({ exitCode, stdout, stderr }: Ran, { id, project }: { id: string; project: string }): void {
  expect({ exitCode, stdout }).toEqual({ exitCode: 253, stdout: '' });
  expect(stderr).toContain(`keyring ID ${id}`);
  expect(stderr).toContain(`${project}/.kms/keyring.db`);
  expect(stderr).toContain('hint: if you trust its origin: kms keyring trust\n');
}

describe('an archive of another user', () => {
  const commands: readonly (readonly string[])[] = [
    ENCRYPT,
    ['list-keys'],
    ['create-key'],
    ['get-caller-identity'],
    ['keyring', 'verify'],
    ['keyring', 'backup', 'copy.db'],
    ['keyring', 'add-slot'],
    ['keyring', 'rekey'],
    ['audit', 'verify'],
    ['audit', 'tail'],
    ['audit', 'lookup-events'],
    ['audit', 'restart'],
    ['clock'],
    ['identity', 'list'],
    ['who-can', '--action', 'kms:Decrypt', '--key', 'alias/app'],
    ['policy', 'generate', '--key', 'alias/app'],
    ['wait', '--key-id', 'alias/app', '--timeout', '1'],
    ['envelope', 'encrypt', '--key-ids', 'alias/app', '--from', 'in', '--to', 'out'],
    ['organization', 'get'],
    ['serve', '--listen', '127.0.0.1:0'],
  ];

  test('is used by no command: nothing is followed, made, recorded or changed', async () => {
    const other = await projectOfAnother();
    const { project } = other;
    const deep = folderIn(project, 'a/b');
    for (const folder of [project, deep]) writeFileSync(join(folder, 'in'), 'data');
    const before = tree(project);
    const victim = user();
    for (const command of commands) {
      for (const cwd of [project, deep]) {
        expectUntrusted(await victim.kms(cwd, ...command), other);
      }
    }
    expect(tree(project)).toEqual(before);
    expect(tree(victim.home)).toEqual({});
  });

  test('is reported by keyring status, without its content', async () => {
    const { project, id } = await projectOfAnother();
    const before = tree(project);
    const status = await json(user().kms(project, 'keyring', 'status'));
    expect(status).toEqual({
      Keyring: `${project}/.kms/keyring.db`,
      KeyringId: id,
      FoundBy: 'the folder .kms here or above',
      Locked: true,
      Reason: expect.stringContaining('this user has neither created nor trusted it'),
    });
    expect(tree(project)).toEqual(before);
  });

  test('adds nothing to completion', async () => {
    const { project } = await projectOfAnother();
    const before = tree(project);
    const victim = user();
    for (const named of [[], ['--keyring', '.kms'], ['--keyring', '.kms', '--key-file', '.kms/deploy.key']]) {
      for (const words of ['encrypt --key-id', 'create-alias --target-key-id', 'delete-alias --alias-name']) {
        const ran = await victim.kms(project, '__complete', ...named, ...words.split(' '), '');
        expect(ran).toMatchObject({ exitCode: 0, stdout: 'file://\nfileb://\n:nospace\n', stderr: '' });
      }
    }
    expect(tree(project)).toEqual(before);
    expect(tree(victim.home)).toEqual({});
  });

  test('is used when it is named by hand, but the path of its slot is not followed', async () => {
    const { project, keyFile } = await projectOfAnother();
    const victim = user();
    const locked = await victim.kms(project, ...ENCRYPT, '--keyring', '.kms');
    expect(locked).toMatchObject({ exitCode: 253, stdout: '' });
    expect(locked.stderr).toMatch(/the keyring is locked\nhint: slot 1 names the key file .*which is not used/);
    await json(victim.kms(project, ...ENCRYPT, '--keyring', '.kms', '--key-file', keyFile));
    await json(victim.with({ POCKET_KMS_KEYRING: '.kms', POCKET_KMS_KEY_FILE: keyFile }).kms(project, ...ENCRYPT));
    expect(trustedBy(victim)).toEqual([]);
  });

  test('is trusted with what opens it; the path of its slot, which leads into the project, is not followed then either', async () => {
    const { project, id, keyFile } = await projectOfAnother();
    const victim = user();
    const refused = await victim.kms(project, 'keyring', 'trust');
    expect(refused).toMatchObject({ exitCode: 253, stdout: '' });
    expect(trustedBy(victim)).toEqual([]);
    const { Trusted } = await json(victim.kms(project, 'keyring', 'trust', '--key-file', keyFile));
    expect(Trusted).toMatchObject([{ KeyringId: id, Paths: [`${project}/.kms/keyring.db`] }]);
    const locked = await victim.kms(project, ...ENCRYPT);
    expect(locked.exitCode).toBe(253);
    expect(locked.stderr).toContain('which is not used: its path leads through /proc, /dev or /sys');
    await json(victim.kms(project, ...ENCRYPT, '--key-file', keyFile));
  });

  test('is reported in the same words if it is not a keyring, or is a pipe', async () => {
    const project = folderIn(temporary(), 'project');
    const folder = folderIn(project, '.kms');
    writeFileSync(join(folder, 'keyring.db'), 'no keyring');
    const victim = user();
    expect((await victim.kms(project, 'list-keys')).stderr).toContain('its keyring ID cannot be read');
    rmSync(join(folder, 'keyring.db'));
    execFileSync('mkfifo', [join(folder, 'keyring.db')]);
    expect((await victim.kms(project, 'list-keys')).stderr).toContain('its keyring ID cannot be read');
  });
});

/** A keyring of a chosen ID, as somebody writes it who knows the project's passphrase. */
async function keyringOfId(folder: string, id: string, passphrase: string, seed: string): Promise<void> {
  const place = placeAt(folder);
  const keyring = await createKeyring({
    ...createPlace(place),
    random: seeded(seed),
    clock: Date.now,
    settings: { account: '000000000000', region: 'us-east-1', created: 0 },
    keyringId: Buffer.from(id, 'hex'),
    slot: { slot: 1, created: new Date(0).toISOString() },
    material: passphraseMaterial(Buffer.from(passphrase)),
  });
  keyring.close();
}

function passphraseFile(folder: string, words: string): string {
  const path = join(folder, 'words');
  writeFileSync(path, words, { mode: 0o600 });
  return path;
}

/** A project keyring that its user made, unlocked by a passphrase. */
async function ownProject(): Promise<{ owner: User; project: string; id: string; fingerprint: string; words: string }> {
  const owner = user();
  const words = passphraseFile(owner.home, 'correct horse');
  const project = folderIn(owner.home, 'work/project');
  const unlocked = owner.with({ POCKET_KMS_PASSPHRASE_FILE: words });
  const made = await json(owner.kms(project, 'init', '--project', '--passphrase-file', words));
  return {
    owner: unlocked,
    project,
    id: made['KeyringId'] as string,
    fingerprint: made['Fingerprint'] as string,
    words,
  };
}

describe('a project keyring of our own', () => {
  test('is made, closed, trusted, and ignored by git but for the keyring itself', async () => {
    const { owner, project, id } = await ownProject();
    expect(statSync(join(project, '.kms')).mode & 0o777).toBe(0o700);
    expect(statSync(join(project, '.kms/keyring.db')).mode & 0o777).toBe(0o600);
    expect(trustedBy(owner)).toEqual([`.config/pocket-kms/trusted/${id}.json`]);
    expect(statSync(join(owner.home, trustedBy(owner)[0]!)).mode & 0o777).toBe(0o600);
    await json(owner.kms(project, 'create-key'));
    for (const name of ['keyring.db-journal', 'keyring.db-wal', 'audit-7.jsonl', 'keyring.db.new-0011'])
      writeFileSync(join(project, '.kms', name), '');
    execFileSync('git', ['init', '-q'], { cwd: project });
    execFileSync('git', ['add', '.'], { cwd: project });
    const added = execFileSync('git', ['ls-files'], { cwd: project, encoding: 'utf8' }).trim().split('\n');
    expect(added.toSorted()).toEqual(['.kms/.gitignore', '.kms/keyring.db']);
  });

  test('is refused where it was changed into another one of the same ID, before anything is done', async () => {
    const { owner, project, id, fingerprint } = await ownProject();
    await json(owner.kms(project, 'create-key'));
    rmSync(join(project, '.kms'), { recursive: true });
    await keyringOfId(join(project, '.kms'), id, 'correct horse', 'pull request');
    rmSync(join(project, '.kms/audit.jsonl'));
    const before = tree(project);
    for (const args of [['list-keys'], ['create-key'], ['list-keys', '--keyring', '.kms'], ['keyring', 'trust']]) {
      const { exitCode, stdout, stderr } = await owner.kms(project, ...args);
      expect({ args, exitCode, stdout }).toEqual({ args, exitCode: 253, stdout: '' });
      expect(stderr).toContain('is not the one that you trust');
      expect(stderr).toContain(`not ${fingerprint}\n`);
    }
    expect(tree(project)).toEqual(before);
    await json(owner.kms(project, 'keyring', 'trust', '--remove', id));
    expectUntrusted(await owner.kms(project, 'list-keys'), { id, project });
    await json(owner.kms(project, 'keyring', 'trust'));
    await json(owner.kms(project, 'list-keys'));
  });

  test('is made once by several processes at the same time, and leaves nothing where it cannot be made', async () => {
    const owner = user();
    const project = folderIn(owner.home, 'project');
    const ran = await Promise.all([1, 2, 3, 4].map(() => owner.kms(project, 'init', '--project')));
    const codes = ran.map(({ exitCode }) => Number(exitCode)).toSorted((a, b) => a - b);
    expect(codes).toEqual([0, 253, 253, 253]);
    for (const { stderr, exitCode } of ran) if (exitCode !== 0) expect(stderr).toContain('a keyring already exists at');
    expect(Object.keys(tree(join(project, '.kms')))).toEqual(['.gitignore', 'audit.jsonl', 'keyring.db']);
    expect(trustedBy(owner)).toHaveLength(1);
    await json(owner.kms(project, 'create-key'));
    const other = folderIn(owner.home, 'other');
    expect((await owner.kms(other, 'init', '--project', '--passphrase-file', 'none')).exitCode).toBe(253);
    chmodSync(other, 0o777);
    expect((await owner.kms(other, 'init', '--project')).stderr).toContain('is writable by other users');
    expect(readdirSync(other)).toEqual([]);
  });

  test('is used from another clone, without being trusted again', async () => {
    const { owner, project } = await ownProject();
    const { KeyMetadata } = await json(owner.kms(project, 'create-key'));
    const clone = join(owner.home, 'clone');
    cpSync(project, clone, { recursive: true });
    const { KeyId } = KeyMetadata as { KeyId: string };
    await json(owner.kms(clone, 'describe-key', '--key-id', KeyId));
  });
});

describe('a clone, which has no log', () => {
  /** As git makes it: the keyring and its .gitignore, with the modes of the umask. */
  async function cloned(
    umask = '022',
  ): Promise<{ who: User; clone: string; last: object } & Awaited<ReturnType<typeof ownProject>>> {
    const made = await ownProject();
    const { owner, project, words } = made;
    for (const command of ['create-key', 'list-keys', 'list-aliases']) await json(owner.kms(project, command));
    // the keyring file is all that a clone has: it knows the log's end at the last change
    const { chain } = JSON.parse(
      readFileSync(join(project, '.kms/audit.jsonl'), 'utf8')
        .split('\n')
        .findLast((line) => line.includes('"CreateKey"'))!,
    ) as {
      chain: { sequence: number; mac: string };
    };
    const git = (...args: string[]): unknown => execFileSync('git', args, { cwd: project });
    git('init', '-q');
    git('add', '.');
    git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'keyring');
    const who = user().with({ POCKET_KMS_PASSPHRASE_FILE: words });
    const clone = join(who.home, 'clone');
    execFileSync('sh', ['-c', 'umask "$2" && git clone -q "$0" "$1"', project, clone, umask]);
    return { ...made, who, clone, last: { sequence: chain.sequence, mac: chain.mac } };
  }
  const eventsIn = (folder: string): { eventName: string; requestParameters: object }[] =>
    readFileSync(join(folder, '.kms/audit.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { eventName: string; requestParameters: object });

  test('gets a new one with trust, whose first event names the end of the other', async () => {
    const { who, clone, last } = await cloned('002');
    expect(await who.kms(clone, 'list-keys')).toMatchObject({ exitCode: 253, stdout: '' });
    expect(Object.keys(tree(join(clone, '.kms')))).toEqual(['.gitignore', 'keyring.db']);
    await json(who.kms(clone, 'keyring', 'trust'));
    expect(eventsIn(clone)).toMatchObject([{ eventName: 'BeginAuditLog', requestParameters: { follows: last } }]);
    await json(who.kms(clone, 'list-keys'));
    expect(await json(who.kms(clone, 'audit', 'verify'))).toMatchObject({ Valid: true, Events: 2 });
    await json(who.kms(clone, 'keyring', 'trust')); // again: there is nothing to do
    expect(eventsIn(clone)).toHaveLength(2);
  });

  test('of a keyring that is trusted already says what to do', async () => {
    const { owner, clone } = await cloned();
    const refused = await owner.kms(clone, 'list-keys');
    expect(refused).toMatchObject({ exitCode: 253, stdout: '' });
    expect(refused.stderr).toContain('kms keyring trust');
    await json(owner.kms(clone, 'keyring', 'trust'));
    await json(owner.kms(clone, 'list-keys'));
  });

  test('in a pipeline: POCKET_KMS_TRUST says which fingerprint is trusted, also where nothing can be recorded', async () => {
    const { who, clone, id, fingerprint } = await cloned();
    const wrong = await who.with({ POCKET_KMS_TRUST: `${id}:${'a'.repeat(32)}` }).kms(clone, 'keyring', 'trust');
    expect(wrong).toMatchObject({ exitCode: 253, stdout: '' });
    expect(wrong.stderr).toContain('is not the one that you trust');
    expect(trustedBy(who)).toEqual([]);
    const nowhere = folderIn(who.home, 'config');
    readOnly(nowhere);
    const pipeline = who.with({ POCKET_KMS_TRUST: `${id}:${fingerprint}`, XDG_CONFIG_HOME: nowhere });
    await json(pipeline.kms(clone, 'keyring', 'trust'));
    await json(pipeline.kms(clone, 'create-key'));
    expect(eventsIn(clone).map(({ eventName }) => eventName)).toEqual(['BeginAuditLog', 'CreateKey']);
  });
});

describe('POCKET_KMS_TRUST', () => {
  test('trusts for one environment, by ID and fingerprint', async () => {
    const { project, id, fingerprint, words } = await ownProject();
    const pipeline = user().with({ POCKET_KMS_PASSPHRASE_FILE: words });
    const other = 'a'.repeat(32);
    expectUntrusted(await pipeline.kms(project, 'list-keys'), { id, project });
    const trusting = (value: string): Promise<Ran> =>
      pipeline.with({ POCKET_KMS_TRUST: value }).kms(project, 'list-keys');
    await json(trusting(`${id}:${fingerprint}`));
    await json(trusting(`${other}:${other}, ${id.toUpperCase()}:${fingerprint.toUpperCase()}`));
    expectUntrusted(await trusting(`${other}:${fingerprint}`), { id, project });
    const wrong = await trusting(`${id}:${other}`);
    expect(wrong).toMatchObject({ exitCode: 253, stdout: '' });
    expect(wrong.stderr).toContain(`its fingerprint is ${fingerprint}, not ${other}`);
    for (const malformed of ['all', id, `${id}:`, `${id}:${fingerprint}:1`, `${id}:${fingerprint.slice(1)}`, ',']) {
      const refused = await trusting(malformed);
      expect(refused).toMatchObject({ exitCode: 253, stdout: '' });
      expect(refused.stderr).toContain('POCKET_KMS_TRUST must be a comma-separated list of ID:FINGERPRINT pairs');
    }
    expect(trustedBy(pipeline)).toEqual([]);
  });

  test('comes before the list', async () => {
    const { owner, project, id } = await ownProject();
    const other = 'a'.repeat(32);
    const refused = await owner.with({ POCKET_KMS_TRUST: `${id}:${other}` }).kms(project, 'list-keys');
    expect(refused.stderr).toContain(`not ${other}`);
  });
});

describe('keyring trust', () => {
  test('lists, takes an ID and a fingerprint, forgets', async () => {
    const { project, id, fingerprint, words } = await ownProject();
    const colleague = user().with({ POCKET_KMS_PASSPHRASE_FILE: words });
    expect(await json(colleague.kms(project, 'keyring', 'trust', '--list'))).toEqual({ Trusted: [] });
    const other = 'a'.repeat(32);
    await json(colleague.kms(project, 'keyring', 'trust', `${id}:${other}`));
    expect((await colleague.kms(project, 'list-keys')).stderr).toContain('is not the one that you trust');
    const changed = await colleague.kms(project, 'keyring', 'trust', `${id}:${fingerprint}`);
    expect(changed).toMatchObject({ exitCode: 253, stdout: '' });
    expect(changed.stderr).toContain('is trusted with another fingerprint');
    await json(colleague.kms(project, 'keyring', 'trust', '--remove', id));
    await json(colleague.kms(project, 'keyring', 'trust', `${id}:${fingerprint}`));
    await json(colleague.kms(project, 'list-keys'));
    const { Trusted } = await json(colleague.kms('/', 'keyring', 'trust', '--list'));
    expect(Trusted).toMatchObject([{ KeyringId: id, Fingerprint: fingerprint, Paths: [] }]);
    expect((await colleague.kms('/', 'keyring', 'trust', '--remove', other)).stderr).toContain('is not trusted');
    expect(await colleague.kms('/', 'keyring', 'trust', '--remove', '../config')).toMatchObject({ exitCode: 252 });
    expect((await colleague.kms('/', 'keyring', 'trust', '--list', '--remove', id)).stderr).toContain(
      'cannot be combined',
    );
  });

  test('takes the folder of a project, that of a keyring, and its file; and closes what is accessible to other users', async () => {
    const { project, id, words } = await ownProject();
    for (const target of ['project', 'project/.kms', 'project/.kms/keyring.db']) {
      const colleague = user().with({ POCKET_KMS_PASSPHRASE_FILE: words });
      const copy = join(colleague.home, 'project');
      cpSync(project, copy, { recursive: true });
      chmodSync(join(copy, '.kms'), 0o775);
      chmodSync(join(copy, '.kms/keyring.db'), 0o664);
      const { Trusted } = await json(colleague.kms(colleague.home, 'keyring', 'trust', target));
      expect(Trusted).toMatchObject([{ KeyringId: id, Paths: [`${copy}/.kms/keyring.db`] }]);
      expect(statSync(join(copy, '.kms')).mode & 0o777).toBe(0o700);
      expect(statSync(join(copy, '.kms/keyring.db')).mode & 0o777).toBe(0o600);
      await json(colleague.kms(copy, 'list-keys'));
    }
  });

  test('an entry that is malformed, or not ours alone, is an error that names it', async () => {
    const { owner, project, id } = await ownProject();
    const entry = join(owner.home, trustedBy(owner)[0]!);
    chmodSync(entry, 0o622);
    expect((await owner.kms(project, 'list-keys')).stderr).toContain(`${entry} is writable by other users`);
    chmodSync(entry, 0o600);
    writeFileSync(entry, '{');
    const refused = await owner.kms(project, 'list-keys');
    expect(refused).toMatchObject({ exitCode: 253, stdout: '' });
    expect(refused.stderr).toContain(`${entry} is malformed`);
    await json(owner.kms(project, 'keyring', 'trust', '--remove', id));
    expectUntrusted(await owner.kms(project, 'list-keys'), { id, project });
  });

  test('twenty keyrings made at once are all trusted', async () => {
    const owner = user();
    const projects = Array.from({ length: 20 }, (_, number) => folderIn(owner.home, `project-${number}`));
    const made = await Promise.all(projects.map((project) => json(owner.kms(project, 'init', '--project'))));
    const { Trusted } = (await json(owner.kms('/', 'keyring', 'trust', '--list'))) as {
      Trusted: { KeyringId: string }[];
    };
    expect(Trusted.map(({ KeyringId }) => KeyringId)).toEqual(
      made.map(({ KeyringId }) => String(KeyringId)).toSorted(),
    );
    expect(globSync('.config/pocket-kms/trusted/*', { cwd: owner.home })).toHaveLength(20);
  });
});

describe("the user's own place", () => {
  const own = (who: User): string => join(who.home, '.local/share/pocket-kms');

  test('records the first use, also of a keyring that was there before there was a list', async () => {
    const owner = user();
    const { KeyMetadata } = await json(owner.kms('/', 'create-key'));
    rmSync(join(owner.home, '.config/pocket-kms/trusted'), { recursive: true });
    expect(await json(owner.kms('/', 'keyring', 'status'))).toMatchObject({ FoundBy: 'the user keyring' });
    const { KeyId } = KeyMetadata as { KeyId: string };
    await json(owner.kms('/', 'describe-key', '--key-id', KeyId));
    expect(trustedBy(owner)).toHaveLength(1);
  });

  test('completion records nothing', async () => {
    const owner = user();
    await json(owner.kms('/', 'create-key'));
    rmSync(join(owner.home, '.config/pocket-kms/trusted'), { recursive: true });
    expect((await owner.kms('/', '__complete', 'encrypt', '--key-id', '')).stdout).toMatch(/^[0-9a-f-]{36}\t/);
    expect(trustedBy(owner)).toEqual([]);
  });

  test('another keyring that is put there is refused: of another ID, of the same ID', async () => {
    const owner = user();
    const words = passphraseFile(owner.home, 'correct horse');
    const unlocked = owner.with({ POCKET_KMS_PASSPHRASE_FILE: words });
    const { KeyringId: id } = await json(owner.kms('/', 'init', '--passphrase-file', words));
    await json(unlocked.kms('/', 'create-key'));
    for (const other of ['0'.repeat(32), id as string]) {
      rmSync(own(owner), { recursive: true });
      await keyringOfId(own(owner), other, 'correct horse', `planted ${other}`);
      const refused = await unlocked.kms('/', 'list-keys');
      expect(refused).toMatchObject({ exitCode: 253, stdout: '' });
      expect(refused.stderr).toContain(other === id ? 'is not the one that you trust' : 'was replaced: its ID is');
    }
  });

  test('a keyring that is trusted elsewhere is not taken for the own one', async () => {
    const { owner, project, id } = await ownProject();
    await json(owner.kms('/', 'create-key'));
    rmSync(own(owner), { recursive: true });
    cpSync(join(project, '.kms'), own(owner), { recursive: true });
    const refused = await owner.kms('/', 'list-keys');
    expect(refused.stderr).toContain(`was replaced: its ID is ${id}`);
    await json(owner.kms('/', 'keyring', 'trust'));
    await json(owner.kms('/', 'list-keys'));
  });

  test('a new one that the user makes there takes its place', async () => {
    const owner = user();
    await json(owner.kms('/', 'create-key'));
    rmSync(own(owner), { recursive: true });
    await json(owner.kms('/', 'init'));
    await json(owner.kms('/', 'create-key'));
  });

  test('the note of a new keyring goes to a terminal alone', async () => {
    const owner = user();
    const { stdout, stderr } = await owner.kms('/', 'create-key', '--query', 'KeyMetadata.KeyState');
    expect({ stdout, stderr }).toEqual({ stdout: '"Enabled"\n', stderr: '' });
    const shown = spawnSync(SCRIPT, ['-qec', `"${node}" "${BIN}" create-key --no-cli-pager`, '/dev/null'], {
      timeout: 20_000,
      env: { PATH: process.env['PATH'], HOME: temporary(), TERM: 'dumb' },
      cwd: '/',
      encoding: 'utf8',
    });
    expect(shown.stdout).toContain('kms: created a new keyring: ');
  });
});

test('a backup that is restored is trusted, on a machine that has never seen it', async () => {
  const { owner, project, id, fingerprint, words } = await ownProject();
  await json(owner.kms(project, 'create-key'));
  await json(owner.kms(project, 'keyring', 'backup', 'copy.db'));
  const elsewhere = user().with({ POCKET_KMS_PASSPHRASE_FILE: words });
  const copy = folderIn(elsewhere.home, 'project');
  mkdirSync(join(copy, '.kms'), { mode: 0o700 });
  cpSync(join(project, 'copy.db'), join(elsewhere.home, 'copy.db'));
  await json(elsewhere.kms(copy, 'keyring', 'restore', '../copy.db'));
  const { Trusted } = await json(elsewhere.kms(copy, 'keyring', 'trust', '--list'));
  expect(Trusted).toMatchObject([{ KeyringId: id, Fingerprint: fingerprint }]);
  await json(elsewhere.kms(copy, 'list-keys'));
});

test("a backup that is restored at the user's own place takes the place of another keyring that was there", async () => {
  const { owner, project } = await ownProject();
  await json(owner.kms(project, 'keyring', 'backup', 'copy.db'));
  await json(owner.kms('/', 'init'));
  rmSync(join(owner.home, '.local'), { recursive: true });
  await json(owner.kms('/', 'keyring', 'restore', join(project, 'copy.db')));
  await json(owner.kms('/', 'list-keys'));
});

describe('a configuration that cannot be written is no error', () => {
  test('at the own place, and for a keyring that is made', async () => {
    const home = temporary();
    const config = folderIn(home, 'config');
    const owner = user(home, { XDG_CONFIG_HOME: config });
    const keyFile = join(home, 'key');
    readOnly(config);
    await json(owner.kms('/', 'init', '--key-file', keyFile));
    await json(owner.kms('/', 'create-key'));
    const project = folderIn(home, 'project');
    await json(owner.kms(project, 'init', '--project', '--key-file', join(home, 'other')));
    const { exitCode, stderr } = await owner.kms(project, 'keyring', 'trust', '--key-file', join(home, 'other'));
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 253,
      stderr: expect.stringMatching(/(?:not writable|read-only)(?:.|\n)*hint: in one environment: POCKET_KMS_TRUST=/),
    });
  });
});

describe('the folder .kms of another user', () => {
  test('is passed over in a sticky folder for all, with a word on a terminal', async () => {
    const { project } = await projectOfAnother();
    const shared = temporary();
    chmodSync(shared, 0o1777);
    cpSync(join(project, '.kms'), join(shared, '.kms'), { recursive: true });
    execFileSync('chown', ['-R', String(OTHER), join(shared, '.kms')]);
    const owner = user();
    const cwd = folderIn(shared, 'mine');
    const { stdout, stderr, exitCode } = await owner.kms(cwd, 'create-key', '--query', 'KeyMetadata.KeyState');
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: '"Enabled"\n', stderr: '', exitCode: 0 });
    const shown = spawnSync(SCRIPT, ['-qec', `"${node}" "${BIN}" list-keys --no-cli-pager`, '/dev/null'], {
      timeout: 20_000,
      env: { PATH: process.env['PATH'], HOME: owner.home, TERM: 'dumb' },
      cwd,
      encoding: 'utf8',
    });
    expect(shown.stdout).toContain(`kms: ignored ${shared}/.kms, which belongs to another user`);
  });

  const refused: readonly [name: string, mode: number][] = [
    ['in a folder of ours', 0o755],
    ['in a folder that all can write, and that is not sticky', 0o777],
    ['in a sticky folder that only we can write', 0o1755],
  ];
  test.each(refused)('is refused %s, never replaced by another keyring', async (_, mode) => {
    const { project, id, keyFile } = await projectOfAnother();
    chmodSync(project, mode);
    execFileSync('chown', ['-R', String(OTHER), join(project, '.kms')]);
    const owner = user();
    await json(owner.kms('/', 'create-key'));
    expectUntrusted(await owner.kms(project, 'list-keys', '--key-file', keyFile), { id, project });
    rmSync(join(project, '.kms/keyring.db'));
    expect(await owner.kms(project, 'list-keys')).toMatchObject({ exitCode: 253, stdout: '' });
    expect(await owner.kms(project, 'create-key')).toMatchObject({ exitCode: 253, stdout: '' });
  });

  test('a link that leads nowhere is refused too', async () => {
    const project = folderIn(temporary(), 'project');
    execFileSync('ln', ['-s', '/nowhere/at/all', join(project, '.kms')]);
    expect(await user().kms(project, 'create-key')).toMatchObject({ exitCode: 253, stdout: '' });
  });
});

test('root in a container uses a trusted keyring in the checkout of another user', async () => {
  const { project, id, fingerprint, words } = await ownProject();
  const checkout = join(temporary(), 'checkout');
  cpSync(project, checkout, { recursive: true });
  rmSync(join(checkout, '.kms/audit.jsonl'), { force: true });
  execFileSync('chown', ['-R', `${OTHER}:${OTHER}`, checkout]);
  chmodSync(checkout, 0o775);
  const root = user().with({ POCKET_KMS_PASSPHRASE_FILE: words });
  expectUntrusted(await root.kms(checkout, 'list-keys'), { id, project: checkout });
  const inOneEnvironment = root.with({ POCKET_KMS_TRUST: `${id}:${fingerprint}` });
  expect((await inOneEnvironment.kms(checkout, 'create-key')).stderr).toContain('without its log: kms keyring trust');
  await json(inOneEnvironment.kms(checkout, 'keyring', 'trust'));
  await json(inOneEnvironment.kms(checkout, 'create-key'));
  await json(root.kms(checkout, 'keyring', 'trust'));
  await json(root.kms(checkout, 'create-key'));
  await json(root.kms(checkout, 'audit', 'verify'));
  for (const command of ['restart', 'verify']) await json(root.kms(checkout, 'audit', command));
  const made = readdirSync(join(checkout, '.kms')).filter((name) => statSync(join(checkout, '.kms', name)).uid === 0);
  expect(made).toEqual([]); // whose checkout it is goes on with it
  const named = ['list-keys', '--keyring', join(checkout, '.kms')];
  await json(root.kms(checkout, ...named));
  await json(root.kms(checkout, 'keyring', 'trust', '--remove', id));
  expect((await root.kms(checkout, ...named)).stderr).toContain('belongs to another user');
});

describe('paths of slots', () => {
  /** A trusted keyring whose key file is made where its slot says, and how it is found again. */
  const rows: readonly [name: string, keyFile: (project: string, home: string) => string, says?: string][] = [
    ['outside the project', (_, home) => join(home, 'keys.d/key')],
    ['in the configuration', (_, home) => join(home, '.config/pocket-kms/keys/mine.key')],
    ['in the folder of the keyring', (project) => join(project, '.kms/key'), 'it is in '],
    ['in the project', (project) => join(project, 'deploy/key'), 'it is in '],
    ['in the project, spelled otherwise', (project) => `${project}/../project/deploy/key`, 'it is in '],
    ['through a link into the project', (_, home) => join(home, 'link/key'), 'it is in '],
    ['through /proc', () => '/proc/self/root/tmp/pocket-kms-slot-key', 'its path leads through /proc'],
    ['through a link into /proc', (_, home) => join(home, 'proc/pocket-kms-slot-key'), 'its path leads through /proc'],
    ['beside what a link leads to', (_, home) => `${home}/link/../project/deploy/key`, 'it is in '],
    ['back out of what a link leads to', (_, home) => `${home}/deep/../key`, 'it is in '],
    ['in /dev', () => '/dev/shm/pocket-kms-slot-key', 'its path leads through /proc, /dev'],
  ];
  test.each(rows)('%s', async (_, pathOf, says) => {
    const owner = user();
    const project = folderIn(owner.home, 'work/project');
    folderIn(project, 'deploy');
    execFileSync('ln', ['-s', project, join(owner.home, 'link')]);
    execFileSync('ln', ['-s', '/proc/self/root/tmp', join(owner.home, 'proc')]);
    execFileSync('ln', ['-s', join(project, 'deploy'), join(owner.home, 'deep')]);
    const keyFile = pathOf(project, owner.home);
    onTestFinished(() => rmSync('/tmp/pocket-kms-slot-key', { force: true }));
    onTestFinished(() => rmSync('/dev/shm/pocket-kms-slot-key', { force: true }));
    const bytes = await keyringNaming(join(project, '.kms'), keyFile);
    const copy = join(owner.home, 'copy');
    writeFileSync(copy, bytes, { mode: 0o600 });
    await json(owner.kms(project, 'keyring', 'trust', '--key-file', copy));
    const { exitCode, stderr } = await owner.kms(project, 'list-keys');
    expect({ exitCode, stderr }).toMatchObject(
      says === undefined
        ? { exitCode: 0, stderr: '' }
        : { exitCode: 253, stderr: expect.stringContaining(`which is not used: ${says}`) },
    );
  });

  /** A keyring whose slot names this path, exactly as it is spelled here. */
  async function keyringNaming(folder: string, path: string): Promise<Uint8Array> {
    const bytes = newKeyFile(seeded(path));
    const keyring = await createKeyring({
      ...createPlace(placeAt(folder)),
      random: seeded('naming'),
      clock: Date.now,
      settings: { account: '000000000000', region: 'us-east-1', created: 0 },
      keyringId: seeded('id')(16),
      slot: { slot: 1, created: new Date(0).toISOString(), path },
      material: keyFileMaterial(bytes, path),
    });
    keyring.close();
    execFileSync('mkdir', ['-p', dirname(path)]);
    writeFileSync(path, bytes, { mode: 0o600 });
    return bytes;
  }
});
