import { createCipheriv, randomBytes } from 'node:crypto';
import { privateKeyObject } from '../../src/crypto/key-object.ts';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromHex, hex } from '../../src/crypto/bytes.ts';
import { unwrapKeyMaterial, wrappingOf } from '../../src/crypto/import-wrapping.ts';
import { generateKeyMaterial, importKeyMaterial, type KeyMaterial } from '../../src/crypto/key-material.ts';
import { KEY_SPECS } from '../../src/crypto/key-spec.ts';
import type { KeySpecName } from '../../src/model/enumeration.ts';
import { oaepEncrypt } from '../../src/crypto/rsa-encryption.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { sm2Encrypt } from '../../src/crypto/sm2-encryption.ts';
import { opensslOut, vectors } from './openssl.ts';

const OAEP = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] as const;
const HYBRID = ['RSA_AES_KEY_WRAP_SHA_1', 'RSA_AES_KEY_WRAP_SHA_256'] as const;
const RSA = ['RSA_2048', 'RSA_3072', 'RSA_4096'] as const;
const wrapping = (wrappingAlgorithm: string, wrappingKeySpec: string, material: KeySpecName = 'SYMMETRIC_DEFAULT') =>
  wrappingOf({ wrappingAlgorithm, wrappingKeySpec, material: KEY_SPECS[material] });
