/** Backup and restore: a consistent copy of a keyring that is in use, and its restoration. */
import { type ChainHead, followedBy, logLines, parseLine } from '../audit/chain.ts';
import { EnvironmentError } from '../model/error.ts';
import { noMeter, type Meter } from '../model/progress.ts';
import { concat } from '../crypto/bytes.ts';
import type { Secret } from '../crypto/secret.ts';
import type { Keyring } from './keyring.ts';
import type { Log } from './log.ts';
import { hasHeadOfLaterTerm, headAsItStands, tryCompleting } from './log-end.ts';
import type { LogHead } from './log-head.ts';
import { newLog, type BegunLog, type End, type LogAnchor, type NewLog } from './new-log.ts';
import { encodeRoot, keyringTime, ROOT_PATH, type Root } from './root.ts';
import type { Store, StoreTransaction } from './store.ts';
import type { Transaction } from './transaction.ts';

/** @param to an empty store */
export const backupKeyring = (
  keyring: Keyring,
  to: Store,
  meter: Meter = noMeter,
): Promise<{ readonly records: number; readonly generation: number }> =>
  keyring.inspect(async ({ tx, root, barrier }) => ({
    records: await to.transact(async (target) => {
      const rows = await copyRows({ from: tx, to: target, meter });
      // the copy must not begin the log that the original has begun
      const copied = encodeRoot({ ...root, begins: undefined });
      if (root.begins) await target.put(ROOT_PATH, barrier.seal(ROOT_PATH, root.generation, copied));
      return rows;
    }),
    generation: root.generation,
  }));

interface Copying {
  readonly from: StoreTransaction;
  readonly to: StoreTransaction;
  readonly meter: Meter;
}

async function copyRows({ from, to, meter }: Copying): Promise<number> {
  let rows = 0;
  for await (const { path, value } of from.rows('')) {
    await to.put(path, value);
    rows += 1;
    meter.advance(1);
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
  readonly meter?: Meter;
}

/**
 * Everything in the store is replaced, and the log goes on, in one transaction: after the last event of the log that is
 * there, if all of it verifies and it is not older than the backup; else in a new one, and the old one is put aside.
 */
export function restoreKeyring<T>(
  { from, keyring, isDraft, meter = noMeter }: Restoration,
  work: (tx: Transaction, begun: BegunLog | undefined) => Promise<T>,
): Promise<T> {
  let made: NewLog | undefined;
  return keyring.relocate(
    {
      isDraft,
      async anchor({ tx, log, read, ...deps }) {
        const before = await readable(() => read('root alone'));
        const old: string[] = [];
        for await (const { path } of tx.rows('')) old.push(path);
        for (const path of old) await tx.delete(path);
        await from.transact((source) => copyRows({ from: source, to: tx, meter }));
        const { root, barrier } = await read();
        if (before) tryCompleting(before.root, { ...deps, log, barrier: before.barrier });
        const head = headAsItStands(log, barrier, ...(before ? [before.barrier] : []))?.head;
        const time = keyringTime(root.settings, deps.clock());
        const isUsable = !hasHeadOfLaterTerm(log, barrier);
        const next = nextLog({ backup: root, before: before?.root, head, isUsable, log, time, key: barrier.auditKey });
        made = 'begun' in next ? next : undefined;
        return next.anchor;
      },
    },
    async (tx) => {
      const result = await work(tx, made?.begun);
      for (const event of made?.carriedOver ?? []) tx.append(event);
      return result;
    },
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

const NOTHING = new Uint8Array();

interface Ends {
  readonly backup: Root;
  readonly before: Root | undefined;
  readonly head: LogHead | undefined;
  /** Whether the restored keyring can go on with the head: of a rekey after the backup it does not have the key. */
  readonly isUsable: boolean;
  readonly log: Log;
  /** The time in the keyring. */
  readonly time: number;
  readonly key: Secret;
}

/** The end from which the log continues. */
function nextLog({
  backup,
  before,
  head: last,
  isUsable,
  log,
  time,
  key,
}: Ends): { readonly anchor: LogAnchor } | NewLog {
  const starts = [before?.logStart, backup.logStart, firstFollows(log)].filter((start) => start !== undefined);
  const roots = [backup, ...(before ? [before] : [])];
  const ends = roots.map(({ head }) => head);
  const found = starts.map((start) => verifiedEnd(log, key, { start, ends }));
  const known: readonly End[] = [...roots, ...found, ...(last ? [{ generation: last.generation, head: last }] : [])];
  const numbers = [...roots, ...(last ? [last] : [])].flatMap(({ logNumber }) => logNumber ?? []);
  const logNumber = numbers.length > 0 ? Math.max(...numbers) : undefined;
  const generation = Math.max(...known.map((end) => end.generation));
  const { head, pending: latest = NOTHING } = known.toSorted((a, b) => b.head.sequence - a.head.sequence)[0]!;
  // those of the keyring that is replaced can be in no log: it was put where another copy's log is
  const pending = concat(before?.pending ?? NOTHING, latest);
  const whole = found.find((log) => log.isWhole && log.head.mac === head.mac);
  const hasHead = isUsable && last?.logNumber === logNumber; // also if there was never one
  if (!whole || !log.exists() || !hasHead) return newLog({ generation, head, pending, logNumber }, { log, time });
  return { anchor: { generation, head: { ...whole.head, size: whole.size }, logStart: whole.start, logNumber } };
}

interface VerifiedLog extends End {
  /** To the end of the file, with the ends that roots have: it is not that of another copy. */
  readonly isWhole: boolean;
  readonly start: ChainHead;
  readonly size: number;
}

/** Only lines whose MACs verify under the keyring's key are used. */
function verifiedEnd(
  log: Log,
  key: Secret,
  { start, ends }: { readonly start: ChainHead; readonly ends: readonly ChainHead[] },
): VerifiedLog {
  let [head, generation, size] = [start, 0, 0];
  const missing = new Set(ends.filter(({ sequence }) => sequence > start.sequence).map(({ mac }) => mac));
  for (const line of logLines(log.readAnything())) {
    const found = parseLine(line);
    const follows = found?.head.sequence === head.sequence + 1 && found.follows(key, head);
    if (!follows) return { isWhole: false, start, head, generation, size };
    [head, generation, size] = [found.head, found.generation, size + found.size];
    missing.delete(head.mac);
  }
  return { isWhole: missing.size === 0, start, head, generation, size };
}

/** The end that a new log says it follows; its MAC verifies that. */
function firstFollows(log: Log): ChainHead | undefined {
  const [first] = logLines(log.readAnything());
  const line = first && parseLine(first);
  return line && followedBy(line);
}
