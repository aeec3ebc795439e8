/** What stays behind when a command that writes a file is stopped in the middle of it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { BIN, createKey, workplace, type Workplace } from './command.ts';

const CANARY = 'canary-b7e2 ';
const PLAINTEXT = Buffer.from(CANARY.repeat(400_000));
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGKILL'] as const;

interface Place extends Workplace {
  readonly there: string;
  readonly message: Buffer;
  readonly start: (...words: string[]) => ChildProcess;
  readonly names: () => readonly string[];
}

async function prepared(): Promise<Place> {
  const work = await workplace();
  const key = await createKey(work);
  await work.text('create-alias', '--alias-name', 'alias/a', '--target-key-id', key);
  writeFileSync(join(work.folder, 'plaintext'), PLAINTEXT);
  const there = join(work.folder, 'there');
  // temporary files lie there too
  const start = (...words: string[]): ChildProcess => {
    const env = { ...work.env, TMPDIR: there };
    const child = spawn(process.execPath, [BIN, ...words], { cwd: there, env, stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin.on('error', () => {}); // it will be killed
    return child;
  };
  await work.text('envelope', 'encrypt', '--key-ids', key, '--from', 'plaintext', '--to', 'message');
  const message = readFileSync(join(work.folder, 'message'));
  rmSync(join(work.folder, 'plaintext'));
  mkdirSync(there);
  return { ...work, there, message, start, names: () => readdirSync(there) };
}

/** What the process has open in that folder: names, and what is in them. */
function openIn(folder: string, { pid }: ChildProcess): readonly { readonly name: string; readonly bytes: Buffer }[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const name = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return name.startsWith(`${folder}/`) ? [{ name, bytes: readFileSync(`/proc/${pid}/fd/${fd}`) }] : [];
    } catch {
      return [];
    }
  });
}

async function until(holds: () => boolean): Promise<void> {
  for (let round = 0; !holds(); round += 1) {
    if (round > 2000) throw new Error('it never came that far');
    await pause(5);
  }
}

async function killed(child: ChildProcess, signal: (typeof SIGNALS)[number]): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  expect(await ended).toEqual([null, signal]);
}

test.each(SIGNALS)('%s while a message is decrypted: no name, and nothing that anybody could read', async (signal) => {
  const { there, message, start, names } = await prepared();
  const half = message.subarray(0, message.length / 2);
  for (const to of ['out', '-']) {
    const child = start('envelope', 'decrypt', '--to', to);
    child.stdin!.write(half);
    await until(() => openIn(there, child).some(({ bytes }) => bytes.length > PLAINTEXT.length / 4));
    expect(names()).toEqual([]);
    const open = openIn(there, child);
    expect(open).toHaveLength(1);
    expect(open[0]!.bytes.includes(CANARY)).toBe(false);
    await killed(child, signal);
    expect(names()).toEqual([]);
  }
});

test.each(SIGNALS.filter((signal) => signal !== 'SIGKILL'))(
  '%s while data is encrypted removes the draft, and leaves the file that was there',
  async (signal) => {
    const { there, start, names } = await prepared();
    writeFileSync(join(there, 'out'), 'old');
    const child = start('envelope', 'encrypt', '--key-ids', 'alias/a', '--to', 'out');
    child.stdin!.write(PLAINTEXT.subarray(0, PLAINTEXT.length / 2));
    await until(() => openIn(there, child).some(({ bytes }) => bytes.length > PLAINTEXT.length / 4));
    expect(names().toSorted()).toEqual([expect.stringMatching(/^\.kms-[0-9a-f]{24}$/), 'out']);
    await killed(child, signal);
    expect(names()).toEqual(['out']);
    expect(readFileSync(join(there, 'out'), 'utf8')).toBe('old');
  },
);

interface KillLoop {
  readonly words: readonly string[];
  readonly rounds: number;
  readonly signals: readonly NodeJS.Signals[];
  readonly input?: string;
}

