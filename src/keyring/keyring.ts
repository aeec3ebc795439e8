/**
 * The keyring: the only room with state. Opening it unlocks the root key; transact() runs work on its records, seals
 * what changed, links the events, and commits all of it at once.
 *
 * Order of a commit (ADR 3): the records, the new root and the event lines go into the store in one transaction; then
 * the lines go into the log file, at the place that the root gives them. The store alone decides; the log follows.
 */
import { createHash } from 'node:crypto';
import { CHAIN_START, link } from '../audit/chain.ts';
import { EnvironmentError } from '../api/error.ts';
import { concat, hex, utf8 } from '../crypto/bytes.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { Secret } from '../crypto/secret.ts';
import { barrier, damaged, openTerms, sealTerms, type Barrier } from './barrier.ts';
import type { Log, LogHead } from './log-file.ts';
import {
  decodeRoot,
  encodeRoot,
  HEADER_PATH,
  isMetaPath,
  ROOT_PATH,
  TERMS_PATH,
  type Root,
  type Settings,
} from './root.ts';
import { slotPath, unwrapSlot, wrapSlot, readSlot, type NewSlot, type Slot, type UnlockMaterial } from './slot.ts';
import type { Row, Store, StoreTransaction } from './store.ts';
import { Transaction } from './transaction.ts';
import { EMPTY_GROUPS, VersionTree } from './version-tree.ts';

const MAGIC = utf8('pocket-kms keyring 1\n');
const KEYRING_ID = 16;
const KEY = 32;
const FIRST_TERM = 1;

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

export const newKeyringId = (random: RandomBytes): Uint8Array => random(KEYRING_ID);

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

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
    slots: { [slot.slot]: sha256(slotRecord) },
    groups: EMPTY_GROUPS,
    pending: new Uint8Array(),
  };
  await store.transact(async (tx) => {
    log.settle({ head, pending: root.pending }); // an old log beside a new keyring is not ours to go on with
    await tx.put(HEADER_PATH, concat(MAGIC, keyringId));
    await tx.put(TERMS_PATH, sealTerms(terms, keys));
    await tx.put(slotPath(slot.slot), slotRecord);
    await tx.put(ROOT_PATH, barrier({ ...keys, terms }).seal(ROOT_PATH, 0, encodeRoot(root)));
  });
  return new Keyring({ store, log, random }, { keyringId, rootKey: keys.rootKey });
}

export async function openKeyring(deps: Deps, unlock: Unlock): Promise<Keyring> {
  const rows = await deps.store.transact((tx) => tx.list('~', { limit: 100 }));
  const keyringId = readHeader(rows);
  const slots = rows.filter(({ path }) => path.startsWith(slotPath(0).slice(0, -1)));
  const readable = slots.map(({ path, value }) => guardRecord(path, () => readSlot(value)));
  const material = await unlock(readable, hex(keyringId));
  for (const { path, value } of slots) {
    const rootKey = guardRecord(path, () => unwrapSlot(value, { keyringId, material }));
    if (rootKey) return new Keyring(deps, { keyringId, rootKey });
  }
  throw new EnvironmentError(
    material.type === 'passphrase'
      ? 'the passphrase does not unlock this keyring'
      : 'the key file does not unlock this keyring',
    ['kms keyring status tells which unlock slots it has'],
  );
}

function readHeader(rows: readonly Row[]): Uint8Array {
  const header = rows.find(({ path }) => path === HEADER_PATH)?.value;
  if (
    !header ||
    header.length !== MAGIC.length + KEYRING_ID ||
    Buffer.compare(header.subarray(0, MAGIC.length), MAGIC) !== 0
  ) {
    throw new EnvironmentError('the file is not a keyring of pocket-kms, or of a version that this one cannot read');
  }
  return header.subarray(MAGIC.length);
}

function guardRecord<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    throw damaged(path, 'cannot be read');
  }
}

/** What a transaction and the verification stand on. */
export interface Ground {
  readonly tx: StoreTransaction;
  readonly barrier: Barrier;
  readonly root: Root;
  readonly tree: VersionTree;
}

/** The part of a root that is about the log. */
export type LogAnchor = Pick<Root, 'generation' | 'head' | 'logStart'>;

interface Committed {
  readonly lines: Uint8Array;
  readonly at: number;
}

export class Keyring {
  readonly #deps: Deps;
  readonly #keys: { readonly keyringId: Uint8Array; readonly rootKey: Secret };

