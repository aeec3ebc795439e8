import { constants, createHash, privateEncrypt, randomBytes, sign as nodeSign } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromHex, utf8 } from '../../src/crypto/bytes.ts';
import { der, derInteger, TAG } from '../../src/crypto/der.ts';
import { jwkMember, privateKeyObject, publicKeyObject } from '../../src/crypto/key-object.ts';
import { generateKeyMaterial, publicKeyOf } from '../../src/crypto/key-material.ts';
import { algorithmOf, KEY_SPECS, type KeySpec, type SigningAlgorithm } from '../../src/crypto/key-spec.ts';
import type { KeySpecName, MessageType } from '../../src/model/enumeration.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { sign, verify, type Signing } from '../../src/crypto/signature.ts';
import { openssl, opensslOut, vectors } from './openssl.ts';

interface Row {
  readonly spec: KeySpec;
  readonly algorithm: SigningAlgorithm;
}
const rows = Object.values(KEY_SPECS).flatMap((spec) =>
  (spec.algorithms.SIGN_VERIFY ?? []).map((algorithm): Row => ({ spec, algorithm })),
);
const titled = <T extends Row>(list: readonly T[]): [string, T][] =>
  list.map((row) => [`${row.spec.name} ${row.algorithm.name}`, row]);
const signingOf = (spec: KeySpecName, algorithm: string, message: Uint8Array, messageType: MessageType): Signing => ({
  algorithm: algorithmOf(KEY_SPECS[spec], 'SIGN_VERIFY', algorithm),
  message,
  messageType,
});

const keys = new Map<string, { readonly secret: Secret; readonly publicKey: Uint8Array }>();
beforeAll(async () => {
  for (const { spec } of rows) {
    if (keys.has(spec.name)) continue;
    const { secret } = await generateKeyMaterial(spec, randomBytes);
    keys.set(spec.name, { secret, publicKey: publicKeyOf(secret) });
  }
});
const keyOf = (spec: { readonly name: string }) => keys.get(spec.name)!;

const messageOf = ({ algorithm }: Row, messageType: MessageType): Uint8Array =>
  randomBytes(messageType === 'RAW' ? 200 : algorithm.digestLength);

const withFlippedBit = (bytes: Uint8Array, bit: number): Uint8Array => {
  const flipped = Uint8Array.from(bytes);
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
};

describe('every algorithm with every message type it takes', () => {
  const all = rows.flatMap((row) => row.algorithm.messageTypes.map((messageType) => ({ ...row, messageType })));
  test.each(all.map((row) => [`${row.spec.name} ${row.algorithm.name} ${row.messageType}`, row] as const))(
    '%s: verifies, and no more once a bit is flipped',
    async (_, row) => {
      const { secret, publicKey } = keyOf(row.spec);
      const signing: Signing = { ...row, message: messageOf(row, row.messageType) };
      const signature = await sign(privateKeyObject(secret), signing);
      expect(await verify(publicKey, signing, signature)).toBe(true);
      const bits = fc.nat();
      await fc.assert(
        fc.asyncProperty(bits, async (bit) => {
          const altered = withFlippedBit(signature, bit % (8 * signature.length));
          expect(await verify(publicKey, signing, altered)).toBe(false);
        }),
        { numRuns: 12 },
      );
      await fc.assert(
        fc.asyncProperty(bits, async (bit) => {
          const message = withFlippedBit(signing.message, bit % (8 * signing.message.length));
          expect(await verify(publicKey, { ...signing, message }, signature)).toBe(false);
        }),
        { numRuns: 4 },
      );
      for (const wrong of [new Uint8Array(), signature.subarray(0, -1), concat(signature, Uint8Array.of(0))]) {
        expect(await verify(publicKey, signing, wrong)).toBe(false);
      }
    },
  );

  test.each(titled(rows))('%s signs an empty message', async (_, row) => {
    if (!row.algorithm.messageTypes.includes('RAW')) return;
    const { secret, publicKey } = keyOf(row.spec);
    const signing: Signing = { ...row, message: new Uint8Array(), messageType: 'RAW' };
    expect(await verify(publicKey, signing, await sign(privateKeyObject(secret), signing))).toBe(true);
  });
});

