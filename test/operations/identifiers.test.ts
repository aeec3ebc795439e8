import { beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import { newKey, refusal } from '../support/fixture.ts';
import { aliasArnOf, arnOf, spelled, stage, UNKNOWN, type Stage } from './stage.ts';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});

const text = utf8('x');

/** Aliases name keys in cryptographic operations and DescribeKey only. */
const TAKES_ALIASES: readonly (readonly [operation: string, input: object])[] = [
  ['DescribeKey', {}],
  ['Encrypt', { Plaintext: text }],
  ['GenerateDataKey', { KeySpec: 'AES_256' }],
  ['GenerateDataKeyWithoutPlaintext', { KeySpec: 'AES_256' }],
];

const KEYS_ONLY: readonly (readonly [operation: string, input: object])[] = [
  ['DisableKey', {}],
  ['EnableKey', {}],
  ['GetKeyPolicy', {}],
  ['ListKeyPolicies', {}],
  ['ListResourceTags', {}],
  ['PutKeyPolicy', { Policy: '{}' }],
  ['ScheduleKeyDeletion', { PendingWindowInDays: 7 }],
  ['CancelKeyDeletion', {}],
  ['TagResource', { Tags: [{ TagKey: 'a', TagValue: '' }] }],
  ['UntagResource', { TagKeys: ['a'] }],
  ['UpdateKeyDescription', { Description: '' }],
];

const FOUR_WAYS = ['<key>', '<arn>', 'alias/example', aliasArnOf('alias/example')] as const;

describe.each(TAKES_ALIASES)('%s', (operation, input) => {
  test.each(FOUR_WAYS)('takes %s', async (identifier) => {
    const answer = await on.call(operation, { ...input, KeyId: spelled(identifier, on) });
    const shown = operation === 'DescribeKey' ? (answer['KeyMetadata'] as { Arn: string }).Arn : answer['KeyId'];
    expect(shown).toBe(on.key.arn); // the key, however it was named
  });
});

describe('ReEncrypt and Decrypt', () => {
  test.each(FOUR_WAYS)('take %s', async (identifier) => {
    const KeyId = spelled(identifier, on);
    const { CiphertextBlob } = await on.call('Encrypt', { KeyId, Plaintext: text });
    expect(await on.call('Decrypt', { CiphertextBlob, KeyId })).toMatchObject({ Plaintext: text, KeyId: on.key.arn });
    const again = { CiphertextBlob, SourceKeyId: KeyId, DestinationKeyId: KeyId };
    expect(await on.call('ReEncrypt', again)).toMatchObject({ SourceKeyId: on.key.arn, KeyId: on.key.arn });
  });
});

describe.each(KEYS_ONLY)('%s', (operation, input) => {
  test.each(['alias/example', aliasArnOf('alias/example'), 'alias/none'])(
    'refuses %s before any look-up',
    async (KeyId) => {
      expect(await refusal(on.call(operation, { ...input, KeyId }))).toEqual({
        code: 'InvalidArnException',
        message: 'Key Aliases are not supported for this operation.',
      });
    },
  );
});

const ALL = [...TAKES_ALIASES, ...KEYS_ONLY];

const nowhere: readonly [identifier: string, code: string, message: string][] = [
  [UNKNOWN, 'NotFoundException', `Key '${arnOf(UNKNOWN)}' does not exist`],
  [arnOf(UNKNOWN), 'NotFoundException', `Key '${arnOf(UNKNOWN)}' does not exist`],
  [
    'mrk-00000000000000000000000000000000',
    'NotFoundException',
    `Key '${arnOf('mrk-00000000000000000000000000000000')}' does not exist`,
  ],
  ['foo', 'NotFoundException', "Invalid keyId 'foo'"],
  ['mrk-fake-key-id', 'NotFoundException', "Invalid keyId 'mrk-fake-key-id'"],
  ['134f2428cec14b25a1ae9048164dba47', 'NotFoundException', "Invalid keyId '134f2428cec14b25a1ae9048164dba47'"],
  [arnOf('foo'), 'NotFoundException', 'Invalid keyId foo'],
  [arnOf(UNKNOWN).replace('us-east-1', 'us-west-2'), 'NotFoundException', 'Invalid arn us-west-2'],
  ['arn:aws:iam::111122223333:root', 'InvalidArnException', 'Invalid ARN: arn:aws:iam::111122223333:root'],
  [
    'arn:aws:kms:us-east-1:111122223333:grant/a',
    'InvalidArnException',
    'Invalid ARN: arn:aws:kms:us-east-1:111122223333:grant/a',
  ],
];

describe.each(ALL)('%s', (operation, input) => {
  test.each(nowhere)('of %s', async (KeyId, code, message) => {
    expect(await refusal(on.call(operation, { ...input, KeyId }))).toEqual({ code, message });
  });

  test('without a key', async () => {
    expect(await refusal(on.call(operation, input))).toEqual({
      code: 'ValidationException',
      message:
        "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    });
  });

  test('of nothing, and of what is no ASCII', async () => {
    expect(await refusal(on.call(operation, { ...input, KeyId: '' }))).toEqual({
      code: 'ValidationException',
      message:
        "2 validation errors detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
        "Value '' at 'keyId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^\\p{ASCII}+$",
    });
    expect(await refusal(on.call(operation, { ...input, KeyId: 'ключ' }))).toMatchObject({
      code: 'ValidationException',
    });
  });
});

describe.each(TAKES_ALIASES)('%s', (operation, input) => {
  test.each(['alias/none', aliasArnOf('alias/none'), 'alias/Example'])('of %s, which is not there', async (KeyId) => {
    const arn = KeyId.startsWith('arn:') ? KeyId : aliasArnOf(KeyId);
    expect(await refusal(on.call(operation, { ...input, KeyId }))).toEqual({
      code: 'NotFoundException',
      message: `Alias ${arn} is not found.`,
    });
  });
});

test('a key is of one Region; so is an alias', async () => {
  const region = 'eu-central-1';
  expect(await refusal(on.call('DescribeKey', { KeyId: on.key.id }, { region }))).toEqual({
    code: 'NotFoundException',
    message: `Key 'arn:aws:kms:eu-central-1:111122223333:key/${on.key.id}' does not exist`,
  });
  expect(await refusal(on.call('DescribeKey', { KeyId: on.key.arn }, { region }))).toEqual({
    code: 'NotFoundException',
    message: 'Invalid arn us-east-1',
  });
  const abroad = await newKey({ call: (operation, input) => on.call(operation, input, { region }) });
  await on.call('CreateAlias', { AliasName: 'alias/example', TargetKeyId: abroad.id }, { region });
  const there = await on.call('DescribeKey', { KeyId: 'alias/example' }, { region });
  const here = await on.call('DescribeKey', { KeyId: 'alias/example' });
  expect([there, here]).toMatchObject([{ KeyMetadata: { Arn: abroad.arn } }, { KeyMetadata: { Arn: on.key.arn } }]);
});

test('an ARN in China and in GovCloud is of their partition', async () => {
  for (const [region, partition] of [
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
  ]) {
    const { arn } = await newKey({ call: (operation, input) => on.call(operation, input, { region: region! }) });
    expect(arn.startsWith(`arn:${partition}:kms:${region}:111122223333:key/`)).toBe(true);
  }
});
