/**
 * What a keyring that stays open remembers of its records: the newest few, decoded. An entry is good only for the
 * version that the version tree calls current, so a change makes its old entry useless by itself.
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

  /** The records that were used longest ago make way. */
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

  /** What is made from a decoded record lives as long as that does. */
  memoize<T>(from: object, make: () => T): T {
    if (!this.#derived.has(from)) this.#derived.set(from, make());
    return this.#derived.get(from) as T;
  }
}
