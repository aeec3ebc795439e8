/** The vectors of the linter, and how their settings become those of lint(). */
import { readdirSync, readFileSync } from 'node:fs';
import { lint, type LintInput } from '../../src/lint/lint.ts';
import type { LintKind, LintSettings } from '../../src/lint/core/settings.ts';
import type { Finding } from '../../src/lint/core/finding.ts';
import { callerOf } from '../../src/policy/principal.ts';
import { prover } from '../support/prover.ts';

interface VectorSettings extends Omit<LintSettings, 'prover' | 'caller' | 'principalExists' | 'arnOf'> {
  readonly prover?: boolean;
  readonly caller?: string;
  readonly known?: readonly string[];
  readonly ids?: Readonly<Record<string, string>>;
}

export interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly offset: number;
  readonly length: number;
  readonly severity?: string;
  readonly notes?: readonly string[];
}

export interface Case {
  readonly case: string;
  readonly kind?: LintKind;
  readonly text: string;
  readonly settings?: VectorSettings;
  readonly findings: readonly Place[];
}

export interface Vector {
  readonly rule: string;
  readonly cases: readonly Case[];
}

const FOLDER = new URL('../vectors/lint/', import.meta.url);

export const vectors: readonly Vector[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Vector);

export const allCases = vectors.flatMap(({ rule, cases }) => cases.map((one) => ({ rule, name: one.case, one })));

export function inputOf({ text, kind = 'key', settings = {} }: Case): LintInput & { settings: LintSettings } {
  const { prover: proves, caller, known, ids, ...rest } = settings;
  return {
    text,
    kind,
    settings: {
      ...rest,
      ...(proves ? { prover } : {}),
      ...(caller === undefined ? {} : { caller: callerOf(caller) }),
      ...(known ? { principalExists: ({ text: name }: { text: string }) => known.includes(name) } : {}),
      ...(ids ? { arnOf: (id: string) => ids[id] } : {}),
    },
  };
}

export const findingsOf = (one: Case, code: string): readonly Finding[] =>
  lint(inputOf(one)).filter((finding) => finding.code === code);

export const placeOf = ({ span, severity, notes }: Finding, wanted: Place | undefined): Place => ({
  line: span.line,
  column: span.column,
  endLine: span.endLine,
  endColumn: span.endColumn,
  offset: span.start,
  length: span.end - span.start,
  ...(wanted?.severity === undefined ? {} : { severity }),
  ...(wanted?.notes === undefined ? {} : { notes }),
});