/** Kills after random times between nothing and a little more than a whole run; gives how many were stopped. */
async function killLoop(
  { start }: Place,
  { words, rounds, signals, input = '' }: KillLoop,
  look: () => void,
): Promise<number> {
  const before = performance.now();
  const first = start(...words);
  first.stdin!.end(input);
  await once(first, 'exit');
  const whole = performance.now() - before;
  look();
  let stopped = 0;
  for (let round = 0; round < rounds; round += 1) {
    const child = start(...words);
    child.stdin!.end(input);
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
    await pause(Math.random() * whole * 1.1);
    child.kill(signals[round % signals.length]);
    const [, signal] = await ended;
    if (signal !== null) stopped += 1;
    look();
  }
  return stopped;
}

const ROUNDS = 40;

test(`decrypt, stopped ${ROUNDS} times at random instants: the file is there whole or not at all`, async () => {
  const place = await prepared();
  writeFileSync(join(place.folder, 'message'), place.message);
  const words = ['envelope', 'decrypt', '--from', '../message', '--to', 'out'];
  const stopped = await killLoop(place, { words, rounds: ROUNDS, signals: SIGNALS.slice(0, 4) }, () => {
    for (const name of place.names()) {
      expect(name).toBe('out');
      expect(readFileSync(join(place.there, name)).equals(PLAINTEXT)).toBe(true);
      rmSync(join(place.there, name));
    }
  });
  expect(stopped).toBeGreaterThan(ROUNDS / 4);
});

const OLD = 'OLD=1\n';

test.each<readonly [string, readonly string[], RegExp]>([
  [
    'envelope encrypt',
    ['envelope', 'encrypt', '--key-ids', 'alias/a', '--from', '../message', '--to', 'out'],
    /^\x02\x05/,
  ],
  ['env set', ['env', 'set', 'NAME', '--key-id', 'alias/a', '--file', 'out'], /^OLD=1\nNAME=kms:[A-Za-z0-9+/]+=*\n$/],
  ['lint', ['lint', '../policy.json', '--write-known-findings', 'out'], /^\{\n[^]*\n\}\n$/],
  ['shim install', ['shim', 'install', '.'], /^#!\/bin\/sh\n[^]*\nmain "\$@"\n$/],
])('%s, stopped at random instants: what was there, or all that is new', async (name, words, whole) => {
  const place = await prepared();
  writeFileSync(join(place.folder, 'message'), place.message);
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }];
  writeFileSync(join(place.folder, 'policy.json'), JSON.stringify({ Version: '2012-10-17', Statement }));
  const out = join(place.there, name === 'shim install' ? 'aws' : 'out');
  const isNew = name === 'shim install';
  const reset = (): void => (isNew ? rmSync(out, { force: true }) : writeFileSync(out, OLD));
  reset();
  const options = { words, rounds: ROUNDS / 2, signals: SIGNALS.slice(0, 4), input: 'value' };
  let written = 0;
  const stopped = await killLoop(place, options, () => {
    const names = place.names();
    expect(names.filter((found) => found.startsWith('.kms-'))).toEqual([]);
    const text = names.length === 0 ? undefined : readFileSync(out, 'latin1');
    if (text !== (isNew ? undefined : OLD)) {
      expect(text).toMatch(whole);
      written += 1;
    }
    reset();
  });
  expect(written).toBeGreaterThan(0);
  expect(stopped).toBeGreaterThan(0);
});

test(`an altered message, stopped ${ROUNDS} times by SIGKILL too: no plaintext is left, under no name`, async () => {
  const place = await prepared();
  const altered = Buffer.from(place.message);
  altered[altered.length - 20]! ^= 1; // in its signature: every frame is good
  writeFileSync(join(place.folder, 'message'), altered);
  for (const to of ['out', '/dev/null']) {
    const words = ['envelope', 'decrypt', '--from', '../message', '--to', to];
    const stopped = await killLoop(place, { words, rounds: ROUNDS / 2, signals: SIGNALS }, () => {
      expect(place.names()).toEqual([]);
    });
    expect(stopped).toBeGreaterThan(ROUNDS / 8);
  }
});
