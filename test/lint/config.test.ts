import { describe, expect, test } from 'vitest';
import { readConfig, type ReadConfig } from '../../src/lint/config.ts';
import { knownBy } from '../../src/lint/known-identities.ts';
import { lintDocuments, type LintOptions } from '../../src/lint/run.ts';
import { readKnown, writeKnown } from '../../src/lint/core/suppress.ts';

const text = `{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*" },
    { "Sid": "Root", "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action": "kms:*", "Resource": "*" }
  ]
}
`;

function configOf(value: unknown): ReadConfig {
  const config = readConfig('policylint.json', typeof value === 'string' ? value : JSON.stringify(value, undefined, 2));
  if ('problems' in config) throw new Error(config.problems.join('\n'));
  return config;
}

const run = (value: unknown, more: Partial<LintOptions> = {}, name = 'keys/orders.json', given = text) =>
  lintDocuments([{ name, text: given }], { config: configOf(value), settings: {}, today: '2026-06-15', ...more });
const codes = (files: ReturnType<typeof run>): readonly string[] =>
  files.flatMap(({ findings }) => findings.map(({ code }) => code));

test('without anything', () => expect(codes(run({}))).toEqual(['KP501']));

describe('overrides', () => {
  const override = { rules: ['KP501'], reason: 'a public test key' };
  test.each([
    { name: 'by rule', override, left: [] },
    { name: 'by family', override: { ...override, rules: ['KP5'] }, left: [] },
    { name: 'by file', override: { ...override, file: 'keys/*.json' }, left: [] },
    { name: 'by the end of a path', override: { ...override, file: 'orders.json' }, left: [] },
    { name: 'of another file', override: { ...override, file: 'other.json' }, left: ['KP501', 'KP802'] },
    { name: 'by Sid', override: { ...override, sid: 'Open' }, left: [] },
    { name: 'of another Sid', override: { ...override, sid: 'Root' }, left: ['KP501', 'KP802'] },
    { name: 'by pointer', override: { ...override, pointer: '/Statement/0' }, left: [] },
    { name: 'of another pointer', override: { ...override, pointer: '/Statement/01' }, left: ['KP501', 'KP802'] },
    { name: 'on its last day', override: { ...override, expires: '2026-06-15' }, left: [] },
    { name: 'a day later', override: { ...override, expires: '2026-06-14' }, left: ['KP501', 'KP801'] },
    { name: 'of no rule', override: { ...override, rules: ['KP501', 'KP999'] }, left: ['KP803'] },
  ])('$name', ({ override: one, left }) => {
    const files = run({ overrides: [one] });
    expect(codes(files)).toEqual(left);
    if (left.length === 0) expect(files[0]!.suppressed.map(({ reason }) => reason)).toEqual(['a public test key']);
  });

  test('findings about the configuration point into it', () => {
    const files = run({ overrides: [{ ...override, sid: 'Gone' }] });
    expect(files.at(-1)).toMatchObject({
      name: 'policylint.json',
      findings: [{ code: 'KP802', span: { line: 3, column: 5 } }],
    });
  });
});

test('severities, accounts, identities, expectations', () => {
  expect(codes(run({ rules: { KP5: 'off' } }))).toEqual([]);
  expect(run({ rules: { KP5: 'off', KP501: 'hint' } })[0]!.findings[0]).toMatchObject({
    code: 'KP501',
    severity: 'hint',
  });
  expect(codes(run({ identities: [{ arn: 'arn:aws:iam::444455556666:role/x' }] }))).toContain('KP105');
  expect(codes(run({ account: '444455556666' }))).toContain('KP112');
  expect(codes(run({ account: '444455556666', trustedAccounts: ['111122223333'] }))).not.toContain('KP112');
  const expectation = { principal: 'arn:aws:iam::111122223333:role/x', action: 'kms:Decrypt', allowed: false };
  expect(codes(run({ expect: [expectation] }))).toContain('KP610');
});

test('who exists, as far as the configuration knows', () => {
  const { principalExists } = knownBy([
    { arn: 'arn:aws:iam::111122223333:role/team/App' },
    { arn: 'arn:aws:iam::111122223333:user/Alice' },
  ]);
  const exists = (text: string): boolean => principalExists({ type: 'AWS', text });
  const here = (rest: string): string => `arn:aws:iam::111122223333:${rest}`;
  const session = (rest: string): string => `arn:aws:sts::111122223333:${rest}`;
  for (const known of [here('role/team/App'), here('root'), '111122223333', session('assumed-role/App/x')]) {
    expect([known, exists(known)]).toEqual([known, true]);
  }
  for (const unknown of [here('role/App'), here('user/Bob'), '444455556666', session('assumed-role/Alice/x')]) {
    expect([unknown, exists(unknown)]).toEqual([unknown, false]);
  }
  expect(exists(session('federated-user/Dan'))).toBe(true);
  expect(exists('arn:aws:iam::444455556666:root')).toBe(false);
  expect(exists('arn:aws:iam::444455556666:user/x')).toBe(true);
});

