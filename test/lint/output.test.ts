import { describe, expect, test } from 'vitest';
import { EVERY_RULE } from '../../src/lint/every-rule.ts';
import { unifiedDiff } from '../../src/lint/core/diff.ts';
import { FORMATS } from '../../src/lint/output/index.ts';
import type { LintReport } from '../../src/lint/output/report.ts';
import { rulePage, ruleList, rulesDocument } from '../../src/lint/output/rule-page.ts';
import { formatPolicy } from '../../src/lint/core/canonical.ts';
import { lint } from '../../src/lint/lint.ts';
import { prover } from '../support/prover.ts';
import { allCases, inputOf } from './vectors.ts';

const EVIL = '\u001b[31m\u202e<&">]]>\ud800';
const text = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "AppUse",
      "Effect": "Allow",
      "Principal": { "AWS": "arn:aws:iam::111122223333:role/App" },
      "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
      "Resource": "*",
      "Condition": {
        "ForAllValues:StringEquals": {
          "kms:EncryptionContext:tenant": "acme"
        }
      }
    }
  ]
}
`;

const reportOf = (files: readonly { name: string; text: string }[], more: Partial<LintReport> = {}): LintReport => ({
  files: files.map(({ name, text }) => ({
    name,
    text,
    findings: lint({ text, kind: 'key', settings: { rules: { KP6: 'off' } } }),
    suppressed: [],
  })),
  columns: 80,
  paint: (_, text) => text,
  version: '1.2.3',
  ...more,
});
const report = reportOf([{ name: 'keys/orders.json', text }]);
const evil = reportOf([
  {
    name: `a,b:c%${EVIL}.json`,
    text: JSON.stringify({
      Version: EVIL,
      [EVIL]: 1,
      Statement: [
        {
          Sid: EVIL,
          Effect: EVIL,
          Principal: EVIL,
          Action: EVIL,
          Resource: EVIL,
          Condition: { [EVIL]: { [EVIL]: EVIL } },
        },
      ],
    }),
  },
]);
const everything = reportOf(
  allCases
    .filter(({ one }) => one.text.length < 4000)
    .map(({ one, rule, name }) => ({ name: `${rule}-${name}.json`, text: one.text })),
);

describe('pretty', () => {
  test('a finding with its lines and marks', () => {
    expect(FORMATS.pretty(report))
      .toBe(`error[KP408]: ForAllValues on kms:EncryptionContext:tenant: KMS rejects this policy
  --> keys/orders.json:11:9   statement "AppUse"
   |