  constructor(deps: Deps, keys: { readonly keyringId: Uint8Array; readonly rootKey: Secret }) {
    this.#deps = deps;
    this.#keys = keys;
  }

  get id(): string {
    return hex(this.#keys.keyringId);
  }

  /**
   * Runs work alone; its changes and events are durable when this returns, or nothing has happened.
   * @param anchor where the log goes on instead of where the root says: after a restore, or with a new file
   */
  async transact<T>(work: (tx: Transaction) => Promise<T>, anchor?: LogAnchor): Promise<T> {
    const { log } = this.#deps;
    const { result, committed } = await this.#deps.store.transact(async (tx) => {
      const stored = await this.#ground(tx);
      const ground = anchor ? { ...stored, root: { ...stored.root, ...anchor, pending: new Uint8Array() } } : stored;
      log.settle(ground.root);
      const transaction = new Transaction(ground.root.settings, ground);
      const result = await work(transaction);
      return { result, committed: await this.#commit(ground, transaction) };
    });
    if (committed) log.write(committed.lines, committed.at);
    return result;
  }

  /** Reads below the transactions: for status, verification and backup. */
  inspect<T>(work: (ground: Ground & { readonly log: Log }) => Promise<T>): Promise<T> {
    return this.#deps.store.transact(async (tx) => work({ ...(await this.#ground(tx)), log: this.#deps.log }));
  }

  /** Wraps the root key for a new slot; the record goes in with Transaction.change(). */
  slotRecord(slot: NewSlot, material: UnlockMaterial): Uint8Array {
    return wrapSlot(slot, { ...this.#keys, material, random: this.#deps.random });
  }

  close(): void {
    this.#deps.log.close();
    this.#deps.store.close();
  }

  async #ground(tx: StoreTransaction): Promise<Ground> {
    const rows = await tx.list('~', { limit: 100 });
    const valueOf = (path: string): Uint8Array => {
      const row = rows.find((row) => row.path === path);
      if (!row) throw damaged(path, 'is missing');
      return row.value;
    };
    if (hex(readHeader(rows)) !== this.id) throw damaged(HEADER_PATH, 'was changed');
    const terms = openTerms(valueOf(TERMS_PATH), this.#keys);
    const above = barrier({ ...this.#keys, terms, random: this.#deps.random });
    const root = decodeRoot(above.open(ROOT_PATH, undefined, valueOf(ROOT_PATH)));
    checkMeta(rows, root);
    return { tx, barrier: above, root, tree: new VersionTree(above, tx, root.groups) };
  }

  async #commit({ tx, barrier: current, root, tree }: Ground, { draft }: Transaction): Promise<Committed | undefined> {
    const { records, events, meta } = draft;
    if (records.size === 0 && events.length === 0 && meta.length === 0) return undefined;
    const generation = root.generation + 1;
    let above = current;
    let { head } = root;
    const slots = { ...root.slots };
    for (const change of meta) {
      if (change.kind === 'rekey') above = await this.#rekey(tx, current);
      else await putSlot(tx, slots, change);
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
    const next: Root = { ...root, generation, head, slots, groups, pending };
    await tx.put(ROOT_PATH, above.seal(ROOT_PATH, generation, encodeRoot(next)));
    this.#deps.log.sync(); // the lines that the old root held are in the log for good: now it may forget them
    return { lines: pending, at };
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

async function putSlot(
  tx: StoreTransaction,
  slots: { [slot: string]: string },
  { slot, record }: { slot: number; record: Uint8Array | undefined },
): Promise<void> {
  if (record) {
    await tx.put(slotPath(slot), record);
    slots[slot] = sha256(record);
  } else {
    await tx.delete(slotPath(slot));
    delete slots[slot];
  }
}

/** The records outside the version tree are exactly those that the root knows. */
function checkMeta(rows: readonly Row[], { slots }: Root): void {
  const expected = new Set([
    HEADER_PATH,
    TERMS_PATH,
    ROOT_PATH,
    ...Object.keys(slots).map((slot) => slotPath(Number(slot))),
  ]);
  for (const { path, value } of rows) {
    if (!isMetaPath(path) || !expected.delete(path)) throw damaged(path, 'does not belong here');
    const digest = slots[path.slice(slotPath(0).length - 1)];
    if (path.startsWith('~slot/') && digest !== sha256(value)) throw damaged(path, 'was changed');
  }
  for (const path of expected) throw damaged(path, 'is missing');
}
