/** Copies of a keyring: a consistent one while others write, and the way back. */
import type { ChainHead } from '../audit/chain.ts';
import { parseLine } from '../audit/chain.ts';
import { lines } from '../audit/verify.ts';
import type { Keyring, LogAnchor } from './keyring.ts';
import type { Log } from './log-file.ts';
import { type Store, type StoreTransaction } from './store.ts';

/** @param to an empty store */
export const backupKeyring = (keyring: Keyring, to: Store): Promise<number> =>
  keyring.inspect((from) => to.transact((target) => copyRows(from.tx, target)));

/** Everything in `to` is replaced, in one transaction. */
export const replaceRows = (from: Store, to: Store): Promise<number> =>
  from.transact((source) =>
    to.transact(async (target) => {
      const old: string[] = [];
      for await (const { path } of target.rows('')) old.push(path);
      for (const path of old) await target.delete(path);
      return copyRows(source, target);
    }),
  );

async function copyRows(from: StoreTransaction, to: StoreTransaction): Promise<number> {
  let rows = 0;
  for await (const { path, value } of from.rows('')) {
    await to.put(path, value);
    rows += 1;
  }
  return rows;
}

/**
 * Where a restored keyring's log goes on: after the last line of the log that is there, or, without one, in a new file
 * that follows the backup's last event.
 */
export const logEnd = (keyring: Keyring, log: Log): Promise<LogAnchor> =>
  keyring.inspect(async ({ root }) => {
    let last: { head: ChainHead; generation: number } | undefined;
    let size = 0;
    for (const line of lines(log.read())) {
      size += line.length + 1;
      last = parseLine(line) ?? last;
    }
    if (!last) return { generation: root.generation, head: { ...root.head, size }, logStart: root.head };
    return {
      generation: Math.max(root.generation, last.generation),
      head: { ...last.head, size },
      logStart: root.logStart,
    };
  });
