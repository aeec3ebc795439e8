/** The table of operations: every name that the road knows. */
import { createAlias, deleteAlias, listAliases, updateAlias } from './aliases.ts';
import { generateDataKey, generateDataKeyWithoutPlaintext, generateRandom } from './data-keys.ts';
import { decrypt, encrypt, reEncrypt } from './encryption.ts';
import {
  cancelKeyDeletion,
  createKey,
  describeKey,
  disableKey,
  enableKey,
  listKeys,
  scheduleKeyDeletion,
  updateKeyDescription,
} from './keys.ts';
import type { AnyOperation } from './operation.ts';
import { getKeyPolicy, listKeyPolicies, putKeyPolicy } from './policies.ts';
import { listResourceTags, tagResource, untagResource } from './tags.ts';

const ROWS: readonly AnyOperation[] = [
  cancelKeyDeletion,
  createAlias,
  createKey,
  decrypt,
  deleteAlias,
  describeKey,
  disableKey,
  enableKey,
  encrypt,
  generateDataKey,
  generateDataKeyWithoutPlaintext,
  generateRandom,
  getKeyPolicy,
  listAliases,
  listKeyPolicies,
  listKeys,
  listResourceTags,
  putKeyPolicy,
  reEncrypt,
  scheduleKeyDeletion,
  tagResource,
  untagResource,
  updateAlias,
  updateKeyDescription,
];

export const OPERATIONS: ReadonlyMap<string, AnyOperation> = new Map(ROWS.map((row) => [row.name, row]));
