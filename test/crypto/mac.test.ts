import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fromHex, hex } from '../../src/crypto/bytes.ts';
import { KEY_SPECS, type KeySpec, type MacAlgorithm } from '../../src/crypto/key-spec.ts';
import { mac, verifyMac } from '../../src/crypto/mac.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { opensslOut, vectors } from './openssl.ts';

const rows = Object.values(KEY_SPECS).flatMap((spec) =>
  (spec.algorithms.GENERATE_VERIFY_MAC ?? []).map((row): [string, MacAlgorithm, KeySpec] => [row.name, row, spec]),
);

const { cases } = vectors('mac/rfc4231.json') as {
  cases: { name: string; key: string; message: string; tags: { [algorithm: string]: string } }[];
};

describe.each(rows)('%s', (name, algorithm, spec) => {
  test.each(cases)('$name', ({ key, message, tags }) => {
    const secret = new Secret(fromHex(key));
    expect(hex(mac(secret, algorithm, fromHex(message)))).toBe(tags[name]);
    expect(verifyMac(secret, algorithm, { message: fromHex(message), tag: fromHex(tags[name]!) })).toBe(true);
  });

  test('no bit of tag, message or key may change', () => {
    const [key, message] = [randomBytes(spec.bytes!), randomBytes(50)];
    const tag = mac(new Secret(key), algorithm, message);
    expect(tag.length).toBe(algorithm.length);
    const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
      bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    for (let bit = 0; bit < 8 * tag.length; bit += 1) {
      expect(verifyMac(new Secret(key), algorithm, { message, tag: flipped(tag, bit) })).toBe(false);
    }
    expect(verifyMac(new Secret(key), algorithm, { message: flipped(message, 77), tag })).toBe(false);
    expect(verifyMac(new Secret(flipped(key, 77)), algorithm, { message, tag })).toBe(false);
  });

  test('a tag cut short or lengthened is none', () => {
    const [key, message] = [new Secret(randomBytes(spec.bytes!)), randomBytes(50)];
    const tag = mac(key, algorithm, message);
    for (const wrong of [new Uint8Array(), tag.subarray(0, -1), Buffer.concat([tag, tag])]) {
      expect(verifyMac(key, algorithm, { message, tag: wrong })).toBe(false);
    }
  });

  test('openssl makes the same tag', () => {
    const [key, message] = [randomBytes(spec.bytes!), randomBytes(500)];
    const command = `dgst -${algorithm.hash} -mac HMAC -macopt hexkey:${hex(key)} -binary m.bin`;
    expect(hex(opensslOut(command, { 'm.bin': message }))).toBe(hex(mac(new Secret(key), algorithm, message)));
  });
});
