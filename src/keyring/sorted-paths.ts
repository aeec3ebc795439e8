/** ASCII paths in the order of their bytes, found by their beginning. */

/** Greater than any character of a path. */
const BEHIND_ALL = '\u{7f}';

export class SortedPaths {
  readonly #paths: string[] = [];

  add(path: string): void {
    const place = this.#placeOf(path);
    if (this.#paths[place] !== path) this.#paths.splice(place, 0, path);
  }

  delete(path: string): void {
    const place = this.#placeOf(path);
    if (this.#paths[place] === path) this.#paths.splice(place, 1);
  }

  /** The first one that starts with `prefix` and is greater than `after`. */
  first(prefix: string, after?: string): string | undefined {
    const path = this.#paths[this.#start(prefix, after)];
    return path?.startsWith(prefix) ? path : undefined;
  }

  /** All of those, as they are now. */
  below(prefix: string, after?: string): readonly string[] {
    return this.#paths.slice(this.#start(prefix, after), this.#placeOf(prefix + BEHIND_ALL));
  }

  #start(prefix: string, after: string | undefined): number {
    if (after === undefined || after < prefix) return this.#placeOf(prefix);
    const place = this.#placeOf(after);
    return this.#paths[place] === after ? place + 1 : place;
  }

  /** Where a path stands, or would stand. */
  #placeOf(path: string): number {
    let [low, high] = [0, this.#paths.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#paths[middle]! < path) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
