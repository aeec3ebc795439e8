/**
 * Identities as records: policies, tags and IDs of users, groups, roles and sessions of roles. Paths have keyed hashes in
 * place of names. Within an account the name of a user, group or role is unique whatever its path, so it is found by name.
 */
import { decodeRecord, encodeRecord } from './record.ts';
import type { Transaction } from './transaction.ts';

export interface NamedPolicy {
  readonly name: string;
  readonly text: string;
}

export interface TrustPolicy {
  readonly text: string;
  /** Unique IDs of the users and roles that it names, as they were when it was written. */
  readonly boundIds?: { readonly [arn: string]: string };
}

export interface Identity {
  readonly kind: 'user' | 'group' | 'role' | 'session';
  readonly arn: string;
  readonly account: string;
  /** `AIDA...`, `AGPA...` or `AROA...`, never used again; sessions have none of their own. */
  readonly uniqueId?: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly tags: { readonly [key: string]: string };
  /** Of a user: the names of the groups of the same account that it is in. */
  readonly groups?: readonly string[];
  /** Of a session: its session policies. */
  readonly policies: readonly NamedPolicy[];
  /** Of a role: who may assume it. */
  readonly trustPolicy?: TrustPolicy;
  /** The permissions boundary. */
  readonly boundary?: NamedPolicy;
}

/** The name by which an identity is found: `user/Alice`, `group/Admins`, `role/App`, `session/App/i-0abc`. */
export interface IdentityName {
  readonly account: string;
  readonly name: string;
}

const PREFIX = 'identity/';
const pathOf = (tx: Transaction, { account, name }: IdentityName): string =>
  `${PREFIX}${account}/${tx.keyedHash(`${PREFIX}${account}/${name}`)}`;

const decodeIdentity = (bytes: Uint8Array): Identity => decodeRecord<Identity>(bytes).body;

export const findIdentity = (tx: Transaction, name: IdentityName): Promise<Identity | undefined> =>
  tx.read(pathOf(tx, name), decodeIdentity);

export const putIdentity = (tx: Transaction, name: IdentityName, identity: Identity): void =>
  tx.put(pathOf(tx, name), encodeRecord(identity));

export const removeIdentity = (tx: Transaction, name: IdentityName): void => tx.delete(pathOf(tx, name));

/** In the order of their ARNs. */
export async function identities(tx: Transaction): Promise<readonly Identity[]> {
  const all: Identity[] = [];
  for await (const { value } of tx.rows(PREFIX)) all.push(decodeIdentity(value));
  return all.sort((a, b) => (a.arn < b.arn ? -1 : 1));
}
