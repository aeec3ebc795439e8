/** The report as JSON with all details, for programs. */
import type { Finding } from '../core/finding.ts';
import { ruleOf } from '../every-rule.ts';
import { allFindings, type ReportFormat } from './report.ts';

export const json: ReportFormat = (report) => {
  const findings = allFindings(report).map(({ finding }) => finding);
  const count = (severity: string): number => findings.filter((finding) => finding.severity === severity).length;
  const document = {
    version: 1,
    files: report.files.map(({ name, findings: own, suppressed }) => ({
      name,
      findings: own.map(describe),
      suppressed: suppressed.map(({ finding, reason }) => ({ ...describe(finding), reason })),
    })),
    summary: { error: count('error'), security: count('security'), warning: count('warning'), hint: count('hint') },
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
};

const describe = ({
  code,
  name,
  severity,
  message,
  path,
  span,
  sid,
  secondary,
  notes,
  witness,
  fix,
  fingerprint,
}: Finding) => ({
  code,
  name,
  severity,
  message,
  path,
  ...(sid === undefined ? {} : { sid }),
  span,
  secondary,
  notes,
  ...(witness ? { witness: { principal: witness.principal, action: witness.action, context: witness.context } } : {}),
  ...(fix ? { fix } : {}),
  fingerprint,
  help: ruleOf(code)?.see,
});
