/** Documents of which one thing is not as it must be, each with the reason that `kms attestation inspect` gives. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { encode, Tagged } from 'cborg';
import { describe, expect, test } from 'vitest';
import { checkDocument } from '../../src/attestation/attestation.ts';
import { coseSign1, sigStructure } from '../../src/attestation/document.ts';
import { signPayload } from '../../src/attestation/new-document.ts';
import { AUTHORITY, commonName, SIGNER } from '../../src/attestation/signed-certificate.ts';
import { concat, fromHex, hex, utf8 } from '../../src/crypto/bytes.ts';
import { der, readDer, readSequence } from '../../src/crypto/der.ts';
import {
  authority,
  below,
  documentOf,
  FIELDS,
  HOUR,
  NOW,
  p384,
  pcr,
  reasons,
  registers,
  ROOT,
  RSA_PUBLIC,
} from './documents.ts';

const GOOD = documentOf();
const rsaKey = (modulusLength: number, publicExponent = 65_537): Uint8Array =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export({ format: 'der', type: 'spki' });

/** An RSA key of any numbers: nobody has its private key. */
function rsaNumbers(modulus: string, exponent: string): Uint8Array {
  const integers = der(0x30, der(0x02, fromHex(modulus)), der(0x02, fromHex(exponent)));
  return der(0x30, fromHex('300d06092a864886f70d0101010500'), der(0x03, Uint8Array.of(0), integers));
}
const ODD = `00${'c'.repeat(511)}1`;

test('what is as it must be is trusted', async () => {
  expect(await reasons(GOOD)).toEqual([]);
  expect(await reasons(concat(Uint8Array.of(0xd2), GOOD))).toEqual([]); // tag 18
  const one = authority(ROOT);
  const two = authority(one);
  expect(await reasons(documentOf({}, [ROOT, one, two, below(two)]))).toEqual([]);
  const tpm = { pcrs: undefined, nitrotpm_pcrs: registers('0123456789abcdef01234567') };
  expect(await reasons(documentOf({ ...tpm, module_id: 'i-0123456789abcdef0-tpm0000000000000000' }))).toEqual([]);
  expect(await reasons(documentOf({ user_data: undefined, nonce: new Uint8Array(512) }))).toEqual([]);
  expect(await reasons(documentOf({ public_key: rsaKey(4096, 3) }))).toEqual([]);
  expect(await reasons(documentOf({ pcrs: new Map([[31, new Uint8Array(64)]]) }))).toEqual([]);
});

const [, , payload, signature] = partsOf(GOOD);

function partsOf(document: Uint8Array): [Uint8Array, Uint8Array, Uint8Array, Uint8Array] {
  const body = readBody(document);
  return [fromHex('a1013822'), fromHex('a0'), body.payload, body.signature];
}

/** From the layout that coseSign1() writes: 84 44 a1013822 a0 59 length payload 58 60 signature. */
function readBody(document: Uint8Array) {
  const length = (document[8]! << 8) | document[9]!;
  return { payload: document.subarray(10, 10 + length), signature: document.subarray(-96) };
}

const nested = (levels: number): Uint8Array => new Uint8Array(levels).fill(0x81);

