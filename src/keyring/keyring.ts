/**
 * The keyring: the only layer with state. Opening it unlocks the root key; transact() runs work on its records, seals
 * what changed, links the events, and commits all of it at once.
 *
 * Order of a commit (ADR 3): the records, the new root and the event lines go into the store in one transaction; then
 * the lines go into the log file, at the place that the root gives them. The store alone decides; the log follows.
 *
 * Works that wait while another transaction commits share the next one (ADR 9): each has a draft of its own, they run
 * one after the other, and one commit makes all of them durable.
 */
import { CHAIN_START, link } from '../audit/chain.ts';
import { EnvironmentError } from '../model/error.ts';
import { concat, hex } from '../crypto/bytes.ts';
import { deriveKey } from '../crypto/kbkdf.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { Secret } from '../crypto/secret.ts';
import { barrier, damaged, openTerms, sealTerms, type Barrier } from './barrier.ts';
import { decodeHeader, encodeHeader } from './header.ts';
import type { Log, LogHead } from './log-file.ts';
import { checkMeta, readSlots, slotDigest } from './meta.ts';
import { newLog, type BegunLog, type LogAnchor, type NewLog } from './new-log.ts';
import { RecordCache } from './record-cache.ts';
import { decodeRoot, encodeRoot, HEADER_PATH, ROOT_PATH, TERMS_PATH, type Root, type Settings } from './root.ts';
import { slotPath, unwrapSlots, wrapSlot, type NewSlot, type Slot, type UnlockMaterial } from './slot.ts';
import type { Store, StoreTransaction } from './store.ts';
import { Transaction } from './transaction.ts';
import { EMPTY_GROUPS, VersionTree, type TreeNodes } from './version-tree.ts';

const KEY = 32;
const FINGERPRINT = 16;
const FIRST_TERM = 1;
/** What is kept decoded: keys with their material, a few KiB each; those with long policies have 32 KiB and more. */
const CACHED = { records: 2_000, bytes: 16 * 2 ** 20 };
/** Works in one transaction, and milliseconds after which it takes no further one: the first of them waits for all. */
const MAX_TOGETHER = 64;
const LONG_ENOUGH = 20_000_000n; // nanoseconds

interface Deps {
  readonly store: Store;
  readonly log: Log;
  readonly random: RandomBytes;
}

/** Gives the material for one of the slots; asked once per opening. */
export type Unlock = (slots: readonly Slot[], keyringId: string) => Promise<UnlockMaterial>;

export interface Creation extends Deps {
  readonly settings: Settings;
  readonly keyringId: Uint8Array;
  readonly slot: NewSlot;
  readonly material: UnlockMaterial;
}

/** Fills an empty store. */
export async function createKeyring({
  store,
  log,
  random,
  settings,
  keyringId,
  slot,
  material,
}: Creation): Promise<Keyring> {
  const keys = { keyringId, rootKey: new Secret(random(KEY)), random };
  const terms = new Map([[FIRST_TERM, new Secret(random(KEY))]]);
  const slotRecord = wrapSlot(slot, { ...keys, material });
  const head: LogHead = { ...CHAIN_START, size: 0 };
  const root: Root = {
    generation: 0,
    settings,
    head,
    logStart: CHAIN_START,
    slots: { [slot.slot]: slotDigest(slotRecord) },
    groups: EMPTY_GROUPS,
    pending: new Uint8Array(),
  };
  await store.transact(async (tx) => {
    log.create();
    log.reconcile({ head, pending: root.pending }); // an old log beside a new keyring is not ours to go on with
    await tx.put(HEADER_PATH, encodeHeader(keyringId));
    await tx.put(TERMS_PATH, sealTerms(terms, keys));
    await tx.put(slotPath(slot.slot), slotRecord);
    await tx.put(ROOT_PATH, barrier({ ...keys, terms }).seal(ROOT_PATH, 0, encodeRoot(root)));
  });
  return new Keyring({ store, log, random }, { keyringId, rootKey: keys.rootKey });
}

/** A keyring whose slots are read, and nothing else: what opens it is still to be found. */
export interface LockedKeyring {
  readonly id: string;
  readonly slots: readonly Slot[];
  /** undefined: this opens none of the slots. */
  readonly open: (material: UnlockMaterial) => Keyring | undefined;
}

export async function readLocked(deps: Deps): Promise<LockedKeyring> {
  const { keyringId, slots } = await deps.store.transact(async (tx) => ({
    keyringId: decodeHeader(await tx.get(HEADER_PATH)),
    slots: await readSlots(tx),
  }));
  return {
    id: hex(keyringId),
    slots: slots.map(({ slot }) => slot),
    open(material) {
      const rootKey = unwrapSlots(slots, { keyringId, material });
      return rootKey && new Keyring(deps, { keyringId, rootKey });
    },
  };
}

