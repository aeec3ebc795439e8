/** Policies within templates, plans, Terraform files, manifests and answers of AWS. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FORMATS } from '../../src/lint/output/index.ts';
import { lintDocuments, type Linted, type LintOptions } from '../../src/lint/run.ts';
import { containerOf } from '../../src/lint/sources/lint-embedded.ts';
import findings from '../vectors/lint-sources/findings.json' with { type: 'json' };
import { prover } from '../support/prover.ts';

const FOLDER = new URL('../vectors/lint-sources/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');

function linted(name: string, text: string, options: Partial<LintOptions> = {}): Linted {
  const container = containerOf(text, name);
  if (!container) throw new Error(`${name} is a policy`);
  const document = { name, text, container };
  const [file] = lintDocuments([document], { settings: { prover }, today: '2026-01-01', ...options });
  return file!;
}

const codes = (file: Linted): readonly string[] => file.findings.map(({ code }) => code);

describe('files', () => {
  test('all are in the table', () => {
    const names = readdirSync(FOLDER).filter((name) => name !== 'README.md' && name !== 'findings.json');
    expect(names.toSorted()).toEqual(Object.keys(findings).toSorted());
  });

  test.each(Object.entries(findings))('%s', (name, expected) => {
    const text = read(name);
    const lines = text.split('\n');
    const marks = linted(name, text).findings.map(({ span, code }, index) => {
      const what = expected[index]?.split(' ').slice(2).join(' ') ?? '';
      const there = lines[span.line - 1]!.slice(span.column - 1).startsWith(what) ? what : 'something else';
      return `${span.line}:${span.column} ${code} ${there}`;
    });
    expect(marks).toEqual(expected);
  });

  test('machine output has the same places, and the path in the file', () => {
    const file = linted('manifests.yaml', read('manifests.yaml'));
    const report = { files: [file], columns: 80, paint: (_: string, text: string) => text, version: '0' };
    const [result] = JSON.parse(FORMATS.sarif(report)).runs[0].results;
    const { physicalLocation, logicalLocations } = result.locations[0];
    expect(physicalLocation.region).toMatchObject({ startLine: 12, startColumn: 57 });
    expect(logicalLocations[0].fullyQualifiedName).toBe('spec.policy.Statement[0].Principal');
    const [found] = JSON.parse(FORMATS.json(report)).files[0].findings;
    expect(found.span).toMatchObject({ line: 12, column: 57 });
  });
});

test.each([
  ['a.tf', 'resource "aws_kms_key" "a" {\n  policy = data.aws_iam_policy_document.a.json\n}\n', [2]],
  ['a.tf', 'resource "aws_kms_key" "a" {\n  policy = file("a.json")\n}\nresource "aws_kms_key" "b" {}', [2]],
  ['a.tf', `resource "aws_kms_key" "a" {\n  policy = jsonencode(${'['.repeat(100)}${']'.repeat(100)})\n}`, [2]],
  ['a.tf', 'resource "aws_iam_policy" "a" {\n  policy = var.policy\n}', []],
  ['a.tf', 'resource "aws_kms_key" "a" {\n  policy = null\n}', []],
  ['a.yaml', 'Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: !Ref Policy\n', [5]],
  ['a.yaml', 'Resources:\n  Key: {Type: "AWS::KMS::Key", Properties: {KeyPolicy: {Statement: [{Effect: Deny}]}}}', []],
])('%s: key policies that are expressions are told: %j', (name, text, lines) => {
  expect(containerOf(text, name)!.elsewhere).toEqual(lines);
});

describe('fixes', () => {
  const safe = { fix: 'safe' } as const;

  test('of a policy within JSON and within a string of JSON are written in their place', () => {
    const answer = linted('get-key-policy.json', read('get-key-policy.json'), safe);
    expect(answer.fixed).toBe(1);
    expect(answer.text).toBe(read('get-key-policy.json').replace('Decrpyt', 'Decrypt'));
    const template = `{"Resources":{"K":{"Type":"AWS::KMS::Key","Properties":{"KeyPolicy":${JSON.parse(read('get-key-policy.json')).Policy}}}}}`;
    expect(linted('t.json', template, safe).text).toBe(template.replace('Decrpyt', 'Decrypt'));
  });

  test.each(['main.tf', 'cloudformation.yaml', 'plan.json', 'terraform.tfstate'])('%s: told, not made', (name) => {
    const file = linted(name, read(name), safe);
    expect(file.text).toBe(read(name));
    const typo = file.findings.find(({ code }) => code === 'KP201')!;
    expect(typo.fix).toBeUndefined();
    expect(typo.notes).toContain('fix by hand: write "kms:Decrypt"');
  });
});

/** A template with this key policy. */
const template = (...statements: readonly string[]): string =>
  `Resources:\n  K:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy:\n        Version: '2012-10-17'\n        Statement:\n${statements.map((one) => `          - ${one}\n`).join('')}`;