describe('the envelope', () => {
  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'not-cose'],
    ['bytes behind it', concat(GOOD, Uint8Array.of(0)), 'not-cose'],
    ['a part of it', GOOD.subarray(0, -1), 'not-cose'],
    ['tag 17', concat(Uint8Array.of(0xd1), GOOD), 'not-cose'],
    ['tag 18 in a longer form', concat(Uint8Array.of(0xd8, 18), GOOD), 'not-cose'],
    ['tag 18 twice', concat(Uint8Array.of(0xd2, 0xd2), GOOD), 'not-cose'],
    ['an array without its length', concat(Uint8Array.of(0x9f), GOOD.subarray(1), Uint8Array.of(0xff)), 'not-cose'],
    ['five parts', encode([fromHex('a1013822'), new Map(), payload, signature, 1]), 'not-cose'],
    ['three parts', encode([fromHex('a1013822'), new Map(), payload]), 'not-cose'],
    ['a map', encode(new Map([[1, 2]])), 'not-cose'],
    ['ES256', encode([fromHex('a10126'), new Map(), payload, signature]), 'algorithm'],
    ['another header too', encode([fromHex('a2013822041842'), new Map(), payload, signature]), 'algorithm'],
    ['a protected header that is a map', encode([new Map([[1, -35]]), new Map(), payload, signature]), 'not-cose'],
    ['an unprotected header', encode([fromHex('a1013822'), new Map([[4, 'x']]), payload, signature]), 'algorithm'],
    ['no payload', encode([fromHex('a1013822'), new Map(), null, signature]), 'not-cose'],
    ['an empty payload', encode([fromHex('a1013822'), new Map(), new Uint8Array(), signature]), 'not-cose'],
    ['a short signature', encode([fromHex('a1013822'), new Map(), payload, signature.subarray(1)]), 'not-cose'],
    ['a DER signature', encode([fromHex('a1013822'), new Map(), payload, new Uint8Array(104)]), 'not-cose'],
    ['a payload too large', coseSign1(new Uint8Array(16_385), signature), 'not-cose'],
    ['far too large', new Uint8Array(262_144), 'too-large'],
    ['deeply nested arrays', nested(16_000), 'not-cose'],
    ['a huge array', fromHex('9affffffff'), 'not-cose'],
    ['a huge text', fromHex('7affffffff'), 'not-cose'],
  ])('%s', async (_, bytes, code) => {
    expect((await reasons(bytes)).map((reason) => reason.split(':')[0])).toEqual([code]);
  });
});

describe('the payload', () => {
  const signed = (bytes: Uint8Array): Uint8Array => signPayload(bytes, ROOT.key);
  const entry = (key: string): Uint8Array => concat(encode(key), encode(1));
  test.each<[string, Uint8Array]>([
    ['a list', signed(encode([1]))],
    ['bytes behind the map', signed(concat(payload, Uint8Array.of(0)))],
    ['a field twice', signed(concat(Uint8Array.of(0xa2), entry('digest'), entry('digest')))],
    [
      'a field twice, in a map without its length',
      signed(concat(Uint8Array.of(0xbf), entry('a'), entry('a'), Uint8Array.of(0xff))),
    ],
    ['deeply nested', signed(nested(16_000))],
    ['a map of maps', signed(concat(Uint8Array.of(0xa1, 0x61, 0x61), new Uint8Array(9_000).fill(0xa1)))],
    ['a float', signed(encode(new Map([['timestamp', 1.5]])))],
    ['undefined', signed(fromHex('a16161f7'))],
    ['a tag', signed(encode(new Map([['a', new Tagged(1, 5)]])).subarray(0))],
    ['a length that could be shorter', signed(fromHex('b90001616101'))],
    ['an integer of 64 bits', signed(fromHex('a161611bffffffffffffffff'))],
    ['a break alone', signed(fromHex('ff'))],
    ['a map without an end', signed(fromHex('bf616101'))],
    ['300 registers', documentOf({ pcrs: new Map(Array.from({ length: 300 }, (_, at) => [at, new Uint8Array(32)])) })],
  ])('%s', async (_, bytes) => {
    expect(await reasons(bytes)).toEqual(['not-cbor: its payload is not a CBOR map']);
  });
});

const withPcr = (index: unknown, value: unknown): { readonly pcrs: unknown } => ({ pcrs: new Map([[index, value]]) });

