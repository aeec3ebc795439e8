/** Commands that explain access: one decision as a tree, everyone who can, everything that one can. */
import { isAccountId } from '../../model/account.ts';
import { checkPrincipal, rootArn } from '../../model/principal-arn.ts';
import { EnvironmentError } from '../../model/error.ts';
import { boolean, integer, list, map, multiMap, oneOf, required, string, structure } from '../../model/shape.ts';
import { identities } from '../../keyring/identity.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { ACTIONS, actionRow } from '../../policy/actions.ts';
import { Budget } from '../../analysis/prover/budget.ts';
import type { Decision } from '../../policy/decision.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { answerTo, explain, type Explaining, type Explanation } from '../../analysis/explanation.ts';
import { explanationText } from '../../analysis/explanation-text.ts';
import { describeDecision } from '../../analysis/explain.ts';
import { callerOf, readPrincipal, type Caller } from '../../policy/principal.ts';
import { everyPrincipal, unlimited } from '../../analysis/prover/callers.ts';
import { principalText } from '../../analysis/prover/model.ts';
import type { AccessRequest } from '../../policy/request.ts';
import type { Remedy } from '../../analysis/remedies.ts';
import type { AccessQuestions, CallerChoice, KeyringAccess, RegionChoice } from '../../runtime/capabilities.ts';
import type { Output } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { actionNamed, keyNamed } from '../command/named.ts';

interface ExplainDeps extends KeyringAccess, AccessQuestions, CallerChoice, RegionChoice {}

const principal = string({ min: 1, max: 2048 });
const action = string({ min: 1, max: 128 });
const key = string({ min: 1, max: 2048 });

const placeShape = structure({ Path: string(), Line: integer(), Column: integer() });
const changesShape = list(structure({ Kind: string(), Text: string(), ConditionKey: string() }));
const explanationShape = {
  Answer: oneOf(['YES', 'NO', 'MAYBE']),
  Principal: string(),
  Action: string(),
  Resource: string(),
  Outcome: string(),
  Reason: string(),
  Steps: list(
    structure({
      Id: string(),
      Title: string(),
      Summary: string(),
      Items: list(structure({ Id: string(), Name: string(), Applies: boolean, Text: string(), Place: placeShape })),
    }),
  ),
  OtherwiseIf: list(structure({ Changes: changesShape })),
  WaysToAllow: list(structure({ Changes: changesShape })),
  AwsWouldSay: string(),
  Unproved: list(string()),
};

const shownWay = ({ changes }: Remedy) => ({
  Changes: changes.map(({ kind, text, key }) => ({ Kind: kind, Text: text, ConditionKey: key })),
});

const shown = ({
  answer,
  decision,
  reason,
  steps,
  remedies: ways,
  counterfactuals: unless,
  awsSays,
  unproved,
}: Explanation) => ({
  Answer: answer,
  Principal: decision.request.caller.arn,
  Action: decision.request.action,
  Resource: decision.request.resource.arn,
  Outcome: decision.outcome,
  Reason: reason,
  Steps: steps.map(({ id, title, summary, leaves }) => ({
    Id: id,
    Title: title,
    Summary: summary,
    Items: leaves.map(({ id, name, applies, text, place }) => ({
      Id: id,
      Name: name,
      Applies: applies,
      Text: text,
      ...(place ? { Place: { Path: place.path, Line: place.line, Column: place.column } } : {}),
    })),
  })),
  OtherwiseIf: unless.map(shownWay),
  WaysToAllow: ways.map(shownWay),
  AwsWouldSay: awsSays,
  Unproved: listed(unproved),
});

const listed = (texts: readonly string[]) => (texts.length > 0 ? texts : undefined);

