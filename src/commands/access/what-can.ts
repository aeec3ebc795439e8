/** `kms what-can`: lists the actions that a caller may use on a key. */
import { namedKey } from '../../model/members.ts';
import { keyArn } from '../../model/arn.ts';
import { boolean, list, map, multiMap, required, string, structure } from '../../model/shape.ts';
import { Budget } from '../../analysis/prover/budget.ts';
import { ACTIONS } from '../../policy/actions.ts';
import { localCommand } from '../command/local-command.ts';
import { actionOf, keyNamed } from '../command/named.ts';
import { answerShape, rowOf } from './answer-row.ts';
import { callerFor, answersTo, principal, type ExplainDeps } from './question.ts';

export const whatCan = localCommand({
  name: 'WhatCan',
  command: 'what-can',
  input: structure({
    Principal: principal,
    KeyId: required(namedKey),
    EncryptionContext: map(),
    Context: multiMap(),
    All: boolean,
  }),
  output: structure({
    Principal: string(),
    Resource: string(),
    Actions: list(
      structure({
        Action: string(),
        ...answerShape,
      }),
    ),
  }),
  async run({ Principal, KeyId, EncryptionContext, Context, All = false }, session: ExplainDeps) {
    const keyring = await session.open();
    const input = { Principal, EncryptionContext, Context };
    return keyring.transact(async (tx) => {
      const found = await keyNamed(tx, KeyId, session.region);
      const caller = callerFor(session, tx, Principal);
      const actions = [];
      const budget = new Budget();
      for (const { name, resources } of ACTIONS) {
        if (!resources.includes('key')) continue;
        const asked = {
          session,
          tx,
          actions: [actionOf(`kms:${name}`)],
          caller,
          found,
          input,
          allGrants: false,
          budget,
        };
        const { overall } = await answersTo(asked);
        actions.push({ Action: `kms:${name}`, ...rowOf(overall) });
      }
      const resource = keyArn(found.key, found.key.keyId);
      return {
        Principal: caller.arn,
        Resource: resource,
        Actions: actions.filter(({ Answer }) => All || Answer !== 'NO'),
      };
    });
  },
});
