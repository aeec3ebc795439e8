import { createHmac, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encodeRecord } from '../../../src/keyring/record.ts';
import { hex } from '../../../src/crypto/bytes.ts';
import { ACCOUNT, fixture, newKey, refusal, START, type Fixture, type TestKey } from '../../support/fixture.ts';
import { flipped } from '../../support/bits.ts';
import { DAY, describedKey, eventsNamed, expectedEvents, pass, PAST_TRANSITION, stateOf } from '../timeline.ts';
import {
  ecKey,
  ed25519Key,
  FOREVER,
  importInto,
  MATERIAL,
  OTHER_MATERIAL,
  parametersFor,
  randomBytes,
  rsaKey,
  wrapped,
  WRAPS,
  type WrappingAlgorithm,
} from './wrap.ts';

const EXTERNAL = { Origin: 'EXTERNAL' };
const ALGORITHMS = Object.keys(WRAPS) as WrappingAlgorithm[];
const WRAPPING_SPECS = ['RSA_2048', 'RSA_3072', 'RSA_4096'];

async function external(input: object = {}): Promise<{ home: Fixture; key: TestKey }> {
  const home = await fixture('import');
  return { home, key: await newKey(home, { ...EXTERNAL, ...input }) };
}

async function withMaterial(more: object = {}): Promise<{ home: Fixture; key: TestKey; id: string }> {
  const { home, key } = await external();
  const { KeyMaterialId } = await importInto(home, key, MATERIAL, { ...more });
  return { home, key, id: KeyMaterialId as string };
}

