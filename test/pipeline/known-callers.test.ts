import { beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import { attachPolicy, type AttachedPolicy } from '../../src/policy/document.ts';
import { callerOf, type Caller } from '../../src/policy/principal.ts';
import { ACCOUNT, newKey, refusal, ROOT } from '../support/fixture.ts';
import {
  aliasArnOf,
  arnOf,
  policyOf,
  ROOT_MAY,
  stage,
  userWith,
  type Stage,
  type Statement,
} from '../operations/stage.ts';

const ALICE = `arn:aws:iam::${ACCOUNT}:user/alice`;
const EVE = callerOf('arn:aws:iam::444455556666:user/eve');

let on: Stage;
beforeEach(async () => {
  on = await stage();
});

const may = (Action: string | readonly string[], more: Statement = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
});
const mayNot = (Action: string | readonly string[], more: Statement = {}): Statement => ({
  ...may(Action, more),
  Effect: 'Deny',
});
const aliceMay = (Action: string, more: Statement = {}): Statement =>
  may(Action, { Principal: { AWS: ALICE }, ...more });
const everyoneMayNot = (Action: string, more: Statement = {}): Statement => mayNot(Action, { Principal: '*', ...more });

const encryptAs = (caller: Caller, more: object = {}): Promise<unknown> =>
  on.call('Encrypt', { KeyId: on.key.id, Plaintext: utf8('x'), ...more }, { caller });

interface Row {
  readonly name: string;
  /** Statements of the key policy beside that of the account. */
  readonly key?: readonly Statement[];
  readonly withoutAccount?: true;
  readonly identity?: readonly Statement[];
  readonly input?: object;
  /** undefined: allowed; else the end of the message. */
  readonly denied?: string;
}

const RESOURCE_BASED = 'because no resource-based policy allows the kms:Encrypt action';
const IDENTITY_BASED = 'because no identity-based policy allows the kms:Encrypt action';

