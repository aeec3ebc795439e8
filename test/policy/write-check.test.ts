import { expect, test } from 'vitest';
import { KmsError } from '../../src/model/error.ts';
import { checkPolicyWrite, policyProblems } from '../../src/policy/write-check.ts';
import type { PolicyKind } from '../../src/policy/policy-problem.ts';
import writes from '../vectors/policy/writes.json' with { type: 'json' };

interface Write {
  readonly case: string;
  readonly text: string;
  readonly kind?: PolicyKind;
  readonly problems: readonly string[];
  readonly says?: string;
}

const principalExists = ({ text }: { text: string }): boolean => !text.endsWith('/nobody');

test.each(writes as Write[])('$case', ({ text, kind = 'key', problems, says }) => {
  const rules = { kind, principalExists };
  const found = policyProblems(text, rules);
  expect(found.map(({ code, place }) => `${code} ${place.path}`.trim())).toEqual(problems);
  for (const { place } of found) {
    expect(place.offset + place.length).toBeLessThanOrEqual(text.length);
    // line and column give the offset
    const before = text.split('\n').slice(0, place.line - 1);
    expect(before.join('\n').length + (before.length > 0 ? 1 : 0) + place.column - 1).toBe(place.offset);
  }
  if (problems.length === 0) return checkPolicyWrite(text, rules);
  const refusal = thrown(() => checkPolicyWrite(text, rules));
  expect(refusal.code).toBe('MalformedPolicyDocumentException');
  if (says !== undefined) expect(refusal.message).toBe(says);
});

function thrown(work: () => void): KmsError {
  try {
    work();
  } catch (error) {
    if (error instanceof KmsError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const padded = (bytes: number): string => {
  const statement = '{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}';
  const [head, tail] = ['{"Id":"', `","Statement":${statement}}`];
  return head + 'x'.repeat(bytes - head.length - tail.length) + tail;
};

test('32,768 bytes are the limit', () => {
  expect(policyProblems(padded(32_768))).toEqual([]);
  const refusal = thrown(() => checkPolicyWrite(padded(32_769)));
  expect(refusal.code).toBe('LimitExceededException');
  // two bytes each
  expect(policyProblems(padded(32_768).replaceAll('x', 'é'))[0]?.code).toBe('policy-size');
});

test('131,072 bytes are the limit of every other policy, and what is longer is not read at all', () => {
  const identity = (bytes: number): string => padded(bytes).replace('"Principal":"*",', ' '.repeat(16));
  for (const kind of ['identity', 'resource'] as const) {
    const text = kind === 'identity' ? identity : padded;
    expect(policyProblems(text(131_072), { kind })).toEqual([]);
    expect(thrown(() => checkPolicyWrite(text(131_073), { kind }))).toMatchObject({
      code: 'LimitExceededException',
      message: 'the policy has 131073 bytes, which exceeds the maximum of 131072',
    });
    expect(policyProblems('{'.repeat(131_073), { kind }).map(({ code }) => code)).toEqual(['policy-size']);
  }
});

test('our texts say where', () => {
  const text = '{\n  "Version": "2012-10-17",\n  "Statement": [\n    { "Effect": "permit" }\n  ]\n}';
  const [effect] = policyProblems(text);
  expect(effect).toMatchObject({ code: 'effect', place: { line: 4, column: 17, length: 8 } });
  expect(thrown(() => checkPolicyWrite(text)).message).toBe(
    'The policy is not valid: Effect must be Allow or Deny (Statement[0].Effect, line 4, column 17)',
  );
});
