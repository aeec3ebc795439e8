/** JUnit's XML, for build servers: a suite a document, a failed case a finding, a passed one where there is none. */
import type { FileReport, Finding } from '../core/finding.ts';
import { allFindings, printWitness, type ReportFormat } from './report.ts';
import { visible } from '../../model/visible.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
/** Characters that XML 1.0 has none of are made visible; lone surrogates too. */
const xml = (text: string): string =>
  visible(text)
    .replaceAll(/[\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);

export const junit: ReportFormat = (report) => {
  const count = allFindings(report).length;
  const suites = report.files.map(suite).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="kms lint" tests="${testsIn(report.files)}" failures="${count}">\n${suites}</testsuites>\n`;
};

const testsIn = (files: readonly FileReport[]): number =>
  files.reduce((sum, { findings }) => sum + Math.max(1, findings.length), 0);

function suite(file: FileReport): string {
  const { name, findings } = file;
  const cases =
    findings.length === 0
      ? `    <testcase name="no findings" classname="${xml(name)}"/>\n`
      : findings.map((finding) => failed(finding, file)).join('');
  return `  <testsuite name="${xml(name)}" tests="${testsIn([file])}" failures="${findings.length}">\n${cases}  </testsuite>\n`;
}

function failed(finding: Finding, { name }: FileReport): string {
  const { code, span, message, severity, notes } = finding;
  const title = xml(`${code} ${finding.name} (${span.line}:${span.column})`);
  const witness = printWitness(finding);
  const lines = [
    `${name}:${span.line}:${span.column}: ${code} ${message}`,
    ...(witness === undefined ? [] : [`witness: ${witness}`]),
    ...notes,
  ];
  return `    <testcase name="${title}" classname="${xml(name)}">\n      <failure type="${severity}" message="${xml(message)}">${lines.map(xml).join('\n')}</failure>\n    </testcase>\n`;
}
