/** What makes the lines of a log durable: that the system is asked for it, of which file, and that its errors are told. */
import { fdatasync, fdatasyncSync, type PathLike } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { syncFolder } from '../../src/files/folder.ts';
import { EnvironmentError } from '../../src/model/error.ts';
import { logFile } from '../../src/keyring/log-file.ts';
import type { Log } from '../../src/keyring/log.ts';
import { temporaryFolders } from '../support/folder.ts';

vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  fdatasync: vi.fn(),
  fdatasyncSync: vi.fn(),
}));
vi.mock('../../src/files/folder.ts', { spy: true });

const folder = temporaryFolders();
const eio = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' });
type Done = Parameters<typeof fdatasync>[1];
/** One that the test ends. */
const waiting = (): Promise<Done> =>
  new Promise((resolve) => void vi.mocked(fdatasync).mockImplementationOnce((_, done) => resolve(done)));

const SYNCS: readonly [name: string, sync: (log: Log) => Promise<void>, called: () => number][] = [
  ['waiting', async (log) => log.sync(), () => vi.mocked(fdatasyncSync).mock.calls.length],
  ['in the background', (log) => log.syncInBackground(), () => vi.mocked(fdatasync).mock.calls.length],
];

function newLog(): { readonly log: Log; readonly path: PathLike; readonly folder: string } {
  const at = folder();
  const path = join(at, 'audit.jsonl');
  const log = logFile(path);
  log.create();
  log.write(Buffer.from('a line\n'), 0);
  vi.mocked(syncFolder).mockClear();
  return { log, path, folder: at };
}

beforeEach(() => {
  vi.mocked(fdatasync).mockReset();
  vi.mocked(fdatasync).mockImplementation((_, done) => done(null));
  vi.mocked(fdatasyncSync).mockReset();
});

describe.each(SYNCS)('%s', (_, sync, called) => {
  test('is one fdatasync, and the folder is synced once after a new log has begun', async () => {
    const { log, folder: at } = newLog();
    await sync(log);
    expect([called(), vi.mocked(syncFolder).mock.calls]).toEqual([1, []]);
    log.begin(log.beginning(1), Buffer.from('a new log\n'));
    vi.mocked(syncFolder).mockClear();
    await sync(log);
    await sync(log);
    expect([called(), vi.mocked(syncFolder).mock.calls]).toEqual([3, [[at]]]);
    log.close();
  });

  test('an error of the system is one of the log', async () => {
    const { log, path } = newLog();
    vi.mocked(fdatasync).mockImplementation((_fd, done) => done(eio));
    vi.mocked(fdatasyncSync).mockImplementation(() => {
      throw eio;
    });
    const error = await sync(log).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EnvironmentError);
    expect((error as Error).message).toBe(`the audit log ${String(path)} cannot be used: EIO: i/o error, fdatasync`);
    log.close();
  });
});

test('in the background it ends when that of the system does', async () => {
  const { log } = newLog();
  const begun = waiting();
  let hasEnded = false;
  const synced = log.syncInBackground().then(() => (hasEnded = true));
  const end = await begun;
  await new Promise((resolve) => setImmediate(resolve));
  expect(hasEnded).toBe(false);
  end(null);
  await synced;
  log.close();
});
