/**
 * Grant tokens: opaque texts that name one grant. A token is that name, sealed under a key of the keyring, so it tells
 * nothing, cannot be made up, and is another one every time (public model, CreateGrant); no record is kept of it.
 */
import { KmsError } from '../api/error.ts';
import { text, utf8 } from '../crypto/bytes.ts';
import { open, seal, type RandomBytes, type Sealing } from '../crypto/seal.ts';
import { Secret } from '../crypto/secret.ts';
import type { GrantName } from '../keyring/grant.ts';
import { decodeRecord, encodeRecord } from '../keyring/record.ts';
import type { Transaction } from '../keyring/transaction.ts';

const KEY_PATH = 'grant-token-key';
const LABEL = 'pocket-kms/1/grant-token';
const KEY = 32;

const sealing = (key: Secret): Sealing => ({ key, label: LABEL, aad: new Uint8Array() });
const decodeKey = (bytes: Uint8Array): Secret => new Secret(decodeRecord(bytes).parts[0]!);

/** The key is made with the first token. */
async function tokenKey(tx: Transaction, random: RandomBytes): Promise<Secret> {
  const known = await tx.read(KEY_PATH, decodeKey);
  if (known) return known;
  const key = new Secret(random(KEY));
  tx.put(KEY_PATH, encodeRecord({}, [key.expose()]));
  return key;
}

export async function makeGrantToken(tx: Transaction, name: GrantName, random: RandomBytes): Promise<string> {
  const { account, region, keyId, id } = name;
  const sealed = seal(utf8([account, region, keyId, id].join('/')), sealing(await tokenKey(tx, random)), random);
  return Buffer.from(sealed).toString('base64url');
}

/** @throws InvalidGrantTokenException for anything that this keyring has not made, in one and the same way */
export async function readGrantToken(tx: Transaction, token: string): Promise<GrantName> {
  const sealed = Buffer.from(token, 'base64url');
  const key = await tx.read(KEY_PATH, decodeKey);
  // base64url has several spellings of some bytes; one of them is a token
  const plaintext = key && sealed.toString('base64url') === token ? open(sealed, sealing(key)) : undefined;
  if (!plaintext) throw new KmsError('InvalidGrantTokenException', 'The grant token is not valid.');
  const [account, region, keyId, id] = text(plaintext).split('/');
  return { account: account!, region: region!, keyId: keyId!, id: id! };
}
