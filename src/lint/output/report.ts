/** The input of output formats, and shared functions. */
import type { FileReport, Finding } from '../core/finding.ts';
import { SEVERITIES } from '../core/settings.ts';
import type { Paint } from '../../model/styled-text.ts';
import { visible } from '../../model/visible.ts';

export interface LintReport {
  readonly files: readonly FileReport[];
  /** Of the terminal. */
  readonly columns: number;
  readonly paint: Paint;
  readonly version: string;
}

export type ReportFormat = (report: LintReport) => string;

export const allFindings = ({
  files,
}: Pick<LintReport, 'files'>): readonly { readonly file: FileReport; readonly finding: Finding }[] =>
  files.flatMap((file) => file.findings.map((finding) => ({ file, finding })));

/** The witness in a line: `arn:... may kms:Decrypt with kms:viaservice = "..."`. */
export function printWitness({ witness }: Finding): string | undefined {
  if (!witness) return undefined;
  const context = Object.entries(witness.context).map(
    ([key, values]) => `${key} = ${values.map((value) => JSON.stringify(value)).join(', ')}`,
  );
  return visible(
    `${witness.principal} may ${witness.action}${context.length > 0 ? ` with ${context.join('; ')}` : ''}`,
  );
}

/** `3 findings (1 error, 2 hints), 1 fixable with --fix`. */
export function summary(report: Pick<LintReport, 'files'>): string {
  const findings = allFindings(report).map(({ finding }) => finding);
  if (findings.length === 0) return 'no findings';
  const counts = SEVERITIES.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    if (count === 0) return [];
    return [`${count} ${severity}${count > 1 && severity !== 'security' ? 's' : ''}`];
  });
  const safe = findings.filter(({ fix }) => fix?.safe).length;
  const unsafe = findings.filter(({ fix }) => fix && !fix.safe).length;
  const fixes = [safe > 0 ? `${safe} fixable with --fix` : '', unsafe > 0 ? `${unsafe} with --unsafe-fixes` : ''];
  const parts = [`${findings.length} finding${findings.length > 1 ? 's' : ''} (${counts.join(', ')})`, ...fixes];
  return parts.filter((part) => part !== '').join(', ');
}
