/** The output of ValidatePolicy (IAM Access Analyzer), for programs that read that format. */
import type { FileReport, Finding, Span } from '../core/finding.ts';
import { ruleOf } from '../every-rule.ts';
import type { Severity } from '../core/settings.ts';
import { allFindings, type ReportFormat } from './report.ts';

const TYPES: Readonly<Record<Severity, string>> = {
  error: 'ERROR',
  security: 'SECURITY_WARNING',
  warning: 'WARNING',
  hint: 'SUGGESTION',
};

/** With several documents every finding also names its own, for which AWS has no member. */
export const accessAnalyzer: ReportFormat = (report) => {
  const several = report.files.length > 1;
  const findings = allFindings(report).map(({ file, finding }) => ({
    findingType: TYPES[finding.severity],
    issueCode: ruleOf(finding.code)?.issue ?? finding.name.replaceAll('-', '_').toUpperCase(),
    findingDetails: finding.message,
    learnMoreLink: ruleOf(finding.code)?.see,
    locations: [{ path: pathOf(finding, file), span: spanOf(finding.span) }],
    fileName: several ? file.name : undefined,
  }));
  return `${JSON.stringify({ findings }, undefined, 2)}\n`;
};

function pathOf({ steps, span }: Finding, { text }: FileReport) {
  return steps.map((step, index) => {
    if (typeof step === 'number') return { index: step };
    const isName = index === steps.length - 1 && text.slice(span.start, span.end) === JSON.stringify(step);
    return isName ? { key: step } : { value: step };
  });
}

/** Lines from 1, columns from 0. */
const spanOf = ({ line, column, endLine, endColumn, start, end }: Span) => ({
  start: { line, column: column - 1, offset: start },
  end: { line: endLine, column: endColumn - 1, offset: end },
});
