/**
 * The keyring: the only layer with state. Opening it unlocks the root key; transact() runs work on its records, seals
 * what changed, links the events, and commits all of it at once.
 *
 * Order of a commit (ADR 3): the records, the new root and the event lines go into the store in one transaction; then
 * the lines go into the log file, at the place that the root gives them. The commit of the store decides; the log follows.
 *
 * Units of work that wait while another transaction commits share the next one (ADR 9): each has a draft of its own, they run
 * one after the other, and one commit makes all of them durable.
 */
import { EnvironmentError } from '../model/error.ts';
import { hex } from '../crypto/bytes.ts';
import { deriveKey } from '../crypto/kbkdf.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { CommitQueue, type WorkOutcome, type UnitOfWork } from './commit-queue.ts';
import { commit } from './commit.ts';
import type { Log } from './log-file.ts';
import { newLog, type BegunLog, type LogAnchor, type NewLog } from './new-log.ts';
import type { Root } from './root.ts';
import { wrapSlot, type NewSlot, type UnlockMaterial } from './slot.ts';
import {
  currentState,
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

export interface KeyringDeps {
  readonly store: Store;
  readonly log: Log;
  readonly random: RandomBytes;
}

/** A transaction with another position in the log than that of the root: a new log, or a restore. */
export interface Relocation {
  /** The position in the log; may first put other rows into the store. */
  readonly anchor: (state: RelocationState) => Promise<LogAnchor>;
  /** The store is a temporary file; the process that opens it at its final path completes the log. */
  readonly isDraft?: boolean;
}

export interface RelocationState {
  readonly tx: StoreTransaction;
  readonly log: Log;
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
  readonly #queue: CommitQueue;

  constructor(deps: KeyringDeps, keys: KeyringKeys) {
    this.#deps = deps;
    this.#keys = keys;
    this.#queue = new CommitQueue({
      run: (units) => this.#together(units),
      isLongLived: () => this.#known !== undefined,
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
  async transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#queue.add(work);
  }

  /** The same, with another position in the log. */
  async relocate<T>(relocation: Relocation, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const [outcome] = await this.#together([work], relocation);
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
    return this.relocate(
      {
        async anchor({ log, read }) {
          const { root } = await read();
          complete(log, root);
          made = newLog(isElsewhere ? { ...root, pending: undefined } : root, log);
          return made.anchor;
        },
      },
      async (tx) => {
        const result = await work(tx, made!.begun);
        for (const event of made!.carriedOver) tx.append(event);
        return result;
      },
    );
  }

  /** The same keyring in another store: a backup and what it is restored to. */
  in(below: Pick<KeyringDeps, 'store' | 'log'>): Keyring {
    return new Keyring({ ...below, random: this.#deps.random }, this.#keys);
  }

  /** Reads the store directly, without caches: for status, verification and backup. */
  inspect<T>(work: (snapshot: Snapshot & { readonly log: Log }) => Promise<T>): Promise<T> {
    return this.#deps.store.transact(async (tx) => {
      const { barrier: above, root } = await readState(tx, this.#snapshotDeps);
      const tree = new VersionTree(above, tx, root.groups);
      return work({ tx, barrier: above, root, tree, log: this.#deps.log });
    });
  }

  /** Wraps the root key for a new slot; the record goes in with Transaction.change(). */
  slotRecord(slot: NewSlot, material: UnlockMaterial): Uint8Array {
    return wrapSlot(slot, { ...this.#keys, material, random: this.#deps.random });
  }

  /** For a process that answers many calls. */
  setLongLived(): void {
    this.#deps.store.setLongLived?.();
  }

  close(): void {
    this.#deps.log.close();
    this.#deps.store.close();
  }

  /**
   * One transaction for several units, or for the first few of them if they take long: there are as many outcomes as
   * were done. A unit that throws is reverted; if the commit fails, all are.
   */
  async #together(units: readonly UnitOfWork[], relocation?: Relocation): Promise<readonly WorkOutcome[]> {
    const { log } = this.#deps;
    let before = this.#known;
    this.#known = undefined; // its nodes are about to change; the snapshot is set again by the commit
    const { outcomes, committed, known } = await this.#deps.store.transact(async (tx) => {
      const anchor = await relocation?.anchor({ tx, log, read: (how) => readState(tx, this.#snapshotDeps, how) });
      const stored = await currentState(tx, anchor ? undefined : before, this.#snapshotDeps);
      before = undefined; // a store may replay this
      if (!anchor) log.reconcile(stored.root);
      const root = { ...stored.root, begins: undefined, ...(anchor && { ...anchor, pending: new Uint8Array() }) };
      const tree = new VersionTree(stored.barrier, tx, root.groups, stored.nodes);
      const snapshot = { ...stored, tx, root, tree };
      const transaction = new Transaction(root.settings, snapshot);
      const outcomes: WorkOutcome[] = [];
      // not performance.now(): Node loads that at its first use, a millisecond of a call
      const end = process.hrtime.bigint() + LONG_ENOUGH;
      for (const unit of units) {
        outcomes.push(await attempt(transaction, unit));
        if (process.hrtime.bigint() > end) break;
      }
      // that a log was to be begun is forgotten when it was: it must not be in whatever copies are made from now on
      const hasBegun = !anchor && stored.root.begins !== undefined;
      return {
        outcomes,
        committed: await commit(snapshot, transaction, { hasBegun, log, snapshotDeps: this.#snapshotDeps }),
        known: stored,
      };
    });
    if (!committed) this.#known = relocation ? undefined : known;
    else if (!relocation) log.write(committed.lines, committed.at);
    if (committed) this.#known = committed.known;
    // a new log is begun under the lock, by the first process that has it
    if (relocation && !relocation.isDraft) await this.#together([async () => {}]);
    return outcomes;
  }
}

/** Lines that a crash kept out of a log belong there; one that is about to be replaced may have something wrong with it. */
export function complete(log: Log, root: Root): void {
  try {
    log.reconcile(root);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
  }
}

async function attempt(tx: Transaction, work: UnitOfWork): Promise<WorkOutcome> {
  const mark = tx.mark();
  try {
    return { result: await work(tx) };
  } catch (error) {
    tx.revert(mark);
    return { error };
  }
}
