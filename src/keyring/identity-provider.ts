/** OpenID Connect providers as records: the issuer, its public keys and its clients. Paths have a keyed hash in place of the issuer. */
import type { WebKey } from '../crypto/web-token.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { Transaction } from './transaction.ts';

export interface IdentityProvider {
  /** As in the `iss` claim of its tokens: `https://token.example/path`. */
  readonly issuer: string;
  /** The audiences whose tokens are accepted. */
  readonly clientIds: readonly string[];
  readonly keys: readonly WebKey[];
}

const PREFIX = 'identity-provider/';
const pathOf = (tx: Transaction, issuer: string): string => PREFIX + tx.keyedHash(PREFIX + issuer);

const decodeProvider = (bytes: Uint8Array): IdentityProvider => decodeRecord<IdentityProvider>(bytes).body;

export const findIdentityProvider = (tx: Transaction, issuer: string): Promise<IdentityProvider | undefined> =>
  tx.read(pathOf(tx, issuer), decodeProvider);

export const putIdentityProvider = (tx: Transaction, provider: IdentityProvider): void =>
  tx.put(pathOf(tx, provider.issuer), encodeRecord(provider));

export const removeIdentityProvider = (tx: Transaction, issuer: string): void => tx.delete(pathOf(tx, issuer));

/** In the order of their issuers. */
export async function identityProviders(tx: Transaction): Promise<readonly IdentityProvider[]> {
  const all: IdentityProvider[] = [];
  for await (const { value } of tx.rows(PREFIX)) all.push(decodeProvider(value));
  return all.sort((a, b) => (a.issuer < b.issuer ? -1 : 1));
}
