/** Formats of one line a finding: concise for people and editors, github for annotations of pull requests. */
import type { Severity } from '../core/settings.ts';
import { allFindings, summary, type ReportFormat } from './report.ts';
import { visible } from '../../model/visible.ts';

/** `file:line:column: CODE [*] message`; the star: --fix repairs it. */
export const concise: ReportFormat = (report) => {
  const lines = allFindings(report).map(({ file, finding: { span, code, fix, message, severity } }) => {
    const star = fix?.safe ? ' [*]' : '';
    return `${visible(file.name)}:${span.line}:${span.column}: ${report.paint(severity, code)}${star} ${visible(message)}`;
  });
  return `${[...lines, summary(report)].join('\n')}\n`;
};

const LEVELS: Readonly<Record<Severity, string>> = {
  error: 'error',
  security: 'error',
  warning: 'warning',
  hint: 'notice',
};

const data = (text: string): string => visible(text).replaceAll('%', '%25');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** Workflow commands of GitHub Actions. */
export const github: ReportFormat = (report) =>
  allFindings(report)
    .map(({ file, finding: { span, severity, code, name, message } }) => {
      const place = `file=${property(file.name)},line=${span.line},endLine=${span.endLine},col=${span.column},endColumn=${span.endColumn}`;
      return `::${LEVELS[severity]} ${place},title=${property(`${code} ${name}`)}::${data(message)}\n`;
    })
    .join('');
