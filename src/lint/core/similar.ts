/** Did you mean: the known name that is nearest to a wrong one, by edits (Damerau-Levenshtein, neighbors swapped). */

export interface Near {
  readonly name: string;
  readonly distance: number;
  /** No other name is as near. */
  readonly unique: boolean;
}

/** @returns undefined if nothing is near: more than a third of the letters would have to change */
export function nearest(word: string, names: readonly string[]): Near | undefined {
  const wanted = word.toLowerCase();
  const max = Math.max(1, Math.floor(word.length / 3));
  let best: Near | undefined;
  for (const name of names) {
    // that many letters are too many or too few at least
    if (Math.abs(name.length - word.length) > Math.min(best?.distance ?? max, max)) continue;
    const distance = edits(wanted, name.toLowerCase());
    if (!best || distance < best.distance) best = { name, distance, unique: true };
    else if (distance === best.distance) best = { ...best, unique: false };
  }
  return best && best.distance <= max ? best : undefined;
}

/** Limits the table below, which grows with the square of the length. */
const LONGEST = 128;

function edits(a: string, b: string): number {
  if (a.length > LONGEST || b.length > LONGEST) return Math.max(a.length, b.length);
  let [before, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}

/** `; did you mean "kms:Decrypt"?` or nothing. */
export const didYouMean = (near: Near | undefined): string =>
  near ? `; did you mean ${JSON.stringify(near.name)}?` : '';
