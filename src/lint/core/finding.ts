/** A finding of a rule, with its place in lines and columns. */
import { positionsIn, type JsonPath, type Range } from '../../policy/text-place.ts';
import type { Fix } from './edit.ts';
import type { Witness } from '../../analysis/prover/questions.ts';
import type { Severity } from './settings.ts';

/** Lines and columns from 1; columns and offsets in UTF-16 code units. The end is behind the last one. */
export interface Span extends Range {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface Note {
  readonly span: Span;
  readonly message: string;
}

export interface Finding {
  readonly code: string;
  readonly name: string;
  readonly severity: Severity;
  readonly message: string;
  /** As people write it: `Statement[1].Condition.StringEquals`. */
  readonly path: string;
  readonly steps: JsonPath;
  readonly span: Span;
  readonly label?: string;
  /** The Sid of the statement that it is in. */
  readonly sid?: string;
  readonly secondary: readonly Note[];
  readonly notes: readonly string[];
  readonly witness?: Witness;
  readonly fix?: Fix;
  /** Equal for the same finding in the same statement, wherever the statement is in the document. */
  readonly fingerprint: string;
}

/** A document that was linted, with its findings. */
export interface FileReport {
  readonly name: string;
  readonly text: string;
  readonly findings: readonly Finding[];
  /** Findings that the configuration or a baseline suppresses. */
  readonly suppressed: readonly Suppressed[];
}

export interface Suppressed {
  readonly finding: Finding;
  readonly reason: string;
}

export function spanIn(text: string): (range: Range) => Span {
  const placeOf = positionsIn(text);
  return ({ start, end }) => {
    const [first, last] = [placeOf(start), placeOf(end)];
    return { start, end, ...first, endLine: last.line, endColumn: last.column };
  };
}
