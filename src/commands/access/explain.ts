/** Commands that explain access: one decision as a tree, everyone who can, everything that one can. */
import { isAccountId } from '../../model/account.ts';
import { checkPrincipal, rootArn } from '../../model/principal-arn.ts';
import { keyArn, kmsArn } from '../../model/arn.ts';
import { EnvironmentError } from '../../model/error.ts';
import { boolean, integer, list, map, multiMap, oneOf, required, string, structure } from '../../model/shape.ts';
import { identities } from '../../keyring/identity.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { ACTIONS, actionRow } from '../../policy/actions.ts';
import { Budget } from '../../analysis/prover/budget.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { answerTo, explain, type Answer, type Explanation } from '../../analysis/explanation.ts';
import type { Unknown } from '../../analysis/completions.ts';
import { explanationText } from '../../analysis/explanation-text.ts';
import { callerOf, readPrincipal, type Caller } from '../../policy/principal.ts';
import { everyPrincipal } from '../../analysis/prover/callers.ts';
import { principalText } from '../../analysis/prover/model.ts';
import type { AccessRequest } from '../../policy/request.ts';
import type { Remedy } from '../../analysis/remedies.ts';
import type { AccessQuestions, CallerChoice, KeyringAccess, RegionChoice } from '../../runtime/capabilities.ts';
import type { Output } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { actionOf, actionsNamed, keyNamed, type ActionOf, type FoundKey } from '../command/named.ts';

interface ExplainDeps extends KeyringAccess, AccessQuestions, CallerChoice, RegionChoice {}

const principal = string({ min: 1, max: 2048 });
const action = string({ min: 1, max: 128 });
const key = string({ min: 1, max: 2048 });

const ANSWERS = ['YES', 'NO', 'MAYBE'] as const;

const placeShape = structure({ Path: string(), Line: integer(), Column: integer() });
const changesShape = list(structure({ Kind: string(), Text: string(), ConditionKey: string() }));
const explanationShape = {
  Answer: oneOf(ANSWERS),
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
  ToldBy: list(string()),
  WaysToAllow: list(structure({ Changes: changesShape })),
  AwsWouldSay: string(),
  Unproved: list(string()),
};

const shownRemedy = ({ changes }: Remedy) => ({
  Changes: changes.map(({ kind, text, key }) => ({ Kind: kind, Text: text, ConditionKey: key })),
});

const shown = ({
  answer,
  decision,
  reason,
  steps,
  remedies,
  counterfactuals: unless,
  options,
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
  OtherwiseIf: unless.map(shownRemedy),
  ToldBy: listed(options),
  WaysToAllow: remedies.map(shownRemedy),
  AwsWouldSay: awsSays,
  Unproved: listed(unproved),
});

type Shown = { readonly [K in keyof ReturnType<typeof shown>]?: ReturnType<typeof shown>[K] | undefined };

const listed = (texts: readonly string[]) => (texts.length > 0 ? texts : undefined);

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
      return partsOf(actionsNamed(input.Action), { session, tx, caller, found, input });
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

/** A call is allowed if all that it is about is. */
const worstOf = <T extends { readonly answer: Answer }>(parts: readonly T[]): T =>
  parts.find(({ answer }) => answer === 'NO') ?? parts.find(({ answer }) => answer === 'MAYBE') ?? parts[0]!;

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

interface PartsAsked {
  readonly session: ExplainDeps;
  readonly tx: Transaction;
  readonly caller: Caller;
  readonly found: FoundKey | undefined;
  readonly input: {
    readonly Principal?: string | undefined;
    readonly GrantId?: string | undefined;
    readonly EncryptionContext?: { readonly [name: string]: string } | undefined;
    readonly Context?: { readonly [key: string]: readonly string[] } | undefined;
  };
  /** The grants of everyone, so that they are explained too. */
  readonly allGrants?: boolean;
  /** Whether the caller is one of those whom nobody names. */
  readonly isOther?: boolean;
}

interface Part {
  readonly request: AccessRequest;
  readonly unknown: Unknown;
}

/** What the actions are about, resource by resource: those of aliases are about the alias and the key. */
async function partsOf(actions: readonly ActionOf[], asked: PartsAsked): Promise<readonly Part[]> {
  const { session, tx, caller, found, input, allGrants = true, isOther = input.Principal !== undefined } = asked;
  const specifiedKeys = specifiedBy(session, input);
  const parts: Part[] = [];
  for (const { action, operation } of actions) {
    const question = {
      caller,
      action,
      operation,
      key: found?.key,
      alias: found?.alias,
      grantId: input.GrantId,
      encryptionContext: input.EncryptionContext,
      conditions: input.Context,
      allGrants,
    };
    const isAboutAlias = actionRow(action.toLowerCase())?.resources.includes('alias') ?? false;
    const targets = isAboutAlias && found ? [{ aliasArn: aliasArnOf(found) }, {}] : [{}];
    for (const target of targets) {
      const request = await session.question(tx, { ...question, ...target });
      const { account, identityPolicies } = request.caller;
      const isForeign = account !== undefined && account !== tx.settings.account && identityPolicies === undefined;
      parts.push({ request, unknown: { specifiedKeys, isOwnCall: !isOther, isForeign } });
    }
  }
  return parts;
}

