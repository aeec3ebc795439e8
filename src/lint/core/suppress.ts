/** Suppressed findings: by comments in a .jsonc file, or by a file of fingerprints. */
import type { FileReport, Finding, Suppressed } from './finding.ts';
import { spanIn } from './finding.ts';
import { readTolerantly } from './tolerant.ts';

const MARK =
  /^(?:\/\/|\/\*)\s*lint-ignore\s+(?<codes>KP\d{0,3}(?:\s*,\s*KP\d{0,3})*)\s*:\s*(?<reason>.*?\S)\s*(?:\*\/)?$/;

/** `// lint-ignore KP504: reason` in a line of its own or at the end of one: for that line and the next. */
export function applyComments(file: FileReport): FileReport {
  const spanOf = spanIn(file.text);
  const marks = readTolerantly(file.text, { comments: true }).comments.flatMap((range) => {
    const groups = MARK.exec(file.text.slice(range.start, range.end).trim())?.groups;
    return groups
      ? [{ line: spanOf(range).line, codes: groups['codes']!.split(/\s*,\s*/), reason: groups['reason']! }]
      : [];
  });
  return partition(file, ({ span, code }) => {
    const mark = marks.find(
      ({ line, codes }) =>
        (line === span.line || line === span.line - 1) && codes.some((beginning) => code.startsWith(beginning)),
    );
    return mark?.reason;
  });
}

export interface KnownFindings {
  readonly fingerprint: string;
  readonly code: string;
}

export const writeKnown = (files: readonly FileReport[]): string => {
  const findings = files.flatMap(({ findings: own }) =>
    own.map(({ fingerprint, code }): KnownFindings => ({ fingerprint, code })),
  );
  return `${JSON.stringify({ version: 1, findings }, undefined, 2)}\n`;
};

/** @returns undefined if it is no such file */
export function readKnown(text: string): ReadonlySet<string> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { version, findings } = (value ?? {}) as { readonly version?: unknown; readonly findings?: unknown };
  if (version !== 1 || !Array.isArray(findings)) return undefined;
  return new Set(findings.map((finding: Partial<KnownFindings> | null) => String(finding?.fingerprint)));
}

export const applyKnown = (file: FileReport, known: ReadonlySet<string>): FileReport =>
  partition(file, ({ fingerprint }) => (known.has(fingerprint) ? 'known before' : undefined));

function partition(file: FileReport, reasonOf: (finding: Finding) => string | undefined): FileReport {
  const suppressed: Suppressed[] = [...file.suppressed];
  const findings = file.findings.filter((finding) => {
    const reason = reasonOf(finding);
    if (reason !== undefined) suppressed.push({ finding, reason });
    return reason === undefined;
  });
  return { ...file, findings, suppressed };
}