const rows: readonly Row[] = [
  { name: 'nothing but the default policy', denied: IDENTITY_BASED },
  { name: 'an identity policy that the default policy delegates to', identity: [may('kms:Encrypt')] },
  { name: 'an identity policy for something else', identity: [may('kms:Decrypt')], denied: IDENTITY_BASED },
  { name: 'a key policy that names the user', key: [aliceMay('kms:Encrypt')] },
  {
    name: 'a key policy that names the user, for something else',
    key: [aliceMay('kms:Decrypt')],
    denied: IDENTITY_BASED,
  },
  {
    name: 'an identity policy alone does not do',
    withoutAccount: true,
    key: [aliceMay('kms:Decrypt')],
    identity: [may('kms:*')],
    denied: RESOURCE_BASED,
  },
  {
    name: 'a denial in the key policy wins',
    key: [aliceMay('kms:*'), everyoneMayNot('kms:Encrypt')],
    identity: [may('kms:*')],
    denied: 'with an explicit deny in a resource-based policy',
  },
  {
    name: 'a denial in an identity policy wins',
    key: [aliceMay('kms:*')],
    identity: [mayNot('kms:Enc*')],
    denied: 'with an explicit deny in an identity-based policy',
  },
  {
    name: 'the encryption context that is asked for',
    key: [aliceMay('kms:Encrypt', { Condition: { StringEquals: { 'kms:EncryptionContext:Stage': 'test' } } })],
    input: { EncryptionContext: { Stage: 'test' } },
  },
  {
    name: 'another encryption context',
    key: [aliceMay('kms:Encrypt', { Condition: { StringEquals: { 'kms:EncryptionContext:Stage': 'test' } } })],
    input: { EncryptionContext: { Stage: 'live' } },
    denied: IDENTITY_BASED,
  },
  {
    name: 'the alias that is asked for',
    key: [aliceMay('kms:Encrypt', { Condition: { StringLike: { 'kms:RequestAlias': 'alias/ex*' } } })],
    input: { KeyId: 'alias/example' },
  },
  {
    name: 'the alias by its ARN',
    key: [aliceMay('kms:Encrypt', { Condition: { StringLike: { 'kms:RequestAlias': 'alias/ex*' } } })],
    input: { KeyId: aliasArnOf('alias/example') },
  },
  {
    name: 'the key itself instead of the alias',
    key: [aliceMay('kms:Encrypt', { Condition: { StringLike: { 'kms:RequestAlias': 'alias/ex*' } } })],
    denied: IDENTITY_BASED,
  },
  {
    name: 'a key that has the alias, however it is named',
    identity: [
      may('kms:Encrypt', { Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/example' } } }),
    ],
  },
  {
    name: 'a key that has another alias',
    identity: [
      may('kms:Encrypt', { Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/other' } } }),
    ],
    denied: IDENTITY_BASED,
  },
  {
    name: 'a key with the tag',
    identity: [may('kms:Encrypt', { Condition: { StringEquals: { 'aws:ResourceTag/stage': 'test' } } })],
  },
  {
    name: 'a key with another tag',
    identity: [may('kms:Encrypt', { Condition: { StringEquals: { 'aws:ResourceTag/stage': 'live' } } })],
    denied: IDENTITY_BASED,
  },
];

describe('a user of the account', () => {
  test.each(rows)('$name', async ({ key = [], withoutAccount, identity = [], input, denied }) => {
    await on.call('TagResource', { KeyId: on.key.id, Tags: [{ TagKey: 'stage', TagValue: 'test' }] });
    await on.call('PutKeyPolicy', {
      KeyId: on.key.id,
      Policy: policyOf(...(withoutAccount ? [] : [ROOT_MAY]), ...key),
      BypassPolicyLockoutSafetyCheck: true,
    });
    const call = encryptAs(userWith(...identity), input);
    if (denied === undefined) expect(await call).toHaveProperty('CiphertextBlob');
    else {
      expect(await refusal(call)).toEqual({
        code: 'AccessDeniedException',
        message: `User: ${ALICE} is not authorized to perform: kms:Encrypt on resource: ${on.key.arn} ${denied}`,
      });
    }
  });
});

describe('operations without a key', () => {
  const text = (action: string): string =>
    `User: ${ALICE} is not authorized to perform: ${action} on resource: * because no identity-based policy allows the ${action} action`;

  test.each(['ListKeys', 'ListAliases', 'CreateKey'])('%s needs an identity policy', async (operation) => {
    const action = `kms:${operation}`;
    expect(await refusal(on.call(operation, {}, { caller: userWith() }))).toEqual({
      code: 'AccessDeniedException',
      message: text(action),
    });
    await on.call(operation, {}, { caller: userWith(may(action)) });
  });

  test('GenerateRandom needs one too', async () => {
    const input = { NumberOfBytes: 1 };
    expect(await refusal(on.call('GenerateRandom', input, { caller: userWith() }))).toMatchObject({
      code: 'AccessDeniedException',
    });
    await on.call('GenerateRandom', input, { caller: userWith(may('kms:GenerateRandom')) });
  });

  test('who makes a key has no right on it by that', async () => {
    const caller = userWith(may('kms:CreateKey'));
    const { id } = await newKey({ call: (operation, input) => on.call(operation, input, { caller }) });
    expect(await refusal(on.call('DescribeKey', { KeyId: id }, { caller }))).toMatchObject({
      code: 'AccessDeniedException',
    });
  });

  test('tagging a new key needs kms:TagResource for all keys', async () => {
    const input = { Tags: [{ TagKey: 'a', TagValue: 'b' }] };
    expect(await refusal(on.call('CreateKey', input, { caller: userWith(may('kms:CreateKey')) }))).toEqual({
      code: 'AccessDeniedException',
      message: `User: ${ALICE} is not authorized to perform: kms:TagResource because no identity-based policy allows the kms:TagResource action`,
    });
    await on.call('CreateKey', input, { caller: userWith(may(['kms:CreateKey', 'kms:TagResource'])) });
    const forOne = userWith(may('kms:CreateKey'), may('kms:TagResource', { Resource: on.key.arn }));
    expect(await refusal(on.call('CreateKey', input, { caller: forOne }))).toMatchObject({
      code: 'AccessDeniedException',
    });
  });

  test('what the new key is to be can be a condition', async () => {
    const caller = userWith(may('kms:CreateKey', { Condition: { StringEquals: { 'kms:KeyOrigin': 'EXTERNAL' } } }));
    expect(await refusal(on.call('CreateKey', {}, { caller }))).toMatchObject({ code: 'AccessDeniedException' });
    await on.call('CreateKey', { Origin: 'EXTERNAL' }, { caller });
  });
});

const attached = (...statements: Statement[]): AttachedPolicy => attachPolicy('p', policyOf(...statements));

test.each([
  ['the root user under a service control policy', ROOT, (p: AttachedPolicy) => ({ serviceControlPolicies: [[p]] })],
  ['a session of an unknown role', callerOf(ALICE), (p: AttachedPolicy) => ({ sessionPolicies: [p] })],
  ['a user with a permissions boundary alone', callerOf(ALICE), (boundary: AttachedPolicy) => ({ boundary })],
] as const)('%s: its policy sees the aliases of a key', async (_, caller, under) => {
  await on.call('PutKeyPolicy', { KeyId: on.key.id, Policy: policyOf(ROOT_MAY, aliceMay('kms:*')) });
  const unless = (alias: string): Caller => {
    const Condition = { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': alias } };
    return { ...caller, ...under(attached(may('*'), mayNot('kms:Encrypt', { Condition }))) };
  };
  await encryptAs(unless('alias/other'));
  expect(await refusal(encryptAs(unless('alias/example')))).toMatchObject({ code: 'AccessDeniedException' });
});

describe('alias operations need rights on the alias and on the keys', () => {
  const create = { AliasName: 'alias/new', TargetKeyId: '' };
  const cases: readonly [operation: string, input: () => object, keys: () => readonly string[]][] = [
    ['CreateAlias', () => ({ ...create, TargetKeyId: on.key.id }), () => [on.key.arn, aliasArnOf('alias/new')]],
    ['DeleteAlias', () => ({ AliasName: 'alias/example' }), () => [on.key.arn, aliasArnOf('alias/example')]],
    [
      'UpdateAlias',
      () => ({ AliasName: 'alias/example', TargetKeyId: on.other.id }),
      () => [on.key.arn, on.other.arn, aliasArnOf('alias/example')],
    ],
  ];
  test.each(cases)('%s', async (operation, input, needs) => {
    const all = needs();
    for (const lacking of all) {
      const granted = all.filter((arn) => arn !== lacking);
      const caller = userWith(...granted.map((Resource) => may(`kms:${operation}`, { Resource })));
      const { code, message } = await refusal(on.call(operation, input(), { caller }));
      expect([lacking, code]).toEqual([lacking, 'AccessDeniedException']);
      expect(message).toContain(`kms:${operation} on resource: ${lacking} `);
    }
    await on.call(operation, input(), {
      caller: userWith(...all.map((Resource) => may(`kms:${operation}`, { Resource }))),
    });
  });
});

describe('ReEncrypt', () => {
  test('needs kms:ReEncryptFrom on the one key and kms:ReEncryptTo on the other', async () => {
    const { CiphertextBlob } = await on.call('Encrypt', { KeyId: on.key.id, Plaintext: utf8('x') });
    const input = { CiphertextBlob, DestinationKeyId: on.other.id };
    const from = may('kms:ReEncryptFrom', { Resource: on.key.arn });
    const to = may('kms:ReEncryptTo', { Resource: on.other.arn });
    const as = (...statements: Statement[]): Promise<unknown> =>
      on.call('ReEncrypt', input, { caller: userWith(...statements) });
    expect((await refusal(as(to))).message).toContain(`kms:ReEncryptFrom on resource: ${on.key.arn} `);
    expect((await refusal(as(from))).message).toContain(`kms:ReEncryptTo on resource: ${on.other.arn} `);
    await as(from, to);
  });

  test('each side is judged by its own encryption context', async () => {
    const { CiphertextBlob } = await on.call('Encrypt', {
      KeyId: on.key.id,
      Plaintext: utf8('x'),
      EncryptionContext: { side: 'from' },
    });
    const caller = userWith(
      may('kms:ReEncryptFrom', { Condition: { StringEquals: { 'kms:EncryptionContext:side': 'from' } } }),
      may('kms:ReEncryptTo', { Condition: { StringEquals: { 'kms:EncryptionContext:side': 'to' } } }),
    );
    const input = { CiphertextBlob, DestinationKeyId: on.other.id, SourceEncryptionContext: { side: 'from' } };
    await on.call('ReEncrypt', { ...input, DestinationEncryptionContext: { side: 'to' } }, { caller });
    const wrong = on.call('ReEncrypt', { ...input, DestinationEncryptionContext: { side: 'from' } }, { caller });
    expect((await refusal(wrong)).message).toContain('kms:ReEncryptTo');
  });

  test('to the same key can be a condition', async () => {
    const { CiphertextBlob } = await on.call('Encrypt', { KeyId: on.key.id, Plaintext: utf8('x') });
    const caller = userWith(may('kms:ReEncrypt*', { Condition: { Bool: { 'kms:ReEncryptOnSameKey': 'true' } } }));
    await on.call('ReEncrypt', { CiphertextBlob, DestinationKeyId: on.key.id }, { caller });
    const other = on.call('ReEncrypt', { CiphertextBlob, DestinationKeyId: on.other.id }, { caller });
    expect(await refusal(other)).toMatchObject({ code: 'AccessDeniedException' });
  });
});

describe('another account', () => {
  const policy = policyOf(ROOT_MAY, may('kms:*', { Principal: { AWS: 'arn:aws:iam::444455556666:root' } }));
  const eve = (...statements: Statement[]): Caller => ({
    ...EVE,
    identityPolicies: userWith(...statements).identityPolicies!,
  });

  test('its users need both policies, and name the key by ARN', async () => {
    const caller = eve(may('kms:*'));
    const describe_ = (KeyId: string, as: Caller = caller): Promise<unknown> =>
      on.call('DescribeKey', { KeyId }, { caller: as });
    expect(await refusal(describe_(on.key.arn))).toMatchObject({ code: 'AccessDeniedException' });
    await on.call('PutKeyPolicy', { KeyId: on.key.id, Policy: policy });
    expect(await describe_(on.key.arn)).toMatchObject({ KeyMetadata: { Arn: on.key.arn, AWSAccountId: ACCOUNT } });
    expect(await describe_(aliasArnOf('alias/example'))).toHaveProperty('KeyMetadata');
    expect(await refusal(describe_(on.key.arn, eve(may('kms:Encrypt'))))).toMatchObject({
      code: 'AccessDeniedException',
    });
    // a bare ID or alias name means the caller's own account
    expect(await refusal(describe_(on.key.id))).toEqual({
      code: 'NotFoundException',
      message: `Key '${arnOf(on.key.id).replace(ACCOUNT, '444455556666')}' does not exist`,
    });
    expect(await refusal(describe_('alias/example'))).toMatchObject({ code: 'NotFoundException' });
  });

  test('a ciphertext leads to its key across accounts', async () => {
    await on.call('PutKeyPolicy', { KeyId: on.key.id, Policy: policy });
    const { CiphertextBlob } = await on.call('Encrypt', { KeyId: on.key.id, Plaintext: utf8('x') });
    expect(await on.call('Decrypt', { CiphertextBlob }, { caller: eve(may('kms:Decrypt')) })).toMatchObject({
      KeyId: on.key.arn,
    });
  });

  test('what manages a key is for its own account', async () => {
    await on.call('PutKeyPolicy', { KeyId: on.key.id, Policy: policy });
    for (const [operation, more] of [
      ['ScheduleKeyDeletion', {}],
      ['DisableKey', {}],
      ['PutKeyPolicy', { Policy: policy }],
      ['TagResource', { Tags: [{ TagKey: 'a', TagValue: '' }] }],
      ['CreateAlias', undefined],
    ] as const) {
      const input = more ? { KeyId: on.key.arn, ...more } : { AliasName: 'alias/a', TargetKeyId: on.key.arn };
      expect([operation, await refusal(on.call(operation, input, { caller: eve(may('kms:*')) }))]).toMatchObject([
        operation,
        { code: 'AccessDeniedException' },
      ]);
    }
  });

  test('has keys of its own in the same keyring', async () => {
    const caller = callerOf('arn:aws:iam::444455556666:root');
    const { arn } = await newKey({ call: (operation, input) => on.call(operation, input, { caller }) });
    expect(arn).toContain(':444455556666:key/');
    expect((await on.call('ListKeys', {}, { caller }))['Keys']).toHaveLength(1);
    expect((await on.call('ListKeys'))['Keys']).toHaveLength(2);
  });
});

test('authorization comes before usage and state, and after the look-up', async () => {
  const caller = userWith();
  await on.call('DisableKey', { KeyId: on.key.id });
  expect(await refusal(encryptAs(caller))).toMatchObject({ code: 'AccessDeniedException' });
  expect(await refusal(encryptAs(caller, { KeyId: 'alias/none' }))).toMatchObject({ code: 'NotFoundException' });
  expect(await refusal(encryptAs(caller, { Plaintext: new Uint8Array() }))).toMatchObject({
    code: 'ValidationException',
  });
});

test('a denied call leaves an event and changes nothing', async () => {
  const before = on.events().length;
  expect(await refusal(on.call('DisableKey', { KeyId: on.key.id }, { caller: userWith() }))).toMatchObject({
    code: 'AccessDeniedException',
  });
  expect(on.events().slice(before)).toMatchObject([
    { eventName: 'DisableKey', errorCode: 'AccessDenied', userIdentity: { userName: 'alice' }, responseElements: null },
  ]);
  expect(await on.call('DescribeKey', { KeyId: on.key.id })).toMatchObject({ KeyMetadata: { KeyState: 'Enabled' } });
});
