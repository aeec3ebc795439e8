/** Whatever a policy holds, its proofs take no more than the budget, and say so where that was not enough. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Budget, BudgetSpent, PROOF_STEPS, within } from '../../../src/analysis/prover/budget.ts';
import { changesOf } from '../../../src/analysis/difference-text.ts';
import { readPolicy } from '../../../src/policy/document.ts';
import { lint } from '../../../src/lint/lint.ts';
import type { ProofSubject, Prover } from '../../../src/analysis/prover/questions.ts';
import { callerOf } from '../../../src/policy/principal.ts';
import { ACTION_RULES, prover } from '../../support/prover.ts';
import { hostilePolicies, policyText } from '../../support/hostile-policies.ts';
import { ACCOUNT, KEY_ARN } from '../../policy/callers.ts';

const LIMIT = 32_768;
/** The greatest single cost that is counted at once lies beyond a budget: nothing is done for it. */
const policies = hostilePolicies(LIMIT);

function subjectOf(text: string, limit = PROOF_STEPS): ProofSubject {
  return {
    document: readPolicy(text),
    account: ACCOUNT,
    keyArn: KEY_ARN,
    trustedAccounts: [],
    principalExists: undefined,
    actionRules: ACTION_RULES,
    budget: new Budget(limit),
  };
}

const caller = callerOf(`arn:aws:iam::${ACCOUNT}:user/alice`);
const QUESTIONS: {
  readonly [K in Exclude<keyof Prover, 'actionRules'>]: (subject: ProofSubject) => ReturnType<Prover[K]>;
} = {
  publicAccess: (subject) => prover.publicAccess(subject),
  newAccess: (subject) => prover.newAccess(subject, readPolicy(policyText([]))),
  shadowed: (subject) => prover.shadowed(subject),
  partlyShadowed: (subject) => prover.partlyShadowed(subject),
  subsumed: (subject) => prover.subsumed(subject),
  neverMatches: (subject) => prover.neverMatches(subject),
  locksOut: (subject) => prover.locksOut(subject, caller),
  locksOutAll: (subject) => prover.locksOutAll(subject),
  selfEscalation: (subject) => prover.selfEscalation(subject),
};
const everyQuestion = Object.values(QUESTIONS);

describe('the budget of a document', () => {
  test.each(policies)('$name', ({ text }) => {
    expect(text.length).toBeLessThanOrEqual(LIMIT);
    expect(text.length).toBeGreaterThan(LIMIT - 300);
    const subject = subjectOf(text);
    const answers = everyQuestion.map((ask) => ask(subject));
    const { budget } = subject;
    // once it is spent everything else stops at its first step
    if (budget.spent > PROOF_STEPS) expect(answers.at(-1)!.finished).toBe(false);
    expect(answers.every(({ finished }) => finished)).toBe(!budget.isCut);
    const found = lint({ text, kind: 'key', settings: { account: ACCOUNT, prover } });
    expect(found.some(({ code }) => code === 'KP615')).toBe(budget.isCut);
  });

  test('most of these need more, so the budget is what stops them', () => {
    const cut = policies.filter(({ text }) => {
      const subject = subjectOf(text);
      everyQuestion.forEach((ask) => ask(subject));
      return subject.budget.isCut;
    });
    expect(cut.length).toBeGreaterThan(25);
  });

  test('random patterns', () => {
    const pattern = fc.string({ unit: fc.constantFrom('*', '?', 'a', 'b', ':', '/', '$', '{', '}'), maxLength: 40 });
    const condition = fc.dictionary(
      fc.constantFrom('StringLike', 'StringNotLike', 'ArnLike', 'ForAllValues:StringLike', 'StringEqualsIgnoreCase'),
      fc.dictionary(
        fc.constantFrom('kms:ViaService', 'kms:EncryptionContextKeys', 'kms:EncryptionContext:a', 'aws:PrincipalArn'),
        fc.array(pattern, { maxLength: 60 }),
        { maxKeys: 3 },
      ),
      { maxKeys: 3 },
    );
    const statement = fc.record({
      Effect: fc.constantFrom('Allow', 'Deny'),
      Principal: fc.constant('*'),
      Action: fc.array(
        pattern.map((text) => `kms:${text}`),
        { minLength: 1, maxLength: 20 },
      ),
      Resource: fc.constant('*'),
      Condition: condition,
    });
    const limit = 20_000;
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 10 }), (statements) => {
        const subject = subjectOf(policyText(statements), limit);
        for (const ask of everyQuestion) expect(ask(subject).finished).toBe(!subject.budget.isCut);
      }),
      { numRuns: 100 },
    );
  });
});

