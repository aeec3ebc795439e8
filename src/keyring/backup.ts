/** Copies of a keyring: a consistent one while others write, and the way back. */
import { parseLine, type ChainHead } from '../audit/chain.ts';
import { lines } from '../audit/verify.ts';
import { EnvironmentError } from '../api/error.ts';
import type { Secret } from '../crypto/secret.ts';
import { newLog, type BegunLog, type Keyring, type LogAnchor } from './keyring.ts';
import type { Log } from './log-file.ts';
import type { Root } from './root.ts';
import type { Store, StoreTransaction } from './store.ts';
import type { Transaction } from './transaction.ts';

/** @param to an empty store */
export const backupKeyring = (
  keyring: Keyring,
  to: Store,
): Promise<{ readonly records: number; readonly generation: number }> =>
  keyring.inspect(async ({ tx, root: { generation } }) => ({
    records: await to.transact((target) => copyRows(tx, target)),
    generation,
  }));

async function copyRows(from: StoreTransaction, to: StoreTransaction): Promise<number> {
  let rows = 0;
  for await (const { path, value } of from.rows('')) {
    await to.put(path, value);
    rows += 1;
  }
  return rows;
}

export interface Restoration {
  /** The backup, verified. */
  readonly from: Store;
  /** The keyring in the store that it is restored to. */
  readonly keyring: Keyring;
  /** That store is a draft. */
  readonly isDraft: boolean;
}

/**
 * Everything in the store is replaced, and the log goes on, in one transaction: after the last event of the log that is
 * there, if all of it verifies and it is not older than the backup; else in a new one, and the old one is put aside.
 */
export function restoreKeyring<T>(
  { from, keyring, isDraft }: Restoration,
  work: (tx: Transaction, begun: BegunLog | undefined) => Promise<T>,
): Promise<T> {
  let begun: BegunLog | undefined;
  return keyring.relocate(
    {
      isDraft,
      async anchor({ tx, log, read }) {
        const before = await readable(read);
        const old: string[] = [];
        for await (const { path } of tx.rows('')) old.push(path);
        for (const path of old) await tx.delete(path);
        await from.transact((source) => copyRows(source, tx));
        const { root, barrier } = await read();
        const anchor = anchorOf({ backup: root, before: before?.root, log, key: barrier.auditKey });
        begun = anchor.head.size === 0 ? { follows: anchor.logStart, putAside: anchor.putAside } : undefined;
        return anchor;
      },
    },
    (tx) => work(tx, begun),
  );
}

/** undefined: what is there is damaged, which is why it is replaced. */
async function readable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof EnvironmentError) return undefined;
    throw error;
  }
}

interface Ends {
  readonly backup: Root;
  readonly before: Root | undefined;
  readonly log: Log;
  readonly key: Secret;
}

function anchorOf({ backup, before, log, key }: Ends): LogAnchor {
  if (before) {
    try {
      log.settle(before); // lines that a crash kept out of it belong there
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
    }
  }
  const starts = [before?.logStart, backup.logStart, firstFollows(log)].filter((start) => start !== undefined);
  const found = starts.map((start) => verifiedEnd(log, key, start));
  const known = [backup, ...(before ? [before] : []), ...found];
  const generation = Math.max(...known.map((end) => end.generation));
  const { head } = known.toSorted((a, b) => b.head.sequence - a.head.sequence)[0]!;
  const whole = found.find((log) => log.isWhole && log.head.mac === head.mac);
  return whole && log.exists()
    ? { generation, head: { ...whole.head, size: whole.size }, logStart: whole.start }
    : newLog({ generation, head: { ...head, size: 0 } }, log);
}

interface VerifiedLog {
  readonly isWhole: boolean;
  readonly start: ChainHead;
  readonly head: ChainHead;
  readonly generation: number;
  readonly size: number;
}

/** Only what the keyring's own key vouches for counts. */
function verifiedEnd(log: Log, key: Secret, start: ChainHead): VerifiedLog {
  let [head, generation, size] = [start, 0, 0];
  for (const line of lines(log.read())) {
    const found = parseLine(line);
    const follows = found?.head.sequence === head.sequence + 1 && found.follows(key, head);
    if (!follows) return { isWhole: false, start, head, generation, size };
    [head, generation, size] = [found.head, found.generation, size + line.length + 1];
  }
  return { isWhole: true, start, head, generation, size };
}

/** What a log that was begun anew says that it follows; whether that is so, its MAC tells. */
function firstFollows(log: Log): ChainHead | undefined {
  const [first] = lines(log.read());
  const parameters = first && parseLine(first)?.record['requestParameters'];
  const { follows } = (parameters ?? {}) as { readonly follows?: Partial<ChainHead> };
  const { sequence, mac } = follows ?? {};
  return Number.isSafeInteger(sequence) && /^[0-9a-f]{64}$/.test(String(mac))
    ? { sequence: sequence!, mac: mac! }
    : undefined;
}
