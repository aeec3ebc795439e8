import { beforeAll, describe, expect, test } from 'vitest';
import { KEY_SPECS } from '../../../src/crypto/key-spec.ts';
import type { KeySpecName } from '../../../src/model/enumeration.ts';
import { opensslOut } from '../../crypto/openssl.ts';
import { fixture, refusal, type Fixture } from '../../support/fixture.ts';
import { bytes, bytesOf, freshKey, keysOf, privateKeyOf, publicKeyOf, type Key, type KeyOf } from './keys.ts';

let home: Fixture;
let keyOf: KeyOf;
beforeAll(async () => {
  home = await fixture();
  keyOf = keysOf(home);
});

const encrypting = async (spec: KeySpecName): Promise<Key> => keyOf(spec, 'ENCRYPT_DECRYPT');
const encrypted = async (key: Key, Plaintext: Uint8Array, EncryptionAlgorithm: string): Promise<Uint8Array> =>
  bytesOf(await key.call('Encrypt', { Plaintext, EncryptionAlgorithm }), 'CiphertextBlob');
const decrypted = async (key: Key, CiphertextBlob: Uint8Array, more: object): Promise<Uint8Array> =>
  bytesOf(await key.call('Decrypt', { CiphertextBlob, ...more }), 'Plaintext');

const INVALID = { code: 'InvalidCiphertextException', message: '' };

/** AWS KMS Developer Guide, Key spec reference; SM2 as the public model has it. */
const LIMITS: readonly (readonly [KeySpecName, string, number])[] = [
  ['RSA_2048', 'RSAES_OAEP_SHA_1', 214],
  ['RSA_2048', 'RSAES_OAEP_SHA_256', 190],
  ['RSA_3072', 'RSAES_OAEP_SHA_1', 342],
  ['RSA_3072', 'RSAES_OAEP_SHA_256', 318],
  ['RSA_4096', 'RSAES_OAEP_SHA_1', 470],
  ['RSA_4096', 'RSAES_OAEP_SHA_256', 446],
  ['SM2', 'SM2PKE', 1024],
];

describe.each(LIMITS)('%s %s', (spec, algorithm, limit) => {
  test(`up to ${limit} bytes come back`, async () => {
    const key = await encrypting(spec);
    for (const length of [1, limit]) {
      const Plaintext = bytes(length);
      const answer = await key.call('Encrypt', { Plaintext, EncryptionAlgorithm: algorithm });
      expect(Object.keys(answer)).toEqual(['CiphertextBlob', 'KeyId', 'EncryptionAlgorithm']);
      const { CiphertextBlob } = answer;
      const opened = await key.call('Decrypt', { CiphertextBlob, EncryptionAlgorithm: algorithm });
      expect(bytesOf(opened, 'Plaintext')).toEqual(Plaintext);
      expect(Object.keys(opened)).toEqual(['KeyId', 'Plaintext', 'EncryptionAlgorithm']);
      expect(opened).toMatchObject({ KeyId: key.arn, EncryptionAlgorithm: algorithm });
    }
  });

  test('one byte more is too much', async () => {
    const key = await encrypting(spec);
    const input = { Plaintext: new Uint8Array(limit + 1), EncryptionAlgorithm: algorithm };
    expect(await refusal(key.call('Encrypt', input))).toEqual({
      code: 'ValidationException',
      message: `Algorithm ${algorithm} and key spec ${spec} cannot encrypt data larger than ${limit} bytes.`,
    });
  });

  test('an altered ciphertext, another key and the default algorithm are one and the same error', async () => {
    const key = await encrypting(spec);
    const ciphertext = await encrypted(key, bytes(20), algorithm);
    const altered = Uint8Array.from(ciphertext, (byte, at) => (at === ciphertext.length - 1 ? byte ^ 1 : byte));
    const other = await freshKey(home, spec, 'ENCRYPT_DECRYPT');
    for (const [by, CiphertextBlob, EncryptionAlgorithm] of [
      [key, altered, algorithm],
      [key, ciphertext.subarray(1), algorithm],
      [other, ciphertext, algorithm],
      [key, ciphertext, undefined],
      [key, ciphertext, 'SYMMETRIC_DEFAULT'],
    ] as const) {
      const input = { CiphertextBlob, ...(EncryptionAlgorithm === undefined ? {} : { EncryptionAlgorithm }) };
      expect(await refusal(by.call('Decrypt', input))).toEqual(INVALID);
    }
  });

  const once = spec === 'RSA_2048' ? [spec] : [];
  test.each(once)('a ciphertext without the zero that it begins with is none', async () => {
    const key = await encrypting(spec);
    let ciphertext = await encrypted(key, bytes(20), algorithm);
    while (ciphertext[0] !== 0) ciphertext = await encrypted(key, bytes(20), algorithm); // one in 256
    const decrypting = (CiphertextBlob: Uint8Array) =>
      key.call('Decrypt', { CiphertextBlob, EncryptionAlgorithm: algorithm });
    expect(await decrypting(ciphertext)).toHaveProperty('Plaintext');
    expect(await refusal(decrypting(ciphertext.subarray(1)))).toEqual(INVALID);
  });

  // AWS KMS API Reference, Encrypt, EncryptionContext: asymmetric algorithms have none. The text is as emulators quote AWS
  test('an encryption context is refused', async () => {
    const key = await encrypting(spec);
    const context = { EncryptionContext: { stage: 'test' }, EncryptionAlgorithm: algorithm };
    const refused = {
      code: 'ValidationException',
      message: 'EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.',
    };
    expect(await refusal(key.call('Encrypt', { Plaintext: bytes(8), ...context }))).toEqual(refused);
    const CiphertextBlob = await encrypted(key, bytes(8), algorithm);
    expect(await refusal(key.call('Decrypt', { CiphertextBlob, ...context }))).toEqual(refused);
    const none = { CiphertextBlob, EncryptionContext: {}, EncryptionAlgorithm: algorithm };
    expect(await key.call('Decrypt', none)).toMatchObject({ KeyId: key.arn });
  });
});