export const explainAccess = localCommand({
  name: 'ExplainAccess',
  command: 'explain-access',
  input: structure({
    Principal: principal,
    Action: required(action),
    Key: key,
    EncryptionContext: map(),
    Context: multiMap(),
    Exact: boolean,
    Tree: boolean,
    Expect: oneOf(['allow', 'deny']),
  }),
  output: structure(explanationShape),
  async run(input, session: ExplainDeps & Pick<Output, 'print'>) {
    const keyring = await session.open();
    const told = specifiedBy(session, input);
    const request = await keyring.transact(async (tx) => {
      const found = input.Key === undefined ? undefined : await keyNamed(tx, input.Key, session.region);
      return session.question(tx, {
        caller: callerFor(session, tx, input.Principal),
        action: actionNamed(input.Action),
        key: found?.key,
        alias: found?.alias,
        encryptionContext: input.EncryptionContext,
        conditions: input.Context,
        allGrants: true,
      });
    });
    if (input.Key === undefined && needsKey(request)) {
      throw new EnvironmentError(`${request.action} is about a key`, [
        '--key names it: a key ID, a key ARN or an alias',
      ]);
    }
    const explanation = explain(evaluate(request), {
      budget: new Budget(),
      ...(input.Exact ? {} : { specifiedKeys: told }),
    });
    const expected = input.Expect === undefined || explanation.answer === (input.Expect === 'allow' ? 'YES' : 'NO');
    if (input.Tree) for (const line of explanationText(explanation).trimEnd().split('\n')) session.print(line);
    return { ...(input.Tree ? {} : shown(explanation)), expected };
  },
  exit: (answer) => ((answer as { readonly expected?: boolean }).expected ? 0 : 1),
});

/** What the options of the session and of the command have values for. */
const specifiedBy = (
  { specifiedKeys }: AccessQuestions,
  { Context = {}, EncryptionContext }: { readonly Context?: object | undefined; readonly EncryptionContext?: unknown },
): ReadonlySet<string> =>
  new Set([
    ...specifiedKeys,
    ...Object.keys(Context).map((name) => name.toLowerCase()),
    ...(EncryptionContext === undefined ? [] : ['kms:encryptioncontext']),
  ]);

const needsKey = ({ action: name }: AccessRequest): boolean =>
  actionRow(name.toLowerCase())?.resources.includes('key') ?? true;

const callerFor = (session: CallerChoice, { settings }: Transaction, arn: string | undefined): Caller =>
  arn === undefined ? session.caller(settings.account) : callerOf(checkPrincipal(arn, '--principal'));

interface Somebody {
  readonly caller: Caller;
  readonly label: string;
}

/** Everyone whom the keyring or this key's policy and grants know by name, and one of those whom nobody names. */
async function everyone(session: AccessQuestions, tx: Transaction, key: KmsKey): Promise<readonly Somebody[]> {
  const root = callerOf(rootArn(tx.settings.account));
  const request = await session.question(tx, { caller: root, action: 'kms:DescribeKey', key, allGrants: true });
  const arns = [
    root.arn,
    ...(await identities(tx)).map(({ arn }) => arn),
    ...everyPrincipal(request.keyPolicy!.document).map(({ text }) => text),
    ...(request.grants ?? []).flatMap((grant) => grant.granteePrincipal ?? grant.granteeServicePrincipal ?? []),
  ];
  const known = [...new Set(arns)].filter((arn) => {
    const { class: kind, byId } = readPrincipal({ type: 'AWS', text: arn });
    const isService = readPrincipal({ type: 'Service', text: arn }).class === 'service';
    return isService || (!['star', 'invalid'].includes(kind) && !byId);
  });
  const callers = known.map((arn) => callerOf(isAccountId(arn) ? rootArn(arn) : arn));
  const named = new Map(callers.map((caller) => [caller.arn, { caller, label: principalText(caller) }]));
  return [...named.values(), ...strangers(tx.settings.account, arns)];
}

