/** Whether an attestation document is trusted: its own signatures first, then the root and the time, which keyrings differ in. */
import { AWS_ROOT } from './aws-root.ts';
import type { Certificate } from './certificate.ts';
import { checkChain } from './chain.ts';
import { readDocument, type AttestationDocument } from './document.ts';
import { problem, type Problem } from './problem.ts';
import { recipientKeyOf } from './recipient-key.ts';

/** A document that could be read, with what is wrong with it everywhere and always. */
export interface CheckedDocument {
  readonly document: AttestationDocument;
  /** The root first, as far as they could be read. */
  readonly certificates: readonly Certificate[];
  readonly problems: readonly Problem[];
}

export interface TrustCriteria {
  /** Certificates, DER, besides AWS's. */
  readonly roots: readonly Uint8Array[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Reads it, and verifies its signatures and its chain. Takes some milliseconds, and depends on nothing else. */
export async function checkDocument(bytes: Uint8Array): Promise<CheckedDocument | Problem> {
  const document = await readDocument(bytes);
  if ('code' in document) return document;
  const { certificates, problems } = checkChain(document);
  return { document, certificates, problems };
}

/** All that keeps a document from being trusted here and now; none: it is. */
export const problemsOf = (checked: CheckedDocument, criteria: TrustCriteria): readonly Problem[] => [
  ...checked.problems,
  ...rootProblems(checked, criteria),
  ...checked.certificates.flatMap((certificate) => timeProblem(certificate, criteria.now) ?? []),
];

export const isAwsRoot = (der: Uint8Array): boolean => Buffer.compare(der, AWS_ROOT) === 0;

/** The root is trusted byte for byte: its name and its key may be in any certificate. */
function rootProblems({ document }: CheckedDocument, { roots }: TrustCriteria): readonly Problem[] {
  const root = document.caBundle[0]!;
  const isTrusted = isAwsRoot(root) || roots.some((one) => Buffer.compare(one, root) === 0);
  return isTrusted
    ? []
    : [problem('untrusted-root', 'its root certificate is neither that of AWS nor a trust root of the keyring')];
}

function timeProblem({ subject, notBefore, notAfter }: Certificate, now: number): Problem | undefined {
  if (now < notBefore)
    return problem('not-yet-valid', `the certificate of ${subject} is valid from ${date(notBefore)}`);
  return now > notAfter
    ? problem('expired', `the certificate of ${subject} was valid until ${date(notAfter)}`)
    : undefined;
}

const date = (time: number): string => new Date(time).toISOString();

/** When all certificates of a document are valid. */
export const validityOf = ({ certificates }: CheckedDocument) => ({
  notBefore: Math.max(...certificates.map(({ notBefore }) => notBefore)),
  notAfter: Math.min(...certificates.map(({ notAfter }) => notAfter)),
});

export const recipientKey = ({ document }: CheckedDocument) => recipientKeyOf(document.publicKey);
