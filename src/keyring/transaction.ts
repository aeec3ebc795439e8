/**
 * One transaction of a keyring: records are read through the barrier, changes and events are buffered until the commit, so
 * that a failed operation can be reverted while earlier changes and its event are still committed.
 */
import { sizedEvent } from '../audit/event-size.ts';
import type { Logged } from '../audit/request-parameters.ts';
import type { Barrier, TokenName } from './barrier.ts';
import { usesIn, type KeyUses } from './key-uses.ts';
import type { RecordCache } from './record-cache.ts';
import type { ChangedSettings, Root, Settings } from './root.ts';
import { SortedPaths } from './sorted-paths.ts';
import { firstOf, type StoredRow, type StoreTransaction } from './store.ts';
import { damaged } from './barrier.ts';
import type { VersionTree } from './version-tree.ts';

/** A change of the keyring itself, not of a record. */
export type MetaChange =
  | { readonly kind: 'slot'; readonly slot: number; readonly record: Uint8Array | undefined }
  | { readonly kind: 'rekey' }
  | { readonly kind: 'settings'; readonly settings: ChangedSettings };

interface Draft {
  /** undefined: deleted. */
  readonly records: ReadonlyMap<string, Uint8Array | undefined>;
  readonly events: readonly object[];
  readonly meta: readonly MetaChange[];
}

/** A savepoint: how many changes, events and meta changes there were. */
export interface Savepoint {
  readonly changes: number;
  readonly events: number;
  readonly meta: number;
}

/** What a path had in the draft before a change. */
interface RecordChange {
  readonly path: string;
  readonly wasDrafted: boolean;
  readonly before: Uint8Array | undefined;
}

/** By prefix; undefined: there is none. As it is stored, so it holds until something is written. */
export type FirstPaths = Map<string, string | undefined>;

interface MergedRow {
  readonly path: string;
  readonly stored?: { readonly version: number; readonly sealed: Uint8Array };
}

