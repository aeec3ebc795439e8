/** What the rows of all operations say of condition keys, by action: for proofs, which ask about calls that nobody makes. */
import { everyOperation } from '../operations/index.ts';
import type { ActionRules } from '../policy/action-rules.ts';
import { conditionKey } from '../policy/condition-keys.ts';
import { sets } from '../policy/input-condition.ts';
import { NO_INPUT, rulesFor } from './authorize.ts';

export async function actionRules(): Promise<ActionRules> {
  const operations = await everyOperation();
  const rules = new Map(
    operations.flatMap((operation) => {
      const { conditions, name } = operation;
      const actions = Array.isArray(conditions) || !conditions ? [`kms:${name}`] : Object.keys(conditions);
      // kms:CreateKey of ReplicateKey and the like are the actions of the operation that is called so
      const own = actions.filter(
        (action) => action === `kms:${name}` || !operations.some((one) => action === `kms:${one.name}`),
      );
      return own.map((action) => [action, rulesFor(operation, action)] as const);
    }),
  );
  const given = [...rules.values()].flatMap(({ conditions }) => conditions);
  return {
    of: (action) => rules.get(action) ?? NO_INPUT,
    isGivenByMember: (key) => conditionKey(key) !== undefined && given.some((condition) => sets(condition, key)),
  };
}
