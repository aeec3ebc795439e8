import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { concat } from '../../src/crypto/bytes.ts';
import {
  generateKeyMaterial,
  generateKeyPairBytes,
  importKeyMaterial,
  publicKeyOf,
  type KeyMaterial,
} from '../../src/crypto/key-material.ts';
import { KEY_SPECS, type KeySpec } from '../../src/crypto/key-spec.ts';
import { Secret } from '../../src/crypto/secret.ts';
import type { KeySpecName } from '../../src/model/enumeration.ts';
import { opensslOut } from './openssl.ts';

const specs = Object.values(KEY_SPECS);
const named = (list: readonly KeySpec[]): [string, KeySpec][] => list.map((spec) => [spec.name, spec]);
const pairs = named(specs.filter((spec) => spec.keyPair));
const importable = named(specs.filter((spec) => spec.importable));

const made = new Map<string, KeyMaterial>();
const material = (spec: KeySpec): KeyMaterial => made.get(spec.name)!;

beforeAll(async () => {
  for (const spec of specs) made.set(spec.name, await generateKeyMaterial(spec, randomBytes));
});

describe('generated material', () => {
  // Lengths of SPKI are those of AWS's answers; of the others, their encodings' own
  test.each<[KeySpecName, number, number | undefined]>([
    ['SYMMETRIC_DEFAULT', 32, undefined],
    ['HMAC_224', 28, undefined],
    ['HMAC_256', 32, undefined],
    ['HMAC_384', 48, undefined],
    ['HMAC_512', 64, undefined],
    ['ECC_NIST_P256', 138, 91],
    ['ECC_NIST_P384', 185, 120],
    ['ECC_NIST_P521', 241, 158],
    ['ECC_SECG_P256K1', 135, 88],
    ['ECC_NIST_EDWARDS25519', 48, 44],
    ['SM2', 138, 91],
    ['ML_DSA_44', 54, 1334],
    ['ML_DSA_65', 54, 1974],
    ['ML_DSA_87', 54, 2614],
    ['ML_KEM_512', 86, 822],
    ['ML_KEM_768', 86, 1206],
    ['ML_KEM_1024', 86, 1590],
  ])('%s: %i bytes, public key %s', (name, length, publicLength) => {
    const { secret, publicKey } = material(KEY_SPECS[name]);
    expect([secret.length, publicKey?.length]).toEqual([length, publicLength]);
  });

  test.each(['RSA_2048', 'RSA_3072', 'RSA_4096'] as const)('%s has its modulus', (name) => {
    const key = createPublicKey({
      key: Buffer.from(material(KEY_SPECS[name]).publicKey!),
      format: 'der',
      type: 'spki',
    });
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(Number(name.slice(4)));
  });

  test.each(pairs)('%s: the public key follows from the private key', (_, spec) => {
    const { secret, publicKey } = material(spec);
    expect(publicKeyOf(secret)).toEqual(publicKey);
  });

  test('symmetric material is what the random source gives', async () => {
    const { secret } = await generateKeyMaterial(KEY_SPECS.HMAC_512, (length) => new Uint8Array(length).fill(7));
    expect(secret.expose()).toEqual(new Uint8Array(64).fill(7));
  });
});

describe('key pairs as bytes', () => {
  test.each(named(specs.filter((spec) => spec.keyPair && spec.keyPair.type !== 'rsa')))('%s', async (_, spec) => {
    const { privateKey, publicKey } = await generateKeyPairBytes(spec.keyPair!);
    expect(publicKeyOf(new Secret(privateKey))).toEqual(publicKey);
    expect(privateKey.length).toBe(material(spec).secret.length);
  });
});