export async function openKeyring(deps: Deps, unlock: Unlock): Promise<Keyring> {
  const locked = await readLocked(deps);
  const material = await unlock(locked.slots, locked.id);
  const keyring = locked.open(material);
  if (keyring) return keyring;
  throw new EnvironmentError(
    material.type === 'passphrase'
      ? 'the passphrase does not unlock this keyring'
      : 'the key file does not unlock this keyring',
    ['kms keyring status tells which unlock slots it has'],
  );
}

/** What a transaction and the verification stand on. */
export interface Snapshot {
  readonly tx: StoreTransaction;
  readonly barrier: Barrier;
  readonly root: Root;
  readonly tree: VersionTree;
}

/** A transaction that does not go on where the root says: with a new log, or after a restore. */
export interface Relocation {
  /** Where the log goes on instead; it may put other rows into the store first. */
  readonly anchor: (state: RelocationState) => Promise<LogAnchor>;
  /** The store is a draft, which is not at its place yet: whoever opens it there completes the log. */
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

interface Committed {
  readonly lines: Uint8Array;
  readonly at: number;
  /** What the next transaction may stand on. */
  readonly known: CachedState;
}

/** The state after the last commit: it holds for as long as the root record's bytes are these. */
interface CachedState {
  readonly sealedRoot: Uint8Array;
  readonly barrier: Barrier;
  readonly root: Root;
  readonly nodes: TreeNodes;
  readonly cache: RecordCache;
}

interface Waiting {
  readonly work: (tx: Transaction) => Promise<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly result: unknown } | { readonly error: unknown };

export class Keyring {
  readonly #deps: Deps;
  readonly #keys: { readonly keyringId: Uint8Array; readonly rootKey: Secret };
  #known: CachedState | undefined;
  #waiting: Waiting[] = [];
  #isRunning = false;

  constructor(deps: Deps, keys: { readonly keyringId: Uint8Array; readonly rootKey: Secret }) {
    this.#deps = deps;
    this.#keys = keys;
  }

