/**
 * Grant tokens: opaque texts that name one grant. A token is that name, sealed, so it reveals nothing, cannot be forged, and
 * differs each time (public model, CreateGrant); it is not stored.
 */
import { KmsError } from '../../model/error.ts';
import { text, utf8 } from '../../crypto/bytes.ts';
import type { TokenName } from '../../keyring/barrier.ts';
import type { GrantName } from '../../keyring/grant.ts';
import { tokenBytes, tokenText } from '../../keyring/sealed-token.ts';
import type { Transaction } from '../../keyring/transaction.ts';

const TOKEN: TokenName = { kind: 'grantToken', name: '' };

export const makeGrantToken = (tx: Transaction, { account, region, keyId, id }: GrantName): string =>
  tokenText(tx.sealToken(TOKEN, utf8([account, region, keyId, id].join('/'))));

/** @throws InvalidGrantTokenException for any text that this keyring has not issued */
export function readGrantToken(tx: Transaction, token: string): GrantName {
  const sealed = tokenBytes(token);
  const plaintext = sealed && tx.openToken(TOKEN, sealed);
  const [account, region, keyId, id, ...more] = plaintext ? text(plaintext).split('/') : [];
  if (!account || !region || !keyId || !id || more.length > 0)
    throw new KmsError('InvalidGrantTokenException', 'The grant token is not valid.');
  return { account, region, keyId, id };
}
