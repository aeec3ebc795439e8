/**
 * The cache of decoded records of an open keyring. An entry is valid only for the version that is current in the version
 * tree, so a change invalidates it.
 */

interface Entry {
  readonly version: number;
  readonly value: unknown;
  /** Bytes of the record; what is decoded and made from it takes some ten times as many. */
  readonly size: number;
}

export interface CacheLimits {
  readonly records: number;
  /** Of all of them together; a record that is larger than half of it is not cached. */
  readonly bytes: number;
}

/**
 * Records that were used lately, and before: when the former reach half of a limit, they become the latter, and what was not
 * used since is evicted. Finding one that was used lately changes nothing, as an order of all would have to: a map in which
 * entries are moved is built anew every few reads.
 */
export class RecordCache {
  readonly #limits: CacheLimits;
  #lately = new Generation();
  #before = new Generation();
  readonly #derived = new WeakMap<object, unknown>();

  constructor(limits: CacheLimits) {
    this.#limits = limits;
  }

  find(path: string, version: number): Entry | undefined {
    const lately = this.#lately.get(path);
    const entry = lately ?? this.#before.get(path);
    if (!entry) return undefined;
    if (entry.version !== version) this.#forget(path);
    else if (!lately) this.keep(path, entry);
    return entry.version === version ? entry : undefined;
  }

  keep(path: string, entry: Entry): void {
    this.#forget(path);
    const [records, bytes] = [this.#limits.records / 2, this.#limits.bytes / 2];
    if (entry.size > bytes) return;
    if (this.#lately.size + 1 > records || this.#lately.bytes + entry.size > bytes) {
      this.#before = this.#lately;
      this.#lately = new Generation();
    }
    this.#lately.set(path, entry);
  }

  #forget(path: string): void {
    this.#lately.delete(path);
    this.#before.delete(path);
  }

  /** Values that are derived from a decoded record are cached as long as the record. */
  memoize<T>(from: object, make: () => T): T {
    if (!this.#derived.has(from)) this.#derived.set(from, make());
    return this.#derived.get(from) as T;
  }
}

class Generation {
  readonly #entries = new Map<string, Entry>();
  bytes = 0;

  get size(): number {
    return this.#entries.size;
  }

  get(path: string): Entry | undefined {
    return this.#entries.get(path);
  }

  set(path: string, entry: Entry): void {
    this.#entries.set(path, entry);
    this.bytes += entry.size;
  }

  delete(path: string): void {
    this.bytes -= this.#entries.get(path)?.size ?? 0;
    this.#entries.delete(path);
  }
}
