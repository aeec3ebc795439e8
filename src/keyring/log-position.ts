/**
 * Where a transaction begins in the log: behind its end, or in a new log that the transaction begins, by a rotation, a
 * restart or a restore.
 */
import { usesIn, type KeyUses } from './key-uses.ts';
import type { Log } from './log.ts';
import { unanchoredEvents, type OpenEnd } from './log-end.ts';
import type { LogAnchor } from './new-log.ts';
import type { Root } from './root.ts';
import type { CachedState } from './snapshot.ts';

export interface LogPosition {
  /** What the store has. */
  readonly stored: CachedState;
  /** The root of the transaction, before its changes. */
  readonly root: Root;
  readonly end: OpenEnd;
  /** Whether it is another one than that of the stored root: the next transaction puts the log in place. */
  readonly isRelocated: boolean;
  /** Of keys, between the root that is stored and this position; undefined: they are still to be read. */
  readonly knownUses: KeyUses | undefined;
  readonly uses: () => KeyUses;
}

/** @param end the log's, as it was found now */
export function atEnd(stored: CachedState, end: OpenEnd, log: Log): LogPosition {
  const { root, barrier } = stored;
  const knownUses = usesSinceRoot(stored, end);
  const read = once(() => usesIn(unanchoredEvents(log, { from: root.head, to: end, key: barrier.auditKey })));
  return {
    stored,
    root: { ...root, begins: undefined },
    end,
    isRelocated: false,
    knownUses,
    uses: () => knownUses ?? read(),
  };
}

export function atAnchor(stored: CachedState, anchor: LogAnchor, uses: LogPosition['uses']): LogPosition {
  const root = { ...stored.root, begins: undefined, ...anchor, pending: NOTHING };
  return { stored, root, end: endAt(anchor), isRelocated: true, knownUses: undefined, uses: once(uses) };
}

const NOTHING = new Uint8Array();

/** A log that is to be begun is not there yet. */
const endAt = ({ head, begins }: LogAnchor): OpenEnd => ({
  ...head,
  isSynced: begins !== undefined,
  isAnchored: true,
  nextBlock: 0,
});

/** As far as this process has seen the events. */
function usesSinceRoot(stored: CachedState, end: OpenEnd): KeyUses | undefined {
  if (end === stored.end) return stored.recentUses;
  return end.sequence === stored.root.head.sequence ? usesIn([]) : undefined;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
