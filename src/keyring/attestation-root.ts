/** Trust roots of attestation documents as records: certificates besides that of AWS. Paths have a keyed hash in place of the fingerprint. */
import { decodeRecord, encodeRecord, partAt } from './record.ts';
import type { Transaction } from './transaction.ts';

export interface AttestationRoot {
  /** SHA-256 of the certificate, in lower-case hex. */
  readonly fingerprint: string;
  /** DER. */
  readonly certificate: Uint8Array;
}

/** Each is compared with the root of every document. */
export const MAX_ATTESTATION_ROOTS = 100;

const PREFIX = 'attestation-root/';
const pathOf = (tx: Transaction, fingerprint: string): string => PREFIX + tx.keyedHash(PREFIX + fingerprint);

function decodeRoot(bytes: Uint8Array): AttestationRoot {
  const { body, parts } = decodeRecord<Pick<AttestationRoot, 'fingerprint'>>(bytes);
  return { ...body, certificate: partAt(parts, 0) };
}

export const putAttestationRoot = (tx: Transaction, { fingerprint, certificate }: AttestationRoot): void =>
  tx.put(pathOf(tx, fingerprint), encodeRecord({ fingerprint }, [certificate]));

export const removeAttestationRoot = (tx: Transaction, fingerprint: string): void => tx.delete(pathOf(tx, fingerprint));

/** In the order of their fingerprints. */
export async function attestationRoots(tx: Transaction): Promise<readonly AttestationRoot[]> {
  const all: AttestationRoot[] = [];
  for await (const { value } of tx.rows(PREFIX)) all.push(decodeRoot(value));
  return all.sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
}