describe('the fields', () => {
  test.each<[string, { readonly [field: string]: unknown }, RegExp]>([
    ['no module ID', { module_id: undefined }, /^field: module_id/],
    ['an empty module ID', { module_id: '' }, /^field: module_id/],
    ['a module ID with a line feed', { module_id: 'i-0\nfake' }, /^field: module_id/],
    ['a module ID that is bytes', { module_id: utf8('i-0') }, /^field: module_id/],
    ['a long module ID', { module_id: 'i'.repeat(257) }, /^field: module_id/],
    ['another digest', { digest: 'SHA512' }, /^field: digest/],
    ['no digest', { digest: undefined }, /^field: digest/],
    ['time 0', { timestamp: 0 }, /^field: timestamp/],
    ['a negative time', { timestamp: -1 }, /^field: timestamp/],
    ['no time', { timestamp: null }, /^field: timestamp/],
    ['a time that no Date has', { timestamp: 9e15 }, /^field: timestamp/],
    ['a time that is a text', { timestamp: '2026' }, /^field: timestamp/],
    ['no registers', { pcrs: undefined }, /^field: it does not have one of the fields pcrs/],
    ['registers of both kinds', { nitrotpm_pcrs: FIELDS.pcrs }, /^field: it does not have one of the fields pcrs/],
    ['no register', { pcrs: new Map() }, /^field: pcrs is not a map of 1 to 32/],
    ['33 registers', { pcrs: registers('0'.repeat(33)) }, /^field: pcrs is not a map of 1 to 32/],
    ['registers as a list', { pcrs: [new Uint8Array(48)] }, /^field: pcrs is not a map/],
    ['register 32', withPcr(32, new Uint8Array(48)), /^field: pcrs has an index/],
    ['register -1', withPcr(-1, new Uint8Array(48)), /^field: pcrs has an index/],
    ['a register named by a text', withPcr('0', new Uint8Array(48)), /^field: pcrs has an index/],
    ['a register of 20 bytes', withPcr(0, new Uint8Array(20)), /^field: register 0 does not have 32, 48, 64 bytes/],
    ['a register that is a text', withPcr(0, pcr('a')), /^field: register 0/],
    ['no certificate', { certificate: undefined }, /^field: certificate/],
    ['a certificate too large', { certificate: new Uint8Array(1_025) }, /^field: certificate/],
    ['no bundle', { cabundle: null }, /^field: cabundle/],
    ['an empty bundle', { cabundle: [] }, /^field: cabundle/],
    ['nine certificates', { cabundle: Array.from({ length: 9 }, () => ROOT.certificate) }, /^field: cabundle/],
    ['an empty certificate', { cabundle: [new Uint8Array()] }, /^field: cabundle/],
    ['a public key too large', { public_key: new Uint8Array(1_025) }, /^field: public_key/],
    ['user data too large', { user_data: new Uint8Array(513) }, /^field: user_data/],
    ['a nonce that is a text', { nonce: 'abc' }, /^field: nonce/],
    ['another field', { debug: true }, /^not-cbor|^field/],
    ['another field that may be there', { extra: 'x' }, /^field: it has a field that/],
    ['__proto__', Object.fromEntries([['__proto__', 'x']]), /^field: it has a field that/],
  ])('%s', async (_, change, reason) => {
    expect(await reasons(documentOf(change))).toEqual([expect.stringMatching(reason)]);
  });
});

describe('the public key', () => {
  const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  test.each<[string, Uint8Array | null | undefined, RegExp]>([
    ['none', undefined, /^no-public-key/],
    ['null', null, /^no-public-key/],
    ['empty', new Uint8Array(), /^no-public-key/],
    ['PEM', utf8(pem.export({ format: 'pem', type: 'spki' })), /^public-key: .* not a SubjectPublicKeyInfo in DER/],
    ['PKCS #1', pem.export({ format: 'der', type: 'pkcs1' }), /^public-key: .* not a SubjectPublicKeyInfo in DER/],
    ['a text', utf8('my super secret key'), /^public-key/],
    ['P-384', p384().publicKey.export({ format: 'der', type: 'spki' }), /^public-key: .* not an RSA key/],
    [
      'RSA-PSS',
      generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey.export({ format: 'der', type: 'spki' }),
      /not an RSA key/,
    ],
    ['RSA of 1,024 bits', rsaKey(1024), /fewer than 2048 bits/],
    ['bytes behind it', concat(RSA_PUBLIC, Uint8Array.of(0)), /not one key in DER/],
    ['exponent 1', rsaNumbers(ODD, '01'), /exponent/],
    ['an even exponent', rsaNumbers(ODD, '04'), /exponent/],
    ['an exponent as long as the modulus', rsaNumbers(ODD, `00${'e'.repeat(511)}1`), /exponent|not a Subject/],
    ['an even modulus', rsaNumbers(`00${'c'.repeat(512)}`, '010001'), /modulus of its RSA key is even/],
    ['a modulus of zero', rsaNumbers('00', '010001'), /fewer than 2048 bits|not a Subject/],
  ])('%s', async (_, public_key, reason) => {
    expect(await reasons(documentOf({ public_key }))).toEqual([expect.stringMatching(reason)]);
  });

  test('a key of 16,384 bits does not fit into a document', async () => {
    const key = rsaNumbers(`00${'c'.repeat(4095)}1`, '010001');
    expect(await reasons(documentOf({ public_key: key }))).toEqual([expect.stringMatching(/^field: public_key/)]);
  });
});