test.each([
  ['[]', 'policylint.json:1:1: must be of type object'],
  ['{ "rule": {} }', 'policylint.json:1:3: unknown setting rule'],
  ['{ "rules": { "KP501": "bad" } }', 'policylint.json:1:23: must be one of error, security, warning, hint, off'],
  ['{ "rules": { "501": "off" } }', 'policylint.json:1:14: 501 is not a rule code'],
  ['{ "overrides": [{ "rules": ["KP501"] }] }', 'policylint.json:1:17: reason is missing'],
  ['{ "account": 7 }', 'policylint.json:1:14: must be of type string'],
  ['{ "toString": 1 }', 'policylint.json:1:3: unknown setting toString'],
  ['{ "identities": [{ "arn": "arn:aws:iam::1:root" }] }', 'policylint.json:1:27: must be an ARN of a user, role'],
  ['{ "identities": [{ "arn": "s3.amazonaws.com" }] }', 'policylint.json:1:27: must be an ARN of a user, role'],
  [
    '{ "expect": [{ "principal": "x", "action": "kms:Decrypt", "allowed": true }] }',
    'policylint.json:1:29: must be an ARN of a user, role',
  ],
  ['{', 'policylint.json:1:2: expected "}"'],
  ['{"rules": {"KP5": "off", "KP5": "error"}}', 'policylint.json:1:26: KP5 is specified more than once'],
  ['{"rules": {"KP": "off"}, "rules": {}}', 'policylint.json:1:26: rules is specified more than once'],
])('%s is no configuration', (config, problem) => {
  expect(readConfig('policylint.json', config)).toEqual({ problems: [expect.stringContaining(problem)] });
});

test('a configuration may begin with a byte order mark', () => {
  expect(codes(run('\ufeff{ "rules": { "KP501": "off" } }'))).toEqual([]);
});

test('a configuration may have comments', () => {
  expect(codes(run('{ // why\n "rules": { "KP501": "off" } }'))).toEqual([]);
});

describe('comments in a .jsonc file', () => {
  const open = '{ "Sid": "Open"';
  test.each([
    { comment: '// lint-ignore KP501: a test key\n', left: [] },
    { comment: '/* lint-ignore KP5: a test key */ ', left: [] },
    { comment: '// lint-ignore KP504: another rule\n', left: ['KP501'] },
    { comment: '// lint-ignore KP501\n', left: ['KP501'] },
    { comment: '// lint-ignore KP501: too far\n\n', left: ['KP501'] },
  ])('$comment', ({ comment, left }) => {
    expect(codes(run({}, {}, 'p.jsonc', text.replace(open, comment + open)))).toEqual(left);
  });
  test('other files have none', () => {
    expect(codes(run({}, {}, 'p.json', text.replace(open, `// lint-ignore KP501: a test key\n${open}`)))).toEqual([
      'KP001',
      'KP501',
    ]);
  });
});

test('findings that were there before', () => {
  const known = readKnown(writeKnown(run({})))!;
  expect(codes(run({}, { known }))).toEqual([]);
  // formatted otherwise, and with a statement before it, they are the same
  const moved = JSON.stringify({
    ...JSON.parse(text),
    Statement: [JSON.parse(text).Statement[1], JSON.parse(text).Statement[0]],
  });
  expect(codes(run({}, { known }, 'other.json', moved))).toEqual([]);
  // changed, they are not
  expect(codes(run({}, { known }, 'other.json', text.replace('kms:Decrypt', 'kms:Encrypt')))).toEqual(['KP501']);
  expect(readKnown('{}')).toBeUndefined();
  expect(readKnown('null')).toBeUndefined();
  expect(readKnown('{"version":1,"findings":[null]}')).toEqual(new Set(['undefined']));
});

test('suppressed findings are not fixed', () => {
  const odd = text.replace('"kms:Decrypt"', '"kms:Decrpyt"');
  expect(run({}, { fix: 'safe' }, 'p.json', odd)[0]).toMatchObject({ fixed: 1, text });
  const config = { overrides: [{ rules: ['KP201'], reason: 'known' }] };
  expect(run(config, { fix: 'safe' }, 'p.json', odd)[0]).toMatchObject({ fixed: 0, text: odd });
});
