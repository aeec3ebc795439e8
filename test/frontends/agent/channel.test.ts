/** Channels of an agent, which is another process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { AgentFile } from '../../../src/frontends/agent/agent-file.ts';
import { takeChannel } from '../../../src/frontends/agent/channel.ts';
import { freeChannels, openPipe } from '../../../src/frontends/agent/channel-files.ts';
import { frame } from '../../../src/frontends/agent/frame.ts';

const PROGRAM = join(import.meta.dirname, '../../support/channel-agent.ts');
const TIMEOUT = 10_000;

interface Ready {
  readonly folder: string;
  readonly file: AgentFile;
  /** Has the agent close the channels. */
  readonly close: () => Promise<void>;
}

/** @param what it does with what it gets */
async function ready(what: 'echo' | 'destroy' | 'refuse' | 'end'): Promise<Ready> {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-channels-'));
  const socket = join(folder, 'socket');
  const agent = spawn(process.execPath, [PROGRAM, socket, what], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    agent.stdin.end();
    if (agent.exitCode === null) await once(agent, 'exit');
    rmSync(folder, { recursive: true });
  });
  await once(agent.stdout, 'data');
  const close = async (): Promise<void> => {
    agent.stdin.write('close\n');
    await once(agent.stdout, 'data');
  };
  return { folder, close, file: { socket } as AgentFile };
}

test.each([1, 1_000, 65_536, 3_000_000])('messages of %i characters, one after the other', async (length) => {
  const { file } = await ready('echo');
  const line = takeChannel(file)!;
  for (const text of ['a', 'b'].map((letter) => letter.repeat(length))) {
    await line.write(frame({ text }), TIMEOUT);
    expect(await line.next(TIMEOUT)).toEqual({ text });
  }
  line.close();
});

test('each is taken once, and its names go with that', async () => {
  const { file, folder } = await ready('echo');
  const before = readdirSync(folder);
  const lines = [takeChannel(file)!, takeChannel(file)!];
  expect(readdirSync(folder)).toHaveLength(before.length - 4);
  for (const [at, line] of lines.entries()) await line.write(frame({ at }), TIMEOUT);
  expect(await Promise.all(lines.map((line) => line.next(TIMEOUT)))).toEqual([{ at: 0 }, { at: 1 }]);
  for (const line of lines) line.close();
});

test('when few are left, there are more; a caller that says nothing leaves nothing', async () => {
  const { file, folder } = await ready('echo');
  const all = readdirSync(folder).length;
  for (let taken = 0; taken < all / 2; taken += 1) takeChannel(file)!.close();
  expect(takeChannel(file)).toBeUndefined();
  let line: ReturnType<typeof takeChannel>;
  await expect.poll(() => (line ??= takeChannel(file))).toBeDefined();
  expect(readdirSync(folder).length).toBeGreaterThan(all / 2);
  await line!.write(frame({}), TIMEOUT);
  expect(await line!.next(TIMEOUT)).toEqual({});
  line!.close();
});

test('an agent that ends, or says nothing in time, gives no answer', async () => {
  const { file, close, folder } = await ready('destroy');
  const line = takeChannel(file)!;
  await line.write(frame({}), TIMEOUT);
  expect(await line.next(TIMEOUT)).toBeUndefined();
  const silent = takeChannel(file)!;
  expect(await silent.next(50)).toBeUndefined();
  silent.close();
  await close();
  expect(readdirSync(folder)).toEqual([]);
  expect(takeChannel(file)).toBeUndefined();
});

test('what an agent has said before it ended is read', async () => {
  const { file } = await ready('refuse');
  const line = takeChannel(file)!;
  await line.write(frame({}), TIMEOUT);
  await new Promise((resolve) => void setTimeout(resolve, 50));
  await line.write(frame({}), TIMEOUT);
  expect(await line.next(TIMEOUT)).toEqual({ answer: 'refused' });
  expect(await line.next(TIMEOUT)).toBeUndefined();
});

test('an agent that ends when all is written has been read whole, however slowly', async () => {
  const { file } = await ready('end');
  const line = takeChannel(file)!;
  await line.write(frame({}), TIMEOUT);
  await new Promise((resolve) => void setTimeout(resolve, 200));
  expect(await line.next(TIMEOUT)).toEqual({ text: 'a'.repeat(1_000_000) });
  expect(await line.next(TIMEOUT)).toEqual({ answer: 'refused' });
  expect(await line.next(TIMEOUT)).toBeUndefined();
});

test('a caller that was killed before it removed the names leaves none', async () => {
  const { file } = await ready('echo');
  const [files] = freeChannels(file.socket);
  closeSync(openPipe(files!.question, constants.O_WRONLY)!);
  await expect.poll(() => freeChannels(file.socket).map(({ question }) => question)).not.toContain(files!.question);
});

test('an agent that has closed them makes no more when one that is in use ends', async () => {
  const { file, close, folder } = await ready('echo');
  const line = takeChannel(file)!;
  await line.write(frame({}), TIMEOUT);
  expect(await line.next(TIMEOUT)).toEqual({});
  await close();
  await line.write(frame({ still: 'there' }), TIMEOUT);
  expect(await line.next(TIMEOUT)).toEqual({ still: 'there' });
  line.close();
  await new Promise((resolve) => void setTimeout(resolve, 200));
  expect(readdirSync(folder)).toEqual([]);
});

test('there is a limit of those in use', async () => {
  const { file } = await ready('echo');
  const lines: NonNullable<ReturnType<typeof takeChannel>>[] = [];
  // more are made when one ends, and there are few; how soon depends on the machine
  for (let round = 0; round < 12 || (round < 200 && lines.length <= 200); round += 1) {
    for (let line = takeChannel(file); line; line = takeChannel(file)) {
      await line.write(frame({}), TIMEOUT);
      expect(await line.next(TIMEOUT)).toEqual({});
      lines.push(line);
    }
    lines.pop()!.close();
    await new Promise((resolve) => void setTimeout(resolve, 100));
  }
  expect(lines.length).toBeGreaterThan(200);
  expect(lines.length).toBeLessThan(256 + 32);
  for (const line of lines) line.close();
});