const listed = async (home: Fixture, { id }: TestKey): Promise<Record<string, unknown>[]> => {
  const input = { KeyId: id, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' };
  return (await home.call('ListKeyRotations', input))['Rotations'] as Record<string, unknown>[];
};

describe('every wrapping algorithm and key spec', () => {
  test.each(ALGORITHMS.flatMap((algorithm) => WRAPPING_SPECS.map((spec) => ({ algorithm, spec }))))(
    '$algorithm with $spec',
    async (wrapping) => {
      const { home, key } = await external();
      const input = await wrapped(home, key, MATERIAL, wrapping);
      const answer = await home.call('ImportKeyMaterial', { ...input, ...FOREVER });
      expect(answer).toEqual({ KeyId: key.arn, KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(await stateOf(home, key.id)).toBe('Enabled');
      const { CiphertextBlob } = await home.call('Encrypt', { KeyId: key.id, Plaintext: Uint8Array.of(1, 2, 3) });
      expect((await home.call('Decrypt', { CiphertextBlob }))['Plaintext']).toEqual(Uint8Array.of(1, 2, 3));
    },
    30_000,
  );
});

interface PairCase {
  readonly spec: string;
  readonly make: () => Uint8Array;
  readonly signing: string;
  readonly algorithm: WrappingAlgorithm;
  readonly wrappingSpec: string;
}

const PAIRS: readonly PairCase[] = [
  ...[2048, 3072, 4096].map((bits, at) => ({
    spec: `RSA_${bits}`,
    make: () => rsaKey(bits),
    signing: 'RSASSA_PKCS1_V1_5_SHA_256',
    algorithm: at % 2 ? ('RSA_AES_KEY_WRAP_SHA_1' as const) : ('RSA_AES_KEY_WRAP_SHA_256' as const),
    wrappingSpec: 'RSA_2048',
  })),
  ...(
    [
      ['ECC_NIST_P256', 'prime256v1', 'ECDSA_SHA_256', 'RSAES_OAEP_SHA_256', 'RSA_2048'],
      ['ECC_NIST_P384', 'secp384r1', 'ECDSA_SHA_384', 'RSAES_OAEP_SHA_1', 'RSA_3072'],
      ['ECC_NIST_P521', 'secp521r1', 'ECDSA_SHA_512', 'RSAES_OAEP_SHA_256', 'RSA_3072'],
      ['ECC_NIST_P521', 'secp521r1', 'ECDSA_SHA_512', 'RSA_AES_KEY_WRAP_SHA_256', 'RSA_2048'],
      ['ECC_SECG_P256K1', 'secp256k1', 'ECDSA_SHA_256', 'RSA_AES_KEY_WRAP_SHA_1', 'RSA_2048'],
    ] as const
  ).map(([spec, curve, signing, algorithm, wrappingSpec]) => ({
    spec,
    make: () => ecKey(curve),
    signing,
    algorithm,
    wrappingSpec,
  })),
  {
    spec: 'ECC_NIST_EDWARDS25519',
    make: ed25519Key,
    signing: 'ED25519_SHA_512',
    algorithm: 'RSAES_OAEP_SHA_256',
    wrappingSpec: 'RSA_2048',
  },
];

test.each(PAIRS)(
  'a $spec key under $algorithm and $wrappingSpec signs as outside',
  async ({ spec, make, signing, algorithm, wrappingSpec }) => {
    const { home, key } = await external({ KeySpec: spec, KeyUsage: 'SIGN_VERIFY' });
    const pkcs8 = make();
    const input = await wrapped(home, key, pkcs8, { algorithm, spec: wrappingSpec });
    await home.call('ImportKeyMaterial', { ...input, ...FOREVER });
    const outside = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    const publicKey = createPublicKey(outside);
    const { PublicKey } = await home.call('GetPublicKey', { KeyId: key.id });
    expect(hex(PublicKey as Uint8Array)).toBe(publicKey.export({ format: 'der', type: 'spki' }).toString('hex'));
    const Message = Uint8Array.of(7, 7, 7);
    const hash = signing.startsWith('ED25519') ? null : signing.replace(/.*_SHA_/, 'sha');
    const about = { KeyId: key.id, Message, SigningAlgorithm: signing };
    const { Signature } = await home.call('Sign', about);
    expect(verify(hash, Message, publicKey, Signature as Uint8Array)).toBe(true);
    expect(await home.call('Verify', { ...about, Signature: sign(hash, Message, outside) })).toMatchObject({
      SignatureValid: true,
    });
    const another = { ...(await wrapped(home, key, make(), { algorithm, spec: wrappingSpec })), ...FOREVER };
    expect(await refusal(home.call('ImportKeyMaterial', another))).toMatchObject({
      code: 'IncorrectKeyMaterialException',
    });
  },
  60_000,
);

test.each([
  ['HMAC_224', 28],
  ['HMAC_256', 32],
  ['HMAC_384', 48],
  ['HMAC_512', 64],
])('%s material tags as outside', async (spec, length) => {
  const { home, key } = await external({ KeySpec: spec, KeyUsage: 'GENERATE_VERIFY_MAC' });
  const material = randomBytes(length);
  await importInto(home, key, material);
  const algorithm = spec.replace('HMAC_', 'HMAC_SHA_');
  const Message = Uint8Array.of(1);
  const { Mac } = await home.call('GenerateMac', { KeyId: key.id, Message, MacAlgorithm: algorithm });
  const outside = createHmac(spec.replace('HMAC_', 'sha'), material).update(Message).digest();
  expect(Buffer.from(Mac as Uint8Array).equals(outside)).toBe(true);
});

const UNSUPPORTED = { code: 'UnsupportedOperationException' };

describe('what GetParametersForImport refuses', () => {
  test.each([
    ['no PKCS #1 v1.5', {}, 'RSAES_PKCS1_V1_5', 'RSA_2048'],
    [
      'an RSA key under OAEP with SHA-256',
      { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' },
      'RSAES_OAEP_SHA_256',
      'RSA_4096',
    ],
    [
      'an RSA key under OAEP with SHA-1',
      { KeySpec: 'RSA_4096', KeyUsage: 'ENCRYPT_DECRYPT' },
      'RSAES_OAEP_SHA_1',
      'RSA_4096',
    ],
    [
      'P-521 under the smallest modulus',
      { KeySpec: 'ECC_NIST_P521', KeyUsage: 'SIGN_VERIFY' },
      'RSAES_OAEP_SHA_256',
      'RSA_2048',
    ],
    ['SM2 outside China', {}, 'SM2PKE', 'SM2'],
  ])('%s: %o, %s, %s', async (_, input, algorithm, spec) => {
    const { home, key } = await external(input);
    const call = home.call('GetParametersForImport', {
      KeyId: key.id,
      WrappingAlgorithm: algorithm,
      WrappingKeySpec: spec,
    });
    expect(await refusal(call)).toMatchObject(UNSUPPORTED);
  });

  test('a key with material of its own', async () => {
    const home = await fixture();
    const key = await newKey(home);
    expect(await refusal(parametersFor(home, key))).toEqual({
      code: 'UnsupportedOperationException',
      message: `${key.arn} origin is AWS_KMS which is not valid for this operation.`,
    });
  });
});

test('parameters, and their event', async () => {
  const { home, key } = await external();
  const answer = await home.call('GetParametersForImport', {
    KeyId: key.arn,
    WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
    WrappingKeySpec: 'RSA_3072',
  });
  expect(answer).toMatchObject({ KeyId: key.arn, ParametersValidTo: new Date(START + DAY) });
  const publicKey = createPublicKey({
    key: Buffer.from(answer['PublicKey'] as Uint8Array),
    format: 'der',
    type: 'spki',
  });
  expect(publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 3072, publicExponent: 65_537n });
  expect(home.events().at(-1)).toMatchObject({
    eventName: 'GetParametersForImport',
    readOnly: true,
    requestParameters: { keyId: key.arn, wrappingAlgorithm: 'RSAES_OAEP_SHA_256', wrappingKeySpec: 'RSA_3072' },
    responseElements: null,
  });
});

test('a key waits for its material', async () => {
  const { home, key } = await external();
  const before = await describedKey(home, key.id);
  expect(before).toMatchObject({ KeyState: 'PendingImport', Enabled: false, Origin: 'EXTERNAL' });
  expect(before).not.toHaveProperty('ExpirationModel');
  expect(before).not.toHaveProperty('CurrentKeyMaterialId');
  const { KeyMaterialId } = await importInto(home, key, MATERIAL);
  const after = await describedKey(home, key.id);
  expect(after).toMatchObject({
    KeyState: 'Enabled',
    Enabled: true,
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    CurrentKeyMaterialId: KeyMaterialId,
  });
  expect(after).not.toHaveProperty('ValidTo');
});

test('the event, without material and token', async () => {
  const { home, key } = await external();
  const input = await wrapped(home, key, MATERIAL);
  await home.call('ImportKeyMaterial', {
    ...input,
    ExpirationModel: 'KEY_MATERIAL_EXPIRES',
    ValidTo: new Date(START + 10 * DAY),
    ImportType: 'NEW_KEY_MATERIAL',
    KeyMaterialDescription: 'ExampleKeyMaterialA',
  });
  expect(eventsNamed(home, 'ImportKeyMaterial')).toEqual(expectedEvents('import-key-material', key));
});

describe('the import token', () => {
  test('is for one KMS key', async () => {
    const { home, key } = await external();
    const other = await newKey(home, EXTERNAL);
    const input = { ...(await wrapped(home, key, MATERIAL)), ...FOREVER, KeyId: other.id };
    expect(await refusal(home.call('ImportKeyMaterial', input))).toMatchObject({ code: 'InvalidImportTokenException' });
  });

  test('goes with one wrapping key', async () => {
    const { home, key } = await external();
    const [one, two] = [await wrapped(home, key, MATERIAL), await wrapped(home, key, MATERIAL)];
    const mixed = { ...one, ImportToken: two.ImportToken, ...FOREVER };
    expect(await refusal(home.call('ImportKeyMaterial', mixed))).toEqual({
      code: 'InvalidCiphertextException',
      message: '',
    });
  });

  test('goes with one wrapping algorithm', async () => {
    const { home, key } = await external();
    const { ImportToken, PublicKey } = await parametersFor(home, key, { algorithm: 'RSAES_OAEP_SHA_256' });
    const EncryptedKeyMaterial = WRAPS.RSAES_OAEP_SHA_1(PublicKey, MATERIAL);
    const call = home.call('ImportKeyMaterial', { KeyId: key.id, ImportToken, EncryptedKeyMaterial, ...FOREVER });
    expect(await refusal(call)).toEqual({ code: 'InvalidCiphertextException', message: '' });
  });

  test('is good for 24 hours, as often as wanted', async () => {
    const { home, key } = await external();
    const input = { ...(await wrapped(home, key, MATERIAL)), ...FOREVER };
    await pass(home, DAY - 1);
    await home.call('ImportKeyMaterial', input);
    await home.call('ImportKeyMaterial', input);
    await pass(home, 1);
    expect(await refusal(home.call('ImportKeyMaterial', input))).toMatchObject({ code: 'ExpiredImportTokenException' });
  });

  test('stays expired when the clock goes back: its wrapping key is forgotten', async () => {
    const { home, key } = await external();
    const input = { ...(await wrapped(home, key, MATERIAL)), ...FOREVER };
    await pass(home, DAY);
    await home.call('DescribeKey', { KeyId: key.id });
    home.now -= DAY;
    expect(await refusal(home.call('ImportKeyMaterial', input))).toMatchObject({ code: 'ExpiredImportTokenException' });
  });

  test.each<[string, object]>([
    ['no end', { wrappingKeyId: 'x' }],
    ['an end that is no number', { wrappingKeyId: 'x', validTo: Number.NaN }],
    ['an end in text', { wrappingKeyId: 'x', validTo: '9999999999999' }],
    ['no wrapping key', { validTo: Date.UTC(2099, 0) }],
    ['nothing', {}],
  ])('with %s is none', async (_, body) => {
    const { home, key } = await external();
    const input = { ...(await wrapped(home, key, MATERIAL)), ...FOREVER };
    const ImportToken = await home.keyring.transact(async (tx) =>
      tx.sealToken({ kind: 'importToken', name: key.arn }, encodeRecord(body)),
    );
    const refused = await refusal(home.call('ImportKeyMaterial', { ...input, ImportToken }));
    expect(refused).toMatchObject({ code: 'InvalidImportTokenException' });
  });

  test('cannot be altered, cut or made up', async () => {
    const { home, key } = await external();
    const input = { ...(await wrapped(home, key, MATERIAL)), ...FOREVER };
    const { length } = input.ImportToken;
    const tokens = [
      ...Array.from({ length: 60 }, (_, at) => flipped(input.ImportToken, Math.floor((at * 8 * length) / 60))),
      input.ImportToken.slice(0, -1),
      Uint8Array.of(1),
      randomBytes(length),
    ];
    for (const ImportToken of tokens) {
      expect(await refusal(home.call('ImportKeyMaterial', { ...input, ImportToken }))).toMatchObject({
        code: 'InvalidImportTokenException',
      });
    }
  });

  test('the wrapping key is forgotten when its token has expired', async () => {
    const { home, key } = await external();
    await parametersFor(home, key);
    const count = (): Promise<number> =>
      home.keyring.transact(async (tx) => (await Array.fromAsync(tx.rows('wrapping-key/'))).length);
    expect(await count()).toBe(1);
    await pass(home, DAY);
    expect(await count()).toBe(0);
  });
});

describe('what is no material for the key', () => {
  const incorrect = { code: 'IncorrectKeyMaterialException' };
  test.each([
    ['symmetric, too short', {}, () => randomBytes(16)],
    ['symmetric, too long', {}, () => randomBytes(33)],
    ['HMAC of another length', { KeySpec: 'HMAC_384', KeyUsage: 'GENERATE_VERIFY_MAC' }, () => randomBytes(32)],
    ['a key on another curve', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }, () => ecKey('secp384r1')],
    ['no key at all', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }, () => randomBytes(120)],
  ])('%s', async (_, input, make) => {
    const { home, key } = await external(input);
    expect(await refusal(importInto(home, key, make()))).toMatchObject(incorrect);
    expect(await stateOf(home, key.id)).toBe('PendingImport');
  });

  test('an RSA key of another size', async () => {
    const { home, key } = await external({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    const input = await wrapped(home, key, rsaKey(3072), { algorithm: 'RSA_AES_KEY_WRAP_SHA_256' });
    expect(await refusal(home.call('ImportKeyMaterial', { ...input, ...FOREVER }))).toMatchObject(incorrect);
  });

  test('bytes that were not wrapped', async () => {
    const { home, key } = await external();
    const input = { ...(await wrapped(home, key, MATERIAL)), EncryptedKeyMaterial: randomBytes(256), ...FOREVER };
    expect(await refusal(home.call('ImportKeyMaterial', input))).toMatchObject({ code: 'InvalidCiphertextException' });
  });
});

describe('members that must agree', () => {
  const wrong = (message: unknown): object => ({ code: 'ValidationException', message });
  test.each([
    [
      'it expires unless told otherwise',
      {},
      'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES',
    ],
    [
      'a date is needed',
      { ExpirationModel: 'KEY_MATERIAL_EXPIRES' },
      'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES',
    ],
    ['no date without an end', { ...FOREVER, ValidTo: new Date(START + DAY) }, expect.any(String)],
    ['now', { ValidTo: new Date(START) }, expect.any(String)],
    ['more than 365 days', { ValidTo: new Date(START + 365 * DAY + 1) }, expect.any(String)],
    [
      'a new material has no ID yet',
      { ...FOREVER, ImportType: 'NEW_KEY_MATERIAL', KeyMaterialId: 'a'.repeat(64) },
      expect.any(String),
    ],
  ])('%s', async (_, members, message) => {
    const { home, key } = await external();
    const input = { ...(await wrapped(home, key, MATERIAL)), ...members };
    expect(await refusal(home.call('ImportKeyMaterial', input))).toEqual(wrong(message));
  });

  test.each([{ ImportType: 'NEW_KEY_MATERIAL' }, { KeyMaterialDescription: 'one' }, { KeyMaterialId: 'a'.repeat(64) }])(
    '%o is for symmetric keys',
    async (members) => {
      const { home, key } = await external({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
      expect(await refusal(importInto(home, key, MATERIAL, members))).toEqual(wrong(expect.any(String)));
    },
  );

  test.each([365 * DAY, 1])('%i ms from now will do', async (time) => {
    const { home, key } = await external();
    await importInto(home, key, MATERIAL, { ExpirationModel: undefined, ValidTo: new Date(START + time) });
    expect(await describedKey(home, key.id)).toMatchObject({
      ExpirationModel: 'KEY_MATERIAL_EXPIRES',
      ValidTo: new Date(START + time),
    });
  });
});

describe('importing again', () => {
  const incorrect = { code: 'IncorrectKeyMaterialException' };

  test('the same material, wrapped otherwise', async () => {
    const { home, key, id } = await withMaterial();
    const { CiphertextBlob } = await home.call('Encrypt', { KeyId: key.id, Plaintext: Uint8Array.of(9) });
    await home.call('DeleteImportedKeyMaterial', { KeyId: key.id });
    const input = await wrapped(home, key, MATERIAL, { algorithm: 'RSA_AES_KEY_WRAP_SHA_256', spec: 'RSA_3072' });
    expect(await home.call('ImportKeyMaterial', { ...input, ...FOREVER })).toEqual({
      KeyId: key.arn,
      KeyMaterialId: id,
    });
    expect((await home.call('Decrypt', { CiphertextBlob }))['Plaintext']).toEqual(Uint8Array.of(9));
  });

  test('never another material, also after the first was deleted', async () => {
    const { home, key } = await withMaterial();
    expect(await refusal(importInto(home, key, OTHER_MATERIAL))).toMatchObject(incorrect);
    await home.call('DeleteImportedKeyMaterial', { KeyId: key.id });
    expect(await refusal(importInto(home, key, OTHER_MATERIAL))).toMatchObject(incorrect);
  });

  test('KeyMaterialId must be that of the material', async () => {
    const { home, key, id } = await withMaterial();
    await importInto(home, key, MATERIAL, { KeyMaterialId: id });
    expect(await refusal(importInto(home, key, MATERIAL, { KeyMaterialId: 'a'.repeat(64) }))).toMatchObject(incorrect);
  });

  test('as new material what is there already', async () => {
    const { home, key } = await withMaterial();
    const call = importInto(home, key, MATERIAL, { ImportType: 'NEW_KEY_MATERIAL' });
    expect(await refusal(call)).toMatchObject(incorrect);
  });

  test('changes when it expires', async () => {
    const { home, key } = await withMaterial({ ExpirationModel: undefined, ValidTo: new Date(START + DAY) });
    await importInto(home, key, MATERIAL, { ExpirationModel: undefined, ValidTo: new Date(START + 30 * DAY) });
    await pass(home, 2 * DAY);
    expect(await describedKey(home, key.id)).toMatchObject({
      KeyState: 'Enabled',
      ValidTo: new Date(START + 30 * DAY),
    });
    await importInto(home, key, MATERIAL);
    await pass(home, 100 * DAY);
    expect(await stateOf(home, key.id)).toBe('Enabled');
    expect(eventsNamed(home, 'DeleteExpiredKeyMaterial')).toEqual([]);
  });

  test('keeps the description that it has unless it gets another', async () => {
    const { home, key } = await withMaterial({ KeyMaterialDescription: 'first of 2026' });
    await home.call('DeleteImportedKeyMaterial', { KeyId: key.id });
    await importInto(home, key, MATERIAL);
    expect((await listed(home, key))[0]).toMatchObject({ KeyMaterialDescription: 'first of 2026' });
    await importInto(home, key, MATERIAL, { KeyMaterialDescription: 'renamed' });
    expect((await listed(home, key))[0]).toMatchObject({ KeyMaterialDescription: 'renamed' });
  });

  test('leaves a disabled key disabled', async () => {
    const { home, key } = await withMaterial();
    await home.call('DisableKey', { KeyId: key.id });
    await importInto(home, key, MATERIAL);
    expect(await stateOf(home, key.id)).toBe('Disabled');
  });
});

describe('expiry and deletion', () => {
  const ends = { ExpirationModel: undefined, ValidTo: new Date(START + 10 * DAY) };

  test('at ValidTo the material is gone, with the event of that time', async () => {
    const { home, key } = await withMaterial(ends);
    await pass(home, 10 * DAY - 1);
    expect(await stateOf(home, key.id)).toBe('Enabled');
    await pass(home, 5 * DAY);
    expect(await describedKey(home, key.id)).toMatchObject({
      KeyState: 'PendingImport',
      ExpirationModel: 'KEY_MATERIAL_EXPIRES',
      ValidTo: new Date(START + 10 * DAY),
    });
    expect(eventsNamed(home, 'DeleteExpiredKeyMaterial')).toEqual(expectedEvents('delete-expired-key-material', key));
    expect(await refusal(home.call('Encrypt', { KeyId: key.id, Plaintext: Uint8Array.of(1) }))).toEqual({
      code: 'KMSInvalidStateException',
      message: `${key.arn} is pending import.`,
    });
    await importInto(home, key, MATERIAL);
    expect(await stateOf(home, key.id)).toBe('Enabled');
  });

  test('a disabled key falls to PendingImport, one that is pending deletion stays so', async () => {
    const { home, key } = await withMaterial(ends);
    const other = await newKey(home, EXTERNAL);
    await importInto(home, other, MATERIAL, ends);
    await home.call('DisableKey', { KeyId: key.id });
    await home.call('ScheduleKeyDeletion', { KeyId: other.id });
    await pass(home, 10 * DAY);
    expect(await stateOf(home, key.id)).toBe('PendingImport');
    expect(await stateOf(home, other.id)).toBe('PendingDeletion');
  });

  test('canceled, a key without material is disabled; enabling it leaves it waiting for the import', async () => {
    const { home, key } = await withMaterial();
    await home.call('ScheduleKeyDeletion', { KeyId: key.id });
    await home.call('DeleteImportedKeyMaterial', { KeyId: key.id });
    expect(await stateOf(home, key.id)).toBe('PendingDeletion');
    await home.call('CancelKeyDeletion', { KeyId: key.id });
    expect(await stateOf(home, key.id)).toBe('Disabled');
    await home.call('EnableKey', { KeyId: key.id });
    expect(await stateOf(home, key.id)).toBe('PendingImport');
  });

  test('deleted at any time', async () => {
    const { home, key, id } = await withMaterial(ends);
    expect(await home.call('DeleteImportedKeyMaterial', { KeyId: key.id })).toEqual({
      KeyId: key.arn,
      KeyMaterialId: id,
    });
    const described = await describedKey(home, key.id);
    expect(described).toMatchObject({ KeyState: 'PendingImport', Enabled: false, CurrentKeyMaterialId: id });
    expect(described).not.toHaveProperty('ExpirationModel');
    expect(described).not.toHaveProperty('ValidTo');
    expect(eventsNamed(home, 'DeleteImportedKeyMaterial')).toMatchObject([
      {
        requestParameters: { keyId: key.id },
        responseElements: { keyId: key.arn, keyMaterialId: id },
        readOnly: false,
      },
    ]);
    await pass(home, 20 * DAY);
    expect(eventsNamed(home, 'DeleteExpiredKeyMaterial')).toEqual([]);
  });

  test('what is not there is deleted without effect', async () => {
    const { home, key } = await external();
    expect(await home.call('DeleteImportedKeyMaterial', { KeyId: key.id })).toEqual({ KeyId: key.arn });
    await importInto(home, key, MATERIAL);
    await home.call('DeleteImportedKeyMaterial', { KeyId: key.id });
    await home.call('DeleteImportedKeyMaterial', { KeyId: key.id });
    expect(await stateOf(home, key.id)).toBe('PendingImport');
  });

  test('a key pair that lost its material has it again after the import', async () => {
    const { home, key } = await external({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const pkcs8 = ecKey('prime256v1');
    await importInto(home, key, pkcs8);
    const { PublicKey } = await home.call('GetPublicKey', { KeyId: key.id });
    await home.call('DeleteImportedKeyMaterial', { KeyId: key.id });
    expect(await refusal(home.call('GetPublicKey', { KeyId: key.id }))).toMatchObject({
      message: `${key.arn} is pending import.`,
    });
    expect(await refusal(importInto(home, key, ecKey('prime256v1')))).toMatchObject({
      code: 'IncorrectKeyMaterialException',
    });
    await importInto(home, key, pkcs8);
    expect((await home.call('GetPublicKey', { KeyId: key.id }))['PublicKey']).toEqual(PublicKey);
  });
});

describe('new material for a symmetric key', () => {
  const asNew = { ImportType: 'NEW_KEY_MATERIAL' };

  test('waits for RotateKeyOnDemand and then takes over; the old one still decrypts', async () => {
    const { home, key, id } = await withMaterial({ KeyMaterialDescription: 'one' });
    const { CiphertextBlob } = await home.call('Encrypt', { KeyId: key.id, Plaintext: Uint8Array.of(1) });
    const { KeyMaterialId: next } = await importInto(home, key, OTHER_MATERIAL, asNew);
    const imported = { KeyId: key.id, ImportState: 'IMPORTED', ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' };
    expect(await listed(home, key)).toEqual([
      { ...imported, KeyMaterialId: id, KeyMaterialDescription: 'one', KeyMaterialState: 'CURRENT' },
      { ...imported, KeyMaterialId: next, KeyMaterialState: 'PENDING_ROTATION' },
    ]);
    expect(await describedKey(home, key.id)).toMatchObject({ CurrentKeyMaterialId: id });
    await home.call('RotateKeyOnDemand', { KeyId: key.id });
    await pass(home, PAST_TRANSITION);
    expect(await listed(home, key)).toMatchObject([
      { KeyMaterialId: id, KeyMaterialState: 'NON_CURRENT' },
      { KeyMaterialId: next, KeyMaterialState: 'CURRENT', RotationType: 'ON_DEMAND' },
    ]);
    expect(await home.call('Decrypt', { CiphertextBlob })).toMatchObject({ KeyMaterialId: id });
    expect(await home.call('GenerateDataKey', { KeyId: key.id, KeySpec: 'AES_256' })).toMatchObject({
      KeyMaterialId: next,
    });
    expect(eventsNamed(home, 'RotateKey')).toMatchObject([
      {
        serviceEventDetails: {
          rotationType: 'ON_DEMAND',
          keyOrigin: 'EXTERNAL',
          previousKeyMaterialId: id,
          currentKeyMaterialId: next,
        },
      },
    ]);
  });

  // recorded from AWS (LocalStack, test_import_key_material_raises_if_there_is_already_key_material_pending)
  test('one at a time', async () => {
    const { home, key } = await withMaterial();
    const { KeyMaterialId: waiting } = await importInto(home, key, OTHER_MATERIAL, asNew);
    const { code, message } = await refusal(importInto(home, key, randomBytes(32), asNew));
    expect(code).toBe('KMSInvalidStateException');
    expect(message).toMatch(
      new RegExp(
        `^New key material \\(id: [0-9a-f]{64}\\) cannot be imported into KMS key ${key.arn}, because another key material \\(id: ${waiting as string}\\) is pending rotation\\.$`,
      ),
    );
  });

  test('there must be one to rotate to', async () => {
    const { home, key } = await withMaterial();
    expect(await refusal(home.call('RotateKeyOnDemand', { KeyId: key.id }))).toEqual({
      code: 'KMSInvalidStateException',
      message: `No available key material pending rotation for the key: ${key.arn}.`,
    });
  });

  test('what waits can be deleted and leaves its place; it was never the key’s', async () => {
    const { home, key, id } = await withMaterial();
    const { KeyMaterialId: waiting } = await importInto(home, key, OTHER_MATERIAL, asNew);
    await home.call('DeleteImportedKeyMaterial', { KeyId: key.id, KeyMaterialId: waiting });
    expect(await stateOf(home, key.id)).toBe('Enabled');
    expect(await listed(home, key)).toMatchObject([{ KeyMaterialId: id }]);
    expect(await refusal(importInto(home, key, OTHER_MATERIAL))).toMatchObject({
      code: 'IncorrectKeyMaterialException',
    });
    await importInto(home, key, randomBytes(32), asNew);
  });

  test('what waits can expire', async () => {
    const { home, key } = await withMaterial();
    await importInto(home, key, OTHER_MATERIAL, {
      ...asNew,
      ExpirationModel: undefined,
      ValidTo: new Date(START + DAY),
    });
    expect(await describedKey(home, key.id)).toMatchObject({ ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' });
    await pass(home, DAY);
    expect(await stateOf(home, key.id)).toBe('Enabled');
    expect(await listed(home, key)).toHaveLength(1);
    expect(eventsNamed(home, 'DeleteExpiredKeyMaterial')).toHaveLength(1);
  });

  test('a key needs all of its material', async () => {
    const { home, key, id } = await withMaterial();
    const { KeyMaterialId: next } = await importInto(home, key, OTHER_MATERIAL, {
      ...asNew,
      ExpirationModel: undefined,
      ValidTo: new Date(START + 20 * DAY),
    });
    await home.call('RotateKeyOnDemand', { KeyId: key.id });
    await pass(home, PAST_TRANSITION);
    expect(await describedKey(home, key.id)).toMatchObject({ ValidTo: new Date(START + 20 * DAY) });
    await home.call('DeleteImportedKeyMaterial', { KeyId: key.id, KeyMaterialId: id });
    expect(await stateOf(home, key.id)).toBe('PendingImport');
    await pass(home, 20 * DAY);
    expect(await listed(home, key)).toMatchObject([
      { KeyMaterialId: id, ImportState: 'PENDING_IMPORT' },
      { KeyMaterialId: next, ImportState: 'PENDING_IMPORT', KeyMaterialState: 'CURRENT' },
    ]);
    await importInto(home, key, OTHER_MATERIAL, { KeyMaterialId: next });
    expect(await stateOf(home, key.id)).toBe('PendingImport');
    await importInto(home, key, MATERIAL, { KeyMaterialId: id });
    expect(await stateOf(home, key.id)).toBe('Enabled');
    expect(await listed(home, key)).toMatchObject([{ KeyMaterialId: id }, { KeyMaterialId: next }]); // in their old order
  });

  test('an ID that the key does not know', async () => {
    const { home, key } = await withMaterial();
    const call = home.call('DeleteImportedKeyMaterial', { KeyId: key.id, KeyMaterialId: 'a'.repeat(64) });
    expect(await refusal(call)).toMatchObject({ code: 'NotFoundException' });
  });
});

const OPERATIONS = ['GetParametersForImport', 'ImportKeyMaterial', 'DeleteImportedKeyMaterial'] as const;
const membersOf = (operation: (typeof OPERATIONS)[number]): object =>
  ({
    GetParametersForImport: { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' },
    ImportKeyMaterial: { ...FOREVER, ImportToken: Uint8Array.of(1), EncryptedKeyMaterial: Uint8Array.of(1) },
    DeleteImportedKeyMaterial: {},
  })[operation];

describe.each(OPERATIONS)('%s', (operation) => {
  test('of a key with material of its own', async () => {
    const home = await fixture();
    const key = await newKey(home);
    await home.call('ScheduleKeyDeletion', { KeyId: key.id }); // what kind of key it is comes first
    expect(await refusal(home.call(operation, { KeyId: key.id, ...membersOf(operation) }))).toEqual({
      code: 'UnsupportedOperationException',
      message: `${key.arn} origin is AWS_KMS which is not valid for this operation.`,
    });
  });

  test('takes no alias', async () => {
    const home = await fixture();
    const call = home.call(operation, { KeyId: 'alias/none', ...membersOf(operation) });
    expect(await refusal(call)).toMatchObject({ code: 'InvalidArnException' });
  });
});

test.each(['GetParametersForImport', 'ImportKeyMaterial'] as const)(
  '%s is not possible while deletion is pending',
  async (operation) => {
    const { home, key } = await withMaterial();
    await home.call('ScheduleKeyDeletion', { KeyId: key.id });
    expect(await refusal(home.call(operation, { KeyId: key.id, ...membersOf(operation) }))).toEqual({
      code: 'KMSInvalidStateException',
      message: `${key.arn} is pending deletion.`,
    });
  },
);

test('nothing of the material is in the log', async () => {
  const { home, key } = await withMaterial();
  await home.call('DeleteImportedKeyMaterial', { KeyId: key.id });
  const log = JSON.stringify(home.events());
  expect(log).toContain(ACCOUNT);
  for (const format of ['hex', 'base64'] as const) expect(log).not.toContain(Buffer.from(MATERIAL).toString(format));
});
