import { beforeEach, describe, expect, test } from 'vitest';
import { newKey, refusal } from '../support/fixture.ts';
import { policyOf, ROOT_MAY, stage, userWith, type Stage } from './stage.ts';

let on: Stage;
beforeEach(async () => {
  on = await stage();
});

const policy = async (KeyId = on.key.id): Promise<string> =>
  (await on.call('GetKeyPolicy', { KeyId }))['Policy'] as string;
const put = (Policy: string, more: object = {}): Promise<unknown> =>
  on.call('PutKeyPolicy', { KeyId: on.key.id, Policy, ...more });

const ALICE = {
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::111122223333:user/alice' },
  Action: 'kms:*',
  Resource: '*',
};
const LOCKOUT = {
  code: 'MalformedPolicyDocumentException',
  message: 'The new key policy will not allow you to update the key policy in the future.',
};

test('the default policy, as AWS prints it', async () => {
  expect(await on.call('GetKeyPolicy', { KeyId: on.key.id })).toEqual({
    PolicyName: 'default',
    Policy: `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::111122223333:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`,
  });
});

test('a policy is kept to the letter', async () => {
  const text = ` ${policyOf(ROOT_MAY, ALICE)}\r\n\t`;
  expect(await put(text)).toEqual({});
  expect(await policy()).toBe(text);
  expect(await policy(on.other.id)).not.toBe(text);
});

test('every key has one policy, named default', async () => {
  expect(await on.call('ListKeyPolicies', { KeyId: on.key.id })).toEqual({
    PolicyNames: ['default'],
    Truncated: false,
  });
  const other = { code: 'NotFoundException', message: 'No such policy exists' };
  expect(await refusal(on.call('GetKeyPolicy', { KeyId: on.key.id, PolicyName: 'other' }))).toEqual(other);
  expect(await refusal(put(policyOf(ROOT_MAY), { PolicyName: 'other' }))).toEqual(other);
  await put(policyOf(ROOT_MAY), { PolicyName: 'default' });
});

describe('size', () => {
  const sized = (bytes: number): string => policyOf(ROOT_MAY).padEnd(bytes, ' ');

  test('32,768 bytes', async () => {
    await put(sized(32_768));
    expect((await policy()).length).toBe(32_768);
  });

  test('32,769 bytes', async () => {
    expect(await refusal(put(sized(32_769)))).toEqual({
      code: 'LimitExceededException',
      message: 'the policy has 32769 bytes, which exceeds the maximum of 32768',
    });
    expect(await refusal(on.call('CreateKey', { Policy: sized(32_769) }))).toMatchObject({
      code: 'LimitExceededException',
    });
  });

  test('bytes, not characters', async () => {
    const text = policyOf({ ...ROOT_MAY, Sid: 'é'.repeat(16_400) });
    expect(text.length).toBeLessThan(32_768);
    expect(await refusal(put(text))).toMatchObject({ code: 'LimitExceededException' });
  });

  test('131,073 characters are refused by the shape already', async () => {
    expect(await refusal(put(sized(131_073)))).toMatchObject({ code: 'ValidationException' });
  });
});

const malformed: readonly [name: string, text: string][] = [
  ['no JSON', 'policy'],
  ['a JSON text', '"policy"'],
  ['no statement', '{"Version":"2012-10-17"}'],
  ['an empty list of statements', policyOf()],
  ['a statement for nobody', policyOf({ Effect: 'Allow', Action: 'kms:*', Resource: '*' })],
  ['a statement without an effect', policyOf({ ...ROOT_MAY, Effect: undefined })],
  ['a statement without an action', policyOf({ ...ROOT_MAY, Action: undefined })],
  ['a statement without a resource', policyOf({ ...ROOT_MAY, Resource: undefined })],
  ['an effect that is none', policyOf({ ...ROOT_MAY, Effect: 'Perhaps' })],
  ['a group as principal', policyOf(ROOT_MAY, { ...ALICE, Principal: { AWS: 'arn:aws:iam::111122223333:group/a' } })],
];

