/**
 * Grants as records, with an index by grantee, so that authorization looks at the grants of one caller alone, however
 * many a key has; one by retiring principal; and one by the named call that made a grant. Principals are never in a
 * path; keyed hashes are. A grant never changes, so the indexes hold copies of it.
 */
import type { Home } from '../model/arn.ts';
import type { GrantParties, GrantTerms } from '../model/grant-terms.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { Transaction } from './transaction.ts';

/** The key that a grant is on. */
export interface GrantPlace extends Home {
  readonly keyId: string;
}

export interface GrantName extends GrantPlace {
  /** 64 hex digits. */
  readonly id: string;
}

export interface GrantRecord extends GrantName, GrantParties, GrantTerms {
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly name?: string;
  /** Account ID. */
  readonly issuingAccount: string;
  /** The principals and the call by which the grant is indexed. */
  readonly index: {
    readonly grantee: string;
    readonly retiring?: string;
    /** All that a named call asked for; only of grants with a name. */
    readonly call?: string;
  };
}

const at = ({ account, region, keyId }: GrantPlace): string => `${account}/${region}/${keyId}`;
/** The hash includes the path, so equal names in two paths have different hashes. */
const below = (tx: Transaction, place: string, name: string): string => `${place}/${tx.keyedHash(`${place}/${name}`)}`;

/** A key, or all keys of an account in a Region. */
export type GrantsPlace = Home & { readonly keyId?: string };

export const grantsPath = ({ account, region, keyId }: GrantsPlace): string =>
  `grant/${account}/${region}/${keyId === undefined ? '' : `${keyId}/`}`;
export const granteePath = (tx: Transaction, key: GrantPlace, grantee: string): string =>
  `${below(tx, `grantee/${at(key)}`, grantee)}/`;
/** Across accounts: a principal may retire grants on keys of others. */
export const retiringPath = (tx: Transaction, region: string, retiring: string): string =>
  `${below(tx, `retiring/${region}`, retiring)}/`;
const callPath = (tx: Transaction, key: GrantPlace, call: string): string => below(tx, `grant-call/${at(key)}`, call);
const countPath = (key: GrantPlace): string => `count/grant/${at(key)}`;

function pathsOf(tx: Transaction, grant: GrantRecord): readonly string[] {
  const { index, boundIds = {} } = grant;
  const { grantee, retiring, call } = index;
  // a deleted principal is found by its unique ID
  const namesOf = (party: string): readonly string[] => [party, boundIds[party]].filter((name) => name !== undefined);
  return [
    grantsPath(grant) + grant.id,
    ...namesOf(grantee).map((name) => granteePath(tx, grant, name) + grant.id),
    ...(retiring === undefined
      ? []
      : namesOf(retiring).map((name) => `${retiringPath(tx, grant.region, name)}${at(grant)}/${grant.id}`)),
    ...(call === undefined ? [] : [callPath(tx, grant, call)]),
  ];
}

export const decodeGrant = (bytes: Uint8Array): GrantRecord => decodeRecord<GrantRecord>(bytes).body;

export const findGrant = (tx: Transaction, name: GrantName): Promise<GrantRecord | undefined> =>
  tx.read(grantsPath(name) + name.id, decodeGrant);

/** The grant that the same named call has made already. */
export const findGrantOfCall = (tx: Transaction, key: GrantPlace, call: string): Promise<GrantRecord | undefined> =>
  tx.read(callPath(tx, key, call), decodeGrant);

/** All grants on a key. */
export async function grantsOn(tx: Transaction, key: GrantPlace): Promise<readonly GrantRecord[]> {
  const grants: GrantRecord[] = [];
  for await (const { value } of tx.rows(grantsPath(key))) grants.push(decodeGrant(value));
  return grants;
}

/** The grants on a key that name one of these as their grantee. */
export async function grantsTo(
  tx: Transaction,
  key: GrantPlace,
  grantees: readonly string[],
): Promise<readonly GrantRecord[]> {
  const grants: GrantRecord[] = [];
  for (const grantee of grantees) {
    for await (const { value } of tx.rows(granteePath(tx, key, grantee))) grants.push(decodeGrant(value));
  }
  return grants;
}

/** How many grants a key has, for its quota, without counting them. */
export async function countGrants(tx: Transaction, key: GrantPlace): Promise<number> {
  const bytes = await tx.get(countPath(key));
  return bytes ? decodeRecord<number>(bytes).body : 0;
}

export async function addGrant(tx: Transaction, grant: GrantRecord): Promise<void> {
  const record = encodeRecord(grant);
  for (const path of pathsOf(tx, grant)) tx.put(path, record);
  tx.put(countPath(grant), encodeRecord((await countGrants(tx, grant)) + 1));
}

export async function removeGrant(tx: Transaction, grant: GrantRecord): Promise<void> {
  for (const path of pathsOf(tx, grant)) tx.delete(path);
  const left = (await countGrants(tx, grant)) - 1;
  if (left > 0) tx.put(countPath(grant), encodeRecord(left));
  else tx.delete(countPath(grant));
}

/** Removes the grants of a deleted key. */
export async function removeGrantsOf(tx: Transaction, { account, region }: Home, keyId: string): Promise<void> {
  const key = { account, region, keyId };
  for await (const { value } of tx.rows(grantsPath(key))) {
    for (const path of pathsOf(tx, decodeGrant(value))) tx.delete(path);
  }
  tx.delete(countPath(key));
}
