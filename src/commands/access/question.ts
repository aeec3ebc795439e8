/** What the commands that explain access ask: who, which actions, and of each resource that these are about one request. */
import { kmsArn } from '../../model/arn.ts';
import { checkPrincipal } from '../../model/principal-arn.ts';
import { string } from '../../model/shape.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import type { Unknown } from '../../analysis/completions.ts';
import { actionRow } from '../../policy/actions.ts';
import type { Caller } from '../../policy/principal.ts';
import type { AccessRequest } from '../../policy/request.ts';
import type { AccessQuestions, CallerChoice, KeyringAccess, RegionChoice } from '../../runtime/capabilities.ts';
import type { ActionOf, FoundKey } from '../command/named.ts';

export interface ExplainDeps extends KeyringAccess, AccessQuestions, CallerChoice, RegionChoice {}

export const principal = string({ min: 1, max: 2048 });
export const action = string({ min: 1, max: 128 });
export const key = string({ min: 1, max: 2048, names: 'key' });

interface RequestsAsked {
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

export interface OpenRequest {
  readonly request: AccessRequest;
  readonly unknown: Unknown;
}

/** What the actions are about, resource by resource: those of aliases are about the alias and the key. */
export async function openRequests(
  actions: readonly ActionOf[],
  asked: RequestsAsked,
): Promise<readonly OpenRequest[]> {
  const { session, tx, caller, found, input, allGrants = true, isOther = input.Principal !== undefined } = asked;
  const specifiedKeys = specifiedBy(session, input);
  const parts: OpenRequest[] = [];
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

export const callerFor = (
  session: CallerChoice & AccessQuestions,
  { settings }: Transaction,
  arn: string | undefined,
): Caller =>
  arn === undefined ? session.caller(settings.account) : session.callerAs(checkPrincipal(arn, '--principal'));