describe('what is not proved', () => {
  const { text } = policies.find(({ name }) => name === 'many wildcards with single characters')!;
  const finding = (rules: { readonly [code: string]: 'off' | 'warning' } = {}) =>
    lint({ text, kind: 'key', settings: { account: ACCOUNT, prover, rules } }).find(({ code }) => code === 'KP615');

  test('is reported by the linter, with the budget and the rules', () => {
    expect(finding()!.message).toMatch(/^analysis not complete after 300000 steps: KP502 effectively-public, KP505 /);
    expect(finding()!.severity).toBe('security');
  });
  test('is as severe as the worst of these rules', () => {
    expect(finding({ KP5: 'off', KP604: 'off', KP608: 'off' })!.severity).toBe('hint');
    expect(finding({ KP5: 'off' })!.severity).toBe('warning');
    const off = Object.fromEntries(
      [502, 505, 601, 602, 604, 605, 606, 608, 609].map((code) => [`KP${code}`, 'off' as const]),
    );
    expect(finding(off)).toBeUndefined();
  });
  test('is reported by a comparison', () => {
    const scope = { account: ACCOUNT, keyArn: KEY_ARN, actionRules: ACTION_RULES };
    const { unproved, sentences } = changesOf({ older: readPolicy(policyText([])), newer: readPolicy(text), ...scope });
    expect(unproved.at(-1)).toBe('more than 600000 steps: there may be more differences');
    expect(sentences).toContain(unproved.at(-1));
  });
  test('what was proved before stays', () => {
    const open = { Effect: 'Allow', Principal: '*', Action: 'kms:Encrypt', Resource: '*' };
    const first = { ...open, Condition: { Bool: { 'aws:SecureTransport': 'true' } } };
    const more = (JSON.parse(text) as { Statement: object[] }).Statement.slice(1);
    const { found, finished } = prover.publicAccess(subjectOf(policyText([first, ...more])));
    expect(found.map(({ statement }) => statement)).toContain(1);
    expect(finished).toBe(false);
  });
});

test('whatever the budget, nothing is claimed that a larger one does not prove', () => {
  const who = fc.constantFrom<unknown>(
    '*',
    { AWS: ACCOUNT },
    { AWS: '444455556666' },
    { AWS: [`arn:aws:iam::${ACCOUNT}:role/App`, `arn:aws:iam::${ACCOUNT}:user/alice`] },
  );
  const conditions = [
    undefined,
    { StringLike: { 'kms:ViaService': ['s3.*', '*.eu-*'] } },
    { StringNotLike: { 'kms:ViaService': 's3.*' } },
    { StringEquals: { 'kms:EncryptionContext:app': 'one' } },
    { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['app', 'stage'] } },
    { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/a*' } },
    { NumericLessThan: { 'aws:MultiFactorAuthAge': '300' }, NumericGreaterThan: { 'aws:MultiFactorAuthAge': '300' } },
    { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '0.0.0.0/0'] } },
  ];
  const statement = fc.record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
    Principal: who,
    Action: fc.constantFrom('kms:*', 'kms:Decrypt', 'kms:*crypt', 'kms:CreateGrant', 'kms:PutKeyPolicy'),
    Resource: fc.constant('*'),
    Condition: fc.constantFrom(...conditions),
  });
  const kept = { complete: 0, cut: 0, claims: 0 };
  fc.assert(
    fc.property(fc.array(statement, { minLength: 3, maxLength: 8 }), fc.nat({ max: 9_000 }), (statements, limit) => {
      const text = JSON.stringify({ Version: '2012-10-17', Statement: statements });
      const more = subjectOf(text);
      for (const ask of everyQuestion) {
        const [part, whole] = [ask(subjectOf(text, limit)), ask(more)];
        expect(whole.finished).toBe(true);
        kept[part.finished ? 'complete' : 'cut'] += 1;
        if (part.finished) expect(part.found).toEqual(whole.found);
        else if (part.found === true) expect(whole.found).toBe(true);
        else if (Array.isArray(part.found)) {
          kept.claims += part.found.length;
          for (const claim of part.found) expect(whole.found).toContainEqual(claim);
        }
      }
    }),
    { numRuns: 300 },
  );
  expect(kept.complete).toBeGreaterThan(300);
  expect(kept.cut).toBeGreaterThan(300);
  expect(kept.claims).toBeGreaterThan(10);
});

test('what lies beyond a budget is refused for good', () => {
  const budget = new Budget(10);
  budget.spend(10);
  expect(() => budget.spend()).toThrow(BudgetSpent);
  expect(within(budget, (found) => found.push(budget.spend(0)))).toEqual({ found: [], finished: false });
});