11 |         "ForAllValues:StringEquals": {
   |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^ matches requests without it
12 |           "kms:EncryptionContext:tenant": "acme"
   |           ------------------------------ at most one value per request
   |
   = KMS error: OverlyPermissiveCondition
   = fix (safe): write StringEquals
   = docs: kms lint --explain KP408

1 finding (1 error), 1 fixable with --fix
`);
  });

  test('a policy on one line is cut to the width of the terminal', () => {
    const long = reportOf([{ name: 'p.json', text: JSON.stringify(JSON.parse(text)) }]);
    const lines = FORMATS.pretty(long).split('\n');
    expect(lines.filter((line) => line.startsWith('1 |') && line.length > 80)).toEqual([]);
    const at = lines.findIndex((line) => line.includes('^^^'));
    const [from, to] = [lines[at]!.indexOf('^'), lines[at]!.lastIndexOf('^') + 1];
    expect(lines[at - 1]!.slice(from, to)).toBe('"ForAllValues:StringEquals"');
  });

  test.each(Object.keys(FORMATS).filter((name) => !['json', 'sarif', 'access-analyzer'].includes(name)))(
    '%s shows no control characters of a document',
    (name) => {
      const shown = FORMATS[name as keyof typeof FORMATS](evil);
      // oxlint-disable-next-line no-control-regex
      expect(shown.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    },
  );

  test('color comes from the painter alone', () => {
    const painted = FORMATS.pretty({ ...report, paint: (style, text) => `<${style}>${text}</>` });
    expect(painted).toContain('<error>error[KP408]</>');
    expect(painted.replaceAll(/<[a-z/]*>/g, '')).toBe(FORMATS.pretty(report));
  });
});

test('concise', () => {
  expect(FORMATS.concise(report)).toBe(
    'keys/orders.json:11:9: KP408 [*] ForAllValues on kms:EncryptionContext:tenant: KMS rejects this policy\n1 finding (1 error), 1 fixable with --fix\n',
  );
  expect(FORMATS.concise(reportOf([]))).toBe('no findings\n');
});

test('github', () => {
  expect(FORMATS.github(report)).toBe(
    '::error file=keys/orders.json,line=11,endLine=11,col=9,endColumn=36,title=KP408 set-operator-on-single::ForAllValues on kms:EncryptionContext:tenant: KMS rejects this policy\n',
  );
  for (const line of FORMATS.github(evil).trimEnd().split('\n'))
    expect(line).toMatch(/^::(?:error|warning|notice) file=[^,:]*(?:,[a-zA-Z]+=[^,:]*)+::.+$/);
});

test('json', () => {
  const { version, files, summary } = JSON.parse(FORMATS.json(report));
  expect({ version, summary }).toEqual({ version: 1, summary: { error: 1, security: 0, warning: 0, hint: 0 } });
  expect(files[0]).toMatchObject({
    name: 'keys/orders.json',
    findings: [{ code: 'KP408', path: 'Statement[0].Condition["ForAllValues:StringEquals"]', sid: 'AppUse' }],
  });
});

test('access-analyzer has the shape of ValidatePolicy', () => {
  const { findings } = JSON.parse(FORMATS['access-analyzer'](report));
  expect(findings).toEqual([
    {
      findingType: 'ERROR',
      issueCode: 'FORALLVALUES_WITH_SINGLE_VALUED_KEY',
      findingDetails: 'ForAllValues on kms:EncryptionContext:tenant: KMS rejects this policy',
      learnMoreLink: expect.stringContaining('https://docs.aws.amazon.com/'),
      locations: [
        {
          path: [{ value: 'Statement' }, { index: 0 }, { value: 'Condition' }, { key: 'ForAllValues:StringEquals' }],
          span: {
            start: { line: 11, column: 8, offset: text.indexOf('"ForAllValues') },
            end: { line: 11, column: 35, offset: text.indexOf('"ForAllValues') + 27 },
          },
        },
      ],
    },
  ]);
});

/** Members that the schema of SARIF 2.1.0 requires, and what its types and enumerations allow, of what is used here. */
describe('sarif', () => {
  const log = JSON.parse(FORMATS.sarif(everything));
  const [run] = log.runs;

  test('the log', () => {
    expect(log.version).toBe('2.1.0');
    expect(log.runs).toHaveLength(1);
    expect(run.tool.driver).toMatchObject({ name: 'kms lint', version: '1.2.3' });
    expect(run.columnKind).toBe('utf16CodeUnits');
    expect(run.results.length).toBeGreaterThan(100);
  });

  test('rules', () => {
    const ids = run.tool.driver.rules.map((rule: { id: string }) => rule.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const rule of run.tool.driver.rules) {
      expect(rule).toMatchObject({
        id: expect.stringMatching(/^KP\d{3}$/),
        name: expect.stringMatching(/^[A-Z][A-Za-z0-9]+$/),
        shortDescription: { text: expect.any(String) },
        help: { text: expect.any(String) },
      });
      expect(['none', 'note', 'warning', 'error']).toContain(rule.defaultConfiguration.level);
      expect(() => new URL(rule.helpUri)).not.toThrow();
    }
  });

  test('results', () => {
    for (const [index, result] of run.results.entries()) {
      expect(run.tool.driver.rules[result.ruleIndex].id, String(index)).toBe(result.ruleId);
      expect(['none', 'note', 'warning', 'error']).toContain(result.level);
      expect(result.message.text.length).toBeGreaterThan(0);
      const places = [...result.locations, ...result.relatedLocations].map((location) => location.physicalLocation);
      for (const { artifactLocation, region } of places) {
        expect(artifactLocation.uri).toMatch(/^[\w.~!$&'()*+,;=:@/%-]+$/);
        expect(region.startLine).toBeGreaterThanOrEqual(1);
        expect(region.startColumn).toBeGreaterThanOrEqual(1);
        expect(region.endLine).toBeGreaterThanOrEqual(region.startLine);
        if (region.endLine === region.startLine) expect(region.endColumn).toBeGreaterThanOrEqual(region.startColumn);
        expect(region.charOffset).toBeGreaterThanOrEqual(0);
        expect(region.charLength).toBeGreaterThanOrEqual(0);
      }
      for (const fix of result.fixes ?? []) {
        for (const change of fix.artifactChanges) expect(change.replacements.length).toBeGreaterThan(0);
      }
      for (const print of Object.values(result.partialFingerprints)) expect(print).toMatch(/^[0-9a-f-]+$/);
    }
  });

  test('what is suppressed is there, with its reason', () => {
    const [file] = report.files;
    const suppressed = {
      ...report,
      files: [{ ...file!, findings: [], suppressed: file!.findings.map((finding) => ({ finding, reason: 'agreed' })) }],
    };
    const [result] = JSON.parse(FORMATS.sarif(suppressed)).runs[0].results;
    expect(result.suppressions).toEqual([{ kind: 'external', justification: 'agreed' }]);
  });
});

/** Well-formed: tags nest, attributes are quoted, no bare `<` or `&`, only characters that XML has. */
function parseXml(xml: string): readonly string[] {
  const open: string[] = [];
  const names: string[] = [];
  const rest = xml
    .replace(/^<\?xml [^?]*\?>\n/, '')
    .replaceAll(
      /<(\/?)([a-z]+)((?:\s+[a-z]+="[^"<]*")*)(\/?)>/g,
      (_, close, name: string, attributes: string, empty) => {
        expect(attributes.replaceAll(/&(?:amp|lt|gt|quot|apos);/g, '')).not.toContain('&');
        if (close) expect(open.pop()).toBe(name);
        else {
          names.push(name);
          if (!empty) open.push(name);
        }
        return '';
      },
    );
  expect(open).toEqual([]);
  expect(rest.replaceAll(/&(?:amp|lt|gt|quot|apos);/g, '')).not.toMatch(/[<&]/);
  // oxlint-disable-next-line no-control-regex
  expect(xml.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(xml)).toBe(true);
  return names;
}

test.each([
  { name: 'one', given: report },
  { name: 'everything', given: everything },
  { name: 'a hostile document', given: evil },
  {
    name: 'nothing',
    given: reportOf([{ name: 'a.json', text: '[' }], {
      files: [{ name: 'a.json', text: '', findings: [], suppressed: [] }],
    }),
  },
])('junit is well-formed XML: $name', ({ given }) => {
  const names = parseXml(FORMATS.junit(given));
  const findings = given.files.reduce((sum, file) => sum + file.findings.length, 0);
  expect(names.filter((name) => name === 'failure')).toHaveLength(findings);
  expect(names.filter((name) => name === 'testsuite')).toHaveLength(given.files.length);
});

test('a witness is shown by every format that can show one', () => {
  const { one } = allCases.find(({ rule }) => rule === 'KP502')!;
  const input = inputOf(one);
  const files = [
    {
      name: 'p.json',
      text: one.text,
      findings: lint({ ...input, settings: { ...input.settings, prover } }),
      suppressed: [],
    },
  ];
  const given = { ...report, files };
  expect(FORMATS.pretty(given)).toMatch(/= witness: arn:aws:\S+ may kms:Decrypt/);
  expect(FORMATS.junit(given)).toContain('witness: arn:aws');
  expect(FORMATS.sarif(given)).toContain('witness: arn:aws');
  expect(
    JSON.parse(FORMATS.json(given)).files[0].findings.some(
      (finding: { witness?: unknown }) => finding.witness !== undefined,
    ),
  ).toBe(true);
});

test('pages of rules', () => {
  for (const rule of EVERY_RULE) {
    expect(rulePage(rule)).toContain(rule.why);
    expect(ruleList()).toContain(`${rule.code}  `);
    expect(rulesDocument()).toContain(`## ${rule.code} ${rule.name}\n`);
  }
});

test('the difference of two texts', () => {
  expect(unifiedDiff('a', 'x\n', 'x\n')).toBe('');
  expect(unifiedDiff('a', '1\n2\n3\n4\n5\n6\n7\n8\n', '1\n2\n3\n4\nfive\n6\n7\n8\n')).toBe(
    '--- a\n+++ a\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
  );
  expect(unifiedDiff('a', 'x', 'y\n')).toBe('--- a\n+++ a\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+y\n');
});

test('the canonical form', () => {
  const given =
    '{"Statement":{"Resource":["*"],"Action":["kms:Encrypt","kms:decrypt","kms:Encrypt"],"Effect":"Allow","__proto__":1,"Principal":{"Service":"a.amazonaws.com","AWS":["b","a"]}},"Version":"2012-10-17"}';
  const formatted = formatPolicy(given);
  expect(formatted).toBe(`{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "AWS": [
          "a",
          "b"
        ],
        "Service": "a.amazonaws.com"
      },
      "Action": [
        "kms:decrypt",
        "kms:Encrypt"
      ],
      "Resource": "*",
      "__proto__": 1
    }
  ]
}
`);
  expect(formatPolicy(formatted)).toBe(formatted);
});