describe('imported material', () => {
  test.each(importable)('%s: what was made can be imported, and is the same', (_, spec) => {
    const { secret, publicKey } = material(spec);
    const imported = importKeyMaterial(spec, secret.expose());
    expect(imported?.secret.equals(secret)).toBe(true);
    expect(imported?.publicKey).toEqual(publicKey);
  });

  test.each(importable)('%s: no material of another spec, cut short or none', (_, spec) => {
    for (const [name, other] of made) {
      const same = other.secret.length === spec.bytes; // any 32 bytes are material of SYMMETRIC_DEFAULT
      if (name !== spec.name && !same) expect(importKeyMaterial(spec, other.secret.expose())).toBeUndefined();
    }
    expect(importKeyMaterial(spec, material(spec).secret.expose().subarray(0, -1))).toBeUndefined();
    expect(importKeyMaterial(spec, new Uint8Array())).toBeUndefined();
  });

  const der = (key: KeyObject): Uint8Array => key.export({ format: 'der', type: 'pkcs8' });
  const jwkKey = (jwk: object): Uint8Array => der(createPrivateKey({ key: jwk, format: 'jwk' }));

  test("a public point that is not the private key's is replaced", () => {
    const { secret } = material(KEY_SPECS.ECC_NIST_P256);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const mixed = concat(secret.expose().subarray(0, -65), der(other).subarray(-65));
    expect(importKeyMaterial(KEY_SPECS.ECC_NIST_P256, mixed)?.secret.equals(secret)).toBe(true);
  });

  test('BER is taken too', () => {
    const { secret } = material(KEY_SPECS.ECC_NIST_EDWARDS25519);
    const indefinite = concat(Uint8Array.of(0x30, 0x80), secret.expose().subarray(2), new Uint8Array(2));
    expect(importKeyMaterial(KEY_SPECS.ECC_NIST_EDWARDS25519, indefinite)?.secret.equals(secret)).toBe(true);
  });

  test('RSA keys whose numbers do not belong together are refused', () => {
    const jwk = createPrivateKey({
      key: Buffer.from(material(KEY_SPECS.RSA_2048).secret.expose()),
      format: 'der',
      type: 'pkcs8',
    }).export({ format: 'jwk' });
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
    expect(importKeyMaterial(KEY_SPECS.RSA_2048, jwkKey(jwk))).toBeDefined();
    const tried: string[] = [];
    for (const member of ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const) {
      const changed = { ...jwk, [member]: member === 'e' ? 'Aw' : other[member] };
      let bytes: Uint8Array;
      try {
        bytes = jwkKey(changed);
      } catch {
        continue; // OpenSSL does not even encode it
      }
      tried.push(member);
      expect(importKeyMaterial(KEY_SPECS.RSA_2048, bytes), member).toBeUndefined();
    }
    expect(tried).toEqual(expect.arrayContaining(['e', 'd', 'dp', 'dq', 'qi']));
  });

  test('an RSA-PSS key is no RSA key', () => {
    const { privateKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
    expect(importKeyMaterial(KEY_SPECS.RSA_2048, der(privateKey))).toBeUndefined();
  });

  test('an encrypted private key is none', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const encrypted = privateKey.export({ format: 'der', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' });
    expect(importKeyMaterial(KEY_SPECS.ECC_NIST_EDWARDS25519, encrypted)).toBeUndefined();
  });

  describe('from openssl', () => {
    const pkcs8 = (key: Uint8Array): Uint8Array =>
      opensslOut('pkcs8 -topk8 -nocrypt -in key.pem -outform DER', { 'key.pem': key });

    test.each<[string, KeySpecName, string]>([
      ['RSA', 'RSA_2048', 'genrsa 2048'],
      ['P-384', 'ECC_NIST_P384', 'ecparam -name secp384r1 -genkey -noout'],
      ['secp256k1', 'ECC_SECG_P256K1', 'ecparam -name secp256k1 -genkey -noout'],
      ['P-521, compressed point', 'ECC_NIST_P521', 'ecparam -name secp521r1 -genkey -noout -conv_form compressed'],
      ['Ed25519', 'ECC_NIST_EDWARDS25519', 'genpkey -algorithm ed25519'],
    ])('%s', (_, name, command) => {
      const key = opensslOut(command);
      const imported = importKeyMaterial(KEY_SPECS[name], pkcs8(key));
      const form = name.startsWith('ECC') && !name.endsWith('25519') ? ' -ec_conv_form uncompressed' : '';
      const publicKey = opensslOut(`pkey -in key.pem -pubout -outform DER${form}`, { 'key.pem': key });
      expect(imported?.publicKey).toEqual(publicKey);
    });

    test('one key has one secret, with compressed, uncompressed or no public point', () => {
      const key = opensslOut('ecparam -name prime256v1 -genkey -noout');
      const forms = ['', ' -conv_form compressed', ' -no_public'].map((form) =>
        pkcs8(opensslOut(`ec -in key.pem${form}`, { 'key.pem': key })),
      );
      expect(new Set(forms.map((form) => form.length)).size).toBe(3);
      const secrets = forms.map((form) => importKeyMaterial(KEY_SPECS.ECC_NIST_P256, form)?.secret);
      for (const secret of secrets) expect(secret?.equals(secrets[0]!)).toBe(true);
    });

    test.each<[string, KeySpecName, string]>([
      ['explicit curve parameters', 'ECC_NIST_P256', 'ecparam -name prime256v1 -genkey -noout -param_enc explicit'],
      ['three primes', 'RSA_2048', 'genrsa -primes 3 2048'],
      ['a modulus of 2047 bits', 'RSA_2048', 'genrsa 2047'],
      ['a curve that KMS has not', 'ECC_NIST_P256', 'ecparam -name brainpoolP256r1 -genkey -noout'],
    ])('%s: refused', (_, name, command) => {
      expect(importKeyMaterial(KEY_SPECS[name], pkcs8(opensslOut(command)))).toBeUndefined();
    });
  });
});
