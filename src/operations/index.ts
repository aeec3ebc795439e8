/**
 * The table of operations: every name that the road knows, and the family that its row stands in. A family is loaded
 * when one of its operations is called, so a call does not pay for the others. In a family's file the row of
 * `CreateKey` is exported as `createKey`.
 */
import { camel } from '../api/check.ts';
import type { AnyOperation } from './operation.ts';

type Family = () => Promise<object>;

const aliases: Family = () => import('./aliases.ts');
const dataKeys: Family = () => import('./data-keys.ts');
const encryption: Family = () => import('./encryption.ts');
const keys: Family = () => import('./keys.ts');
const policies: Family = () => import('./policies.ts');
const tags: Family = () => import('./tags.ts');

const FAMILIES: { readonly [operation: string]: Family } = {
  CancelKeyDeletion: keys,
  CreateAlias: aliases,
  CreateKey: keys,
  Decrypt: encryption,
  DeleteAlias: aliases,
  DescribeKey: keys,
  DisableKey: keys,
  EnableKey: keys,
  Encrypt: encryption,
  GenerateDataKey: dataKeys,
  GenerateDataKeyWithoutPlaintext: dataKeys,
  GenerateRandom: dataKeys,
  GetKeyPolicy: policies,
  ListAliases: aliases,
  ListKeyPolicies: policies,
  ListKeys: keys,
  ListResourceTags: tags,
  PutKeyPolicy: policies,
  ReEncrypt: encryption,
  ScheduleKeyDeletion: keys,
  TagResource: tags,
  UntagResource: tags,
  UpdateAlias: aliases,
  UpdateKeyDescription: keys,
};

export const OPERATION_NAMES: readonly string[] = Object.keys(FAMILIES);

export async function findOperation(name: string): Promise<AnyOperation | undefined> {
  if (!Object.hasOwn(FAMILIES, name)) return undefined;
  const rows = (await FAMILIES[name]!()) as { readonly [row: string]: AnyOperation };
  return rows[camel(name)];
}

export const everyOperation = (): Promise<readonly AnyOperation[]> =>
  Promise.all(OPERATION_NAMES.map(async (name) => (await findOperation(name))!));
