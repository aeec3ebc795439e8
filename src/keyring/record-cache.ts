/**
 * What a keyring that stays open remembers of its records: the newest few, decoded. An entry is good only for the
 * version that the version tree calls current, so a change makes its old entry useless by itself.
 */

interface Entry {
  readonly version: number;
  readonly value: unknown;
}

export class RecordCache {
  readonly #most: number;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  readonly #derived = new WeakMap<object, unknown>();

  /** @param most entries; the one that was used longest ago makes way */
  constructor(most: number) {
    this.#most = most;
  }

  find(path: string, version: number): Entry | undefined {
    const entry = this.#entries.get(path);
    if (!entry) return undefined;
    this.#entries.delete(path);
    if (entry.version !== version) return undefined;
    this.#entries.set(path, entry);
    return entry;
  }

  keep(path: string, entry: Entry): void {
    this.#entries.delete(path);
    this.#entries.set(path, entry);
    if (this.#entries.size > this.#most) this.#entries.delete(this.#entries.keys().next().value!);
  }

  /** What is made from a decoded record lives as long as that does. */
  derive<T>(from: object, make: () => T): T {
    if (!this.#derived.has(from)) this.#derived.set(from, make());
    return this.#derived.get(from) as T;
  }
}
