/** Fixing: the fixes of findings put into the text, again and again until none is left. */
import { applyEdits, type Edit } from './edit.ts';
import type { Finding } from './finding.ts';
import { lint, type LintInput } from './lint.ts';
import { readTolerantly } from './tolerant.ts';

export interface FixInput extends LintInput {
  readonly unsafe?: boolean;
  /** Findings that somebody answers for are left alone. */
  readonly wanted?: (finding: Finding) => boolean;
}

export interface Fixed {
  readonly text: string;
  readonly count: number;
}

/** Fixes can bring findings of their own, which are fixed in the next round. */
const MOST_ROUNDS = 20;

export function fixText({ unsafe = false, wanted = () => true, ...input }: FixInput): Fixed {
  let { text } = input;
  let count = 0;
  const seen = new Set([text]);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const chosen = choose(lint({ ...input, text }).filter(wanted), unsafe);
    if (chosen.length === 0) break;
    const next = applyEdits(text, chosen.flat());
    // a fix never makes worse what could be read, and never goes round in circles
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
  const taken: Edit[] = [];
  for (const { fix } of findings) {
    if (!fix || (!fix.safe && !unsafe) || fix.edits.length === 0) continue;
    if (overlap(fix.edits) || fix.edits.some((edit) => taken.some((other) => touches(edit, other)))) continue;
    chosen.push(fix.edits);
    taken.push(...fix.edits);
  }
  return chosen;
}

/** Also where one ends and the next begins: two insertions at one place have no order. */
const touches = (one: Edit, other: Edit): boolean => one.start <= other.end && other.start <= one.end;

const overlap = (edits: readonly Edit[]): boolean =>
  edits.some((edit, index) => edits.slice(index + 1).some((other) => edit.start < other.end && other.start < edit.end));