/** A certificate with other bytes in its place: what node:crypto would take too. */
const asPem = (certificate: Uint8Array): Uint8Array =>
  utf8(`-----BEGIN CERTIFICATE-----\n${Buffer.from(certificate).toString('base64')}\n-----END CERTIFICATE-----\n`);

describe('the certificates', () => {
  const good = below(ROOT);
  const other = authority(
    { ...authority(ROOT), name: commonName('test.nitro-enclaves') },
    { subject: commonName('test.nitro-enclaves') },
  );
  const narrow = authority(ROOT, { extensions: [pathLength(0), AUTHORITY[1]!] });
  const wide = authority(ROOT, { extensions: [pathLength(1), AUTHORITY[1]!] });
  const middle = authority(narrow);
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const leaf = (change: Parameters<typeof below>[1], issuer = ROOT): Uint8Array =>
    documentOf({}, [ROOT, below(issuer, change)]);
  test.each<[string, Uint8Array, RegExp]>([
    ['no certificate', documentOf({ certificate: utf8('x') }), /^certificate: .* not an X.509 certificate/],
    [
      'PEM',
      documentOf({ certificate: asPem(good.certificate).subarray(0, 1024) }),
      /^certificate: .* not (?:an X.509|one) certificate/,
    ],
    [
      'a root in PEM',
      documentOf({ cabundle: [asPem(ROOT.certificate)] }),
      /^certificate: the root certificate is not one certificate/,
    ],
    [
      'bytes behind it',
      documentOf({ certificate: concat(good.certificate, Uint8Array.of(0)) }),
      /^certificate: .* not one certificate/,
    ],
    [
      'P-256',
      documentOf({ certificate: below(ROOT, { keys: p256 }).certificate }),
      /^certificate: the certificate of the document does not have a P-384 key/,
    ],
    ['no extensions', leaf({ extensions: [] }), /^chain: .* may not be used to sign data/],
    [
      'an authority',
      leaf({ extensions: AUTHORITY }),
      /^chain: the certificate of the document is that of a certificate authority/,
    ],
    ['no digital signatures', leaf({ extensions: [SIGNER[0]!] }), /^chain: .* may not be used to sign data/],
    ['an extension twice', leaf({ extensions: [...SIGNER, SIGNER[1]!] }), /^certificate: /],
    [
      'a critical extension',
      leaf({ extensions: [...SIGNER, nameConstraints()] }),
      /^certificate: .* critical extension that is not known/,
    ],
    ['of another key', documentOf({ certificate: good.certificate }), /^signature: its signature is not valid/],
    ['the root alone', documentOf({}, [ROOT, ROOT]), /^chain: .* certificate authority/],
    [
      'below another root',
      documentOf({}, [ROOT, below(other)]),
      /^chain: the certificate of the document is not signed by the root certificate/,
    ],
    [
      'an end entity in between',
      documentOf({}, [ROOT, good, below(good)]),
      /^chain: certificate 1 of the bundle is not that of a certificate authority/,
    ],
    [
      'an authority that signs no certificates',
      withMiddle([AUTHORITY[0]!]),
      /^chain: certificate 1 of the bundle may not be used to sign certificates/,
    ],
    [
      'a path length of 0, used',
      documentOf({}, [ROOT, narrow, middle, below(middle)]),
      /^chain: certificate 1 of the bundle allows 0 certificates/,
    ],
    [
      'the bundle in the other order',
      documentOf({ cabundle: [wide.certificate, ROOT.certificate] }, [ROOT, wide, below(wide)]),
      /^chain: the root certificate is not signed by itself/,
    ],
    ['not valid yet', leaf({ notBefore: NOW + 1_000 }), /^not-yet-valid: the certificate of CN=/],
    ['expired', leaf({ notAfter: NOW - 1_000 }), /^expired: the certificate of CN=/],
    ['an expired authority', withMiddle(AUTHORITY, { notAfter: NOW - HOUR / 2 }), /^expired: /],
  ])('%s', async (_, bytes, reason) => {
    expect((await reasons(bytes))[0]).toMatch(reason);
  });

  test('a path length is the number of authorities that may follow', async () => {
    expect(await reasons(documentOf({}, [ROOT, narrow, below(narrow)]))).toEqual([]);
    const next = authority(wide);
    expect(await reasons(documentOf({}, [ROOT, wide, next, below(next)]))).toEqual([]);
  });

  test('the root of another keyring is not trusted, though its name is the same', async () => {
    const keys = p384();
    const name = ROOT.name;
    const foreign = { ...below({ ...ROOT, key: keys.privateKey }, { keys, subject: name, extensions: AUTHORITY }) };
    expect(await reasons(documentOf({}, [foreign, below(foreign)]))).toEqual([
      expect.stringMatching(/^untrusted-root/),
    ]);
  });

  test('one signed with SHA-256 is refused', async () => {
    const certificate = resigned(good.certificate);
    expect(await reasons(documentOf({ certificate }, [ROOT, good]))).toEqual([
      'certificate: the certificate of the document is not signed with ECDSA and SHA-384',
    ]);
  });

  function withMiddle(extensions: readonly Uint8Array[], change = {}): Uint8Array {
    const between = authority(ROOT, { extensions, ...change });
    return documentOf({}, [ROOT, between, below(between)]);
  }
});