/** Of another account: somebody whose own account allows everything, for that is not ours to know. */
function strangers(account: string, arns: readonly string[]): readonly Somebody[] {
  const name = nameApartFrom(arns);
  const elsewhere = ['999999999999', '888888888888', '777777777777'].find(
    (other) => other !== account && !arns.some((arn) => arn.includes(other)),
  );
  return [
    { caller: callerOf(`arn:aws:iam::${account}:user/${name}`), label: `anyone else of account ${account}` },
    ...(elsewhere === undefined
      ? []
      : [
          { caller: unlimited(callerOf(`arn:aws:iam::${elsewhere}:user/${name}`)), label: 'anyone of another account' },
        ]),
  ];
}

function nameApartFrom(arns: readonly string[]): string {
  let name = 'anyone';
  while (arns.some((arn) => arn.endsWith(`/${name}`))) name += '-else';
  return name;
}

export const whoCan = localCommand({
  name: 'WhoCan',
  command: 'who-can',
  input: structure({
    Action: required(action),
    Key: required(key),
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
        Answer: oneOf(['YES', 'NO', 'MAYBE']),
        Through: string(),
        Reason: string(),
        If: list(string()),
        Unless: list(string()),
        Unproved: list(string()),
      }),
    ),
  }),
  positionals: ['Action'],
  async run({ Action, Key, EncryptionContext, Context, All = false }, session: ExplainDeps) {
    const name = actionNamed(Action);
    const keyring = await session.open();
    const told = specifiedBy(session, { Context, EncryptionContext });
    return keyring.transact(async (tx) => {
      const { key: found, alias } = await keyNamed(tx, Key, session.region);
      const rows = [];
      const budget = new Budget();
      let resource = '';
      for (const { caller, label } of await everyone(session, tx, found)) {
        const request = await session.question(tx, {
          caller,
          action: name,
          key: found,
          alias,
          encryptionContext: EncryptionContext,
          conditions: Context,
        });
        resource = request.resource.arn;
        rows.push({ Principal: label, ...rowOf(evaluate(request), { specifiedKeys: told, budget }) });
      }
      return { Action: name, Resource: resource, Principals: rows.filter(({ Answer }) => All || Answer !== 'NO') };
    });
  },
});

const stateOf = ({ changes }: Remedy): string => changes.map(({ text, state }) => state ?? text).join(' and ');

function rowOf(decision: Decision, explaining: Explaining) {
  const { answer, counterfactuals: unless, unproved } = answerTo(decision, explaining);
  const { by } = decision;
  return {
    Answer: answer,
    Through: by.outcome === 'allow' ? by.through : undefined,
    Reason: describeDecision(decision),
    ...(unless.length > 0 ? { [decision.outcome === 'allow' ? 'Unless' : 'If']: unless.map(stateOf) } : {}),
    Unproved: listed(unproved),
  };
}

export const whatCan = localCommand({
  name: 'WhatCan',
  command: 'what-can',
  input: structure({
    Principal: principal,
    Key: required(key),
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
        Answer: oneOf(['YES', 'NO', 'MAYBE']),
        Through: string(),
        Reason: string(),
        If: list(string()),
        Unless: list(string()),
        Unproved: list(string()),
      }),
    ),
  }),
  async run({ Principal, Key, EncryptionContext, Context, All = false }, session: ExplainDeps) {
    const keyring = await session.open();
    const told = specifiedBy(session, { Context, EncryptionContext });
    return keyring.transact(async (tx) => {
      const { key: found, alias } = await keyNamed(tx, Key, session.region);
      const caller = callerFor(session, tx, Principal);
      const actions = [];
      const budget = new Budget();
      let resource = '';
      for (const { name, resources } of ACTIONS) {
        if (!resources.includes('key') || name === 'RetireGrant') continue;
        const request = await session.question(tx, {
          caller,
          action: `kms:${name}`,
          key: found,
          alias,
          encryptionContext: EncryptionContext,
          conditions: Context,
        });
        resource = request.resource.arn;
        actions.push({ Action: request.action, ...rowOf(evaluate(request), { specifiedKeys: told, budget }) });
      }
      return {
        Principal: caller.arn,
        Resource: resource,
        Actions: actions.filter(({ Answer }) => All || Answer !== 'NO'),
      };
    });
  },
});
