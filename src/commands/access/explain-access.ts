/** `kms explain-access`: one decision, step by step. */
import { namedKey } from '../../model/members.ts';
import { EnvironmentError } from '../../model/error.ts';
import { aliasName } from '../../model/members.ts';
import { readPrincipalArn } from '../../model/principal-arn.ts';
import { boolean, list, map, multiMap, oneOf, required, string, structure } from '../../model/shape.ts';
import { line, printLines, wrapped, type StyledLine } from '../../model/styled-text.ts';
import { explainAnswer, type Answered } from '../../analysis/explanation.ts';
import { ANSWER_STYLES, explanationLines } from '../../analysis/explanation-text.ts';
import { Budget } from '../../analysis/prover/budget.ts';
import type { PageAccess, StandardStreams } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { actionsNamed, keyNamed, type ActionOf, type FoundKey } from '../command/named.ts';
import { ANSWERS } from './answer-row.ts';
import { explanationShape, shown, type Shown } from './explanation-shape.ts';
import { ASSUME_ROLE } from './targets.ts';
import { action, answersTo, callerFor, principal, type ExplainDeps, type ResourceAnswer } from './question.ts';

export const explainAccess = localCommand({
  name: 'ExplainAccess',
  command: 'explain-access',
  input: structure({
    Principal: principal,
    Action: required(action),
    KeyId: namedKey,
    GrantId: string({ min: 1, max: 128 }),
    AliasName: aliasName,
    Role: string({ min: 1, max: 2048 }),
    EncryptionContext: map(),
    DestinationEncryptionContext: map(),
    Context: multiMap(),
    Exact: boolean,
    Tree: boolean,
    Expect: oneOf(['allow', 'deny']),
  }),
  output: structure({
    ...explanationShape,
    Resources: list(
      structure({ Resource: string(), Action: string(), GrantId: string(), Answer: oneOf(ANSWERS), Reason: string() }),
    ),
  }),
  async run(input, session: ExplainDeps & PageAccess & Pick<StandardStreams, 'isTerminal'>) {
    const keyring = await session.open();
    const budget = new Budget();
    const actions = actionsAsked(input);
    const { overall, resources } = await keyring.transact(async (tx) => {
      const found = input.KeyId === undefined ? undefined : await keyNamed(tx, input.KeyId, session.region);
      const caller = callerFor(session, tx, input.Principal);
      const answers = await answersTo({ session, tx, actions, caller, found, input, isExact: input.Exact, budget });
      if (!answers.overall) throw nothingToAskAbout(actions[0]!.action, session.region ?? tx.settings.region, found);
      return { ...answers, overall: answers.overall };
    });
    const expected = input.Expect === undefined || overall.answer === (input.Expect === 'allow' ? 'YES' : 'NO');
    const isTree = input.Tree ?? (session.isTerminal('stdout') && !session.asksData);
    if (isTree) {
      const page = await session.page();
      page.show(printLines(linesOf(overall, resources, budget), page));
    }
    const answer: Shown = isTree ? {} : shown(explainAnswer(overall, budget));
    const rows = resources.length > 1 && !isTree ? resources.map(rowOfResource) : undefined;
    return { ...answer, Resources: rows, expected };
  },
  exit: (answer) => ((answer as { readonly expected?: boolean }).expected ? 0 : 1),
});

const rowOfResource = ({ answered: { answer, decision, reason }, grantId }: ResourceAnswer) => ({
  Resource: decision.request.resource.arn,
  Action: decision.request.action,
  GrantId: grantId,
  Answer: answer,
  Reason: reason,
});

/** Each resource of a call has a tree; of those that may be meant one has, and of the others the answer is told. */
function linesOf(overall: Answered, resources: readonly ResourceAnswer[], budget: Budget): readonly StyledLine[] {
  const treeOf = (answered: Answered): readonly StyledLine[] => explanationLines(explainAnswer(answered, budget));
  if (overall.among === undefined) return resources.flatMap(({ answered }) => treeOf(answered));
  return [
    ...treeOf(overall),
    line(),
    line(' ', ['strong', 'Resources to which it could apply:']),
    ...resources.flatMap(resourceLines),
  ];
}

const resourceLines = ({ answered: { answer, decision, reason }, grantId }: ResourceAnswer): readonly StyledLine[] => [
  wrapped(
    9,
    '   ',
    [ANSWER_STYLES[answer], answer],
    `${' '.repeat(6 - answer.length)}${decision.request.action} on ${decision.request.resource.arn}`,
    grantId === undefined ? '' : `, grant ${grantId}`,
  ),
  wrapped(9, `         ${reason}`),
];

interface Named {
  readonly Action: string;
  readonly KeyId?: string | undefined;
  readonly Role?: string | undefined;
}

function actionsAsked({ Action, KeyId, Role }: Named): readonly ActionOf[] {
  if (/^(sts:)?AssumeRoleWithWebIdentity$/i.test(Action)) {
    throw new EnvironmentError(
      'sts:AssumeRoleWithWebIdentity is not explained: users of identity providers are known by their tokens only',
      ['kms serve answers AssumeRoleWithWebIdentity: send it a token'],
    );
  }
  const isRole = /^(sts:)?AssumeRole$/i.test(Action);
  if (Role !== undefined && readPrincipalArn(Role)?.form !== 'role') {
    throw new EnvironmentError(`--role must be the ARN of a role, not '${Role}'`);
  }
  const [option, what] = isRole ? ['--key-id', KeyId] : ['--role', Role];
  if (what !== undefined) throw new EnvironmentError(`${option} does not go with ${Action}`);
  return isRole ? [ASSUME_ROLE] : actionsNamed(Action);
}

function nothingToAskAbout(action: string, region: string, found: FoundKey | undefined): EnvironmentError {
  if (action === ASSUME_ROLE.action) {
    return new EnvironmentError(`${action} requires a role, and the keyring has none`, ['specify a role with --role']);
  }
  if (found) return new EnvironmentError(`${action} requires a grant, and the key has none`);
  const what = action === 'kms:RetireGrant' ? 'a grant' : 'a key';
  return new EnvironmentError(`${action} requires ${what}, and there is none in ${region}`, [
    'specify a key with --key-id (a key ARN for another Region), or another Region with --region',
  ]);
}
