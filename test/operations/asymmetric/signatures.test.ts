import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { KEY_SPECS, type SigningAlgorithm } from '../../../src/crypto/key-spec.ts';
import type { KeySpecName } from '../../../src/model/enumeration.ts';
import { openssl, opensslOut } from '../../crypto/openssl.ts';
import { fixture, refusal, type Fixture } from '../../support/fixture.ts';
import { bytes, bytesOf, freshKey, keysOf, privateKeyOf, publicKeyOf, type Key, type KeyOf } from './keys.ts';

let home: Fixture;
let keyOf: KeyOf;
beforeAll(async () => {
  home = await fixture();
  keyOf = keysOf(home);
});
const signing = async (spec: KeySpecName): Promise<Key> => keyOf(spec, 'SIGN_VERIFY');

interface Row {
  readonly spec: KeySpecName;
  readonly algorithm: SigningAlgorithm;
}
const ROWS = (Object.keys(KEY_SPECS) as KeySpecName[]).flatMap((spec): Row[] =>
  (KEY_SPECS[spec].algorithms.SIGN_VERIFY ?? []).map((algorithm) => ({ spec, algorithm })),
);
const titled = (rows: readonly Row[]) => rows.map((row) => [`${row.spec} ${row.algorithm.name}`, row] as const);
const withTypes = ROWS.flatMap((row) =>
  row.algorithm.messageTypes.map(
    (messageType) => [`${row.spec} ${row.algorithm.name} ${messageType}`, { ...row, messageType }] as const,
  ),
);

describe.each(withTypes)('%s', (_, { spec, algorithm, messageType }) => {
  const input = {
    Message: bytes(messageType === 'RAW' ? 4096 : algorithm.digestLength),
    // RAW is what a request without the member means
    ...(messageType === 'RAW' ? {} : { MessageType: messageType }),
    SigningAlgorithm: algorithm.name,
  };

  test('signs, and verifies', async () => {
    const key = await signing(spec);
    const signed = await key.call('Sign', input);
    expect(Object.keys(signed)).toEqual(['KeyId', 'Signature', 'SigningAlgorithm']);
    expect(signed).toMatchObject({ KeyId: key.arn, SigningAlgorithm: algorithm.name });
    const Signature = bytesOf(signed, 'Signature');
    expect(await key.call('Verify', { ...input, MessageType: messageType, Signature })).toEqual({
      KeyId: key.arn,
      SignatureValid: true,
      SigningAlgorithm: algorithm.name,
    });
  });

  test('another message, another signature and another key are not verified', async () => {
    const key = await signing(spec);
    const Signature = bytesOf(await key.call('Sign', input), 'Signature');
    const other = await (spec.startsWith('RSA')
      ? keyOf('RSA_2048', 'SIGN_VERIFY')
      : freshKey(home, spec, 'SIGN_VERIFY'));
    const flipped = (whole: Uint8Array): Uint8Array =>
      Uint8Array.from(whole, (byte, at) => (at === 9 ? byte ^ 1 : byte));
    const rows: [Key, object][] = [
      [key, { Message: flipped(input.Message) }],
      [key, { Signature: flipped(Signature) }],
      [key, { Signature: Signature.subarray(1) }],
      ...(other.id === key.id ? [] : [[other, {}] as [Key, object]]),
    ];
    for (const [by, wrong] of rows) {
      expect(await refusal(by.call('Verify', { ...input, Signature, ...wrong }))).toEqual({
        code: 'KMSInvalidSignatureException',
        message: '',
      });
    }
  });
});

const DIGESTED = ROWS.filter(
  ({ algorithm }) => algorithm.messageTypes.length === 2 || algorithm.scheme === 'ed25519ph',
);
test.each(titled(DIGESTED))('%s takes no digest of another length', async (_, { spec, algorithm }) => {
  const key = await signing(spec);
  const MessageType = algorithm.messageTypes.find((type) => type !== 'RAW');
  for (const length of [algorithm.digestLength - 1, algorithm.digestLength + 1]) {
    const input = { Message: bytes(length), MessageType, SigningAlgorithm: algorithm.name };
    const refused = {
      code: 'ValidationException',
      message: `Digest is invalid length for algorithm ${algorithm.name}.`,
    };
    expect(await refusal(key.call('Sign', input))).toEqual(refused);
    expect(await refusal(key.call('Verify', { ...input, Signature: bytes(64) }))).toEqual(refused);
  }
});

