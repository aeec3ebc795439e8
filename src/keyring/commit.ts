/**
 * The end of a transaction (ADR 16). One that changed nothing in the keyring appends its events to the log, waits for the
 * disk once, and moves the head. One that changed something is a commit of the store: the changed records, the tree, the
 * unlock slots and the new root with the lines of the events; the lines go into the log afterwards.
 */
import { link } from '../audit/chain.ts';
import { concat } from '../crypto/bytes.ts';
import { usesIn } from './key-uses.ts';
import { foldUses } from './last-use.ts';
import type { Log } from './log.ts';
import { headBlock, type OpenEnd } from './log-end.ts';
import type { LogEnd } from './log-head.ts';
import { slotDigest } from './meta.ts';
import { rekey } from './rekey.ts';
import { encodeRoot, ROOT_PATH, type Root } from './root.ts';
import { slotPath } from './slot.ts';
import type { CachedState, SnapshotDeps, Snapshot } from './snapshot.ts';
import type { StoreTransaction } from './store.ts';
import type { Transaction } from './transaction.ts';

/** The root is written after this many events, so that no more than these must be looked through for last uses. */
const EVENTS_BETWEEN_ANCHORS = 256;
/** In milliseconds. */
const TIME_BETWEEN_ANCHORS = 3_600_000;

/** The state that the next transaction can reuse. */
export type Known = Omit<CachedState, 'version'>;

export interface CommitDeps {
  readonly end: OpenEnd;
  readonly log: Log;
  readonly snapshotDeps: SnapshotDeps;
  readonly now: number;
  /** Makes durable what was written to the log; other work may be done meanwhile, but no other transaction. */
  readonly sync: () => void | Promise<void>;
}

/** Whether the root must be written. */
export function mustCommit(root: Root, { draft }: Transaction, { end, now }: Pick<CommitDeps, 'end' | 'now'>): boolean {
  const { records, events, meta } = draft;
  if (records.size > 0 || meta.length > 0) return true;
  if (events.length === 0) return false;
  if (!end.isAnchored) return true; // no line of a generation is durable before its root is
  const unanchored = end.sequence + events.length - root.head.sequence;
  const age = Math.abs(now - (root.anchored ?? 0));
  return root.logNumber === undefined || unanchored >= EVENTS_BETWEEN_ANCHORS || age >= TIME_BETWEEN_ANCHORS;
}

interface Linked {
  readonly lines: Uint8Array;
  readonly end: LogEnd;
}

function linked(
  { draft }: Transaction,
  generation: number,
  { end, key }: { end: LogEnd; key: Snapshot['barrier']['auditKey'] },
): Linked {
  const lines: Uint8Array[] = [];
  let { sequence, mac, size } = end;
  for (const event of draft.events) {
    const { line, head } = link(event, generation, { key, head: { sequence, mac } });
    lines.push(line);
    ({ sequence, mac } = head);
    size += line.length;
  }
  return { lines: lines.length === 1 ? lines[0]! : concat(...lines), end: { sequence, mac, size } };
}

/** Under the lock of the store, in which nothing was written. */
export async function appendEvents(
  { root, barrier }: Snapshot,
  tx: Transaction,
  { end, log, sync }: CommitDeps,
): Promise<OpenEnd> {
  const { lines, end: reached } = linked(tx, root.generation, { end, key: barrier.auditKey });
  try {
    log.write(lines, end.size);
    await sync();
  } catch (error) {
    cutBack(log, end);
    throw error;
  }
  log.writeHead(headBlock(reached, root, barrier), end.nextBlock);
  return { ...end, ...reached, isSynced: true, nextBlock: end.nextBlock === 0 ? 1 : 0 };
}

/** A write or a sync that failed has answered nobody: where its lines cannot be removed, the next transaction takes them over. */
function cutBack(log: Log, end: LogEnd): void {
  try {
    log.truncate(end.size);
  } catch {
    // the first error is the one to tell
  }
}

export interface Committed {
  /** To be written to the log at that offset. */
  readonly lines: Uint8Array;
  readonly at: number;
  readonly known: Known;
}

export async function commit(
  { tx, barrier: current, root, tree, nodes, cache }: Known & Snapshot,
  transaction: Transaction,
  { end, log, snapshotDeps, now, sync }: CommitDeps,
): Promise<Committed> {
  const { draft, settings } = transaction;
  const generation = root.generation + 1;
  let above = current;
  const slots = { ...root.slots };
  for (const change of draft.meta) {
    if (change.kind === 'rekey') above = await rekey(tx, current, snapshotDeps);
    else if (change.kind === 'slot') await putSlot(tx, slots, change);
  }
  foldUses(transaction);
  for (const [path, value] of draft.records) {
    if (value) await tx.put(path, above.seal(path, generation, value));
    else await tx.delete(path);
    await tree.set(path, value ? generation : 0);
  }
  const { lines, end: head } = linked(transaction, generation, { end, key: current.auditKey });
  const groups = await tree.flush(generation);
  const { logNumber = 1 } = root;
  if (root.logNumber === undefined) log.createHead(headBlock(end, { ...root, logNumber }, current));
  const next: Root = { ...root, generation, settings, head, logNumber, anchored: now, slots, groups, pending: lines };
  await tx.put(ROOT_PATH, above.seal(ROOT_PATH, generation, encodeRoot(next)));
  // what the root anchors, but for the pending lines, is durable in the log before the root is
  if (!end.isSynced) await sync();
  const nextBlock = root.logNumber === undefined ? 1 : end.nextBlock;
  return {
    lines,
    at: end.size,
    known: {
      barrier: above,
      root: next,
      nodes,
      cache,
      firsts: new Map(),
      end: { ...head, isSynced: false, isAnchored: true, nextBlock },
      recentUses: usesIn([]),
    },
  };
}

async function putSlot(
  tx: StoreTransaction,
  slots: { [slot: string]: string },
  { slot, record }: { slot: number; record: Uint8Array | undefined },
): Promise<void> {
  if (record) {
    await tx.put(slotPath(slot), record);
    slots[slot] = slotDigest(record);
  } else {
    await tx.delete(slotPath(slot));
    delete slots[slot];
  }
}