const RSA = LIMITS.filter(([spec]) => spec.startsWith('RSA'));

test.each(RSA)('openssl and %s %s, both ways', async (spec, algorithm) => {
  const key = await encrypting(spec);
  const hash = algorithm.endsWith('256') ? 'sha256' : 'sha1';
  const oaep = `-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:${hash} -pkeyopt rsa_mgf1_md:${hash}`;
  const Plaintext = bytes(32);
  const theirs = opensslOut(`pkeyutl -encrypt -pubin -inkey pub.der -keyform DER -in m.bin ${oaep}`, {
    'pub.der': await publicKeyOf(key),
    'm.bin': Plaintext,
  });
  expect(theirs.length).toBe(KEY_SPECS[spec].keyPair!.modulusLength! / 8);
  expect(await decrypted(key, theirs, { EncryptionAlgorithm: algorithm })).toEqual(Plaintext);
  const opened = opensslOut(`pkeyutl -decrypt -inkey key.der -keyform DER -in c.bin ${oaep}`, {
    'key.der': await privateKeyOf(home, key),
    'c.bin': await encrypted(key, Plaintext, algorithm),
  });
  expect(Uint8Array.from(opened)).toEqual(Plaintext);
});

test('openssl and SM2PKE, both ways', async () => {
  const key = await encrypting('SM2');
  const Plaintext = bytes(40);
  const theirs = opensslOut('pkeyutl -encrypt -pubin -inkey pub.der -keyform DER -in m.bin -pkeyopt digest:sm3', {
    'pub.der': await publicKeyOf(key),
    'm.bin': Plaintext,
  });
  expect(await decrypted(key, theirs, { EncryptionAlgorithm: 'SM2PKE' })).toEqual(Plaintext);
  const opened = opensslOut('pkeyutl -decrypt -inkey key.der -keyform DER -in c.bin -pkeyopt digest:sm3', {
    'key.der': await privateKeyOf(home, key),
    'c.bin': await encrypted(key, Plaintext, 'SM2PKE'),
  });
  expect(Uint8Array.from(opened)).toEqual(Plaintext);
});

test.each([
  ['RSA_2048', undefined, 'SYMMETRIC_DEFAULT'],
  ['RSA_4096', 'SM2PKE', 'SM2PKE'],
  ['SM2', 'RSAES_OAEP_SHA_256', 'RSAES_OAEP_SHA_256'],
  ['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_1'],
] as const)('Encrypt with %s and algorithm %s', async (spec, given, named) => {
  const key = await encrypting(spec);
  const input = { Plaintext: bytes(8), ...(given === undefined ? {} : { EncryptionAlgorithm: given }) };
  expect(await refusal(key.call('Encrypt', input))).toEqual({
    code: 'InvalidKeyUsageException',
    message: `Algorithm ${named} is incompatible with key spec ${spec}.`,
  });
});

test.each([
  ['RSA_2048', 'SM2PKE'],
  ['SM2', 'RSAES_OAEP_SHA_256'],
  ['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1'],
] as const)('Decrypt with %s and algorithm %s', async (spec, EncryptionAlgorithm) => {
  const key = await encrypting(spec);
  const input = { CiphertextBlob: bytes(256), EncryptionAlgorithm };
  expect(await refusal(key.call('Decrypt', input))).toEqual({
    code: 'InvalidKeyUsageException',
    message: `Algorithm ${EncryptionAlgorithm} is incompatible with key spec ${spec}.`,
  });
});

