/** `kms who-can`: lists the principals that may use an action on a key. */
import { namedKey } from '../../model/members.ts';
import { keyArn } from '../../model/arn.ts';
import { boolean, list, map, multiMap, required, string, structure } from '../../model/shape.ts';
import { Budget } from '../../analysis/prover/budget.ts';
import { localCommand } from '../command/local-command.ts';
import { actionsNamed, keyNamed } from '../command/named.ts';
import { answerShape, rowOf } from './answer-row.ts';
import { everyone } from './known-principals.ts';
import { action, answersTo, keysOf, type ExplainDeps } from './question.ts';

export const whoCan = localCommand({
  name: 'WhoCan',
  command: 'who-can',
  input: structure({
    Action: required(action),
    KeyId: required(namedKey),
    EncryptionContext: map(),
    Context: multiMap(),
    All: boolean,
  }),
  output: structure({
    Action: string(),
    Resource: string(),
    Principals: list(
      structure({
        Principal: string(),
        ...answerShape,
      }),
    ),
  }),
  positionals: ['Action'],
  async run({ Action, KeyId, EncryptionContext, Context, All = false }, session: ExplainDeps) {
    const actions = actionsNamed(Action);
    const keyring = await session.open();
    const input = { EncryptionContext, Context };
    return keyring.transact(async (tx) => {
      const found = await keyNamed(tx, KeyId, session.region);
      const rows = [];
      const budget = new Budget();
      const keys = await keysOf({ session, tx, actions, input }, found);
      for (const { caller, label } of await everyone(session, tx, keys)) {
        const asked = { session, tx, actions, caller, found, input, allGrants: false, isOther: true, budget };
        const { overall } = await answersTo(asked);
        rows.push({ Principal: label, ...rowOf(overall) });
      }
      const name = actions.map(({ action: one }) => one).join(', ');
      const resource = keyArn(found.key, found.key.keyId);
      return { Action: name, Resource: resource, Principals: rows.filter(({ Answer }) => All || Answer !== 'NO') };
    });
  },
});