export class Transaction {
  readonly #settings: Settings;
  readonly #slots: readonly number[];
  readonly #barrier: Barrier;
  readonly #tree: VersionTree;
  readonly #tx: StoreTransaction;
  readonly #cache: RecordCache;
  readonly #unanchored: () => KeyUses;
  readonly #firsts: FirstPaths;
  readonly #draft: { records: Map<string, Uint8Array | undefined>; events: object[]; meta: MetaChange[] } = {
    records: new Map(),
    events: [],
    meta: [],
  };
  /** Those that were put, and not deleted again. */
  readonly #put = new SortedPaths();
  readonly #changes: RecordChange[] = [];

  constructor(
    settings: Settings,
    below: {
      barrier: Barrier;
      tree: VersionTree;
      tx: StoreTransaction;
      cache: RecordCache;
      root: Pick<Root, 'slots'>;
      /** Since the root was written, as the log has them. */
      unanchored: () => KeyUses;
      firsts: FirstPaths;
    },
  ) {
    this.#settings = settings;
    this.#slots = Object.keys(below.root.slots).map(Number);
    this.#barrier = below.barrier;
    this.#tree = below.tree;
    this.#tx = below.tx;
    this.#cache = below.cache;
    this.#unanchored = below.unanchored;
    this.#firsts = below.firsts;
  }

  /** Including the changes of this transaction. */
  get settings(): Settings {
    const { meta } = this.#draft;
    if (meta.length === 0) return this.#settings;
    return Object.assign(
      {},
      this.#settings,
      ...meta.map((change) => (change.kind === 'settings' ? change.settings : {})),
    );
  }

  async get(path: string): Promise<Uint8Array | undefined> {
    if (this.#draft.records.has(path)) return this.#draft.records.get(path);
    return this.#stored(path, await this.#tree.versionOf(path));
  }

  /**
   * A record, decoded: what is stored is decoded once, for as long as it stays as it is. The value is shared with later
   * transactions, so nobody may change it.
   */
  async read<T>(path: string, decode: (bytes: Uint8Array) => T): Promise<T | undefined> {
    if (this.#draft.records.has(path)) {
      const drafted = this.#draft.records.get(path);
      return drafted && decode(drafted);
    }
    const found = this.#tree.versionOf(path);
    const version = typeof found === 'number' ? found : await found;
    const known = this.#cache.find(path, version);
    if (known) return known.value as T;
    const bytes = await this.#stored(path, version);
    if (!bytes) return undefined;
    const value = decode(bytes);
    this.#cache.keep(path, { version, value, size: bytes.length });
    return value;
  }

  /** Caches a value that is costly to derive from a record that read() returned, as long as the record is unchanged. */
  memoize<T>(from: object, make: () => T): T {
    return this.#cache.memoize(from, make);
  }

  async #stored(path: string, version: number): Promise<Uint8Array | undefined> {
    const sealed = await this.#tx.get(path);
    if (version === 0 && !sealed) return undefined;
    if (version === 0) throw damaged(path, 'is not part of the keyring');
    if (!sealed) throw damaged(path, 'is missing');
    return this.#barrier.open(path, version, sealed);
  }

  put(path: string, value: Uint8Array): void {
    this.#set(path, value);
  }

  delete(path: string): void {
    this.#set(path, undefined);
  }

  #set(path: string, value: Uint8Array | undefined): void {
    const { records } = this.#draft;
    this.#changes.push({ path, wasDrafted: records.has(path), before: records.get(path) });
    records.set(path, value);
    if (value) this.#put.add(path);
    else this.#put.delete(path);
  }

  /** Rows of the store and of the draft, merged: every one below the prefix, as StoreTransaction.rows() has them. */
  async *rows(prefix: string, after?: string): AsyncGenerator<StoredRow> {
    for await (const { path, stored } of this.#merged(prefix, after)) {
      const drafted = this.#draft.records.get(path);
      if (drafted) yield { path, value: drafted };
      else if (stored) yield { path, value: this.#barrier.open(path, stored.version, stored.sealed) };
    }
  }

  /** The paths alone: the version tree says that the records are there, so they need not be opened. */
  async *paths(prefix: string, after?: string): AsyncGenerator<{ readonly path: string }> {
    for await (const { path } of this.#merged(prefix, after)) yield { path };
  }

  /** `stored` is absent from what this transaction has put. */
  async *#merged(prefix: string, after: string | undefined): AsyncGenerator<MergedRow> {
    const drafted = this.#put.below(prefix, after);
    let next = 0;
    for await (const { path, value } of this.#tx.rows(prefix, after)) {
      while (next < drafted.length && drafted[next]! < path) yield* this.#drafted(drafted[next++]!);
      if (drafted[next] === path) next += 1;
      if (this.#draft.records.has(path)) {
        yield* this.#drafted(path);
        continue;
      }
      const version = await this.#tree.versionOf(path);
      if (version === 0) throw damaged(path, 'does not belong here');
      yield { path, stored: { version, sealed: value } };
    }
    for (const path of drafted.slice(next)) yield* this.#drafted(path);
  }

  /** The first path below the prefix that this transaction has put. */
  firstPut(prefix: string): string | undefined {
    return this.#put.first(prefix);
  }

  /** The first path below the prefix, at the earliest: this transaction may have deleted it. What is stored is looked up once. */
  earliest(prefix: string): string | undefined | Promise<string | undefined> {
    if (!this.#firsts.has(prefix)) return this.#lookUpFirst(prefix).then(() => this.earliest(prefix));
    const [stored, put] = [this.#firsts.get(prefix), this.#put.first(prefix)];
    return stored === undefined || (put !== undefined && put < stored) ? put : stored;
  }

  async #lookUpFirst(prefix: string): Promise<void> {
    const [stored] = await firstOf(this.#tx.rows(prefix), 1);
    if (stored && (await this.#tree.versionOf(stored.path)) === 0) throw damaged(stored.path, 'does not belong here');
    this.#firsts.set(prefix, stored?.path);
  }

  /** Nothing if it was deleted while the rows were read. */
  *#drafted(path: string): Generator<MergedRow> {
    if (this.#draft.records.get(path)) yield { path };
  }

  /** The part of a path for a name that users chose: a keyed hash, which does not reveal it. */
  keyedHash(name: string): string {
    return Buffer.from(this.#barrier.keyedHash(name)).toString('hex');
  }

  /** Seals bytes that callers store; they open only as this kind and under this name. */
  sealToken(token: TokenName, bytes: Uint8Array): Uint8Array {
    return this.#barrier.sealToken(token, bytes);
  }

  /** Opens what sealToken() made; undefined if it was altered, or has another kind or name. */
  openToken(token: TokenName, sealed: Uint8Array): Uint8Array | undefined {
    return this.#barrier.openToken(token, sealed);
  }

  /** An audit event; it goes into the log with this transaction, cut to the size that events have at most. */
  append(event: object): void {
    this.#draft.events.push(sizedEvent(event));
  }

  /** Since the root was written, those of this transaction included. */
  recentUses(): KeyUses {
    return usesIn(this.#draft.events as readonly Logged[], this.#unanchored());
  }

  /** Whether this transaction has deleted the record at a path, or would have if there was one. */
  hasDeleted(path: string): boolean {
    return this.#draft.records.has(path) && this.#draft.records.get(path) === undefined;
  }

  change(meta: MetaChange): void {
    this.#draft.meta.push(meta);
  }

  /** Numbers of the unlock slots, as this transaction has them. */
  get slots(): ReadonlySet<number> {
    const numbers = new Set(this.#slots);
    for (const change of this.#draft.meta) {
      if (change.kind !== 'slot') continue;
      if (change.record) numbers.add(change.slot);
      else numbers.delete(change.slot);
    }
    return numbers;
  }

  /** A savepoint, for revert(). */
  mark(): Savepoint {
    const { events, meta } = this.#draft;
    return { changes: this.#changes.length, events: events.length, meta: meta.length };
  }

  /** Undoes what came after the mark, the latest first. */
  revert({ changes, events, meta }: Savepoint): void {
    while (this.#changes.length > changes) {
      const { path, wasDrafted, before } = this.#changes.pop()!;
      if (wasDrafted) this.#draft.records.set(path, before);
      else this.#draft.records.delete(path);
      if (before) this.#put.add(path);
      else this.#put.delete(path);
    }
    this.#draft.events.splice(events);
    this.#draft.meta.splice(meta);
  }

  get draft(): Draft {
    return this.#draft;
  }
}
