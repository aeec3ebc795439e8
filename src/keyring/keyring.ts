/**
 * The keyring: the only layer with state. Opening it unlocks the root key; transact() runs work on its records, seals
 * what changed, links the events, and commits all of it at once.
 *
 * Work that changes nothing appends its events to the log; what changes something is a commit of the store, and the log
 * follows (ADR 16, commit.ts). Units of work that wait while another transaction commits share the next one: they run one after
 * the other on one draft, and one commit or one append makes all of them durable.
 */
import type { Logged } from '../audit/request-parameters.ts';
import { hex } from '../crypto/bytes.ts';
import { deriveKey } from '../crypto/kbkdf.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { EnvironmentError } from '../model/error.ts';
import { CommitQueue, type WorkOutcome, type UnitOfWork } from './commit-queue.ts';
import { appendEvents, commit, mustCommit } from './commit.ts';
import { usesIn } from './key-uses.ts';
import type { Log } from './log.ts';
import {
  completeLog,
  contains,
  endAsItStands,
  headAsItStands,
  recreateHead,
  UnusableHead,
  isStill,
  lastVerified,
  tryCompleting,
  verifiedEvents,
  type OpenEnd,
} from './log-end.ts';
import type { LogEnd } from './log-head.ts';
import { atAnchor, atEnd, type LogPosition } from './log-position.ts';
import { newLog, type BegunLog, type LogAnchor, type NewLog } from './new-log.ts';
import { keyringTime, type Root } from './root.ts';
import { isRotationDue, rotationEvent, type LogLimits } from './rotation.ts';
import { wrapSlot, type NewSlot, type UnlockMaterial } from './slot.ts';
import {
  currentState,
  putBack,
  readState,
  type CachedState,
  type KeyringKeys,
  type SnapshotDeps,
  type Snapshot,
} from './snapshot.ts';
import type { Store, StoreTransaction } from './store.ts';
import { Transaction } from './transaction.ts';
import { VersionTree } from './version-tree.ts';

const FINGERPRINT = 16;
/** After this time a transaction starts no further unit of work, because the first one waits for all. */
const LONG_ENOUGH = 20_000_000n; // nanoseconds

const SYNCS_AVERAGED = 8;

export interface KeyringDeps {
  readonly store: Store;
  readonly log: Log;
  readonly random: RandomBytes;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** What is stored, and the end of the log as far as it can be read. */
export interface Inspected extends Snapshot {
  readonly log: Log;
  readonly end: () => LogEnd;
}

/** A transaction with another position in the log than that of the root: a new log, or a restore. */
export interface Relocation {
  /** The position in the log; may first put other rows into the store. */
  readonly anchor: (state: RelocationState) => Promise<LogAnchor>;
  /** Events between the root that was stored and the position, for the last uses. */
  readonly unanchored?: () => readonly Logged[];
  /** The store is a temporary file; the process that opens it at its final path completes the log. */
  readonly isDraft?: boolean;
}

export interface RelocationState extends Pick<KeyringDeps, 'log' | 'random' | 'clock'> {
  readonly tx: StoreTransaction;
  /**
   * Reads what is stored now. @throws EnvironmentError if it is damaged, or of another keyring
   * @param how 'root alone': even if unlock slots are not as it knows them
   */
  readonly read: (how?: 'root alone') => Promise<Pick<Snapshot, 'barrier' | 'root'>>;
}

export class Keyring {
  readonly #deps: KeyringDeps;
  readonly #keys: KeyringKeys;
  #known: CachedState | undefined;
  /** The state that this process has last seen, also if a transaction has failed since: no earlier one is accepted. */
  #seen: Pick<CachedState, 'root' | 'end'> | undefined;
  readonly #queue: CommitQueue;
  #sync: () => void | Promise<void> = () => this.#deps.log.sync();
  /** On average, in milliseconds; 0 in a process that waits for it. */
  #syncTime = 0;