  get id(): string {
    return hex(this.#keys.keyringId);
  }

  /** Tells this root key from every other and nothing about it: what trust is bound to, since an ID can be copied. */
  get fingerprint(): string {
    const { keyringId, rootKey } = this.#keys;
    const derived = deriveKey(rootKey, { label: 'pocket-kms/1/fingerprint', context: keyringId });
    return hex(derived.expose().subarray(0, FINGERPRINT));
  }

  /**
   * Runs work alone; its changes and events are durable when this returns, or nothing of it has happened.
   */
  async transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (result: unknown) => void, reject });
      if (!this.#isRunning) void this.#runWaiting();
    });
  }

  /** The same, with a log that goes on elsewhere. */
  async relocate<T>(relocation: Relocation, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const [outcome] = await this.#together([work], relocation);
    if ('error' in outcome!) throw outcome.error;
    return outcome!.result as T;
  }

  /**
   * Begins a new log, and puts aside what is at its place, whatever it is: all of it in one transaction.
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
  in(below: Pick<Deps, 'store' | 'log'>): Keyring {
    return new Keyring({ ...below, random: this.#deps.random }, this.#keys);
  }

  /** Reads below the transactions, trusting nothing that is remembered: for status, verification and backup. */
  inspect<T>(work: (snapshot: Snapshot & { readonly log: Log }) => Promise<T>): Promise<T> {
    return this.#deps.store.transact(async (tx) => {
      const { barrier: above, root } = await this.#readSnapshot(tx);
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

  async #runWaiting(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      // A process that stays lets others join: what has come in over the network by now, and between two transactions
      // other processes. A process of one call has nothing to wait for.
      if (this.#known) await nextTurn();
      const turn = this.#waiting.slice(0, MAX_TOGETHER);
      try {
        const outcomes = await this.#together(turn.map(({ work }) => work));
        this.#waiting.splice(0, outcomes.length);
        outcomes.forEach((outcome, index) => {
          const { resolve, reject } = turn[index]!;
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.result);
        });
      } catch (error) {
        for (const { reject } of this.#waiting.splice(0, turn.length)) reject(error);
      }
    }
    this.#isRunning = false;
  }

  /**
   * One transaction for several works, or for the first few of them if they take long: there are as many outcomes as
   * were done. A work that throws leaves nothing behind; a commit that fails, none of them.
   */
  async #together(
    works: readonly ((tx: Transaction) => Promise<unknown>)[],
    relocation?: Relocation,
  ): Promise<readonly Outcome[]> {
    const { log } = this.#deps;
    let before = this.#known;
    this.#known = undefined; // its nodes are about to change: only a commit makes them known again
    const { outcomes, committed, known } = await this.#deps.store.transact(async (tx) => {
      const anchor = await relocation?.anchor({ tx, log, read: (how) => this.#readSnapshot(tx, how) });
      const stored = await this.#state(tx, anchor ? undefined : before);
      before = undefined; // a store may replay this
      if (!anchor) log.reconcile(stored.root);
      const root = { ...stored.root, begins: undefined, ...(anchor && { ...anchor, pending: new Uint8Array() }) };
      const tree = new VersionTree(stored.barrier, tx, root.groups, stored.nodes);
      const snapshot = { ...stored, tx, root, tree };
      const transaction = new Transaction(root.settings, snapshot);
      const outcomes: Outcome[] = [];
      // not performance.now(): Node loads that at its first use, a millisecond of a call
      const end = process.hrtime.bigint() + LONG_ENOUGH;
      for (const work of works) {
        outcomes.push(await attempt(transaction, work));
        if (process.hrtime.bigint() > end) break;
      }
      // that a log was to be begun is forgotten when it was: it must not be in whatever copies are made from now on
      const hasBegun = !anchor && stored.root.begins !== undefined;
      return { outcomes, committed: await this.#commit(snapshot, transaction, hasBegun), known: stored };
    });
    if (!committed) this.#known = relocation ? undefined : known;
    else if (!relocation) log.write(committed.lines, committed.at);
    if (committed) this.#known = committed.known;
    // a new log is begun under the lock, by whoever has it first
    if (relocation && !relocation.isDraft) await this.#together([async () => {}]);
    return outcomes;
  }

  /** What the last commit left, unless somebody else has committed since. */
  async #state(tx: StoreTransaction, before: CachedState | undefined): Promise<CachedState> {
    const sealedRoot = before && (await tx.get(ROOT_PATH));
    if (sealedRoot && Buffer.compare(sealedRoot, before.sealedRoot) === 0) return before;
    return { ...(await this.#readSnapshot(tx)), nodes: new Map(), cache: new RecordCache(CACHED) };
  }

  async #readSnapshot(
    tx: StoreTransaction,
    how?: 'root alone',
  ): Promise<Pick<CachedState, 'sealedRoot' | 'barrier' | 'root'>> {
    const valueOf = async (path: string): Promise<Uint8Array> => {
      const value = await tx.get(path);
      if (!value) throw damaged(path, 'is missing');
      return value;
    };
    if (hex(decodeHeader(await tx.get(HEADER_PATH))) !== this.id) throw damaged(HEADER_PATH, 'was changed');
    const terms = openTerms(await valueOf(TERMS_PATH), this.#keys);
    const above = barrier({ ...this.#keys, terms, random: this.#deps.random });
    const sealedRoot = await valueOf(ROOT_PATH);
    const root = decodeRoot(above.open(ROOT_PATH, undefined, sealedRoot));
    if (how !== 'root alone') await checkMeta(tx, root);
    return { sealedRoot, barrier: above, root };
  }

  async #commit(
    { tx, barrier: current, root, tree, nodes, cache }: CachedState & Snapshot,
    { draft, settings }: Transaction,
    hasBegun: boolean,
  ): Promise<Committed | undefined> {
    const { records, events, meta } = draft;
    if (records.size === 0 && events.length === 0 && meta.length === 0 && !hasBegun) return undefined;
    const generation = root.generation + 1;
    let above = current;
    let { head } = root;
    const slots = { ...root.slots };
    for (const change of meta) {
      if (change.kind === 'rekey') above = await this.#rekey(tx, current);
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
    this.#deps.log.sync(); // the lines that the old root held are in the log for good: now it may forget them
    return { lines: pending, at, known: { sealedRoot, barrier: above, root: next, nodes, cache } };
  }

  /** A new term: what is sealed from now on is sealed under a new domain key; the old ones go on opening. */
  async #rekey(tx: StoreTransaction, current: Barrier): Promise<Barrier> {
    const sealed = await tx.get(TERMS_PATH);
    const terms = openTerms(sealed!, this.#keys);
    terms.set(current.term + 1, new Secret(this.#deps.random(KEY)));
    const keys = { ...this.#keys, random: this.#deps.random };
    await tx.put(TERMS_PATH, sealTerms(terms, keys));
    return barrier({ ...keys, terms });
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

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

async function attempt(tx: Transaction, work: (tx: Transaction) => Promise<unknown>): Promise<Outcome> {
  const mark = tx.mark();
  try {
    return { result: await work(tx) };
  } catch (error) {
    tx.revert(mark);
    return { error };
  }
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
