/** Import tokens: opaque bytes that bind an import to its KMS key and wrapping key, for a day. */
import { KmsError } from '../../model/error.ts';
import { openToken, sealToken, type ReadToken } from '../../keyring/sealed-token.ts';
import { hasPassed } from '../../keyring/time.ts';
import type { Transaction } from '../../keyring/transaction.ts';

interface ImportToken {
  readonly wrappingKeyId: string;
  /** Milliseconds since 1970. */
  readonly validTo: number;
}

/** It is valid only for this KMS key. */
const tokenFor = (arn: string) => ({ kind: 'importToken', name: arn }) as const;

const readToken: ReadToken<ImportToken> = ({ wrappingKeyId, validTo }) =>
  typeof wrappingKeyId === 'string' && typeof validTo === 'number' ? { wrappingKeyId, validTo } : undefined;

/** @param arn of the KMS key */
export const makeImportToken = (tx: Transaction, arn: string, token: ImportToken): Uint8Array =>
  sealToken(tx, tokenFor(arn), { body: token });

/**
 * The ID of the wrapping key.
 * @throws KmsError if the token is not of this keyring, is for another key, or has expired. The texts are our own.
 */
export function readImportToken(
  tx: Transaction,
  sealed: Uint8Array,
  { arn, now }: { readonly arn: string; readonly now: number },
): string {
  const token = openToken(tx, tokenFor(arn), { sealed, read: readToken });
  if (!token) {
    throw new KmsError(
      'InvalidImportTokenException',
      'The import token is not valid, or is associated with a different KMS key.',
    );
  }
  if (hasPassed(token.validTo, now)) throw importTokenExpired();
  return token.wrappingKeyId;
}

export const importTokenExpired = (): KmsError =>
  new KmsError('ExpiredImportTokenException', 'The import token has expired.');
