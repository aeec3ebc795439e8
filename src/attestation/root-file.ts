/** A file with the certificate of a trust root: PEM with one certificate, or DER. */
import { NO_CERTIFICATE, readCertificate, type Certificate } from './certificate.ts';
import { problemOfRoot } from './chain.ts';
import { MAX_CERTIFICATE } from './document.ts';

const PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g;

/** @returns a text that says why documents cannot have it as their root */
export function readRootFile(bytes: Uint8Array): Certificate | string {
  const text = Buffer.from(bytes).toString('latin1');
  const blocks = Array.from(text.matchAll(PEM), ([, body]) => Buffer.from(body!, 'base64'));
  if (blocks.length > 1) return 'has more than one certificate';
  if (text.includes('PRIVATE KEY-----')) return 'has a private key';
  const der = blocks[0] ?? bytes;
  if (der.length > MAX_CERTIFICATE) {
    return `has more than ${MAX_CERTIFICATE} bytes, the most that a certificate of an attestation document has`;
  }
  const certificate = readCertificate(der);
  if (typeof certificate !== 'string') return problemOfRoot(certificate) ?? certificate;
  return certificate === NO_CERTIFICATE ? 'is not an X.509 certificate in PEM or DER' : certificate;
}