function pathLength(length: number): Uint8Array {
  const constraints = der(0x30, der(0x01, Uint8Array.of(0xff)), der(0x02, Uint8Array.of(length)));
  return der(0x30, fromHex('0603551d13'), fromHex('0101ff'), der(0x04, constraints));
}

const nameConstraints = (): Uint8Array => der(0x30, fromHex('0603551d1e'), fromHex('0101ff'), der(0x04, der(0x30)));

/** The same certificate, signed by the root with ECDSA and SHA-256. */
function resigned(certificate: Uint8Array): Uint8Array {
  const [tbs] = readSequence(certificate)!;
  const algorithm = fromHex('300a06082a8648ce3d040302');
  const parts = readDer(tbs!.content)!.map(({ tag, content }, at) => (at === 2 ? algorithm : der(tag, content)));
  const body = der(0x30, ...parts);
  const signed = sign('sha256', body, ROOT.key);
  return der(0x30, body, algorithm, der(0x03, Uint8Array.of(0), signed));
}

test('a signature of other data is refused, and one by another curve', async () => {
  const last = below(ROOT);
  const bytes = Buffer.from(documentOf({}, [ROOT, last]));
  const changed = bytes.toString('latin1').replace('i-0123456789abcdef0', 'i-0123456789abcdef1');
  expect(await reasons(Buffer.from(changed, 'latin1'))).toEqual(['signature: its signature is not valid']);
  for (const zero of ['00'.repeat(96), 'ff'.repeat(96)]) {
    expect(await reasons(coseSign1(payload, fromHex(zero)))).toEqual(['signature: its signature is not valid']);
  }
  // of the payload alone, not of the Sig_structure
  const alone = sign('sha384', payload, { key: last.key, dsaEncoding: 'ieee-p1363' });
  expect(await reasons(coseSign1(payload, alone))).toEqual(['signature: its signature is not valid']);
  expect(hex(sigStructure(payload)).startsWith('846a5369676e61747572653144a101382240')).toBe(true);
});

test('hostile bytes cost no more time than a good document', async () => {
  const hostile = [nested(16_000), randomBytes(16_384), new Uint8Array(16_384).fill(0xbf), fromHex('9affffffff')];
  const begin = performance.now();
  for (const bytes of hostile)
    for (let times = 0; times < 100; times += 1) expect(await checkDocument(bytes)).toHaveProperty('code');
  expect(performance.now() - begin).toBeLessThan(5_000);
});
