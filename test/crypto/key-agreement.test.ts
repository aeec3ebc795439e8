import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { hex } from '../../src/crypto/bytes.ts';
import { deriveSharedSecret } from '../../src/crypto/key-agreement.ts';
import { privateKeyObject } from '../../src/crypto/key-object.ts';
import { generateKeyMaterial, publicKeyOf } from '../../src/crypto/key-material.ts';
import { KEY_SPECS, type KeySpec } from '../../src/crypto/key-spec.ts';
import type { KeySpecName } from '../../src/model/enumeration.ts';
import type { Secret } from '../../src/crypto/secret.ts';
import { opensslOut } from './openssl.ts';

interface Pair {
  readonly secret: Secret;
  readonly publicKey: Uint8Array;
}
const newPair = async (name: KeySpecName): Promise<Pair> => {
  const { secret } = await generateKeyMaterial(KEY_SPECS[name], randomBytes);
  return { secret, publicKey: publicKeyOf(secret) };
};

const agree = (mine: Pair, { keyPair }: KeySpec, peerPublicKey: Uint8Array): Promise<Uint8Array | undefined> =>
  deriveSharedSecret({ curve: keyPair?.namedCurve, key: privateKeyObject(mine.secret), peerPublicKey });

const rows = Object.values(KEY_SPECS)
  .filter((spec) => spec.algorithms.KEY_AGREEMENT)
  .map((spec): [string, KeySpec] => [spec.name, spec]);
const LENGTH: { readonly [name: string]: number } = {
  ECC_NIST_P256: 32,
  ECC_NIST_P384: 48,
  ECC_NIST_P521: 66,
  SM2: 32,
};

test('these key specs agree', () => expect(rows.map(([name]) => name)).toEqual(Object.keys(LENGTH)));

describe.each(rows)('%s', (name, spec) => {
  let [mine, theirs]: [Pair, Pair] = [undefined!, undefined!];
  beforeAll(async () => {
    [mine, theirs] = [await newPair(spec.name), await newPair(spec.name)];
  });

  test('both sides reach one secret', async () => {
    const ours = await agree(mine, spec, theirs.publicKey);
    const other = await agree(theirs, spec, mine.publicKey);
    expect(ours).toHaveLength(LENGTH[name]!);
    expect(ours).toEqual(other);
  });

  test('a peer that is no point of this curve gives nothing', async () => {
    const offCurve = Uint8Array.from(theirs.publicKey);
    offCurve[offCurve.length - 1]! ^= 1;
    const keysOfOthers = await Promise.all(
      (['ECC_NIST_P256', 'ECC_NIST_P384', 'ECC_SECG_P256K1', 'ECC_NIST_EDWARDS25519', 'RSA_2048', 'SM2'] as const)
        .filter((other) => other !== name)
        .map(async (other) => (await newPair(other)).publicKey),
    );
    const wrong = [new Uint8Array(), randomBytes(91), theirs.publicKey.subarray(0, -1), offCurve, ...keysOfOthers];
    for (const peerPublicKey of wrong) {
      expect(await agree(mine, spec, peerPublicKey)).toBeUndefined();
    }
  });
});

describe('openssl', () => {
  test.each(rows.filter(([name]) => name !== 'SM2'))('derives the same secret on %s', async (_, spec) => {
    const [mine, theirs] = [await newPair(spec.name), await newPair(spec.name)];
    const ours = await agree(mine, spec, theirs.publicKey);
    const pem = opensslOut('pkey -pubin -in pub.der -inform DER', { 'pub.der': mine.publicKey });
    const files = { 'key.der': theirs.secret.expose(), 'peer.pem': pem };
    expect(hex(opensslOut('pkeyutl -derive -inkey key.der -keyform DER -peerkey peer.pem', files))).toBe(hex(ours!));
  });

  test('a peer whose curve is spelt out, not named, is refused', async () => {
    const mine = await newPair('ECC_NIST_P256');
    const key = opensslOut('ecparam -name prime256v1 -genkey -noout -param_enc explicit');
    const peerPublicKey = opensslOut('ec -in key.pem -pubout -outform DER -param_enc explicit', { 'key.pem': key });
    expect(await agree(mine, KEY_SPECS.ECC_NIST_P256, peerPublicKey)).toBeUndefined();
  });

  test('a peer with a compressed point is taken', async () => {
    const [mine, theirs] = [await newPair('ECC_NIST_P256'), await newPair('ECC_NIST_P256')];
    const files = { 'pub.der': theirs.publicKey };
    const compressed = opensslOut('ec -pubin -in pub.der -inform DER -outform DER -conv_form compressed', files);
    expect(compressed.length).toBe(59);
    const spec = KEY_SPECS.ECC_NIST_P256;
    const ours = await agree(mine, spec, compressed);
    const other = await agree(theirs, spec, mine.publicKey);
    expect(ours).toEqual(other);
  });
});