/** Of a key that was not named by an alias any alias. */
const aliasArnOf = ({ key: { account, region }, alias = 'alias/*' }: FoundKey): string =>
  kmsArn({ account, region }, alias);

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

const needsKey = ({ action: name, facts }: AccessRequest): boolean =>
  facts?.key === undefined && (actionRow(name.toLowerCase())?.resources.includes('key') ?? true);

const callerFor = (
  session: CallerChoice & AccessQuestions,
  { settings }: Transaction,
  arn: string | undefined,
): Caller =>
  arn === undefined ? session.caller(settings.account) : session.callerAs(checkPrincipal(arn, '--principal'));

interface AskedCaller {
  readonly caller: Caller;
  readonly label: string;
}

/** Everyone whom the keyring or this key's policy and grants know by name, and one of those whom nobody names. */
async function everyone(session: AccessQuestions, tx: Transaction, key: KmsKey): Promise<readonly AskedCaller[]> {
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
  return [...named.values(), ...anyoneElse(tx.settings.account, arns)];
}

/** What the policies of another account allow is not ours to know. */
function anyoneElse(account: string, arns: readonly string[]): readonly AskedCaller[] {
  const name = nameApartFrom(arns);
  const elsewhere = ['999999999999', '888888888888', '777777777777'].find(
    (other) => other !== account && !arns.some((arn) => arn.includes(other)),
  );
  return [
    { caller: callerOf(`arn:aws:iam::${account}:user/${name}`), label: `anyone else of account ${account}` },
    ...(elsewhere === undefined
      ? []
      : [{ caller: callerOf(`arn:aws:iam::${elsewhere}:user/${name}`), label: 'anyone of another account' }]),
  ];
}

function nameApartFrom(arns: readonly string[]): string {
  let name = 'anyone';
  while (arns.some((arn) => arn.endsWith(`/${name}`))) name += '-else';
  return name;
}

/** What is answered of one caller and one action. */
const answerShape = {
  Answer: oneOf(ANSWERS),
  Through: string(),
  Reason: string(),
  ToldBy: list(string()),
  If: list(string()),
  Unless: list(string()),
  Unproved: list(string()),
};

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
        ...answerShape,
      }),
    ),
  }),
  positionals: ['Action'],
  async run({ Action, Key, EncryptionContext, Context, All = false }, session: ExplainDeps) {
    const actions = actionsNamed(Action);
    const keyring = await session.open();
    const input = { EncryptionContext, Context };
    return keyring.transact(async (tx) => {
      const found = await keyNamed(tx, Key, session.region);
      const rows = [];
      const budget = new Budget();
      for (const { caller, label } of await everyone(session, tx, found.key)) {
        const parts = await partsOf(actions, { session, tx, caller, found, input, allGrants: false, isOther: true });
        rows.push({ Principal: label, ...rowOf(parts, budget) });
      }
      const name = actions.map(({ action: one }) => one).join(', ');
      const resource = keyArn(found.key, found.key.keyId);
      return { Action: name, Resource: resource, Principals: rows.filter(({ Answer }) => All || Answer !== 'NO') };
    });
  },
});

const stateOf = ({ changes }: Remedy): string => changes.map(({ text, state }) => state ?? text).join(' and ');

function rowOf(parts: readonly Part[], budget: Budget) {
  const answers = parts.map(({ request, unknown }) => answerTo(evaluate(request), { unknown, budget }));
  const { answer, decision, reason, counterfactuals, options, unproved } = worstOf(answers);
  const { by } = decision;
  return {
    Answer: answer,
    Through: by.outcome === 'allow' ? by.through : undefined,
    Reason: reason,
    ToldBy: listed(options),
    ...(counterfactuals.length > 0
      ? { [decision.outcome === 'allow' ? 'Unless' : 'If']: counterfactuals.map(stateOf) }
      : {}),
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
        ...answerShape,
      }),
    ),
  }),
  async run({ Principal, Key, EncryptionContext, Context, All = false }, session: ExplainDeps) {
    const keyring = await session.open();
    const input = { Principal, EncryptionContext, Context };
    return keyring.transact(async (tx) => {
      const found = await keyNamed(tx, Key, session.region);
      const caller = callerFor(session, tx, Principal);
      const actions = [];
      const budget = new Budget();
      for (const { name, resources } of ACTIONS) {
        if (!resources.includes('key')) continue;
        const parts = await partsOf([actionOf(`kms:${name}`)], {
          session,
          tx,
          caller,
          found,
          input,
          allGrants: name === 'RetireGrant',
        });
        actions.push({ Action: `kms:${name}`, ...rowOf(parts, budget) });
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
