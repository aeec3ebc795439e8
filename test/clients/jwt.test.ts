/**
 * JSON web tokens that KMS keys sign, verified by the libraries that services use, with the public key of GetPublicKey: the
 * algorithms of RFC 7518 3.1 and RFC 8037 3.1.
 */
import { importSPKI, jwtVerify } from 'jose';
import jsonwebtoken, { type Algorithm } from 'jsonwebtoken';
import { expect, test } from 'vitest';
import { createKms, type InputOf, type PocketKms } from '../../src/index.ts';
import { readSignature } from './ecdsa.ts';

type KeySpec = NonNullable<InputOf<'CreateKey'>['KeySpec']>;
type SigningAlgorithm = InputOf<'Sign'>['SigningAlgorithm'];

interface TokenAlgorithm {
  readonly alg: string;
  readonly spec: KeySpec;
  readonly signing: SigningAlgorithm;
  /** Of ECDSA: bytes of r and of s, which stand side by side in a token. */
  readonly size?: number;
}

const ALGORITHMS: readonly TokenAlgorithm[] = [
  { alg: 'RS256', spec: 'RSA_2048', signing: 'RSASSA_PKCS1_V1_5_SHA_256' },
  { alg: 'RS384', spec: 'RSA_2048', signing: 'RSASSA_PKCS1_V1_5_SHA_384' },
  { alg: 'RS512', spec: 'RSA_2048', signing: 'RSASSA_PKCS1_V1_5_SHA_512' },
  { alg: 'PS256', spec: 'RSA_2048', signing: 'RSASSA_PSS_SHA_256' },
  { alg: 'PS384', spec: 'RSA_2048', signing: 'RSASSA_PSS_SHA_384' },
  { alg: 'PS512', spec: 'RSA_2048', signing: 'RSASSA_PSS_SHA_512' },
  { alg: 'ES256', spec: 'ECC_NIST_P256', signing: 'ECDSA_SHA_256', size: 32 },
  { alg: 'ES384', spec: 'ECC_NIST_P384', signing: 'ECDSA_SHA_384', size: 48 },
  { alg: 'ES512', spec: 'ECC_NIST_P521', signing: 'ECDSA_SHA_512', size: 66 },
  { alg: 'EdDSA', spec: 'ECC_NIST_EDWARDS25519', signing: 'ED25519_SHA_512' },
];

const base64url = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64url');
const claims = { sub: 'orders', exp: Math.floor(Date.now() / 1000) + 3600 };

async function tokenOf(kms: PocketKms, KeyId: string, { alg, signing, size }: TokenAlgorithm): Promise<string> {
  const text = `${base64url(JSON.stringify({ alg, typ: 'JWT' }))}.${base64url(JSON.stringify(claims))}`;
  const { Signature } = await kms.sign({ KeyId, Message: Buffer.from(text), SigningAlgorithm: signing });
  if (size === undefined) return `${text}.${base64url(Signature!)}`;
  const { r, s } = readSignature(Signature!, size);
  return `${text}.${base64url(Buffer.concat([r, s]))}`;
}

function altered(token: string): string {
  const [header, , signature] = token.split('.');
  return [header, base64url(JSON.stringify({ ...claims, sub: 'admin' })), signature].join('.');
}

const kms = await createKms();
const keys = new Map<KeySpec, Promise<string>>();

function keyOf(KeySpec: KeySpec): Promise<string> {
  const made = async (): Promise<string> => {
    const { KeyMetadata } = await kms.createKey({ KeySpec, KeyUsage: 'SIGN_VERIFY' });
    return KeyMetadata!.KeyId!;
  };
  if (!keys.has(KeySpec)) keys.set(KeySpec, made());
  return keys.get(KeySpec)!;
}

async function signed(algorithm: TokenAlgorithm): Promise<{ readonly token: string; readonly pem: string }> {
  const KeyId = await keyOf(algorithm.spec);
  const { PublicKey } = await kms.getPublicKey({ KeyId });
  const lines = Buffer.from(PublicKey!)
    .toString('base64')
    .match(/.{1,64}/g)!;
  const pem = ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n');
  return { token: await tokenOf(kms, KeyId, algorithm), pem };
}

test.each(ALGORITHMS)('jose verifies $alg', async (algorithm) => {
  const { token, pem } = await signed(algorithm);
  const key = await importSPKI(pem, algorithm.alg);
  expect((await jwtVerify(token, key, { algorithms: [algorithm.alg] })).payload).toEqual(claims);
  await expect(jwtVerify(altered(token), key)).rejects.toMatchObject({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
});

// it knows no EdDSA
test.each(ALGORITHMS.filter(({ alg }) => alg !== 'EdDSA'))('jsonwebtoken verifies $alg', async (algorithm) => {
  const { token, pem } = await signed(algorithm);
  const options = { algorithms: [algorithm.alg as Algorithm] };
  expect(jsonwebtoken.verify(token, pem, options)).toEqual(claims);
  expect(() => jsonwebtoken.verify(altered(token), pem, options)).toThrow('invalid signature');
});