  constructor(deps: KeyringDeps, keys: KeyringKeys) {
    this.#deps = deps;
    this.#keys = keys;
    this.#queue = new CommitQueue({
      run: (units) => this.#together(units),
      isLongLived: () => this.#known !== undefined,
      syncTime: () => this.#syncTime,
    });
  }

  get id(): string {
    return hex(this.#keys.keyringId);
  }

  get #snapshotDeps(): SnapshotDeps {
    return { keys: this.#keys, random: this.#deps.random };
  }

  /** Identifies the root key without revealing it. Trust is bound to it, because an ID can be copied. */
  get fingerprint(): string {
    const { keyringId, rootKey } = this.#keys;
    const derived = deriveKey(rootKey, { label: 'pocket-kms/1/fingerprint', context: keyringId });
    return hex(derived.expose().subarray(0, FINGERPRINT));
  }

  /**
   * Runs work in a transaction; its changes and events are durable when this returns, or it had no effect.
   */
  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#queue.add(work);
  }

  /** The same, with another position in the log: it goes on from a copy, or from what it was at another time. */
  async relocate<T>(relocation: Relocation, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const goOn = async (tx: Transaction): Promise<T> => {
      const { disconnectClusters } = await import('./copied-key-stores.ts');
      await disconnectClusters(tx);
      return work(tx);
    };
    const [outcome] = await this.#together([goOn], { relocation });
    if ('error' in outcome!) throw outcome.error;
    return outcome!.result as T;
  }

  /**
   * Begins a new log and renames the file at its path, in one transaction.
   * @param work appends the first event, which says what it follows
   * @param isElsewhere the log before it is where this keyring was copied from, and lacks nothing
   */
  restartLog<T>(
    work: (tx: Transaction, begun: BegunLog) => Promise<T>,
    { isElsewhere = false }: { readonly isElsewhere?: boolean } = {},
  ): Promise<T> {
    let made: NewLog | undefined;
    let unanchored: Relocation['unanchored'];
    const { random, clock } = this.#deps;
    return this.relocate(
      {
        async anchor({ log, read }) {
          const { root, barrier } = await read();
          const whole = tryCompleting(root, { log, barrier, random, clock });
          const { auditKey: key } = barrier;
          const reached = whole ?? lastVerified(log, root.head, key);
          unanchored = () => verifiedEvents(log, { from: root.head, to: reached, key });
          const known = endAsItStands(root, log, barrier);
          const { logNumber = 0 } = headAsItStands(log, barrier)?.head ?? {};
          const end = {
            ...root,
            head: known.sequence > reached.sequence ? known : reached,
            logNumber: Math.max(logNumber, root.logNumber ?? 0), // the keyring may be older than the log
          };
          const deps = { log, time: keyringTime(root.settings, clock()) };
          made = newLog(isElsewhere ? { ...end, pending: undefined } : end, deps);
          return made.anchor;
        },
        unanchored: () => unanchored?.() ?? [],
      },
      async (tx) => {
        const result = await work(tx, made!.begun);
        for (const event of made!.carriedOver) tx.append(event);
        return result;
      },
    );
  }

  /**
   * Goes on in a new log, as restartLog() does, but only after a log whose end is as the keyring knows it.
   * @param limits of which one must be reached; undefined: at once
   * @param work appends the first event, if there is a new log
   */
  async rotateLog<T>(
    limits: LogLimits | undefined,
    work: (tx: Transaction, begun: BegunLog | undefined) => Promise<T>,
  ): Promise<T> {
    let begun: BegunLog | undefined;
    const rotation: Rotation = { limits, onBegin: (one) => (begun = one) };
    const [outcome] = await this.#together([(tx) => work(tx, begun)], { rotation });
    if ('error' in outcome!) throw outcome.error;
    return outcome!.result as T;
  }

  /** The same keyring in another store: a backup and what it is restored to. */
  in(below: Pick<KeyringDeps, 'store' | 'log'>): Keyring {
    return new Keyring({ ...this.#deps, ...below }, this.#keys);
  }

  /** Reads the store directly, without caches: for status, verification and backup. */
  inspect<T>(work: (snapshot: Inspected) => Promise<T>): Promise<T> {
    const { log } = this.#deps;
    return this.#deps.store.transact(async (tx) => {
      const { barrier: above, root } = await readState(tx, this.#snapshotDeps);
      const tree = new VersionTree(above, tx, root.groups);
      return work({ tx, barrier: above, root, tree, log, end: () => endAsItStands(root, log, above) });
    });
  }

  /** Wraps the root key for a new slot; the record goes in with Transaction.change(). */
  slotRecord(slot: NewSlot, material: UnlockMaterial): Uint8Array {
    return wrapSlot(slot, { ...this.#keys, material, random: this.#deps.random });
  }

  /**
   * Writes the root if there are events since it was written, or the head of the log is not there: at the end of a process
   * that answers many calls.
   */
  async anchor(): Promise<void> {
    const known = this.#known;
    if (!known?.end) return;
    if (known.end.sequence > known.root.head.sequence || !this.#deps.log.isHeadInPlace())
      await this.#together([], { anchors: true });
  }

  /** For a process that answers many calls, and has other work while it waits for the disk. */
  setLongLived(): void {
    this.#deps.store.setLongLived?.();
    this.#sync = async () => {
      const start = process.hrtime.bigint();
      await this.#deps.log.syncInBackground();
      this.#syncTime += (Number(process.hrtime.bigint() - start) / 1e6 - this.#syncTime) / SYNCS_AVERAGED;
    };
  }

  close(): void {
    this.#deps.log.close();
    this.#deps.store.close();
  }

  /**
   * One transaction for several units, or for the first few of them if they take long: there are as many outcomes as
   * were done. A unit that throws is reverted; if the commit fails, all are.
   */
  async #together(units: readonly UnitOfWork[], how: How = {}): Promise<readonly WorkOutcome[]> {
    const { log, clock } = this.#deps;
    let before = this.#known;
    this.#known = undefined; // its nodes are about to change; the snapshot is set again at the end
    const done = await this.#deps.store.transact(async (tx): Promise<Done> => {
      const position = await this.#positionIn(tx, before, how);
      before = undefined; // a store may replay this
      const { stored, root, end, firstEvents = [], knownUses, isRelocated } = position;
      const tree = new VersionTree(stored.barrier, tx, root.groups, stored.nodes);
      const snapshot = { ...stored, tx, root, tree };
      const transaction = new Transaction(root.settings, { ...snapshot, unanchored: position.uses });
      for (const event of firstEvents) transaction.append(event);
      const outcomes = await runUnits(transaction, units);
      const deps = { end, log, snapshotDeps: this.#snapshotDeps, now: clock(), sync: this.#sync };
      // that a log was to be begun is forgotten when it was: it must not be in whatever copies are made from now on
      const isDue = how.anchors === true || isRelocated || stored.root.begins !== undefined;
      if (isDue || mustCommit(root, transaction, deps)) {
        const { lines, at, known } = await commit(snapshot, transaction, deps);
        return { outcomes, isRelocated, known: { ...known, version: await tx.version() }, pending: { lines, at } };
      }
      const events = transaction.draft.events as readonly Logged[];
      const reached = events.length > 0 ? await appendEvents(snapshot, transaction, deps) : end;
      const recentUses = knownUses && usesIn(events, knownUses);
      return { outcomes, isRelocated, known: { ...stored, end: reached, recentUses } };
    });
    this.#known = done.isRelocated ? undefined : done.known;
    this.#seen = this.#known;
    await this.#complete(done, how);
    return done.outcomes;
  }

  async #positionIn(
    tx: StoreTransaction,
    before: CachedState | undefined,
    { relocation, rotation }: How,
  ): Promise<LogPosition & { readonly firstEvents?: readonly object[] }> {
    const { log, random, clock } = this.#deps;
    if (relocation) {
      const read: RelocationState['read'] = (how) => readState(tx, this.#snapshotDeps, how);
      const anchor = await relocation.anchor({ tx, log, random, clock, read });
      const stored = await currentState(tx, undefined, this.#snapshotDeps);
      return atAnchor(stored, anchor, () => usesIn(relocation.unanchored?.() ?? []));
    }
    const stored = await currentState(tx, before, this.#snapshotDeps);
    const { end, events: firstEvents } = this.#endOf(stored);
    const here = { ...atEnd(stored, end, log), firstEvents };
    const { settings } = stored.root;
    const now = clock();
    const rotated = rotatedLog(stored.root, { end: here.end, log, now, limits: rotation ? rotation.limits : settings });
    if (!rotated) return here;
    const { anchor, begun } = rotated;
    rotation?.onBegin(begun);
    const position = atAnchor(stored, anchor, here.uses);
    if (rotation) return { ...position, firstEvents };
    return { ...position, firstEvents: [...firstEvents, rotationEvent(begun, { settings, random, now })] };
  }

  /**
   * What follows a commit, and what the next transaction would do if this process was killed now: the root has it. So a call
   * that has taken effect, with its events, is answered also if the log cannot be written now. The next call will say so.
   */
  async #complete({ pending, isRelocated }: Done, how: How): Promise<void> {
    const { relocation, rotation } = how;
    try {
      if (pending && !isRelocated) this.#deps.log.write(pending.lines, pending.at);
      // a new log is begun under the lock, by the first process that has it
      if (isRelocated && !relocation?.isDraft) await this.#together([async () => {}]);
    } catch (error) {
      // a new log was the purpose
      if (relocation || rotation || !(error instanceof EnvironmentError)) throw error;
    }
  }

  /** @throws if the log is not that of the root, or keyring or log are earlier than those that were seen */
  #endOf({ root, barrier, end }: CachedState): { readonly end: OpenEnd; readonly events: readonly object[] } {
    const { log, random, clock } = this.#deps;
    const deps = { log, barrier, random, clock };
    const asLeft = end && root.begins === undefined && isStill(end, log) ? end : undefined;
    if (asLeft && log.isHeadInPlace()) return { end: asLeft, events: [] };
    let found: OpenEnd;
    try {
      found = completeLog(root, deps);
    } catch (error) {
      // a head must not be of a root that is not durable
      if (!(error instanceof UnusableHead) || !asLeft?.isAnchored) throw error;
      const recreated = recreateHead(root, asLeft, error, deps);
      return { end: recreated.end, events: [recreated.event] };
    }
    const { root: lastRoot, end: lastEnd } = this.#seen ?? {};
    if (lastRoot && root.generation < lastRoot.generation) throw putBack();
    if (lastEnd && root.logNumber === lastRoot?.logNumber && !contains(log, lastEnd)) throw putBack();
    return { end: found, events: [] };
  }
}

