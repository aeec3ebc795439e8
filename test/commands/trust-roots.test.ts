/** `kms attestation trust-root`: which certificates can be a trust root. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AWS_ROOT } from '../../src/attestation/aws-root.ts';
import { newTestRootKey, testRootCertificate, testRootKey } from '../../src/attestation/new-document.ts';
import { AUTHORITY } from '../../src/attestation/signed-certificate.ts';
import { addTrustRoot } from '../../src/commands/attestation/trust-roots.ts';
import { concat, utf8 } from '../../src/crypto/bytes.ts';
import { attestationRoots, MAX_ATTESTATION_ROOTS, putAttestationRoot } from '../../src/keyring/attestation-root.ts';
import { authority, below, ROOT } from '../attestation/documents.ts';
import { fixture } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';
import { sessionParts } from '../support/session-parts.ts';

const folder = temporaryFolders();

async function add(bytes: Uint8Array, home = fixture('roots')) {
  const file = join(folder(), 'root');
  writeFileSync(file, bytes);
  return addTrustRoot.run({ File: file }, sessionParts(await home));
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const pem = (...certificates: readonly Uint8Array[]): Uint8Array =>
  utf8(certificates.map((one) => `-----BEGIN CERTIFICATE-----\n${base64(one)}\n-----END CERTIFICATE-----\n`).join(''));
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });

test.each<[string, Uint8Array, RegExp]>([
  ['nothing', new Uint8Array(), /is not an X.509 certificate in PEM or DER/],
  ['a text', utf8('certificate'), /is not an X.509 certificate in PEM or DER/],
  ['two certificates', pem(ROOT.certificate, ROOT.certificate), /has more than one certificate/],
  ['a private key too', concat(pem(ROOT.certificate), utf8(newTestRootKey())), /has a private key/],
  ['a certificate below another', pem(authority(ROOT).certificate), /is not signed by itself/],
  ['no authority', pem(below(ROOT, { subject: ROOT.name }).certificate), /is not that of a certificate authority/],
  ['P-256', pem(below(ROOT, { keys: p256, extensions: AUTHORITY }).certificate), /does not have a P-384 key/],
  ['bytes behind it', concat(ROOT.certificate, Uint8Array.of(0)), /is not one certificate in DER/],
  ['a large one', new Uint8Array(1_025), /has more than 1024 bytes/],
  ['that of AWS', AWS_ROOT, /is that of AWS, which is always trusted/],
  ['many beginnings of PEM', utf8('-----BEGIN CERTIFICATE-----'.repeat(2_400)), /has more than 1024 bytes/],
])('%s is refused', async (_, bytes, message) => {
  await expect(add(bytes)).rejects.toThrow(message);
});

test('a file too large is not read', async () => {
  await expect(add(new Uint8Array(65_537))).rejects.toThrow(/is larger than 65,536 bytes/);
});

test('PEM and DER name the same root; adding it again changes nothing', async () => {
  const home = await fixture('same');
  const first = await add(ROOT.certificate, Promise.resolve(home));
  const events = home.events().length;
  expect(await add(pem(ROOT.certificate), Promise.resolve(home))).toEqual(first);
  expect(home.events()).toHaveLength(events);
});

test('a keyring has at most 100 of them', async () => {
  const home = await fixture('many');
  await home.keyring.transact(async (tx) => {
    for (let at = 0; at < MAX_ATTESTATION_ROOTS; at += 1) {
      putAttestationRoot(tx, { fingerprint: String(at), certificate: randomBytes(300) });
    }
  });
  const another = testRootCertificate(testRootKey(utf8(newTestRootKey())), randomBytes);
  await expect(add(another, Promise.resolve(home))).rejects.toThrow('a keyring has at most 100 trust roots');
  expect(await home.keyring.transact(attestationRoots)).toHaveLength(MAX_ATTESTATION_ROOTS);
});
