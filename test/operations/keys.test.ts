import { beforeEach, describe, expect, test } from 'vitest';
import { keysPath } from '../../src/keyring/kms-key.ts';
import { decodeRecord, encodeRecord } from '../../src/keyring/record.ts';
import { ACCOUNT, newKey, refusal, REGION, START } from '../support/fixture.ts';
import { policyOf, ROOT_MAY, stage, type Stage } from './stage.ts';

let on: Stage;
beforeEach(async () => {
  on = await stage();
});

const describeKey = async (KeyId: string): Promise<Record<string, unknown>> =>
  (await on.call('DescribeKey', { KeyId }))['KeyMetadata'] as Record<string, unknown>;

/** The metadata of a key that was created without parameters. */
const PLAIN = {
  AWSAccountId: ACCOUNT,
  CreationDate: new Date(START),
  Enabled: true,
  Description: '',
  KeyUsage: 'ENCRYPT_DECRYPT',
  KeyState: 'Enabled',
  Origin: 'AWS_KMS',
  KeyManager: 'CUSTOMER',
  CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
  KeySpec: 'SYMMETRIC_DEFAULT',
  EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
  MultiRegion: false,
};

const created: readonly [name: string, input: object, metadata: object][] = [
  ['without parameters', {}, {}],
  ['with a description', { Description: 'é' }, { Description: 'é' }],
  ['by the old name of the spec', { CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT' }, {}],
  ['with tags, which are not told', { Tags: [{ TagKey: 'a', TagValue: 'b' }] }, {}],
  ['by a policy of its own', { Policy: policyOf(ROOT_MAY) }, {}],
];

describe('CreateKey', () => {
  test.each(created)('%s', async (_, input, metadata) => {
    const answer = (await on.call('CreateKey', input))['KeyMetadata'] as Record<string, unknown>;
    const { KeyId, Arn, CurrentKeyMaterialId, ...rest } = answer;
    expect(rest).toEqual({ ...PLAIN, ...metadata });
    expect(KeyId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Arn).toBe(`arn:aws:kms:${REGION}:${ACCOUNT}:key/${String(KeyId)}`);
    expect(CurrentKeyMaterialId).toMatch(/^[0-9a-f]{64}$/);
    expect(await describeKey(String(KeyId))).toEqual(answer);
  });

  test('multi-Region', async () => {
    const answer = (await on.call('CreateKey', { MultiRegion: true }))['KeyMetadata'] as Record<string, unknown>;
    expect(answer['KeyId']).toMatch(/^mrk-[0-9a-f]{32}$/);
    expect(answer).toMatchObject({
      MultiRegion: true,
      MultiRegionConfiguration: {
        MultiRegionKeyType: 'PRIMARY',
        PrimaryKey: { Arn: answer['Arn'], Region: REGION },
        ReplicaKeys: [],
      },
    });
    expect(await describeKey(String(answer['KeyId']))).toEqual(answer);
  });

  test('for imported key material: pending, and without any', async () => {
    const answer = (await on.call('CreateKey', { Origin: 'EXTERNAL' }))['KeyMetadata'] as Record<string, unknown>;
    expect(answer).toMatchObject({ KeyState: 'PendingImport', Enabled: false, Origin: 'EXTERNAL' });
    for (const absent of ['CurrentKeyMaterialId', 'ExpirationModel', 'ValidTo'])
      expect(answer).not.toHaveProperty(absent);
  });

  const long = (length: number): string => 'x'.repeat(length);
  const refused: readonly [name: string, input: object, code: string, message: string][] = [
    [
      'both names of the spec',
      { KeySpec: 'SYMMETRIC_DEFAULT', CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT' },
      'ValidationException',
      'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    ],
    [
      'a usage that is none',
      { KeyUsage: 'RANDOM' },
      'ValidationException',
      "1 validation error detected: Value 'RANDOM' at 'keyUsage' failed to satisfy constraint: Member must satisfy enum value set: [SIGN_VERIFY, ENCRYPT_DECRYPT, GENERATE_VERIFY_MAC, KEY_AGREEMENT, ENCAPSULATE_DECAPSULATE]",
    ],
    [
      'a spec that is none',
      { KeySpec: 'AES' },
      'ValidationException',
      "1 validation error detected: Value 'AES' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, ECC_NIST_EDWARDS25519, SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512, SM2, ML_DSA_44, ML_DSA_65, ML_DSA_87, ML_KEM_512, ML_KEM_768, ML_KEM_1024]",
    ],
    [
      'a description of 8,193 characters',
      { Description: long(8193) },
      'ValidationException',
      `1 validation error detected: Value '${long(1024)}...(7169 characters cut)' at 'description' failed to satisfy constraint: Member must have length less than or equal to 8192`,
    ],
    [
      'a tag key of 129 characters',
      { Tags: [{ TagKey: long(129), TagValue: '' }] },
      'ValidationException',
      `1 validation error detected: Value '${long(129)}' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128`,
    ],
    [
      'a tag value of 257 characters',
      { Tags: [{ TagKey: 'a', TagValue: long(257) }] },
      'ValidationException',
      `1 validation error detected: Value '${long(257)}' at 'tags.1.member.tagValue' failed to satisfy constraint: Member must have length less than or equal to 256`,
    ],
    [
      'a tag key aws:',
      { Tags: [{ TagKey: 'aws:a', TagValue: '' }] },
      'TagException',
      'Tags beginning with aws: are reserved',
    ],
    [
      'a tag key AWS:',
      { Tags: [{ TagKey: 'AWS:a', TagValue: '' }] },
      'TagException',
      'Tags beginning with aws: are reserved',
    ],
    [
      'the same tag key twice',
      {
        Tags: [
          { TagKey: 'a', TagValue: '' },
          { TagKey: 'a', TagValue: 'b' },
        ],
      },
      'TagException',
      'Duplicate tag keys',
    ],
    [
      '51 tags',
      { Tags: Array.from({ length: 51 }, (_, at) => ({ TagKey: `t${at}`, TagValue: '' })) },
      'TagException',
      'Too many tags',
    ],
    [
      'what is no list of tags',
      { Tags: 'a=b' },
      'SerializationException',
      'STRING_VALUE can not be converted to a List',
    ],
  ];
  test.each(refused)('%s', async (_, input, code, message) => {
    const before = (await on.call('ListKeys'))['Keys'];
    expect(await refusal(on.call('CreateKey', input))).toEqual({ code, message });
    expect((await on.call('ListKeys'))['Keys']).toEqual(before); // nothing is left behind
  });

  test('50 tags, and tag keys that differ in case', async () => {
    const fifty = Array.from({ length: 50 }, (_, at) => ({ TagKey: `t${at}`, TagValue: '' }));
    const { id } = await newKey(on, { Tags: fifty });
    expect((await on.call('ListResourceTags', { KeyId: id }))['Tags']).toEqual(fifty);
    await newKey(on, {
      Tags: [
        { TagKey: 'a', TagValue: '' },
        { TagKey: 'A', TagValue: '' },
      ],
    });
  });

  test('beyond the quota of 100,000 keys in the account and Region', async () => {
    const count = `count/key/${ACCOUNT}/${REGION}`;
    await on.keyring.transact(async (tx) => {
      expect(decodeRecord((await tx.get(count))!).body).toBe(2);
      tx.put(count, encodeRecord(99_999));
    });
    await newKey(on);
    expect(await refusal(on.call('CreateKey'))).toMatchObject({ code: 'LimitExceededException' });
    await newKey({ call: (operation, input) => on.call(operation, input, { region: 'eu-west-1' }) });
  });
});

describe('ListKeys', () => {
  test('every key of the account and Region, in whatever state, by ID and ARN', async () => {
    await on.call('DisableKey', { KeyId: on.key.id });
    await on.call('ScheduleKeyDeletion', { KeyId: on.other.id });
    await newKey({ call: (operation, input) => on.call(operation, input, { region: 'eu-west-1' }) });
    const { Keys, Truncated } = (await on.call('ListKeys')) as { Keys: { KeyId: string }[]; Truncated: boolean };
    expect(Truncated).toBe(false);
    expect(Keys.toSorted((a, b) => (a.KeyId < b.KeyId ? -1 : 1))).toEqual(
      [on.key, on.other].toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })),
    );
  });

  test('no key is hidden by how it is stored', async () => {
    const rows = await on.keyring.transact((tx) =>
      Array.fromAsync(tx.rows(keysPath({ account: ACCOUNT, region: REGION }))),
    );
    expect(rows.length).toBe(2);
  });
});

describe('EnableKey and DisableKey', () => {
  test('switch the state, and may do so again', async () => {
    const steps = [
      ['DisableKey', 'Disabled'],
      ['DisableKey', 'Disabled'],
      ['EnableKey', 'Enabled'],
      ['EnableKey', 'Enabled'],
    ] as const;
    for (const [operation, state] of steps) {
      expect(await on.call(operation, { KeyId: on.key.id })).toEqual({});
      expect(await describeKey(on.key.id)).toMatchObject({ KeyState: state, Enabled: state === 'Enabled' });
    }
    expect(await describeKey(on.other.id)).toMatchObject({ KeyState: 'Enabled' });
  });
});

describe('UpdateKeyDescription', () => {
  test('sets it, empties it, changes nothing else', async () => {
    const before = await describeKey(on.key.id);
    for (const Description of ['new', '', 'é'.repeat(8192)]) {
      expect(await on.call('UpdateKeyDescription', { KeyId: on.key.arn, Description })).toEqual({});
      expect(await describeKey(on.key.id)).toEqual({ ...before, Description });
    }
  });

  test('must be given one', async () => {
    expect(await refusal(on.call('UpdateKeyDescription', { KeyId: on.key.id }))).toEqual({
      code: 'ValidationException',
      message:
        "1 validation error detected: Value null at 'description' failed to satisfy constraint: Member must not be null",
    });
  });
});

test('all invalid members are reported together', async () => {
  const input = { KeyId: '', Description: 'x'.repeat(8193) };
  expect((await refusal(on.call('UpdateKeyDescription', input))).message).toMatch(/^3 validation errors detected: /);
});

test.each(['\ud800', 'a\udc00b', '\udc00\ud800'])(
  'half a surrogate pair is refused and not quoted: the event would be no JSON for other programs',
  async (text) => {
    for (const [member, where] of [
      ['Description', 'description'],
      ['KeyId', 'keyId'],
    ] as const) {
      const input = { KeyId: on.key.id, Description: 'x', [member]: text };
      expect(await refusal(on.call('UpdateKeyDescription', input))).toEqual({
        code: 'ValidationException',
        message: `1 validation error detected: Value at '${where}' failed to satisfy constraint: Member must be well-formed Unicode`,
      });
      expect(JSON.stringify(on.events().at(-1))).not.toMatch(/\\ud[89a-f]/i);
    }
  },
);

test('a member that the model does not know is dropped', async () => {
  expect(await on.call('DescribeKey', { KeyId: on.key.id, Color: 'red' })).toHaveProperty('KeyMetadata');
});
