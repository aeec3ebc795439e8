import { beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import { newKey, refusal, REGION, START, type TestKey } from '../support/fixture.ts';
import { aliasArnOf, DAY, spelledInput, stage, type Stage } from './stage.ts';

let on: Stage;
beforeEach(async () => {
  on = await stage();
});

interface Listed {
  readonly AliasName: string;
  readonly AliasArn: string;
  readonly TargetKeyId: string;
  readonly CreationDate: Date;
  readonly LastUpdatedDate: Date;
}

/** Those that the customer made. */
const list = async (KeyId?: string, region = REGION): Promise<Listed[]> => {
  const { Aliases } = await on.call('ListAliases', KeyId === undefined ? {} : { KeyId }, { region });
  return (Aliases as Listed[]).filter(({ AliasName }) => !AliasName.startsWith('alias/aws/'));
};
const names = async (KeyId?: string): Promise<string[]> => (await list(KeyId)).map(({ AliasName }) => AliasName).sort();
const keyOf = async (KeyId: string): Promise<unknown> =>
  ((await on.call('DescribeKey', { KeyId }))['KeyMetadata'] as { KeyId: string }).KeyId;

type Row = readonly [name: string, input: object, code: string, message: string];

const PREFIX =
  'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html';
const RESERVED = 'The alias name for a customer managed CMK cannot begin with alias/aws/.';
const pattern = (name: string): string =>
  `1 validation error detected: Value '${name}' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$`;

describe('CreateAlias', () => {
  test.each(['alias/a', 'alias/alias/a', 'alias/a/b_c-d', 'alias/AWS/a', 'alias/awsome', `alias/${'x'.repeat(250)}`])(
    '%s is a name',
    async (AliasName) => {
      expect(await on.call('CreateAlias', { AliasName, TargetKeyId: on.key.arn })).toEqual({});
      expect(await keyOf(AliasName)).toBe(on.key.id);
    },
  );

  const refused: readonly Row[] = [
    ['a name without its prefix', { AliasName: 'a', TargetKeyId: '<key>' }, 'ValidationException', PREFIX],
    // as in the tests of the library moto, test__create_alias__raises_if_alias_has_colon_character
    [
      'a colon',
      { AliasName: 'alias/my:alias', TargetKeyId: '<key>' },
      'ValidationException',
      'alias/my:alias contains invalid characters for an alias',
    ],
    ['the prefix in capitals', { AliasName: 'ALIAS/a', TargetKeyId: '<key>' }, 'ValidationException', PREFIX],
    [
      'the prefix alone',
      { AliasName: 'alias/', TargetKeyId: '<key>' },
      'InvalidAliasNameException',
      'The alias name after alias/ is empty.',
    ],
    ['a reserved name', { AliasName: 'alias/aws/s3', TargetKeyId: '<key>' }, 'NotAuthorizedException', RESERVED],
    [
      'a letter that is not allowed',
      { AliasName: 'alias/name?', TargetKeyId: '<key>' },
      'ValidationException',
      pattern('alias/name?'),
    ],
    ['a space', { AliasName: 'alias/a b', TargetKeyId: '<key>' }, 'ValidationException', pattern('alias/a b')],
    [
      'a name that is taken',
      { AliasName: 'alias/example', TargetKeyId: '<other>' },
      'AlreadyExistsException',
      `An alias with the name ${aliasArnOf('alias/example')} already exists`,
    ],
    [
      'another alias as target',
      { AliasName: 'alias/a', TargetKeyId: 'alias/example' },
      'ValidationException',
      'Aliases must refer to keys. Not aliases',
    ],
    [
      'the ARN of another alias as target',
      { AliasName: 'alias/a', TargetKeyId: aliasArnOf('alias/example') },
      'ValidationException',
      'Aliases must refer to keys. Not aliases',
    ],
    [
      'a key that is not there',
      { AliasName: 'alias/a', TargetKeyId: '<unknown>' },
      'NotFoundException',
      "Key 'arn:aws:kms:us-east-1:111122223333:key/<unknown>' does not exist",
    ],
    [
      'nothing at all',
      {},
      'ValidationException',
      "2 validation errors detected: Value null at 'aliasName' failed to satisfy constraint: Member must not be null; Value null at 'targetKeyId' failed to satisfy constraint: Member must not be null",
    ],
  ];
  test.each(refused)('%s', async (_, input, code, message) => {
    expect(await refusal(on.call('CreateAlias', spelledInput(input, on)))).toEqual(spelledInput({ code, message }, on));
    expect(await names()).toEqual(['alias/example']);
  });

  test('a name of 257 characters', async () => {
    const AliasName = `alias/${'x'.repeat(251)}`;
    expect((await refusal(on.call('CreateAlias', { AliasName, TargetKeyId: on.key.id }))).message).toContain(
      "at 'aliasName' failed to satisfy constraint: Member must have length less than or equal to 256",
    );
  });

  test('names differ in case', async () => {
    await on.call('CreateAlias', { AliasName: 'alias/Example', TargetKeyId: on.other.id });
    expect([await keyOf('alias/example'), await keyOf('alias/Example')]).toEqual([on.key.id, on.other.id]);
  });

  test('at most 50 for a key', async () => {
    for (let more = 1; more < 50; more += 1) {
      await on.call('CreateAlias', { AliasName: `alias/${more}`, TargetKeyId: on.key.id });
    }
    const another = on.call('CreateAlias', { AliasName: 'alias/50', TargetKeyId: on.key.id });
    expect(await refusal(another)).toMatchObject({ code: 'LimitExceededException' });
    await on.call('CreateAlias', { AliasName: 'alias/50', TargetKeyId: on.other.id });
    const moved = on.call('UpdateAlias', { AliasName: 'alias/50', TargetKeyId: on.key.id });
    expect(await refusal(moved)).toMatchObject({ code: 'LimitExceededException' });
    await on.call('UpdateAlias', { AliasName: 'alias/1', TargetKeyId: on.key.id }); // to where it is: no more than before
    await on.call('DeleteAlias', { AliasName: 'alias/1' });
    await on.call('UpdateAlias', { AliasName: 'alias/50', TargetKeyId: on.key.id });
    expect((await names(on.key.id)).length).toBe(50);
  });
});

describe('ListAliases', () => {
  test('returns name, ARN, key ID and times', async () => {
    expect(await list()).toEqual([
      {
        AliasName: 'alias/example',
        AliasArn: aliasArnOf('alias/example'),
        TargetKeyId: on.key.id,
        CreationDate: new Date(START),
        LastUpdatedDate: new Date(START),
      },
    ]);
  });

  test('of a key, by ID or ARN', async () => {
    await on.call('CreateAlias', { AliasName: 'alias/b', TargetKeyId: on.other.id });
    expect(await names(on.key.id)).toEqual(['alias/example']);
    expect(await names(on.other.arn)).toEqual(['alias/b']);
    expect(await names()).toEqual(['alias/b', 'alias/example']);
  });

  const refused: readonly Row[] = [
    [
      'an alias',
      { KeyId: 'alias/example' },
      'InvalidArnException',
      'Key Aliases are not supported for this operation.',
    ],
    [
      'an alias ARN',
      { KeyId: aliasArnOf('alias/example') },
      'InvalidArnException',
      'Key Aliases are not supported for this operation.',
    ],
    [
      'a key that is not there',
      { KeyId: '<unknown>' },
      'NotFoundException',
      "Key 'arn:aws:kms:us-east-1:111122223333:key/<unknown>' does not exist",
    ],
    ['a wildcard', { KeyId: '*' }, 'NotFoundException', "Invalid keyId '*'"],
  ];
  test.each(refused)('of %s', async (_, input, code, message) => {
    expect(await refusal(on.call('ListAliases', spelledInput(input, on)))).toEqual(spelledInput({ code, message }, on));
  });

  test('not those of another Region', async () => {
    expect(await list(undefined, 'eu-west-1')).toEqual([]);
  });
});

describe('UpdateAlias', () => {
  test('moves it to another key and keeps its creation date', async () => {
    on.now += DAY;
    expect(await on.call('UpdateAlias', { AliasName: 'alias/example', TargetKeyId: on.other.id })).toEqual({});
    expect(await keyOf('alias/example')).toBe(on.other.id);
    expect(await list(on.key.id)).toEqual([]);
    expect(await list(on.other.id)).toMatchObject([
      { CreationDate: new Date(START), LastUpdatedDate: new Date(START + DAY) },
    ]);
  });

  const refused: readonly Row[] = [
    [
      'an alias that is not there',
      { AliasName: 'alias/none', TargetKeyId: '<other>' },
      'NotFoundException',
      `Alias ${aliasArnOf('alias/none')} is not found.`,
    ],
    [
      'a key that is not there',
      { AliasName: 'alias/example', TargetKeyId: '<unknown>' },
      'NotFoundException',
      "Key 'arn:aws:kms:us-east-1:111122223333:key/<unknown>' does not exist",
    ],
    ['a name without its prefix', { AliasName: 'example', TargetKeyId: '<other>' }, 'ValidationException', PREFIX],
    ['a reserved name', { AliasName: 'alias/aws/s3', TargetKeyId: '<other>' }, 'NotAuthorizedException', RESERVED],
    [
      'another alias as target',
      { AliasName: 'alias/example', TargetKeyId: 'alias/example' },
      'ValidationException',
      'Aliases must refer to keys. Not aliases',
    ],
  ];
  test.each(refused)('%s', async (_, input, code, message) => {
    expect(await refusal(on.call('UpdateAlias', spelledInput(input, on)))).toEqual(spelledInput({ code, message }, on));
    expect(await keyOf('alias/example')).toBe(on.key.id);
  });

  const kinds: readonly [name: string, input: object][] = [
    ['of another type', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC', Origin: 'EXTERNAL' }],
    ['of another type but the same usage', { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT', Origin: 'EXTERNAL' }],
    ['of another usage', { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY', Origin: 'EXTERNAL' }],
  ];
  test.each(kinds)('to a key %s is refused', async (_, input) => {
    const { id } = await newKey(on, input);
    expect(await refusal(on.call('UpdateAlias', { AliasName: 'alias/example', TargetKeyId: id }))).toMatchObject({
      code: 'ValidationException',
    });
    expect(await keyOf('alias/example')).toBe(on.key.id);
  });
});

describe('DeleteAlias', () => {
  test('takes the name, not the key, and the name is free again', async () => {
    expect(await on.call('DeleteAlias', { AliasName: 'alias/example' })).toEqual({});
    expect(await list()).toEqual([]);
    expect(await list(on.key.id)).toEqual([]);
    expect(await keyOf(on.key.id)).toBe(on.key.id);
    await on.call('CreateAlias', { AliasName: 'alias/example', TargetKeyId: on.other.id });
    expect(await keyOf('alias/example')).toBe(on.other.id);
  });

  const refused: readonly Row[] = [
    [
      'that is not there',
      { AliasName: 'alias/none' },
      'NotFoundException',
      `Alias ${aliasArnOf('alias/none')} is not found.`,
    ],
    [
      'in another case',
      { AliasName: 'alias/EXAMPLE' },
      'NotFoundException',
      `Alias ${aliasArnOf('alias/EXAMPLE')} is not found.`,
    ],
    ['without its prefix', { AliasName: 'example' }, 'ValidationException', PREFIX],
  ];
  test.each(refused)('%s', async (_, input, code, message) => {
    expect(await refusal(on.call('DeleteAlias', input))).toEqual({ code, message });
  });
});

test('manual rotation: an alias moves on, old ciphertexts open without naming a key', async () => {
  const context = { EncryptionContext: { a: 'b' } };
  const old = (await on.call('Encrypt', { KeyId: 'alias/example', Plaintext: utf8('old'), ...context }))[
    'CiphertextBlob'
  ];
  await on.call('UpdateAlias', { AliasName: 'alias/example', TargetKeyId: on.other.id });
  const fresh = (await on.call('Encrypt', { KeyId: 'alias/example', Plaintext: utf8('new'), ...context }))[
    'CiphertextBlob'
  ];
  const decrypt = (CiphertextBlob: unknown, more: object = {}): Promise<Record<string, unknown>> =>
    on.call('Decrypt', { CiphertextBlob, ...context, ...more });
  const inputFor = (key: TestKey, text: string): object => ({ KeyId: key.arn, Plaintext: utf8(text) });
  expect(await decrypt(old)).toMatchObject(inputFor(on.key, 'old'));
  expect(await decrypt(fresh)).toMatchObject(inputFor(on.other, 'new'));
  // naming the alias is naming the key that it stands for now
  expect(await refusal(decrypt(old, { KeyId: 'alias/example' }))).toMatchObject({ code: 'IncorrectKeyException' });
});