const ROOT =
  "{Sid: Root, Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}";
const statement = (more: string): string => `{Sid: S, Effect: Allow, Action: 'kms:Decrypt', Resource: '*', ${more}}`;

describe('what the file does not tell', () => {
  test.each([
    ['a principal', ROOT, statement('Principal: {AWS: !Ref P}')],
    ['who administers the key', '{Sid: S, Effect: Allow, Principal: {AWS: !Ref P}, Action: "kms:*", Resource: "*"}'],
    ['an account', statement("Principal: {AWS: !Sub 'arn:aws:iam::${Other}:root'}"), ROOT],
    ['an organization', ROOT, statement("Principal: '*', Condition: {StringEquals: {'aws:PrincipalOrgID': !Ref O}}")],
    [
      'a path',
      ROOT,
      statement("Principal: '*', Condition: {'ForAnyValue:StringLike': {'aws:PrincipalOrgPaths': [!Ref O]}}"),
    ],
    [
      'a number',
      ROOT,
      statement("Principal: {AWS: !Ref P}, Condition: {NumericLessThan: {'aws:MultiFactorAuthAge': !Ref N}}"),
    ],
    ['a condition', ROOT, statement("Principal: '*', Condition: !If [A, {}, {}]")],
    ['an effect', ROOT, "{Sid: S, Effect: !Ref E, Principal: '*', Action: 'kms:Decrypt', Resource: '*'}"],
    ['a statement', '!If [A, {Effect: Allow}, !Ref AWS::NoValue]', ROOT],
    [
      'an action',
      ROOT,
      "{Sid: S, Effect: Allow, Principal: {AWS: !Ref P}, Action: [!Ref A, 'kms:Decrypt'], Resource: '*'}",
    ],
  ])('%s: no finding', (_, ...statements) => {
    expect(codes(linted('t.yaml', template(...statements)))).toEqual([]);
  });

  test('what holds whatever it is stays a finding', () => {
    const text = template(statement('Principal: {AWS: !Ref P}')); // nobody can change the policy
    expect(codes(linted('t.yaml', text))).toEqual(['KP602']);
  });

  test('AWS::AccountId is the account that is given', () => {
    const text = template(ROOT, statement("Principal: {AWS: 'arn:aws:iam::444455556666:role/app'}"));
    const settings = (account: string) => ({ settings: { prover, account } });
    expect(codes(linted('t.yaml', text, settings('444455556666')))).toEqual([]);
    expect(codes(linted('t.yaml', text, settings('111122223333')))).toEqual(['KP112']);
  });

  test('AWS::NoValue takes a member away', () => {
    expect(codes(linted('t.yaml', template(ROOT, statement("Principal: '*', Condition: !Ref AWS::NoValue"))))).toEqual([
      'KP501',
    ]);
  });
});

test('the trust policy of a role', () => {
  const text = `Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n        Version: '2012-10-17'\n        Statement:\n          - {Sid: S, Effect: Allow, Principal: {AWS: '*'}, Action: 'sts:AssumeRole'}\n`;
  const [found, ...others] = linted('t.yaml', text).findings;
  expect(others).toEqual([]);
  expect(found).toMatchObject({ code: 'KP701', span: { line: 8 } });
  const hcl = `resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "S", Effect = "Allow", Principal = { AWS = var.who }, Action = "sts:AssumeRole" }] })\n}\n`;
  expect(codes(linted('main.tf', hcl))).toEqual([]);
});

describe('hostile files', () => {
  test('aliases of aliases', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(10)}]`);
    const text = `a0: &a0 [x]\n${levels.join('\n')}\n`;
    expect(() => linted('bomb.yaml', text)).toThrow(/more than|resource exhaustion|alias/i);
  });

  test.each([
    ['deep.yaml', `a: ${'['.repeat(20_000)}`],
    ['deep.tf', `a = ${'['.repeat(100_000)}`],
    ['blocks.tf', 'a {'.repeat(100_000)],
    ['quotes.tf', `a = "${'${"'.repeat(50_000)}`],
    ['heredocs.tf', 'a = <<A\n'.repeat(5_000)],
    ['spaces.tf', `a = ${' '.repeat(500_000)}x`],
    ['runs.yaml', `a: |\n${' '.repeat(200_000)}\n`],
  ])('%s ends', { timeout: 20_000 }, (name, text) => {
    try {
      expect(codes(linted(name, text))).toEqual([]);
    } catch (error) {
      expect((error as Error).name, String(error)).toBe('EnvironmentError');
    }
  });
});
