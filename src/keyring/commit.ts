/**
 * A commit (ADR 3): the changed records, the tree, the unlock slots and the new root with the lines of the events go into
 * the store. The lines go into the log afterwards.
 */
import { link } from '../audit/chain.ts';
import { concat } from '../crypto/bytes.ts';
import type { Log } from './log-file.ts';
import { slotDigest } from './meta.ts';
import { rekey } from './rekey.ts';
import { encodeRoot, ROOT_PATH, type Root } from './root.ts';
import { slotPath } from './slot.ts';
import type { CachedState, SnapshotDeps, Snapshot } from './snapshot.ts';
import type { StoreTransaction } from './store.ts';
import type { Transaction } from './transaction.ts';

export interface Committed {
  readonly lines: Uint8Array;
  readonly at: number;
  /** The state that the next transaction can reuse. */
  readonly known: CachedState;
}

export interface CommitDeps {
  /** Completing the start of a new log is a change as well. */
  readonly hasBegun: boolean;
  readonly log: Log;
  readonly snapshotDeps: SnapshotDeps;
}

/** @returns undefined if nothing has changed */
export async function commit(
  { tx, barrier: current, root, tree, nodes, cache }: CachedState & Snapshot,
  { draft, settings }: Transaction,
  { hasBegun, log, snapshotDeps }: CommitDeps,
): Promise<Committed | undefined> {
  const { records, events, meta } = draft;
  if (records.size === 0 && events.length === 0 && meta.length === 0 && !hasBegun) return undefined;
  const generation = root.generation + 1;
  let above = current;
  let { head } = root;
  const slots = { ...root.slots };
  for (const change of meta) {
    if (change.kind === 'rekey') above = await rekey(tx, current, snapshotDeps);
    else if (change.kind === 'slot') await putSlot(tx, slots, change);
  }
  for (const [path, value] of records) {
    if (value) await tx.put(path, above.seal(path, generation, value));
    else await tx.delete(path);
    await tree.set(path, value ? generation : 0);
  }
  const at = head.size;
  const lines: Uint8Array[] = [];
  for (const event of events) {
    const linked = link(event, generation, { key: current.auditKey, head });
    lines.push(linked.line);
    head = { ...linked.head, size: head.size + linked.line.length };
  }
  const pending = concat(...lines);
  const groups = await tree.flush(generation);
  const next: Root = { ...root, generation, settings, head, slots, groups, pending };
  const sealedRoot = above.seal(ROOT_PATH, generation, encodeRoot(next));
  await tx.put(ROOT_PATH, sealedRoot);
  log.sync(); // the lines in the old root are now durable in the log, and can be discarded
  return { lines: pending, at, known: { sealedRoot, barrier: above, root: next, nodes, cache } };
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