const MISFITS: readonly (readonly [KeySpecName, string, string, string, string])[] = [
  [
    'RSA_2048',
    'ECDSA_SHA_256',
    'RAW',
    'InvalidKeyUsageException',
    'Algorithm ECDSA_SHA_256 is incompatible with key spec RSA_2048.',
  ],
  [
    'ECC_NIST_P384',
    'ECDSA_SHA_256',
    'RAW',
    'InvalidKeyUsageException',
    'Algorithm ECDSA_SHA_256 is incompatible with key spec ECC_NIST_P384.',
  ],
  [
    'ECC_NIST_P256',
    'ED25519_SHA_512',
    'DIGEST',
    'InvalidKeyUsageException',
    'Algorithm ED25519_SHA_512 is incompatible with key spec ECC_NIST_P256.',
  ],
  [
    'SM2',
    'ECDSA_SHA_256',
    'RAW',
    'InvalidKeyUsageException',
    'Algorithm ECDSA_SHA_256 is incompatible with key spec SM2.',
  ],
  [
    'ECC_NIST_EDWARDS25519',
    'ED25519_SHA_512',
    'DIGEST',
    'ValidationException',
    'Message type DIGEST is incompatible with algorithm ED25519_SHA_512.',
  ],
  [
    'ECC_NIST_EDWARDS25519',
    'ED25519_PH_SHA_512',
    'RAW',
    'ValidationException',
    'Message type RAW is incompatible with algorithm ED25519_PH_SHA_512.',
  ],
  [
    'ML_DSA_44',
    'ML_DSA_SHAKE_256',
    'DIGEST',
    'ValidationException',
    'Message type DIGEST is incompatible with key spec ML_DSA_44.',
  ],
  [
    'RSA_2048',
    'RSASSA_PSS_SHA_256',
    'EXTERNAL_MU',
    'ValidationException',
    'Message type EXTERNAL_MU is incompatible with key spec RSA_2048.',
  ],
];
test.each(MISFITS)('%s, %s, %s', async (spec, SigningAlgorithm, MessageType, code, message) => {
  const { call } = await signing(spec);
  const input = { Message: bytes(64), MessageType, SigningAlgorithm };
  expect(await refusal(call('Sign', input))).toEqual({ code, message });
  expect(await refusal(call('Verify', { ...input, Signature: bytes(64) }))).toEqual({ code, message });
});

test('what is no algorithm and no message type', async () => {
  const { call } = await signing('ECC_NIST_P256');
  const { code, message } = await refusal(
    call('Sign', { Message: bytes(1), MessageType: 'RAWEST', SigningAlgorithm: 'X' }),
  );
  const algorithms = [
    'RSASSA_PSS_SHA_256, RSASSA_PSS_SHA_384, RSASSA_PSS_SHA_512',
    'RSASSA_PKCS1_V1_5_SHA_256, RSASSA_PKCS1_V1_5_SHA_384, RSASSA_PKCS1_V1_5_SHA_512',
    'ECDSA_SHA_256, ECDSA_SHA_384, ECDSA_SHA_512, ED25519_SHA_512, ED25519_PH_SHA_512, SM2DSA, ML_DSA_SHAKE_256',
  ].join(', ');
  const rule = 'failed to satisfy constraint: Member must satisfy enum value set:';
  expect(code).toBe('ValidationException');
  expect(message).toBe(
    `2 validation errors detected: Value 'RAWEST' at 'messageType' ${rule} [RAW, DIGEST, EXTERNAL_MU]; ` +
      `Value 'X' at 'signingAlgorithm' ${rule} [${algorithms}]`,
  );
});

test('a message of 4097 bytes is too long', async () => {
  const { call } = await signing('ECC_NIST_P256');
  const { message } = await refusal(call('Sign', { Message: bytes(4097), SigningAlgorithm: 'ECDSA_SHA_256' }));
  expect(message).toBe(
    "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096",
  );
});

describe('openssl', () => {
  const Message = bytes(300);
  const OPTIONS: { readonly [scheme: string]: string } = {
    pkcs1: '',
    ecdsa: '',
    pss: ' -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest',
    sm2dsa: ' -sigopt distid:1234567812345678',
  };
  const known = ROWS.filter(({ algorithm }) => algorithm.scheme in OPTIONS);
  const command = ({ hash, scheme }: SigningAlgorithm): string => `dgst -${hash} -keyform DER${OPTIONS[scheme]}`;

  test.each(titled(known))('%s: verifies what Sign signs, message and digest', async (_, { spec, algorithm }) => {
    const key = await signing(spec);
    const forms: object[] = [{ Message }];
    if (algorithm.scheme !== 'sm2dsa') {
      const digest = createHash(algorithm.hash).update(Message).digest();
      forms.push({ Message: Uint8Array.from(digest), MessageType: 'DIGEST' });
    }
    for (const form of forms) {
      const signed = await key.call('Sign', { ...form, SigningAlgorithm: algorithm.name });
      const files = { 'pub.der': await publicKeyOf(key), 'sig.bin': bytesOf(signed, 'Signature'), 'm.bin': Message };
      expect(openssl(`${command(algorithm)} -verify pub.der -signature sig.bin m.bin`, files).ok).toBe(true);
    }
  });

  test.each(titled(known))('%s: signs what Verify verifies', async (_, { spec, algorithm }) => {
    const key = await signing(spec);
    const files = { 'key.der': await privateKeyOf(home, key), 'm.bin': Message };
    const Signature = Uint8Array.from(opensslOut(`${command(algorithm)} -sign key.der m.bin`, files));
    const input = { Message, Signature, SigningAlgorithm: algorithm.name };
    expect(await key.call('Verify', input)).toMatchObject({ SignatureValid: true });
  });

  test('ECC_NIST_EDWARDS25519 ED25519_SHA_512: the same signature', async () => {
    const key = await signing('ECC_NIST_EDWARDS25519');
    const files = { 'key.der': await privateKeyOf(home, key), 'm.bin': Message };
    const theirs = opensslOut('pkeyutl -sign -inkey key.der -keyform DER -rawin -in m.bin', files);
    const ours = await key.call('Sign', { Message, SigningAlgorithm: 'ED25519_SHA_512' });
    expect(bytesOf(ours, 'Signature')).toEqual(Uint8Array.from(theirs));
  });
});
