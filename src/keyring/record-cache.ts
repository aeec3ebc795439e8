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
  /** Of all of them together. */
  readonly bytes: number;
}

export class RecordCache {
  readonly #limits: CacheLimits;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  readonly #derived = new WeakMap<object, unknown>();
  #bytes = 0;

  /** Evicts the least recently used records. */
  constructor(limits: CacheLimits) {
    this.#limits = limits;
  }

  find(path: string, version: number): Entry | undefined {
    const entry = this.#entries.get(path);
    if (!entry) return undefined;
    this.#forget(path);
    if (entry.version !== version) return undefined;
    this.#remember(path, entry);
    return entry;
  }

  keep(path: string, entry: Entry): void {
    this.#forget(path);
    this.#remember(path, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#limits.records && this.#bytes <= this.#limits.bytes) return;
      this.#forget(oldest);
    }
  }

  #remember(path: string, entry: Entry): void {
    this.#entries.set(path, entry);
    this.#bytes += entry.size;
  }

  #forget(path: string): void {
    this.#bytes -= this.#entries.get(path)?.size ?? 0;
    this.#entries.delete(path);
  }

  /** Values that are derived from a decoded record are cached as long as the record. */
  memoize<T>(from: object, make: () => T): T {
    if (!this.#derived.has(from)) this.#derived.set(from, make());
    return this.#derived.get(from) as T;
  }
}
