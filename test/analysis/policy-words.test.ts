/** Policies in words. */
import { expect, test } from 'vitest';
import { policyWords } from '../../src/analysis/policy-words.ts';
import { readPolicy } from '../../src/policy/document.ts';

const ALL = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' };
const ALICE = 'arn:aws:iam::111122223333:user/alice';

const rows: readonly (readonly [statement: object, text: string])[] = [
  [ALL, 'all principals may use every action'],
  [{ ...ALL, Effect: 'Deny' }, 'all principals may not use every action'],
  [{ ...ALL, Effect: 'Permit' }, 'all principals neither may nor may not use every action'],
  [{ ...ALL, Principal: { AWS: [ALICE, '*'] } }, `${ALICE} and all principals may use every action`],
  [
    { ...ALL, Principal: { AWS: 'arn:aws:iam::111122223333:root' } },
    'account 111122223333, as far as its identity policies allow it, may use every action',
  ],
  [{ ...ALL, Effect: 'Deny', Principal: { AWS: '111122223333' } }, 'account 111122223333 may not use every action'],
  [{ ...ALL, Principal: { Service: 's3.amazonaws.com' } }, 'the service s3.amazonaws.com may use every action'],
  [{ ...ALL, Principal: { AWS: [] } }, 'no principal may use every action'],
  [{ ...ALL, Principal: undefined }, 'the principal of the policy may use every action'],
  [
    { ...ALL, Principal: undefined, NotPrincipal: { AWS: ALICE }, Effect: 'Deny' },
    `all principals but ${ALICE} may not use every action`,
  ],
  [{ ...ALL, Action: ['kms:Encrypt', 'KMS:Decrypt', 'kms:Get*'] }, 'all principals may use Encrypt, Decrypt and Get*'],
  [{ ...ALL, Action: undefined, NotAction: 'kms:Decrypt' }, 'all principals may use every action but Decrypt'],
  [{ ...ALL, Action: undefined }, 'all principals may use no action'],
  [{ ...ALL, Resource: ['a', 'b'] }, 'all principals may use every action on a and b'],
  [{ ...ALL, Resource: undefined, NotResource: 'a' }, 'all principals may use every action on every resource but a'],
  [{ ...ALL, Condition: {} }, 'all principals may use every action'],
  [{ ...ALL, Condition: 'x' }, 'all principals may use every action, if a malformed condition holds'],
];

const conditions: readonly (readonly [operator: string, value: unknown, text: string])[] = [
  ['StringEquals', 'a', 'k is "a"'],
  ['StringNotEquals', ['a', 'b'], 'k is not "a" or "b"'],
  ['StringLikeIfExists', 'a*', 'k is like "a*", or absent'],
  ['ForAnyValue:StringEquals', ['a', 'b', 'c'], 'a value of k is "a", "b" or "c"'],
  ['ForAllValues:StringLike', 'a', 'every value of k is like "a"'],
  ['Null', 'true', 'k is absent'],
  ['Null', false, 'k is present'],
  ['NumericLessThanEquals', 5, 'k is at most "5"'],
  ['IpAddress', '10.0.0.0/8', 'k is in "10.0.0.0/8"'],
  ['BinaryEquals', 'YQ==', 'k satisfies BinaryEquals "YQ=="'],
  ['StringSort', 'a', 'k satisfies StringSort "a"'],
];

test.each([
  ...rows,
  ...conditions.map(
    ([operator, k, text]) =>
      [{ ...ALL, Condition: { [operator]: { k } } }, `all principals may use every action, if ${text}`] as const,
  ),
])('%j', (statement, text) => {
  const [words] = policyWords(readPolicy(JSON.stringify({ Version: '2012-10-17', Statement: [statement] })));
  expect(words).toMatchObject({ name: 'statement 1', text });
});

test('statements have the name of their Sid', () => {
  const policy = readPolicy(JSON.stringify({ Statement: [{ ...ALL, Sid: 'A' }, ALL] }));
  expect(policyWords(policy).map(({ name }) => name)).toEqual(['A', 'statement 2']);
});