test('an asymmetric algorithm needs the key', async () => {
  const input = { CiphertextBlob: bytes(256), EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' };
  expect(await refusal(home.call('Decrypt', input))).toEqual({
    code: 'ValidationException',
    message: 'KeyId is required with algorithm RSAES_OAEP_SHA_256.',
  });
  const { arn } = await encrypting('SYMMETRIC_DEFAULT');
  const again = {
    CiphertextBlob: bytes(256),
    SourceEncryptionAlgorithm: 'RSAES_OAEP_SHA_1',
    DestinationKeyId: arn,
  };
  expect(await refusal(home.call('ReEncrypt', again))).toEqual({
    code: 'ValidationException',
    message: 'SourceKeyId is required with algorithm RSAES_OAEP_SHA_1.',
  });
});

test('without key and algorithm, the ciphertext of a key pair is not valid', async () => {
  const CiphertextBlob = await encrypted(await encrypting('RSA_2048'), bytes(8), 'RSAES_OAEP_SHA_256');
  expect(await refusal(home.call('Decrypt', { CiphertextBlob }))).toEqual(INVALID);
});

describe('ReEncrypt', () => {
  const SIDES: readonly (readonly [KeySpecName, string, object])[] = [
    ['SYMMETRIC_DEFAULT', 'SYMMETRIC_DEFAULT', { EncryptionContext: { stage: 'test' } }],
    ['RSA_2048', 'RSAES_OAEP_SHA_256', {}],
    ['RSA_3072', 'RSAES_OAEP_SHA_1', {}],
  ];
  const pairs = SIDES.flatMap((from) => SIDES.map((to) => ({ from, to, title: `${from[0]} -> ${to[0]}` })));

  test.each(pairs)('$title', async ({ from, to }) => {
    const [source, destination] = [await encrypting(from[0]), await encrypting(to[0])];
    const Plaintext = bytes(64);
    const { CiphertextBlob } = await source.call('Encrypt', { Plaintext, EncryptionAlgorithm: from[1], ...from[2] });
    const answer = await home.call('ReEncrypt', {
      CiphertextBlob,
      SourceKeyId: source.id,
      SourceEncryptionAlgorithm: from[1],
      ...('EncryptionContext' in from[2] ? { SourceEncryptionContext: from[2].EncryptionContext } : {}),
      DestinationKeyId: destination.id,
      DestinationEncryptionAlgorithm: to[1],
      ...('EncryptionContext' in to[2] ? { DestinationEncryptionContext: to[2].EncryptionContext } : {}),
    });
    expect(Object.keys(answer)).toEqual([
      'CiphertextBlob',
      'SourceKeyId',
      'KeyId',
      'SourceEncryptionAlgorithm',
      'DestinationEncryptionAlgorithm',
      ...(from[0] === 'SYMMETRIC_DEFAULT' ? ['SourceKeyMaterialId'] : []),
      ...(to[0] === 'SYMMETRIC_DEFAULT' ? ['DestinationKeyMaterialId'] : []),
    ]);
    expect(answer).toMatchObject({
      SourceKeyId: source.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: from[1],
      DestinationEncryptionAlgorithm: to[1],
    });
    const ciphertext = bytesOf(answer, 'CiphertextBlob');
    expect(await decrypted(destination, ciphertext, { EncryptionAlgorithm: to[1], ...to[2] })).toEqual(Plaintext);
  });

  test('to a key pair that is too short for the plaintext', async () => {
    const { CiphertextBlob } = await (
      await encrypting('SYMMETRIC_DEFAULT')
    ).call('Encrypt', {
      Plaintext: bytes(191),
    });
    const { arn } = await encrypting('RSA_2048');
    const input = { CiphertextBlob, DestinationKeyId: arn, DestinationEncryptionAlgorithm: 'RSAES_OAEP_SHA_256' };
    expect(await refusal(home.call('ReEncrypt', input))).toEqual({
      code: 'ValidationException',
      message: 'Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes.',
    });
  });

  test('what does not fit on either side', async () => {
    const [symmetric, rsa] = [await encrypting('SYMMETRIC_DEFAULT'), await encrypting('RSA_2048')];
    const { CiphertextBlob } = await symmetric.call('Encrypt', { Plaintext: bytes(8) });
    const oaep = { DestinationEncryptionAlgorithm: 'RSAES_OAEP_SHA_1' };
    const context = { DestinationEncryptionContext: { stage: 'test' } };
    const rows = [
      [{}, 'InvalidKeyUsageException', 'Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.'],
      [
        { ...oaep, ...context },
        'ValidationException',
        'EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.',
      ],
      [{ ...oaep, SourceKeyId: rsa.id }, 'InvalidCiphertextException', ''],
      [
        { ...oaep, SourceKeyId: symmetric.id, SourceEncryptionAlgorithm: 'RSAES_OAEP_SHA_1' },
        'InvalidKeyUsageException',
        'Algorithm RSAES_OAEP_SHA_1 is incompatible with key spec SYMMETRIC_DEFAULT.',
      ],
    ] as const;
    for (const [input, code, message] of rows) {
      const call = home.call('ReEncrypt', { CiphertextBlob, DestinationKeyId: rsa.id, ...input });
      expect(await refusal(call)).toEqual({ code, message });
    }
  });
});
