/** Names of condition keys as policies and the command line write them. */
import { conditionKey } from '../../policy/condition-keys.ts';
import type { InputCondition } from '../../policy/input-condition.ts';

/** Those of other services than AWS KMS are written as the input's conditions have them. */
export function conditionKeyName(key: string, conditions: readonly InputCondition[] = []): string {
  const row = conditionKey(key);
  if (!row) return conditions.find(({ name, keys }) => name !== undefined && keys[0] === key)?.name ?? key;
  return row.open ? row.name + key.slice(row.name.length) : row.name;
}
