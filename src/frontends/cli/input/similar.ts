/** The names that resemble a wrong one: Python's `difflib.get_close_matches`. */

const CUTOFF = 0.8;
const MAX = 3;

/** At most three names with a similarity of at least 0.8, best first; of equal ones the later in the alphabet. */
export function similar(word: string, names: readonly string[]): readonly string[] {
  const scored = names.map((name) => ({ name, ratio: ratio(name, word) })).filter((entry) => entry.ratio >= CUTOFF);
  scored.sort((a, b) => b.ratio - a.ratio || (a.name < b.name ? 1 : -1));
  return scored.slice(0, MAX).map((entry) => entry.name);
}

/** 2M/T: M characters in matching blocks of T in both texts. */
function ratio(a: string, b: string): number {
  const total = a.length + b.length;
  return total === 0 ? 1 : (2 * matching(a, b)) / total;
}

/** The longest block in common, and what matches to its left and to its right. */
function matching(a: string, b: string): number {
  const { inA, inB, size } = longestBlock(a, b);
  if (size === 0) return 0;
  return size + matching(a.slice(0, inA), b.slice(0, inB)) + matching(a.slice(inA + size), b.slice(inB + size));
}

/** Of equally long ones the earliest in a, and of these the earliest in b. */
function longestBlock(a: string, b: string): { inA: number; inB: number; size: number } {
  let best = { inA: 0, inB: 0, size: 0 };
  for (let inA = 0; inA < a.length; inA += 1) {
    for (let inB = 0; inB < b.length; inB += 1) {
      let size = 0;
      while (inA + size < a.length && a[inA + size] === b[inB + size]) size += 1;
      if (size > best.size) best = { inA, inB, size };
    }
  }
  return best;
}
