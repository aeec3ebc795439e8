/** Applies the fixes of findings to the text, repeatedly until none is left. */
import type { Range } from '../policy/text-place.ts';
import { applyEdits, type Edit } from './core/edit.ts';
import type { Finding } from './core/finding.ts';
import { lint, type LintInput } from './lint.ts';
import { readTolerantly } from './core/tolerant.ts';

export interface FixInput extends LintInput {
  readonly unsafe?: boolean;
  /** Suppressed findings are not fixed. */
  readonly wanted?: (finding: Finding) => boolean;
}

export interface Fixed {
  readonly text: string;
  readonly count: number;
}

/** Fixes can cause new findings, which are fixed in the next round. */
const MAX_ROUNDS = 20;

export function fixText({ unsafe = false, wanted = () => true, ...input }: FixInput): Fixed {
  let { text } = input;
  let count = 0;
  const seen = new Set([text]);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const chosen = choose(lint({ ...input, text }).filter(wanted), unsafe);
    if (chosen.length === 0) break;
    const next = applyEdits(text, chosen.flat());
    // a fix must not break a valid document, and the number of rounds is limited
    if (seen.has(next) || faults(next) > faults(text)) break;
    seen.add(next);
    text = next;
    count += chosen.length;
  }
  return { text, count };
}

const faults = (text: string): number => readTolerantly(text).faults.length;

/** Whole fixes that do not touch each other, in the order of the text. */
function choose(findings: readonly Finding[], unsafe: boolean): readonly (readonly Edit[])[] {
  const chosen: (readonly Edit[])[] = [];
  const occupied = new OccupiedRanges();
  for (const { fix } of findings) {
    if (!fix || (!fix.safe && !unsafe) || fix.edits.length === 0) continue;
    if (overlap(fix.edits) || fix.edits.some((edit) => occupied.touches(edit))) continue;
    chosen.push(fix.edits);
    for (const edit of fix.edits) occupied.add(edit);
  }
  return chosen;
}

/** Ranges that do not touch each other; those of one fix may. */
class OccupiedRanges {
  readonly #ranges: Range[] = [];

  /** Also where one ends and the next begins: two insertions at one place have no order. */
  touches({ start, end }: Range): boolean {
    const at = this.#firstEndingFrom(start);
    return at < this.#ranges.length && this.#ranges[at]!.start <= end;
  }

  add(range: Range): void {
    this.#ranges.splice(this.#firstEndingFrom(range.end), 0, range);
  }

  #firstEndingFrom(offset: number): number {
    let [low, high] = [0, this.#ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ranges[middle]!.end < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function overlap(edits: readonly Edit[]): boolean {
  const sorted = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  return sorted.some(
    (edit, index) => index > 0 && edit.start < sorted[index - 1]!.end && sorted[index - 1]!.start < edit.end,
  );
}
