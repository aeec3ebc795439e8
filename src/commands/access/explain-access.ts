/** `kms explain-access`: one decision, step by step. */
import { EnvironmentError } from '../../model/error.ts';
import { boolean, list, map, multiMap, oneOf, required, string, structure } from '../../model/shape.ts';
import { explain, type Explanation } from '../../analysis/explanation.ts';
import { explanationText } from '../../analysis/explanation-text.ts';
import { Budget } from '../../analysis/prover/budget.ts';
import { actionRow } from '../../policy/actions.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { AccessRequest } from '../../policy/request.ts';
import type { Output } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { actionsNamed, keyNamed } from '../command/named.ts';
import { ANSWERS, worstOf } from './answer-row.ts';
import { explanationShape, shown, type Shown } from './explanation-shape.ts';
import { action, callerFor, key, openRequests, principal, type ExplainDeps } from './question.ts';

export const explainAccess = localCommand({
  name: 'ExplainAccess',
  command: 'explain-access',
  input: structure({
    Principal: principal,
    Action: required(action),
    Key: key,
    GrantId: string({ min: 1, max: 128 }),
    EncryptionContext: map(),
    Context: multiMap(),
    Exact: boolean,
    Tree: boolean,
    Expect: oneOf(['allow', 'deny']),
  }),
  output: structure({
    ...explanationShape,
    Resources: list(structure({ Resource: string(), Action: string(), Answer: oneOf(ANSWERS), Reason: string() })),
  }),
  async run(input, session: ExplainDeps & Pick<Output, 'print'>) {
    const keyring = await session.open();
    const asked = await keyring.transact(async (tx) => {
      const found = input.Key === undefined ? undefined : await keyNamed(tx, input.Key, session.region);
      const caller = callerFor(session, tx, input.Principal);
      return openRequests(actionsNamed(input.Action), { session, tx, caller, found, input });
    });
    if (input.Key === undefined && asked.some(({ request }) => needsKey(request))) {
      throw new EnvironmentError(`${asked[0]!.request.action} is about a key`, [
        '--key names it: a key ID, a key ARN or an alias',
      ]);
    }
    const budget = new Budget();
    const explanations = asked.map(({ request, unknown }) =>
      explain(evaluate(request), { budget, ...(input.Exact ? {} : { unknown }) }),
    );
    const worst = worstOf(explanations);
    const expected = input.Expect === undefined || worst.answer === (input.Expect === 'allow' ? 'YES' : 'NO');
    for (const explanation of input.Tree ? explanations : []) {
      for (const line of explanationText(explanation).trimEnd().split('\n')) session.print(line);
    }
    const answer: Shown = input.Tree ? {} : shown(worst);
    return { ...answer, ...(input.Tree ? {} : resourcesOf(explanations)), expected };
  },
  exit: (answer) => ((answer as { readonly expected?: boolean }).expected ? 0 : 1),
});

const resourcesOf = (explanations: readonly Explanation[]) => ({
  Resources:
    explanations.length === 1
      ? undefined
      : explanations.map(({ answer, decision: { request }, reason }) => ({
          Resource: request.resource.arn,
          Action: request.action,
          Answer: answer,
          Reason: reason,
        })),
});

const needsKey = ({ action: name, facts }: AccessRequest): boolean =>
  facts?.key === undefined && (actionRow(name.toLowerCase())?.resources.includes('key') ?? true);
