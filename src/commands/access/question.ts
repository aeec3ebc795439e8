/** The questions of the commands that explain access: caller, actions and resources; and their answers. */
import { keyArn } from '../../model/arn.ts';
import { checkPrincipal } from '../../model/principal-arn.ts';
import { string } from '../../model/shape.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { answerTo, type Answered } from '../../analysis/explanation.ts';
import type { Unknown } from '../../analysis/completions/dimension.ts';
import { Budget } from '../../analysis/prover/budget.ts';
import { answerOver, type Alternative } from '../../analysis/unnamed-target.ts';
import type { Decision } from '../../policy/decision.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { Caller } from '../../policy/principal.ts';
import type { AccessRequest } from '../../policy/request.ts';
import type { AccessQuestions, CallerChoice, KeyringAccess, RegionChoice } from '../../runtime/capabilities.ts';
import type { ActionOf, FoundKey } from '../command/named.ts';
import { targetsOf, type CallTarget } from './targets.ts';

export interface ExplainDeps extends KeyringAccess, AccessQuestions, CallerChoice, RegionChoice {}

export const principal = string({ min: 1, max: 2048 });
export const action = string({ min: 1, max: 128 });

interface Asked {
  readonly session: ExplainDeps;
  readonly tx: Transaction;
  readonly actions: readonly ActionOf[];
  readonly caller: Caller;
  readonly found: FoundKey | undefined;
  readonly input: {
    readonly Principal?: string | undefined;
    readonly GrantId?: string | undefined;
    readonly Role?: string | undefined;
    readonly AliasName?: string | undefined;
    readonly EncryptionContext?: { readonly [name: string]: string } | undefined;
    /** Of ReEncrypt, whose two sides have one each; undefined: the same. */
    readonly DestinationEncryptionContext?: { readonly [name: string]: string } | undefined;
    readonly Context?: { readonly [key: string]: readonly string[] } | undefined;
  };
  /** The grants of everyone, so that they are explained too. */
  readonly allGrants?: boolean;
  /** Whether the caller is one of those whom nobody names. */
  readonly isOther?: boolean;
  /** Nothing is unknown: facts that were not specified are absent. */
  readonly isExact?: boolean | undefined;
  readonly budget: Budget;
}

/** What is answered of one resource of a call. */
export interface ResourceAnswer {
  readonly grantId: string | undefined;
  readonly answered: Answered;
}

export interface CallAnswers {
  /** Of all that may be meant together; undefined: there is nothing that could be. */
  readonly overall: Answered | undefined;
  /** Each by itself. */
  readonly resources: readonly ResourceAnswer[];
}

/** Reading a key, and what is on it. */
const STEPS_OF_TARGET = 300;

/** One call, or each of those that may be meant, as far as the budget goes. */
export async function answersTo(asked: Asked): Promise<CallAnswers> {
  const { tx, actions, found, input, session, budget, isExact } = asked;
  const { GrantId: grantId, Role: roleArn, AliasName: aliasName, Context: conditions } = input;
  const alternatives: Alternative[] = [];
  const resources = new Map<string, ResourceAnswer>();
  const options = new Set<string>();
  const unproved: string[] = [];
  const named = { region: session.region, grantId, roleArn, aliasName, conditions };
  for await (const target of targetsOf({ tx, actions, found, ...named, isExact })) {
    if (alternatives.length > 0 && !affords(budget)) {
      unproved.push(
        `further resources to which it could apply: more than ${budget.limit} steps for ${alternatives.length}`,
      );
      break;
    }
    const call: Decision[] = [];
    const unknown = unknownOf(asked, target);
    for (const question of target.questions) call.push(evaluate(await requestOf(asked, question)));
    const isForeign = isOfAnotherAccount(tx, call[0]!);
    const explaining = { budget, ...(isExact ? {} : { unknown: { ...unknown, isForeign } }) };
    const answered = answerTo(call, explaining);
    alternatives.push({ name: target.name, answered });
    for (const [at, decision] of call.entries()) {
      const own = call.length === 1 ? answered : answerTo([decision], explaining);
      const { grantId: id } = target.questions[at]!;
      const { action, resource } = decision.request;
      resources.set([action, resource.arn, id, own.answer, own.reason].join(' '), { grantId: id, answered: own });
    }
    for (const option of target.options) options.add(option);
  }
  const overall = alternatives.length > 0 ? answerOver(alternatives, { options: [...options], unproved }) : undefined;
  return { overall, resources: [...resources.values()] };
}

/**
 * The keys that a call on the named key may be about: the two of UpdatePrimaryRegion and of UpdateAlias have a policy and
 * grants each. As many of them as answersTo() could look at.
 */
export async function keysOf(
  { tx, actions, input, session }: Pick<Asked, 'tx' | 'actions' | 'input' | 'session'>,
  found: FoundKey,
): Promise<readonly KmsKey[]> {
  const keys = new Map([[keyArn(found.key, found.key.keyId), found.key]]);
  const budget = new Budget();
  for await (const { questions } of targetsOf({
    tx,
    actions,
    found,
    region: session.region,
    conditions: input.Context,
  })) {
    if (!affords(budget)) break;
    for (const { key } of questions) if (key) keys.set(keyArn(key, key.keyId), key);
  }
  return [...keys.values()];
}

function affords(budget: Budget): boolean {
  if (budget.spent + STEPS_OF_TARGET > budget.limit) return false;
  budget.spend(STEPS_OF_TARGET);
  return true;
}

/** Dependencies of asking a question. */
async function requestOf(
  { session, tx, caller, input, allGrants = true }: Asked,
  question: CallTarget['questions'][number],
): Promise<AccessRequest> {
  const { EncryptionContext: context, DestinationEncryptionContext: destination = context } = input;
  const encryptionContext = question.action === 'kms:ReEncryptTo' ? destination : context;
  return session.question(tx, { ...question, caller, encryptionContext, allGrants });
}

const unknownOf = (
  { session, input, isOther = input.Principal !== undefined }: Asked,
  { questions, decidedKeys = [] }: CallTarget,
): Omit<Unknown, 'isForeign'> => ({
  specifiedKeys: new Set([
    ...specifiedBy(session, { ...input, Context: Object.assign({}, ...questions.map((one) => one.conditions)) }),
    ...decidedKeys,
  ]),
  isOwnCall: !isOther,
});

/** Of such a caller the identity policies are not known, unless they were told. */
function isOfAnotherAccount(tx: Transaction, { request: { caller } }: Decision): boolean {
  const { account, identityPolicies } = caller;
  return account !== undefined && account !== tx.settings.account && identityPolicies === undefined;
}

/** What the options of the session and of the command have values for. */
const specifiedBy = (
  { specifiedKeys }: AccessQuestions,
  { Context = {}, ...given }: Pick<Asked['input'], 'Context' | 'EncryptionContext' | 'DestinationEncryptionContext'>,
): ReadonlySet<string> =>
  new Set([
    ...specifiedKeys,
    ...Object.keys(Context).map((name) => name.toLowerCase()),
    ...((given.EncryptionContext ?? given.DestinationEncryptionContext) ? ['kms:encryptioncontext'] : []),
  ]);

export const callerFor = (
  session: CallerChoice & AccessQuestions,
  { settings }: Transaction,
  arn: string | undefined,
): Caller =>
  arn === undefined ? session.caller(settings.account) : session.callerAs(checkPrincipal(arn, '--principal'));
