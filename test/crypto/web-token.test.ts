/** Signed JSON Web Tokens: the examples of RFC 7515 and RFC 8037, and what must not verify. */
import { constants, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isSignedBy, readWebKeys, readWebToken } from '../../src/crypto/web-token.ts';

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
const ed = generateKeyPairSync('ed25519');

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
const P1363 = { dsaEncoding: 'ieee-p1363' } as const;

const signedToken = (header: object, key: KeyObject, digest: string | null, options: object = {}): string => {
  const input = `${encoded(header)}.${encoded({ sub: 'x' })}`;
  return `${input}.${sign(digest, Buffer.from(input), { key, ...options }).toString('base64url')}`;
};

const setOf = (key: KeyObject, more: object = {}) => {
  const keys = readWebKeys(JSON.stringify({ keys: [{ ...key.export({ format: 'jwk' }), ...more }] }));
  if (typeof keys === 'string') throw new Error(keys);
  return keys;
};

const verifies = (token: string, key: KeyObject, more: object = {}): boolean => {
  const read = readWebToken(token);
  return read !== undefined && isSignedBy(read, setOf(key, more));
};

describe('examples of the RFCs', () => {
  test('RFC 7515 A.3: ES256', () => {
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    };
    const token = [
      'eyJhbGciOiJFUzI1NiJ9',
      'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
      'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
    ].join('.');
    const read = readWebToken(token)!;
    expect(read.claims).toEqual({ iss: 'joe', exp: 1_300_819_380, 'http://example.com/is_root': true });
    expect(isSignedBy(read, [{ key: jwk }])).toBe(true);
  });

  test('RFC 8037 A.4: EdDSA', () => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
    const signature = 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg';
    const signed = Buffer.from('eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc');
    const read = { alg: 'EdDSA', kid: undefined, claims: {}, signed, signature: Buffer.from(signature, 'base64url') };
    expect(isSignedBy(read, [{ key: jwk }])).toBe(true);
  });
});

const GOOD: readonly [string, { privateKey: KeyObject; publicKey: KeyObject }, string | null, object][] = [
  ['RS256', rsa, 'sha256', {}],
  ['RS384', rsa, 'sha384', {}],
  ['RS512', rsa, 'sha512', {}],
  ['PS256', rsa, 'sha256', PSS],
  ['PS384', rsa, 'sha384', PSS],
  ['PS512', rsa, 'sha512', PSS],
  ['ES256', p256, 'sha256', P1363],
  ['ES384', p384, 'sha384', P1363],
  ['ES512', p521, 'sha512', P1363],
  ['EdDSA', ed, null, {}],
];

test.each(GOOD)('%s verifies, under this name alone, and not when altered', (alg, pair, digest, options) => {
  const token = signedToken({ alg }, pair.privateKey, digest, options);
  expect(verifies(token, pair.publicKey)).toBe(true);
  expect(verifies(token, pair.publicKey, { alg })).toBe(true);
  const [head, , signature] = token.split('.');
  expect(verifies(`${head}.${encoded({ sub: 'y' })}.${signature}`, pair.publicKey)).toBe(false);
  for (const [other] of GOOD) {
    if (other === alg) continue;
    expect(verifies(signedToken({ alg: other }, pair.privateKey, digest, options), pair.publicKey)).toBe(false);
  }
});

const good = signedToken({ alg: 'RS256', kid: 'a' }, rsa.privateKey, 'sha256');
const [head, claims, signature] = good.split('.');

test.each<[string, string]>([
  ['none', `${encoded({ alg: 'none' })}.${claims}.AAAA`],
  ['none without a signature', `${encoded({ alg: 'none' })}.${claims}.`],
  [
    'a MAC with the public key as its secret',
    ((input: string) =>
      `${input}.${createHmac('sha256', rsa.publicKey.export({ type: 'spki', format: 'pem' }))
        .update(input)
        .digest('base64url')}`)(`${encoded({ alg: 'HS256', kid: 'a' })}.${claims}`),
  ],
  ['a key ID that is not in the set', signedToken({ alg: 'RS256', kid: 'b' }, rsa.privateKey, 'sha256')],
  ['a critical member', signedToken({ alg: 'RS256', kid: 'a', crit: ['exp'] }, rsa.privateKey, 'sha256')],
  ['an access token', signedToken({ alg: 'RS256', kid: 'a', typ: 'at+jwt' }, rsa.privateKey, 'sha256')],
  ['the name of a member of every object', `${encoded({ alg: 'constructor' })}.${claims}.${signature}`],
  ['four parts', `${good}.AAAA`],
  ['padding', `${head}.${claims}.${signature}=`],
  [
    'another key',
    signedToken({ alg: 'RS256', kid: 'a' }, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'sha256'),
  ],
])('%s does not verify', (_, token) => {
  expect(verifies(good, rsa.publicKey, { kid: 'a' })).toBe(true);
  expect(verifies(token, rsa.publicKey, { kid: 'a' })).toBe(false);
});

test('a key is for the algorithm that it names', () => {
  expect(verifies(good, rsa.publicKey, { kid: 'a', alg: 'PS256' })).toBe(false);
});

test('without a key ID there must be one key', () => {
  const read = readWebToken(signedToken({ alg: 'EdDSA' }, ed.privateKey, null))!;
  expect(isSignedBy(read, setOf(ed.publicKey))).toBe(true);
  expect(isSignedBy(read, [...setOf(ed.publicKey, { kid: 'a' }), ...setOf(rsa.publicKey, { kid: 'b' })])).toBe(false);
});

const jwk = (key: KeyObject, more: object = {}): object => ({ ...key.export({ format: 'jwk' }), ...more });

test.each<[string, string]>([
  ['it is not JSON', '{'],
  ['it has no list "keys"', '[]'],
  ['a key is not an object', '{"keys":[1]}'],
  ['it has a private or secret key', JSON.stringify({ keys: [jwk(ed.privateKey)] })],
  ['it has a private or secret key', '{"keys":[{"kty":"oct","k":"AAAA"}]}'],
  ['it has no key that verifies tokens', JSON.stringify({ keys: [jwk(small.publicKey)] })],
  ['it has no key that verifies tokens', JSON.stringify({ keys: [jwk(rsa.publicKey, { e: 'AQ' })] })],
  ['it has no key that verifies tokens', JSON.stringify({ keys: [jwk(rsa.publicKey, { use: 'enc' })] })],
  ['it has no key that verifies tokens', JSON.stringify({ keys: [jwk(rsa.publicKey, { alg: 'ES256' })] })],
  ['two keys have the same key ID', JSON.stringify({ keys: [jwk(rsa.publicKey), jwk(ed.publicKey)] })],
  ['a key ID is not a text', JSON.stringify({ keys: [jwk(rsa.publicKey, { kid: 1 })] })],
  ['an algorithm is not a text', JSON.stringify({ keys: [jwk(rsa.publicKey, { alg: 1 })] })],
])('a key set is refused: %s', (why, text) => expect(readWebKeys(text)).toBe(why));

test('of a key set only keys are kept that verify tokens, and of them what this needs', () => {
  const keys = [
    jwk(ed.publicKey, { kid: 'a', x5c: ['x'] }),
    jwk(small.publicKey, { kid: 'b' }),
    { kty: 'new', kid: 'c' },
  ];
  expect(readWebKeys(JSON.stringify({ keys }))).toEqual([{ kid: 'a', key: jwk(ed.publicKey) }]);
});
