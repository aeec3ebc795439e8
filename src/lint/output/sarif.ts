/** SARIF 2.1.0 (OASIS), for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
import type { FileReport, Finding, Span } from '../core/finding.ts';
import { spanIn } from '../core/finding.ts';
import type { LintRule } from '../core/rule.ts';
import { ruleOf } from '../every-rule.ts';
import type { Severity } from '../core/settings.ts';
import { printWitness, type ReportFormat } from './report.ts';

const LEVELS: Readonly<Record<Severity, string>> = {
  error: 'error',
  security: 'error',
  warning: 'warning',
  hint: 'note',
};
/** Code scanning sorts by it: 0 to 10. */
const SCORES: Readonly<Record<Severity, string>> = { error: '5.0', security: '8.0', warning: '3.0', hint: '1.0' };

export const sarif: ReportFormat = ({ files, version }) => {
  const results = files.flatMap((file) => [
    ...file.findings.map((finding) => ({ file, finding, reason: undefined as string | undefined })),
    ...file.suppressed.map(({ finding, reason }) => ({ file, finding, reason })),
  ]);
  const codes = [...new Set(results.map(({ finding }) => finding.code))].toSorted();
  const rules = codes.map((code) => ruleOf(code)!);
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'kms lint', version, rules: rules.map(describeRule) } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { description: { text: 'the working folder of kms lint' } } },
        artifacts: files.map(({ name }) => ({ location: artifact(name) })),
        results: results.map(({ file, finding, reason }) =>
          describeResult(finding, { file, reason, ruleIndex: codes.indexOf(finding.code) }),
        ),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
};

/** A relative reference of RFC 3986, with forward slashes. */
function artifact(name: string) {
  const uri = name.split(/[\\/]/).map(encodeURIComponent).join('/');
  return name.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: 'SRCROOT' };
}

const describeRule = ({ code, name, title, why, bad, good, see, severity }: LintRule) => ({
  id: code,
  name: name.replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase()),
  shortDescription: { text: title },
  fullDescription: { text: why },
  helpUri: see,
  help: { text: why, markdown: `${why}\n\nBad: \`${bad}\`\n\nGood: \`${good}\`` },
  defaultConfiguration: { level: LEVELS[severity] },
  properties: { tags: severity === 'security' ? ['security', 'kms'] : ['kms'], 'security-severity': SCORES[severity] },
});

const region = ({ line, column, endLine, endColumn, start, end }: Span) => ({
  startLine: line,
  startColumn: column,
  endLine,
  endColumn,
  charOffset: start,
  charLength: end - start,
});

interface SarifDeps {
  readonly file: FileReport;
  readonly reason: string | undefined;
  readonly ruleIndex: number;
}

function describeResult(finding: Finding, { file, reason, ruleIndex }: SarifDeps) {
  const { code, severity, message, span, secondary, path, fix, fingerprint } = finding;
  const witness = printWitness(finding);
  const text = [message, ...(witness === undefined ? [] : [`witness: ${witness}`]), ...finding.notes].join('\n');
  const artifactLocation = artifact(file.name);
  const spanOf = spanIn(file.text);
  return {
    ruleId: code,
    ruleIndex,
    level: LEVELS[severity],
    message: { text },
    locations: [
      {
        physicalLocation: { artifactLocation, region: region(span) },
        logicalLocations: [{ fullyQualifiedName: path === '' ? '$' : path }],
      },
    ],
    relatedLocations: secondary.map((note, id) => ({
      id,
      message: { text: note.message },
      physicalLocation: { artifactLocation, region: region(note.span) },
    })),
    partialFingerprints: { 'kmsLint/v1': fingerprint },
    ...(fix
      ? {
          fixes: [
            {
              description: { text: `${fix.title}${fix.safe ? '' : ' (unsafe fix: review it)'}` },
              artifactChanges: [
                {
                  artifactLocation,
                  replacements: fix.edits.map((edit) => ({
                    deletedRegion: region(spanOf(edit)),
                    insertedContent: { text: edit.text },
                  })),
                },
              ],
            },
          ],
        }
      : {}),
    ...(reason === undefined ? {} : { suppressions: [{ kind: 'external', justification: reason }] }),
  };
}