const hashOf = (algorithm: string) => (algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256');

function wrapPadded(key: Uint8Array, material: Uint8Array): Uint8Array {
  const cipher = createCipheriv('id-aes256-wrap-pad', key, fromHex('a65959a6'));
  return concat(cipher.update(material), cipher.final());
}

const keys = new Map<string, { readonly privateKey: Secret; readonly publicKey: Uint8Array }>();
beforeAll(async () => {
  for (const spec of [...RSA, 'SM2'] as const) {
    const { secret, publicKey } = await generateKeyMaterial(KEY_SPECS[spec], randomBytes);
    keys.set(spec, { privateKey: secret, publicKey: publicKey! });
  }
});

describe('combinations', () => {
  const materials = Object.values(KEY_SPECS)
    .filter((spec) => spec.importable)
    .map((spec) => spec.name);

  test('RSA_AES_KEY_WRAP carries everything', () => {
    for (const algorithm of HYBRID) {
      for (const key of RSA) for (const material of materials) expect(wrapping(algorithm, key, material)).toBeDefined();
    }
  });

  test('OAEP carries what is neither RSA nor too long', () => {
    const refused = OAEP.flatMap((algorithm) =>
      RSA.flatMap((key) =>
        materials
          .filter((material) => {
            try {
              return wrapping(algorithm, key, material) === undefined;
            } catch {
              return true;
            }
          })
          .map((material) => `${material} under ${key}`),
      ),
    );
    const expected = [
      ...RSA.flatMap((key) => RSA.map((material) => `${material} under ${key}`)),
      'ECC_NIST_P521 under RSA_2048',
    ];
    expect([...new Set(refused)].sort()).toEqual(expected.sort());
  });

  test.each([
    ['RSAES_PKCS1_V1_5', 'RSA_2048'],
    ['RSAES_OAEP_SHA_256', 'SM2'],
    ['SM2PKE', 'RSA_2048'],
    ['RSA_AES_KEY_WRAP_SHA_256', 'SM2'],
    ['RSAES_OAEP_SHA_256', 'ECC_NIST_P256'],
    ['toString', 'RSA_2048'],
  ])('%s with %s is not supported', (algorithm, key) => {
    expect(() => wrapping(algorithm, key)).toThrow(
      expect.objectContaining({ failure: expect.objectContaining({ code: 'wrapping-not-offered' }) }),
    );
  });
});

describe('unwrapping', () => {
  test.each(OAEP.flatMap((algorithm) => RSA.map((key) => [algorithm, key] as const)))(
    '%s, %s',
    async (algorithm, key) => {
      const { privateKey, publicKey } = keys.get(key)!;
      const material = randomBytes(32);
      const wrapped = oaepEncrypt(publicKey, hashOf(algorithm), material);
      expect(await wrapping(algorithm, key).unwrap(privateKeyObject(privateKey), wrapped)).toEqual(material);
    },
  );

  test.each(HYBRID.flatMap((algorithm) => RSA.map((key) => [algorithm, key] as const)))(
    '%s, %s',
    async (algorithm, key) => {
      const { privateKey, publicKey } = keys.get(key)!;
      const { secret } = await generateKeyMaterial(KEY_SPECS.RSA_2048, randomBytes);
      const aesKey = randomBytes(32);
      const wrapped = concat(oaepEncrypt(publicKey, hashOf(algorithm), aesKey), wrapPadded(aesKey, secret.expose()));
      const unwrapped = await wrapping(algorithm, key, 'RSA_2048').unwrap(privateKeyObject(privateKey), wrapped);
      expect(importKeyMaterial(KEY_SPECS.RSA_2048, unwrapped!)?.secret.equals(secret)).toBe(true);
    },
  );

  test('SM2PKE, SM2', async () => {
    const { privateKey, publicKey } = keys.get('SM2')!;
    const material = randomBytes(32);
    const wrapped = await sm2Encrypt(publicKey, material);
    expect(hex((await wrapping('SM2PKE', 'SM2').unwrap(privateKeyObject(privateKey), wrapped))!)).toBe(hex(material));
  });

  test('an AES key of another length than 256 bits is refused', async () => {
    const { privateKey, publicKey } = keys.get('RSA_2048')!;
    const row = wrapping('RSA_AES_KEY_WRAP_SHA_256', 'RSA_2048');
    for (const length of [16, 24, 31, 33]) {
      const wrapped = concat(oaepEncrypt(publicKey, 'sha256', randomBytes(length)), randomBytes(40));
      expect(await row.unwrap(privateKeyObject(privateKey), wrapped)).toBeUndefined();
    }
  });

  test.each([
    ['RSAES_OAEP_SHA_256', 256],
    ['RSA_AES_KEY_WRAP_SHA_256', 256 + 40],
  ] as const)('%s: a flipped bit never opens, nor does a cut or lengthened blob', async (algorithm, length) => {
    const { privateKey, publicKey } = keys.get('RSA_2048')!;
    const row = wrapping(algorithm, 'RSA_2048');
    const [aesKey, material] = [randomBytes(32), randomBytes(32)];
    const wrapped = algorithm.startsWith('RSAES')
      ? oaepEncrypt(publicKey, 'sha256', material)
      : concat(oaepEncrypt(publicKey, 'sha256', aesKey), wrapPadded(aesKey, material));
    expect(wrapped.length).toBe(length);
    await fc.assert(
      fc.asyncProperty(fc.nat(8 * length - 1), async (bit) => {
        const altered = Uint8Array.from(wrapped);
        altered[bit >> 3]! ^= 1 << (bit & 7);
        expect(await row.unwrap(privateKeyObject(privateKey), altered)).toBeUndefined();
      }),
      { numRuns: 40 },
    );
    for (const wrong of [
      new Uint8Array(),
      wrapped.subarray(0, 256 - 1),
      wrapped.subarray(0, -8),
      concat(wrapped, new Uint8Array(8)),
    ]) {
      expect(await row.unwrap(privateKeyObject(privateKey), wrong)).toBeUndefined();
    }
  });
});

const bytesOf = ({ secret, ...rest }: KeyMaterial) => ({ ...rest, secret: secret.expose() });

describe('another library', () => {
  const { wrappingKey, materials, cases } = vectors('import-wrapping/python-cryptography.json') as {
    wrappingKey: string;
    materials: { [keySpec: string]: string };
    cases: { keySpec: KeySpecName; wrappingAlgorithm: string; wrapped: string }[];
  };
  test.each(cases)('$keySpec, $wrappingAlgorithm', async ({ keySpec, wrappingAlgorithm, wrapped }) => {
    const row = wrapping(wrappingAlgorithm, 'RSA_2048', keySpec);
    const material = await row.unwrap(privateKeyObject(new Secret(fromHex(wrappingKey))), fromHex(wrapped));
    expect(hex(material ?? new Uint8Array())).toBe(materials[keySpec]);
    const of = { wrappingAlgorithm, wrappingKeySpec: 'RSA_2048', keySpec, wrapped: fromHex(wrapped) };
    const unwrapped = await unwrapKeyMaterial({ ...of, key: privateKeyObject(new Secret(fromHex(wrappingKey))) });
    expect(unwrapped).toEqual(bytesOf(importKeyMaterial(KEY_SPECS[keySpec], material!)!));
  });
});

describe('openssl, as the developer guide shows it', () => {
  const oaep = (algorithm: string): string => {
    const hash = hashOf(algorithm);
    return `-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:${hash} -pkeyopt rsa_mgf1_md:${hash}`;
  };
  const encrypt = (algorithm: string, publicKey: Uint8Array, plaintext: Uint8Array): Uint8Array =>
    opensslOut(`pkeyutl -encrypt -in m.bin -inkey pub.der -keyform DER -pubin ${oaep(algorithm)}`, {
      'm.bin': plaintext,
      'pub.der': publicKey,
    });

  test.each(OAEP)('%s', async (algorithm) => {
    const { privateKey, publicKey } = keys.get('RSA_3072')!;
    const material = randomBytes(64);
    const wrapped = encrypt(algorithm, publicKey, material);
    expect(await wrapping(algorithm, 'RSA_3072', 'HMAC_512').unwrap(privateKeyObject(privateKey), wrapped)).toEqual(
      material,
    );
  });

  test.each(HYBRID)('%s', async (algorithm) => {
    const { privateKey, publicKey } = keys.get('RSA_4096')!;
    const aesKey = randomBytes(32);
    const pem = opensslOut('ecparam -name secp521r1 -genkey -noout');
    const material = opensslOut('pkcs8 -topk8 -nocrypt -in key.pem -outform DER', { 'key.pem': pem });
    const body = opensslOut(`enc -id-aes256-wrap-pad -K ${hex(aesKey)} -iv A65959A6 -in m.bin`, { 'm.bin': material });
    const wrapped = concat(encrypt(algorithm, publicKey, aesKey), body);
    const unwrapped = await wrapping(algorithm, 'RSA_4096', 'ECC_NIST_P521').unwrap(
      privateKeyObject(privateKey),
      wrapped,
    );
    expect(hex(unwrapped!)).toBe(hex(material));
  });
});
