import { beforeAll, describe, expect, test } from 'vitest';
import { hex } from '../../../src/crypto/bytes.ts';
import { opensslOut } from '../../crypto/openssl.ts';
import { fixture, refusal, type Fixture } from '../../support/fixture.ts';
import { bytes, bytesOf, freshKey, keysOf, privateKeyOf, type Key, type KeyOf } from './keys.ts';

let home: Fixture;
let keyOf: KeyOf;
beforeAll(async () => {
  home = await fixture();
  keyOf = keysOf(home);
});

const SPECS = [
  ['HMAC_224', 'HMAC_SHA_224', 28],
  ['HMAC_256', 'HMAC_SHA_256', 32],
  ['HMAC_384', 'HMAC_SHA_384', 48],
  ['HMAC_512', 'HMAC_SHA_512', 64],
] as const;

describe.each(SPECS)('%s %s', (spec, MacAlgorithm, length) => {
  const macking = async (): Promise<Key> => keyOf(spec, 'GENERATE_VERIFY_MAC');

  test('makes a tag, and verifies it', async () => {
    const key = await macking();
    for (const Message of [bytes(1), bytes(4096)]) {
      const made = await key.call('GenerateMac', { Message, MacAlgorithm });
      expect(Object.keys(made)).toEqual(['Mac', 'MacAlgorithm', 'KeyId']);
      expect(made).toMatchObject({ MacAlgorithm, KeyId: key.arn });
      const Mac = bytesOf(made, 'Mac');
      expect(Mac.length).toBe(length);
      expect(await key.call('VerifyMac', { Message, MacAlgorithm, Mac })).toEqual({
        KeyId: key.arn,
        MacValid: true,
        MacAlgorithm,
      });
    }
  });

  test('another message, another tag and another key are not verified', async () => {
    const key = await macking();
    const other = await freshKey(home, spec, 'GENERATE_VERIFY_MAC');
    const Message = bytes(100);
    const Mac = bytesOf(await key.call('GenerateMac', { Message, MacAlgorithm }), 'Mac');
    const rows: readonly (readonly [Key, object])[] = [
      [key, { Message: bytes(100) }],
      [key, { Mac: Mac.map((byte) => byte ^ 1) }],
      [key, { Mac: Mac.subarray(1) }],
      [other, {}],
    ];
    for (const [by, wrong] of rows) {
      expect(await refusal(by.call('VerifyMac', { Message, Mac, MacAlgorithm, ...wrong }))).toEqual({
        code: 'KMSInvalidMacException',
        message: '',
      });
    }
  });

  test('openssl makes the same tag', async () => {
    const key = await macking();
    const Message = bytes(500);
    const made = await key.call('GenerateMac', { Message, MacAlgorithm });
    const hash = MacAlgorithm.slice('HMAC_'.length).replace('_', '').toLowerCase();
    const secret = hex(await privateKeyOf(home, key));
    const theirs = opensslOut(`dgst -${hash} -mac HMAC -macopt hexkey:${secret} -binary m.bin`, { 'm.bin': Message });
    expect(hex(bytesOf(made, 'Mac'))).toBe(hex(theirs));
  });

  test('an algorithm of another spec', async () => {
    const key = await macking();
    const wrong = SPECS.find(([, name]) => name !== MacAlgorithm)![1];
    const refused = {
      code: 'InvalidKeyUsageException',
      message: `Algorithm ${wrong} is incompatible with key spec ${spec}.`,
    };
    const input = { Message: bytes(10), MacAlgorithm: wrong };
    expect(await refusal(key.call('GenerateMac', input))).toEqual(refused);
    expect(await refusal(key.call('VerifyMac', { ...input, Mac: bytes(32) }))).toEqual(refused);
  });
});

test.each(['GenerateMac', 'VerifyMac'])('%s: what is no algorithm', async (operation) => {
  const { call } = await keyOf('HMAC_256', 'GENERATE_VERIFY_MAC');
  const input = {
    Message: bytes(10),
    MacAlgorithm: 'INVALID',
    ...(operation === 'VerifyMac' ? { Mac: bytes(32) } : {}),
  };
  expect(await refusal(call(operation, input))).toEqual({
    code: 'ValidationException',
    message:
      "1 validation error detected: Value 'INVALID' at 'macAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]",
  });
});

test('a key ID that is none', async () => {
  const input = { KeyId: 'key_id', Message: bytes(10), MacAlgorithm: 'HMAC_SHA_256' };
  expect(await refusal(home.call('GenerateMac', input))).toEqual({
    code: 'NotFoundException',
    message: "Invalid keyId 'key_id'",
  });
});