describe('a message and its digest are the same message', () => {
  const both = rows.filter((row) => row.algorithm.messageTypes.length === 2 && row.algorithm.scheme !== 'sm2dsa');
  const digestOf = ({ algorithm, spec }: Row, message: Uint8Array): Uint8Array => {
    if (algorithm.scheme !== 'ml-dsa') return createHash(algorithm.hash).update(message).digest();
    return mu(keyOf(spec).publicKey, message);
  };
  test.each(titled(both))('%s', async (_, row) => {
    const { secret, publicKey } = keyOf(row.spec);
    const message = messageOf(row, 'RAW');
    const raw: Signing = { ...row, message, messageType: 'RAW' };
    const digest: Signing = {
      ...row,
      message: digestOf(row, message),
      messageType: row.algorithm.messageTypes[1]!,
    };
    expect(await verify(publicKey, digest, await sign(privateKeyObject(secret), raw))).toBe(true);
    expect(await verify(publicKey, raw, await sign(privateKeyObject(secret), digest))).toBe(true);
  });
});

/** FIPS 204 5.2 and 6.2, empty context. */
function mu(spki: Uint8Array, message: Uint8Array): Uint8Array {
  const shake = (...parts: readonly Uint8Array[]): Uint8Array =>
    createHash('shake256', { outputLength: 64 })
      .update(concat(...parts))
      .digest();
  return shake(shake(jwkMember(publicKeyObject(spki), 'pub')), Uint8Array.of(0, 0), message);
}

describe('no signature of one algorithm is one of another', () => {
  test('RSA', async () => {
    const { secret, publicKey } = keyOf(KEY_SPECS.RSA_2048);
    const message = utf8('hello');
    for (const { algorithm } of rows.filter((row) => row.spec.name === 'RSA_2048')) {
      const signature = await sign(privateKeyObject(secret), { algorithm, message, messageType: 'RAW' });
      for (const other of rows.filter((row) => row.spec.name === 'RSA_2048')) {
        const signing: Signing = { algorithm: other.algorithm, message, messageType: 'RAW' };
        expect(await verify(publicKey, signing, signature)).toBe(other.algorithm === algorithm);
      }
    }
  });
});

describe('known answers', () => {
  const rfc8032 = vectors('signature/rfc8032.json') as {
    cases: { name: string; algorithm: string; seed: string; publicKey: string; message: string; signature: string }[];
  };
  const PKCS8 = '302e020100300506032b657004220420'; // RFC 8410 7, up to the seed
  test.each(rfc8032.cases)('$name', async ({ algorithm, seed, publicKey, message, signature }) => {
    const secret = new Secret(fromHex(PKCS8 + seed));
    const spki = publicKeyOf(secret);
    expect(Buffer.from(spki.subarray(-32)).toString('hex')).toBe(publicKey);
    const messageType = algorithm.includes('PH') ? 'DIGEST' : 'RAW';
    const signing = signingOf('ECC_NIST_EDWARDS25519', algorithm, fromHex(message), messageType);
    expect(Buffer.from(await sign(privateKeyObject(secret), signing)).toString('hex')).toBe(signature);
    expect(await verify(spki, signing, fromHex(signature))).toBe(true);
  });

  const foreign = vectors('signature/python-cryptography.json') as {
    message: string;
    keys: { [name: string]: { pkcs8: string; spki: string } };
    cases: { keySpec: KeySpecName; algorithm: string; signature: string }[];
  };
  test.each(foreign.cases)('$keySpec $algorithm of another library', async ({ keySpec, algorithm, signature }) => {
    const { pkcs8, spki } = foreign.keys[keySpec]!;
    const raw = signingOf(keySpec, algorithm, fromHex(foreign.message), 'RAW');
    const digest = createHash(raw.algorithm.hash).update(raw.message).digest();
    expect(await verify(fromHex(spki), raw, fromHex(signature))).toBe(true);
    expect(await verify(fromHex(spki), { ...raw, message: digest, messageType: 'DIGEST' }, fromHex(signature))).toBe(
      true,
    );
    expect(publicKeyOf(new Secret(fromHex(pkcs8)))).toEqual(fromHex(spki));
    // PKCS #1 v1.5 is deterministic, so the signature is known too
    if (raw.algorithm.scheme !== 'pkcs1') return;
    for (const signing of [raw, { ...raw, message: digest, messageType: 'DIGEST' } as const]) {
      expect(Buffer.from(await sign(privateKeyObject(new Secret(fromHex(pkcs8))), signing)).toString('hex')).toBe(
        signature,
      );
    }
  });

  const mlDsa = vectors('signature/ml-dsa.json') as {
    cases: { keySpec: KeySpecName; pkcs8: string; publicKey: string; message: string; signature: string }[];
  };
  test.each(mlDsa.cases)('$keySpec of another library', async ({ keySpec, pkcs8, publicKey, message, signature }) => {
    const spki = fromHex(publicKey);
    expect(publicKeyOf(new Secret(fromHex(pkcs8)))).toEqual(spki);
    const raw = signingOf(keySpec, 'ML_DSA_SHAKE_256', fromHex(message), 'RAW');
    const external = signingOf(keySpec, 'ML_DSA_SHAKE_256', mu(spki, fromHex(message)), 'EXTERNAL_MU');
    expect(await verify(spki, raw, fromHex(signature))).toBe(true);
    expect(await verify(spki, external, fromHex(signature))).toBe(true);
  });
});

