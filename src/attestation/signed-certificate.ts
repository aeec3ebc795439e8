/** Makes X.509 certificates for experiments: P-384 keys, ecdsa-with-SHA384, the extensions that certificate.ts reads. */
import { sign, type KeyObject } from 'node:crypto';
import { concat, fromHex, utf8 } from '../crypto/bytes.ts';
import { der, derInteger, readDer, readSequence, TAG } from '../crypto/der.ts';
import { toSpki } from '../crypto/key-object.ts';

export interface NewCertificate {
  /** Names are encoded: by commonName(), or subjectOf() the issuer. */
  readonly subject: Uint8Array;
  readonly publicKey: KeyObject;
  readonly issuer: { readonly subject: Uint8Array; readonly key: KeyObject };
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly serial: Uint8Array;
  /** Extensions, each encoded by extension(). */
  readonly extensions: readonly Uint8Array[];
}

const SET = 0x31;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const BOOLEAN = 0x01;
const VERSION_TAG = 0xa0;
const EXTENSIONS_TAG = 0xa3;
const TRUE = der(BOOLEAN, Uint8Array.of(0xff));

const oid = (digits: string): Uint8Array => der(TAG.oid, fromHex(digits));
const ECDSA_WITH_SHA384 = der(TAG.sequence, oid('2a8648ce3d040303'));

const extension = (id: string, value: Uint8Array): Uint8Array =>
  der(TAG.sequence, oid(id), TRUE, der(TAG.octetString, value));

/** The extensions of an authority, and of what signs documents. */
export const AUTHORITY: readonly Uint8Array[] = [
  extension('551d13', der(TAG.sequence, TRUE)),
  extension('551d0f', der(TAG.bitString, Uint8Array.of(1, 0x86))),
];
export const SIGNER: readonly Uint8Array[] = [
  extension('551d13', der(TAG.sequence)),
  extension('551d0f', der(TAG.bitString, Uint8Array.of(7, 0x80))),
];

export function signedCertificate(given: NewCertificate): Uint8Array {
  const tbs = der(
    TAG.sequence,
    der(VERSION_TAG, derInteger(2n)),
    der(TAG.integer, concat(Uint8Array.of(0x01), given.serial)),
    ECDSA_WITH_SHA384,
    given.issuer.subject,
    der(TAG.sequence, time(given.notBefore), time(given.notAfter)),
    given.subject,
    toSpki(given.publicKey),
    der(EXTENSIONS_TAG, der(TAG.sequence, ...given.extensions)),
  );
  const signature = sign('sha384', tbs, given.issuer.key);
  return der(TAG.sequence, tbs, ECDSA_WITH_SHA384, der(TAG.bitString, Uint8Array.of(0), signature));
}

export const commonName = (name: string): Uint8Array =>
  der(TAG.sequence, der(SET, der(TAG.sequence, oid('550403'), der(UTF8_STRING, utf8(name)))));

/** Behind version, serial number, algorithm, issuer and validity. @param certificate DER */
export function subjectOf(certificate: Uint8Array): Uint8Array {
  const [tbs] = readSequence(certificate) ?? [];
  const subject = tbs && readDer(tbs.content)?.[5];
  if (!subject) throw new Error('not a certificate');
  return der(subject.tag, subject.content);
}

/** RFC 5280 4.1.2.5: years from 2050 on have four digits. Whole seconds. */
function time(milliseconds: number): Uint8Array {
  const digits = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return milliseconds < Date.UTC(2050) ? der(UTC_TIME, utf8(digits.slice(2))) : der(GENERALIZED_TIME, utf8(digits));
}
