/** Import tokens: opaque bytes that bind an import to its KMS key and wrapping key, for a day (GP-4, IM-2). */
import { KmsError } from '../api/error.ts';
import { decodeRecord, encodeRecord } from '../keyring/record.ts';
import type { TokenName } from '../keyring/barrier.ts';
import type { Transaction } from '../keyring/transaction.ts';

interface ImportToken {
  /** Of the KMS key. */
  readonly arn: string;
  readonly wrappingKeyId: string;
  /** Milliseconds since 1970. */
  readonly validTo: number;
}

/** A token of one KMS key does not open as that of another. */
const nameOf = (arn: string): TokenName => ({ kind: 'importToken', name: arn });

export const makeImportToken = (tx: Transaction, token: ImportToken): Uint8Array =>
  tx.sealToken(nameOf(token.arn), encodeRecord(token));

/** @throws KmsError where it is not ours, is another key's, or too old. AWS's own texts are not known. */
export function readImportToken(
  tx: Transaction,
  bytes: Uint8Array,
  { arn, now }: { readonly arn: string; readonly now: number },
): ImportToken {
  const opened = tx.openToken(nameOf(arn), bytes);
  const token = opened && decodeRecord<ImportToken>(opened).body;
  if (!token) {
    throw new KmsError(
      'InvalidImportTokenException',
      'The import token is not valid, or is associated with a different KMS key.',
    );
  }
  if (!(token.validTo > now)) {
    throw new KmsError(
      'ExpiredImportTokenException',
      `The import token expired at ${new Date(token.validTo).toISOString()}.`,
    );
  }
  return token;
}