/** A transaction that has ended. */
interface Done {
  readonly outcomes: readonly WorkOutcome[];
  readonly known: CachedState;
  readonly isRelocated: boolean;
  /** Lines of the root that are still to be written to the log, at that offset. */
  readonly pending?: { readonly lines: Uint8Array; readonly at: number };
}

interface How {
  readonly relocation?: Relocation;
  /** The root is written even if nothing was changed. */
  readonly anchors?: boolean;
  /** Instead of the limits in the settings. */
  readonly rotation?: Rotation;
}

interface Rotation {
  /** undefined: at once. */
  readonly limits: LogLimits | undefined;
  readonly onBegin: (begun: BegunLog) => void;
}

interface RotationState {
  readonly end: OpenEnd;
  readonly log: Log;
  readonly now: number;
  readonly limits: LogLimits | undefined;
}

/** @returns undefined: the log goes on */
function rotatedLog(root: Root, { end, log, now, limits }: RotationState): NewLog | undefined {
  if (limits && !isRotationDue(limits, { root, end, now })) return undefined;
  if (!end.isSynced) log.sync();
  const { generation, logNumber, settings } = root;
  return newLog({ generation, logNumber, head: end }, { log, time: keyringTime(settings, now) });
}

async function runUnits(tx: Transaction, units: readonly UnitOfWork[]): Promise<readonly WorkOutcome[]> {
  const outcomes: WorkOutcome[] = [];
  // not performance.now(): Node loads that at its first use, a millisecond of a call
  const until = process.hrtime.bigint() + LONG_ENOUGH;
  for (const unit of units) {
    const mark = tx.mark();
    try {
      outcomes.push({ result: await unit(tx) });
    } catch (error) {
      tx.revert(mark);
      outcomes.push({ error });
    }
    if (process.hrtime.bigint() > until) break;
  }
  return outcomes;
}
