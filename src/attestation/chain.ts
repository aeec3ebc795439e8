/** The chain of certificates of an attestation document, from its root to the key that signed the document. */
import { verify } from 'node:crypto';
import { readCertificate, type Certificate } from './certificate.ts';
import type { AttestationDocument } from './document.ts';
import { problem, type Problem } from './problem.ts';

export interface Chain {
  /** The root first, as far as they could be read. */
  readonly certificates: readonly Certificate[];
  /** What is wrong whatever root is trusted, and at whatever time. */
  readonly problems: readonly Problem[];
}

export function checkChain(document: AttestationDocument): Chain {
  const encoded = [...document.caBundle, document.certificate];
  const certificates: Certificate[] = [];
  for (const [at, der] of encoded.entries()) {
    const read = readCertificate(der);
    if (typeof read === 'string') {
      return { certificates, problems: [problem('certificate', `${nameOf(at, encoded.length)} ${read}`)] };
    }
    certificates.push(read);
  }
  const wrong = problemOf(certificates);
  if (wrong) return { certificates, problems: [problem('chain', wrong)] };
  const { publicKey: key } = certificates.at(-1)!;
  const isSigned = verify('sha384', document.signed, { key, dsaEncoding: 'ieee-p1363' }, document.signature);
  return { certificates, problems: isSigned ? [] : [problem('signature', 'its signature is not valid')] };
}

const nameOf = (at: number, count: number): string =>
  at === count - 1
    ? 'the certificate of the document'
    : at === 0
      ? 'the root certificate'
      : `certificate ${at} of the bundle`;

/** RFC 5280 6.1, and 3.2.3 of the "Nitro Enclaves Attestation Process". Names, dates and the trusted root are looked at elsewhere. */
function problemOf(certificates: readonly Certificate[]): string | undefined {
  const count = certificates.length;
  for (const [at, certificate] of certificates.entries()) {
    const name = nameOf(at, count);
    const isLast = at === count - 1;
    const wrong = isLast ? problemOfLast(certificate) : problemOfAuthority(certificate, count - at - 2);
    if (wrong !== undefined) return `${name} ${wrong}`;
    const issuer = certificates[Math.max(at - 1, 0)]!; // a root is its own
    if (!certificate.x509.checkIssued(issuer.x509) || !certificate.x509.verify(issuer.publicKey)) {
      return `${name} is not signed by ${at === 0 ? 'itself' : nameOf(at - 1, count)}`;
    }
  }
  return undefined;
}

/** @param following how many certificates of authorities come after it */
function problemOfAuthority(certificate: Certificate, following: number): string | undefined {
  const { isAuthority, signsCertificates, pathLength } = certificate;
  if (!isAuthority) return 'is not that of a certificate authority';
  if (!signsCertificates) return 'may not be used to sign certificates';
  return pathLength !== undefined && following > pathLength
    ? `allows ${pathLength} certificates of authorities below it`
    : undefined;
}

function problemOfLast({ isAuthority, signsData, pathLength }: Certificate): string | undefined {
  if (isAuthority || pathLength !== undefined) return 'is that of a certificate authority';
  return signsData ? undefined : 'may not be used to sign data';
}

/** @returns what keeps a certificate from being the root of documents */
export function problemOfRoot(certificate: Certificate): string | undefined {
  const { x509, publicKey } = certificate;
  const wrong = problemOfAuthority(certificate, 0);
  if (wrong !== undefined) return wrong;
  return x509.checkIssued(x509) && x509.verify(publicKey) ? undefined : 'is not signed by itself';
}
