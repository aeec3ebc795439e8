/**
 * X.509 certificates (RFC 5280) of the Nitro attestation PKI: P-384 keys, signatures by ecdsa-with-SHA384. What node:crypto
 * does not tell of a certificate, path length and key usage, is read here.
 */
import { X509Certificate, type KeyObject } from 'node:crypto';
import { hex } from '../crypto/bytes.ts';
import { readDer, readInteger, readSequence, TAG, type DerValue } from '../crypto/der.ts';

export interface Certificate {
  readonly x509: X509Certificate;
  readonly publicKey: KeyObject;
  readonly subject: string;
  /** SHA-256 of the certificate, in lower-case hex. */
  readonly fingerprint: string;
  /** Milliseconds since 1970; both ends belong to it. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isAuthority: boolean;
  /** How many certificates of authorities may follow it; undefined: any number. */
  readonly pathLength: number | undefined;
  readonly signsCertificates: boolean;
  readonly signsData: boolean;
}

/** DER contents of the object identifiers. */
const OID = { basicConstraints: '551d13', keyUsage: '551d0f', ecdsaWithSha384: '2a8648ce3d040303' } as const;
const EXTENSIONS_TAG = 0xa3;
const BOOLEAN_TAG = 0x01;
const CURVE = 'secp384r1';

export const NO_CERTIFICATE = 'is not an X.509 certificate in DER';

/** @returns a text that says what is wrong with it */
export function readCertificate(der: Uint8Array): Certificate | string {
  let x509: X509Certificate;
  let publicKey: KeyObject;
  try {
    x509 = new X509Certificate(der);
    ({ publicKey } = x509);
  } catch {
    return NO_CERTIFICATE;
  }
  // node:crypto also takes PEM, and bytes behind the certificate
  if (Buffer.compare(x509.raw, der) !== 0) return 'is not one certificate in DER';
  if (publicKey.asymmetricKeyType !== 'ec' || publicKey.asymmetricKeyDetails?.namedCurve !== CURVE) {
    return 'does not have a P-384 key';
  }
  const [tbs, algorithm] = readSequence(der) ?? [];
  if (!isIdentifier(algorithm && readDer(algorithm.content)?.[0], OID.ecdsaWithSha384)) {
    return 'is not signed with ECDSA and SHA-384';
  }
  const extensions = readExtensions(tbs);
  if (typeof extensions === 'string') return extensions;
  const [notBefore, notAfter] = [x509.validFromDate.getTime(), x509.validToDate.getTime()];
  if (Number.isNaN(notBefore) || Number.isNaN(notAfter)) return 'does not say when it is valid';
  const { subject, fingerprint256 } = x509;
  return {
    x509,
    publicKey,
    subject: (subject ?? '').split('\n').join(', '),
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
    notBefore,
    notAfter,
    ...extensions,
  };
}

const isIdentifier = (value: DerValue | undefined, oid: string): boolean =>
  value?.tag === TAG.oid && hex(value.content) === oid;

type Extensions = Pick<Certificate, 'isAuthority' | 'pathLength' | 'signsCertificates' | 'signsData'>;

function readExtensions(tbs: DerValue | undefined): Extensions | string {
  const [list] = (tbs && readDer(tbs.content)?.filter(({ tag }) => tag === EXTENSIONS_TAG)) ?? [];
  const entries = list && readSequence(list.content);
  if (!entries) return 'has no extensions';
  const found: Extensions = { isAuthority: false, pathLength: undefined, signsCertificates: false, signsData: false };
  const seen = new Set<string>();
  for (const entry of entries) {
    const [id, ...rest] = readDer(entry.content) ?? [];
    const value = rest.at(-1);
    const isCritical = rest.length === 2 && rest[0]!.tag === BOOLEAN_TAG && rest[0]!.content[0] !== 0;
    if (id?.tag !== TAG.oid || value?.tag !== TAG.octetString) return 'has an extension that cannot be read';
    const name = hex(id.content);
    if (seen.has(name)) return 'has the same extension twice';
    seen.add(name);
    const read = READERS[name]?.(value.content);
    if (typeof read === 'string') return read;
    if (read) Object.assign(found, read);
    else if (isCritical) return 'has a critical extension that is not known'; // RFC 5280 4.2
  }
  return found;
}

const READERS: { readonly [oid: string]: (value: Uint8Array) => Partial<Extensions> | string } = {
  // SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }
  [OID.basicConstraints](value) {
    const members = readSequence(value);
    if (!members || members.length > 2) return 'has basic constraints that cannot be read';
    const [authority, length] = members[0]?.tag === BOOLEAN_TAG ? members : [undefined, ...members];
    const pathLength = length && readInteger(length);
    if (length && (pathLength === undefined || !authority)) return 'has a path length that cannot be read';
    return {
      isAuthority: authority?.content[0] === 0xff,
      pathLength: pathLength === undefined ? undefined : Number(pathLength),
    };
  },
  // BIT STRING: digitalSignature is bit 0, keyCertSign bit 5
  [OID.keyUsage](value) {
    const [bits, ...more] = readDer(value) ?? [];
    if (bits?.tag !== TAG.bitString || bits.content.length < 2 || more.length > 0) {
      return 'has a key usage that cannot be read';
    }
    const first = bits.content[1]!;
    return { signsData: (first & 0x80) !== 0, signsCertificates: (first & 0x04) !== 0 };
  },
};
