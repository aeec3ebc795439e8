/** What is opened as a pipe of a channel, by callers and agents, and what is not. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { AgentFile } from '../../../src/frontends/agent/agent-file.ts';
import { takeChannel } from '../../../src/frontends/agent/channel.ts';
import { openPipe } from '../../../src/frontends/agent/channel-files.ts';
import { temporaryFolders } from '../../support/folder.ts';

const { O_RDWR, O_RDONLY, O_WRONLY } = constants;
const folder = temporaryFolders();
const unlinking = vi.hoisted(() => ({ isTooLate: false }));

vi.mock(import('node:fs'), async (original) => {
  const fs = await original();
  const unlinkSync: typeof fs.unlinkSync = (path) => {
    if (unlinking.isTooLate) throw Object.assign(new Error('it is gone'), { code: 'ENOENT' });
    fs.unlinkSync(path);
  };
  return { ...fs, unlinkSync };
});

function pipe(path: string, mode = '600'): void {
  execFileSync('mkfifo', ['-m', mode, path]);
}

const descriptors = (): number => readdirSync('/proc/self/fd').length;

describe('opened', () => {
  test.each<[string, (path: string) => void, boolean]>([
    ['a pipe of this user', pipe, true],
    ['nothing', () => {}, false],
    ['a file', (path) => writeFileSync(path, 'text', { mode: 0o600 }), false],
    ['a folder', (path) => mkdirSync(path, { mode: 0o700 }), false],
    ['a device', (path) => execFileSync('mknod', ['-m', '600', path, 'c', '1', '3']), false],
    ['a pipe that the group can write', (path) => pipe(path, '620'), false],
    ['a pipe that others can read', (path) => pipe(path, '604'), false],
    [
      'a pipe of another user',
      (path) => {
        pipe(path);
        chownSync(path, 12_345, 12_345);
      },
      false,
    ],
    [
      'a symbolic link to a pipe',
      (path) => {
        pipe(`${path}.there`);
        symlinkSync(`${path}.there`, path);
      },
      false,
    ],
    [
      'another name of a pipe that others can open',
      (path) => {
        pipe(`${path}.there`);
        linkSync(`${path}.there`, path);
        chmodSync(`${path}.there`, 0o666);
      },
      false,
    ],
  ])('%s', (_, make, isOpened) => {
    const path = join(folder(), 'pipe');
    make(path);
    const before = descriptors();
    const fds = [O_RDWR, O_RDONLY].map((access) => openPipe(path, access));
    expect(fds.map((fd) => fd !== undefined)).toEqual([isOpened, isOpened]);
    for (const fd of fds) if (fd !== undefined) closeSync(fd);
    expect(descriptors()).toBe(before);
  });

  test('for writing, if somebody reads', () => {
    const path = join(folder(), 'pipe');
    pipe(path);
    expect(openPipe(path, O_WRONLY)).toBeUndefined();
    const reader = openPipe(path, O_RDONLY)!;
    const writer = openPipe(path, O_WRONLY);
    expect(writer).toBeDefined();
    for (const fd of [reader, writer!]) closeSync(fd);
  });
});

test('of two callers that have a pair open, the one that comes too late with its name leaves it', () => {
  const socket = join(folder(), 'socket');
  const files = ['question', 'answer'].map((end) => `${socket}.1.${end}`);
  for (const path of files) pipe(path);
  const agent = files.map((path) => openSync(path, O_RDWR));
  const before = descriptors();
  unlinking.isTooLate = true;
  expect(takeChannel({ socket } as AgentFile)).toBeUndefined();
  unlinking.isTooLate = false;
  expect(descriptors()).toBe(before);
  const channel = takeChannel({ socket } as AgentFile);
  expect(channel).toBeDefined();
  channel!.close();
  for (const fd of agent) closeSync(fd);
});