describe('signatures that only look right', () => {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n; // of P-256
  const pair = (r: bigint, s: bigint): Uint8Array => der(TAG.sequence, derInteger(r), derInteger(s));
  test.each([
    ['r = s = 0', pair(0n, 0n)],
    ['r = s = 1', pair(1n, 1n)],
    ['r = 0', pair(0n, 1n)],
    ['s = 0', pair(1n, 0n)],
    ['r = s = n', pair(order, order)],
    ['r and s negative', fromHex('3006020180020180')],
    ['no numbers', fromHex('3000')],
    ['no DER', fromHex('ff')],
  ])('ECDSA: %s', async (_, signature) => {
    const { publicKey } = keyOf(KEY_SPECS.ECC_NIST_P256);
    const message = randomBytes(32);
    for (const messageType of ['RAW', 'DIGEST'] as const) {
      const signing = signingOf('ECC_NIST_P256', 'ECDSA_SHA_256', message, messageType);
      expect(await verify(publicKey, signing, signature)).toBe(false);
    }
  });

  test('ECDSA: the other s is as good, on secp256k1 too', async () => {
    const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const { secret, publicKey } = keyOf(KEY_SPECS.ECC_SECG_P256K1);
    const digest = signingOf('ECC_SECG_P256K1', 'ECDSA_SHA_256', randomBytes(32), 'DIGEST');
    const compact = nodeSign('sha256', utf8('x'), { key: privateKeyObject(secret), dsaEncoding: 'ieee-p1363' });
    const half = (from: number): bigint => BigInt(`0x${compact.subarray(from, from + 32).toString('hex')}`);
    const raw = signingOf('ECC_SECG_P256K1', 'ECDSA_SHA_256', utf8('x'), 'RAW');
    const hashed = { ...digest, message: createHash('sha256').update('x').digest() };
    for (const s of [half(32), n - half(32)]) {
      expect(await verify(publicKey, raw, pair(half(0), s))).toBe(true);
      expect(await verify(publicKey, hashed, pair(half(0), s))).toBe(true);
    }
  });

  test('ECDSA: lengths longer than needed', async () => {
    const { secret, publicKey } = keyOf(KEY_SPECS.ECC_NIST_P256);
    for (const messageType of ['RAW', 'DIGEST'] as const) {
      const signing = signingOf('ECC_NIST_P256', 'ECDSA_SHA_256', randomBytes(32), messageType);
      const signature = await sign(privateKeyObject(secret), signing);
      const long = concat(Uint8Array.of(0x30, 0x81), signature.subarray(1));
      expect(await verify(publicKey, signing, long)).toBe(false);
    }
  });

  test('RSA: a leading zero that is left out', async () => {
    const { secret, publicKey } = keyOf(KEY_SPECS.RSA_2048);
    for (const algorithm of ['RSASSA_PSS_SHA_256', 'RSASSA_PKCS1_V1_5_SHA_256']) {
      for (const messageType of ['RAW', 'DIGEST'] as const) {
        let signing, signature;
        do {
          signing = signingOf('RSA_2048', algorithm, randomBytes(32), messageType);
          signature = await sign(privateKeyObject(secret), signing);
        } while (signature[0] !== 0); // one in 256
        expect(await verify(publicKey, signing, signature)).toBe(true);
        expect(await verify(publicKey, signing, signature.subarray(1))).toBe(false);
      }
    }
  });

  test('PSS: a salt of another length', async () => {
    const { secret, publicKey } = keyOf(KEY_SPECS.RSA_2048);
    const message = utf8('x');
    for (const saltLength of [0, 20, 31, 33]) {
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      const signature = nodeSign('sha256', message, { key: privateKeyObject(secret), padding, saltLength });
      const digest = createHash('sha256').update(message).digest();
      for (const signing of [
        signingOf('RSA_2048', 'RSASSA_PSS_SHA_256', message, 'RAW'),
        signingOf('RSA_2048', 'RSASSA_PSS_SHA_256', digest, 'DIGEST'),
      ]) {
        expect(await verify(publicKey, signing, signature)).toBe(false);
      }
    }
  });

  test('PKCS #1 v1.5: a digest without DigestInfo, and one followed by something', async () => {
    const { secret, publicKey } = keyOf(KEY_SPECS.RSA_2048);
    const digest = randomBytes(32);
    const signing = signingOf('RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', digest, 'DIGEST');
    const info = fromHex('3031300d060960864801650304020105000420');
    const forge = (content: Uint8Array): Uint8Array =>
      privateEncrypt({ key: privateKeyObject(secret), padding: constants.RSA_PKCS1_PADDING }, content);
    expect(await verify(publicKey, signing, forge(concat(info, digest)))).toBe(true);
    for (const content of [digest, concat(info, digest, Uint8Array.of(0)), concat(Uint8Array.of(0), info, digest)]) {
      expect(await verify(publicKey, signing, forge(content))).toBe(false);
    }
  });

  test.each(titled(rows))('%s: a public key that is none is our fault, not a wrong signature', async (_, row) => {
    const messageType = row.algorithm.messageTypes.at(-1)!;
    const signing: Signing = { ...row, message: messageOf(row, messageType), messageType };
    await expect(verify(new Uint8Array(44), signing, new Uint8Array(64))).rejects.toThrow();
  });

  test('a signature under another key', async () => {
    const signing = signingOf('ECC_NIST_P256', 'ECDSA_SHA_256', randomBytes(32), 'DIGEST');
    const other = await generateKeyMaterial(KEY_SPECS.ECC_NIST_P256, randomBytes);
    const signature = await sign(privateKeyObject(keyOf(KEY_SPECS.ECC_NIST_P256).secret), signing);
    expect(await verify(publicKeyOf(other.secret), signing, signature)).toBe(false);
  });
});