describe('malformed', () => {
  test.each(malformed)('%s', async (_, text) => {
    const before = await policy();
    expect(await refusal(put(text))).toMatchObject({ code: 'MalformedPolicyDocumentException' });
    expect(await refusal(on.call('CreateKey', { Policy: text }))).toMatchObject({
      code: 'MalformedPolicyDocumentException',
    });
    expect(await policy()).toBe(before);
  });
});

describe('the lock-out check', () => {
  const locked = policyOf(ALICE);

  test('a policy under which the caller could not change it again is refused', async () => {
    expect(await refusal(put(locked))).toEqual(LOCKOUT);
    expect(await refusal(on.call('CreateKey', { Policy: locked }))).toEqual(LOCKOUT);
    const readOnly = policyOf({ ...ROOT_MAY, Action: ['kms:Describe*', 'kms:Get*'] });
    expect(await refusal(put(readOnly))).toEqual(LOCKOUT);
    const denied = policyOf(ROOT_MAY, { ...ROOT_MAY, Effect: 'Deny', Action: 'kms:PutKeyPolicy' });
    expect(await refusal(put(denied))).toEqual(LOCKOUT);
  });

  test('the bypass writes it all the same, and then only alice has access', async () => {
    expect(await put(locked, { BypassPolicyLockoutSafetyCheck: true })).toEqual({});
    expect(await refusal(put(policyOf(ROOT_MAY)))).toMatchObject({ code: 'AccessDeniedException' });
    expect(await refusal(on.call('GetKeyPolicy', { KeyId: on.key.id }))).toMatchObject({
      code: 'AccessDeniedException',
    });
    const caller = userWith();
    await on.call('PutKeyPolicy', { KeyId: on.key.id, Policy: policyOf(ALICE, ROOT_MAY) }, { caller });
    expect(await policy()).toContain('root');
  });

  test('with the bypass a key may be born closed', async () => {
    const { id } = await newKey(on, { Policy: locked, BypassPolicyLockoutSafetyCheck: true });
    expect(await refusal(on.call('DescribeKey', { KeyId: id }))).toMatchObject({ code: 'AccessDeniedException' });
    await on.call('DescribeKey', { KeyId: id }, { caller: userWith() });
  });

  test('the bypass does not excuse a malformed policy', async () => {
    expect(await refusal(put('{', { BypassPolicyLockoutSafetyCheck: true }))).toMatchObject({
      code: 'MalformedPolicyDocumentException',
    });
  });

  test('the right may come from an identity policy, where the key policy lets it', async () => {
    const may = { Effect: 'Allow', Action: 'kms:PutKeyPolicy', Resource: '*' };
    const as = { caller: userWith(may) };
    await on.call('PutKeyPolicy', { KeyId: on.key.id, Policy: policyOf(ROOT_MAY) }, as);
    const other = policyOf({ ...ROOT_MAY, Principal: { AWS: 'arn:aws:iam::111122223333:user/bob' } });
    expect(await refusal(on.call('PutKeyPolicy', { KeyId: on.key.id, Policy: other }, as))).toEqual(LOCKOUT);
  });

  test('its use can be denied', async () => {
    await put(
      policyOf(ROOT_MAY, {
        ...ROOT_MAY,
        Effect: 'Deny',
        Action: 'kms:PutKeyPolicy',
        Condition: { Bool: { 'kms:BypassPolicyLockoutSafetyCheck': 'true' } },
      }),
    );
    const text = policyOf(ROOT_MAY);
    expect(await refusal(put(text, { BypassPolicyLockoutSafetyCheck: true }))).toMatchObject({
      code: 'AccessDeniedException',
    });
    await put(text, { BypassPolicyLockoutSafetyCheck: false });
  });
});
