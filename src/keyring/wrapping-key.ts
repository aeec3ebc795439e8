/** Wrapping keys as records: the private halves of GetParametersForImport, kept while their import tokens are valid. */
import type { Home } from '../model/arn.ts';
import { Secret } from '../crypto/secret.ts';
import { decodeRecord, encodeRecord, secretAt } from './record.ts';
import type { Transaction } from './transaction.ts';

interface Terms {
  /** The wrapping key spec and algorithm of GetParametersForImport. */
  readonly wrappingAlgorithm: string;
  readonly wrappingKeySpec: string;
}

export interface WrappingKeyRecord extends Terms {
  /** PKCS #8, DER. */
  readonly privateKey: Secret;
}

/** Which one: the KMS key that it is for, and a random ID. */
export interface WrappingKeyName extends Home {
  readonly keyId: string;
  readonly id: string;
}

const pathOf = ({ account, region, keyId, id }: WrappingKeyName): string =>
  `wrapping-key/${account}/${region}/${keyId}/${id}`;

export function putWrappingKey(
  tx: Transaction,
  name: WrappingKeyName,
  { privateKey, ...terms }: WrappingKeyRecord,
): void {
  tx.put(pathOf(name), encodeRecord(terms, [privateKey.expose()]));
}

export async function findWrappingKey(tx: Transaction, name: WrappingKeyName): Promise<WrappingKeyRecord | undefined> {
  const bytes = await tx.get(pathOf(name));
  if (!bytes) return undefined;
  const { body, parts } = decodeRecord<Terms>(bytes);
  return { ...body, privateKey: secretAt(parts, 0) };
}

export const removeWrappingKey = (tx: Transaction, name: WrappingKeyName): void => tx.delete(pathOf(name));