describe('openssl', () => {
  const message = utf8('from one to the other');
  const pss = '-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest';
  const dgst = rows.filter(({ algorithm }) => ['pkcs1', 'pss', 'ecdsa'].includes(algorithm.scheme));

  describe.each(titled(dgst))('%s', (_, row) => {
    const options = `dgst -${row.algorithm.hash} -keyform DER ${row.algorithm.scheme === 'pss' ? pss : '-binary'}`;
    const digest = createHash(row.algorithm.hash).update(message).digest();
    const signings: readonly Signing[] = [
      { ...row, message, messageType: 'RAW' },
      { ...row, message: digest, messageType: 'DIGEST' },
    ];

    test.each(signings)('verifies our signature of the $messageType message', async (signing) => {
      const { secret, publicKey } = keyOf(row.spec);
      const signature = await sign(privateKeyObject(secret), signing);
      const files = { 'key.der': publicKey, 'sig.bin': signature, 'm.bin': message };
      expect(openssl(`${options} -verify key.der -signature sig.bin m.bin`, files).ok).toBe(true);
    });

    test('signs what we verify', async () => {
      const { secret, publicKey } = keyOf(row.spec);
      const signature = opensslOut(`${options} -sign key.der m.bin`, { 'key.der': secret.expose(), 'm.bin': message });
      for (const signing of signings) expect(await verify(publicKey, signing, signature)).toBe(true);
    });
  });

  test('ED25519_SHA_512, both ways', async () => {
    const { secret, publicKey } = keyOf(KEY_SPECS.ECC_NIST_EDWARDS25519);
    const signing = signingOf('ECC_NIST_EDWARDS25519', 'ED25519_SHA_512', message, 'RAW');
    const files = { 'key.der': secret.expose(), 'pub.der': publicKey, 'm.bin': message };
    const theirs = opensslOut('pkeyutl -sign -inkey key.der -keyform DER -rawin -in m.bin', files);
    expect(await sign(privateKeyObject(secret), signing)).toEqual(theirs);
    expect(await verify(publicKey, signing, theirs)).toBe(true);
  });
});
