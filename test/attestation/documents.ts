/** Attestation documents for tests, of which every part can be another. */
import { createPrivateKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { encode } from 'cborg';
import { checkDocument, problemsOf, recipientKey } from '../../src/attestation/attestation.ts';
import { newTestRootKey, signPayload, testRootCertificate } from '../../src/attestation/new-document.ts';
import {
  AUTHORITY,
  commonName,
  signedCertificate,
  SIGNER,
  type NewCertificate,
} from '../../src/attestation/signed-certificate.ts';

export const HOUR = 3_600_000;
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

export const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const RSA_PUBLIC: Uint8Array = RSA.publicKey.export({ format: 'der', type: 'spki' });
const rootKey = createPrivateKey(newTestRootKey());
export const ROOT = {
  certificate: testRootCertificate(rootKey, randomBytes),
  key: rootKey,
  name: commonName('test.nitro-enclaves'),
};
export const p384 = () => generateKeyPairSync('ec', { namedCurve: 'P-384' });

export const pcr = (digit: string): string => digit.repeat(96);
export const registers = (digits: string): Map<number, Uint8Array> =>
  new Map(digits.split('').map((digit, at) => [at, Buffer.from(pcr(digit), 'hex')]));

interface Level {
  readonly certificate: Uint8Array;
  readonly key: KeyObject;
  readonly name: Uint8Array;
}

/** A certificate below another, and its key. */
export function below(
  issuer: Level,
  change: Partial<NewCertificate> & { readonly keys?: ReturnType<typeof p384> } = {},
): Level {
  const { keys = p384(), ...rest } = change;
  const name = rest.subject ?? commonName(`${randomBytes(4).toString('hex')}.test`);
  const certificate = signedCertificate({
    subject: name,
    publicKey: keys.publicKey,
    issuer: { subject: issuer.name, key: issuer.key },
    notBefore: NOW - HOUR,
    notAfter: NOW + HOUR,
    serial: randomBytes(15),
    extensions: SIGNER,
    ...rest,
  });
  return { certificate, key: keys.privateKey, name };
}

export const authority = (issuer: Level, change: Partial<NewCertificate> = {}): Level =>
  below(issuer, { extensions: AUTHORITY, ...change });

export const FIELDS = {
  module_id: 'i-0123456789abcdef0-enc0123456789abcdef',
  digest: 'SHA384',
  timestamp: NOW,
  pcrs: registers('abc'),
  public_key: RSA_PUBLIC,
  user_data: null,
  nonce: null,
} as const;

/** A document by these certificates, the root first, with these fields changed; undefined: left out. */
export function documentOf(
  change: { readonly [field: string]: unknown } = {},
  levels: readonly Level[] = [ROOT, below(ROOT)],
): Uint8Array {
  const last = levels.at(-1)!;
  const fields = Object.entries({
    ...FIELDS,
    certificate: last.certificate,
    cabundle: levels.slice(0, -1).map(({ certificate }) => certificate),
    ...change,
  }).filter(([, value]) => value !== undefined);
  return signPayload(encode(new Map(fields)), last.key);
}

/** What keeps a document from being used as a recipient, under the test root. */
export async function reasons(bytes: Uint8Array, now: number = NOW): Promise<readonly string[]> {
  const checked = await checkDocument(bytes);
  if ('code' in checked) return [`${checked.code}: ${checked.message}`];
  const key = recipientKey(checked);
  return [...problemsOf(checked, { roots: [ROOT.certificate], now }), ...('code' in key ? [key] : [])].map(
    ({ code, message }) => `${code}: ${message}`,
  );
}
