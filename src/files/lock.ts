/** A lock for changes of a file that read it first: without it, two at once would undo one another. */
import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Work takes far less, so a lock that is as old as this is of a process that was killed. */
const ABANDONED_MS = 5000;
const RETRY_MS = 5;

/** @param work synchronous, so that no signal ends the process in it */
export async function whileLocked<T>(path: string, work: () => T): Promise<T> {
  const lock = await lockOf(path);
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Made with O_EXCL: Node.js has no flock(2). */
async function lockOf(path: string): Promise<string> {
  const lock = `${dirname(path)}/.kms-${createHash('sha256').update(basename(path)).digest('hex').slice(0, 24)}.lock`;
  let seen: number | undefined;
  for (let since = performance.now(); ;) {
    try {
      closeSync(openSync(lock, 'wx', 0o600));
      return lock;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const held = lstatSync(lock, { throwIfNoEntry: false })?.ctimeMs;
    if (held !== seen) {
      seen = held;
      since = performance.now();
    } else if (performance.now() - since > ABANDONED_MS) rmSync(lock, { force: true });
    await setTimeout(RETRY_MS);
  }
}
