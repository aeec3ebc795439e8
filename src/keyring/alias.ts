/** Aliases as records. Paths have a keyed hash in place of the name; an index lists the aliases of a key. */
import type { Home } from '../model/arn.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { Transaction } from './transaction.ts';

export interface Alias extends Home {
  /** With its prefix: `alias/example`. */
  readonly name: string;
  readonly targetKeyId: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly updated: number;
}

export const aliasesPath = ({ account, region }: Home): string => `alias/${account}/${region}/`;
export const keyAliasesPath = ({ account, region }: Home, keyId: string): string =>
  `key-alias/${account}/${region}/${keyId}/`;

/** The hash includes account and Region, so equal names in two Regions have different hashes. */
const hashOfName = (tx: Transaction, home: Home, name: string): string => tx.keyedHash(aliasesPath(home) + name);

export const decodeAlias = (bytes: Uint8Array): Alias => decodeRecord<Alias>(bytes).body;

export const findAlias = (tx: Transaction, home: Home, name: string): Promise<Alias | undefined> =>
  tx.read(aliasesPath(home) + hashOfName(tx, home, name), decodeAlias);

export function putAlias(tx: Transaction, alias: Alias, previous?: Alias): void {
  const name = hashOfName(tx, alias, alias.name);
  const record = encodeRecord(alias);
  if (previous) tx.delete(keyAliasesPath(previous, previous.targetKeyId) + name);
  tx.put(aliasesPath(alias) + name, record);
  tx.put(keyAliasesPath(alias, alias.targetKeyId) + name, record);
}

export function removeAlias(tx: Transaction, alias: Alias): void {
  const name = hashOfName(tx, alias, alias.name);
  tx.delete(aliasesPath(alias) + name);
  tx.delete(keyAliasesPath(alias, alias.targetKeyId) + name);
}

export async function aliasesOf(tx: Transaction, home: Home, keyId: string): Promise<readonly Alias[]> {
  const aliases: Alias[] = [];
  for await (const { value } of tx.rows(keyAliasesPath(home, keyId))) aliases.push(decodeAlias(value));
  return aliases;
}

/** The names of all aliases of an account in a Region. */
export async function aliasesIn(tx: Transaction, home: Home): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { value } of tx.rows(aliasesPath(home))) names.push(decodeAlias(value).name);
  return names;
}
