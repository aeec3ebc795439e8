/** Access questions without a call: the access request that a call would have, made by the same builder. */
import { keyArn, type Home } from '../model/arn.ts';
import { findGrant, grantsOn, grantsTo } from '../keyring/grant.ts';
import type { KmsKey } from '../keyring/kms-key.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { partiesOf } from '../operations/grants/grant-party.ts';
import { findOperation } from '../operations/index.ts';
import { shownPolicy } from '../operations/keys/key-policy.ts';
import { endpointPolicies } from '../operations/principals/endpoint-policy.ts';
import { identify, membershipOf } from '../operations/principals/known-callers.ts';
import { accessRequest } from '../policy/access-request.ts';
import { actionRow } from '../policy/actions.ts';
import { withValues } from '../policy/specified-values.ts';
import type { Input } from '../policy/input-condition.ts';
import type { Caller } from '../policy/principal.ts';
import type { AccessRequest } from '../policy/request.ts';
import type { InputRules, RequestFacts } from '../policy/request-facts.ts';
import { newKeyResource, noResource, type Resource } from '../policy/resource.ts';
import { roleAccessRequest } from './assume-role.ts';
import { aliasNames, attributesOf, factsOf, keyPolicyOf, NO_INPUT, rulesFor, type CallContext } from './authorize.ts';

/** A question about the access of a caller. */
export interface AccessQuestion {
  readonly caller: Caller;
  /** `kms:Decrypt` */
  readonly action: string;
  /** Whose call asks for it; undefined: the one of this name. */
  readonly operation?: string | undefined;
  /** undefined: the action has no key, or is about one that is yet to be made. */
  readonly key: KmsKey | undefined;
  /** All keys of the call, where its condition keys are about those. */
  readonly callKeys?: readonly KmsKey[] | undefined;
  /** Where it is authorized, if not in the Region of the key. */
  readonly region?: string | undefined;
  /** The role that is to be assumed. */
  readonly roleArn?: string | undefined;
  /** The alias that the call names the key by. */
  readonly alias?: string | undefined;
  /** For an action on an alias and a key: ask about this alias. */
  readonly aliasArn?: string | undefined;
  readonly encryptionContext?: { readonly [name: string]: string } | undefined;
  /** Values of condition keys beyond those of caller, key and options. */
  readonly conditions?: { readonly [key: string]: readonly string[] } | undefined;
  /** The grant that a call of RetireGrant would retire. */
  readonly grantId?: string | undefined;
  /** The grants of everyone, not of this caller alone. */
  readonly allGrants?: boolean | undefined;
}

/** @param callContext that of the asking caller; its request attributes are those of the call in question */
export async function questionRequest(
  tx: Transaction,
  callContext: CallContext,
  question: AccessQuestion,
): Promise<AccessRequest> {
  const { action, key } = question;
  const caller = await identify(tx, question.caller);
  const home: Home = {
    account: caller.account ?? callContext.home.account,
    region: question.region ?? key?.region ?? callContext.home.region,
  };
  if (question.roleArn !== undefined) {
    const { roleArn, conditions } = question;
    const attributes = attributesOf({ ...callContext, caller, home });
    return roleAccessRequest(tx, { caller, action, roleArn, attributes, input: {}, conditions });
  }
  const operation = await findOperation(question.operation ?? action.slice('kms:'.length));
  const rules = operation ? rulesFor(operation, action) : NO_INPUT;
  const values = question.callKeys && operation?.keyConditions?.(question.callKeys);
  const attributes = attributesOf({ ...callContext, caller, home });
  const about = { caller, action, attributes, rules, ...(values ? { values } : {}) };
  const input = inputOf(rules, question);
  const row = actionRow(action.toLowerCase());
  const withSpecified = (facts: RequestFacts): RequestFacts => withValues(facts, question.conditions ?? {});
  const policies = { endpointPolicies: await endpointPolicies(tx) };
  if (question.aliasArn !== undefined) {
    const resource: Resource = { kind: 'alias', arn: question.aliasArn, account: home.account };
    return accessRequest(withSpecified({ ...about, key: undefined, input, resource }), policies);
  }
  const isAboutKey = row?.resources.includes('key') ?? true;
  if (!key || !isAboutKey) {
    const resource = isAboutKey ? newKeyResource(home) : noResource(home);
    return accessRequest(withSpecified({ ...about, key: undefined, input, resource }), policies);
  }
  const member = await membershipOf(tx, key.account);
  const { arn, account } = { arn: keyArn(key, key.keyId), account: key.account };
  const grants = question.allGrants ? await grantsOn(tx, key) : await grantsTo(tx, key, partiesOf(caller));
  return accessRequest(
    withSpecified({
      ...about,
      key: { ...factsOf(key), organization: member, aliases: await aliasNames(tx, key), requestAlias: question.alias },
      input,
      resource: { kind: 'key', arn, account, awsManaged: key.manager === 'AWS' },
      retiring: question.grantId === undefined ? undefined : await findGrant(tx, { ...key, id: question.grantId }),
    }),
    {
      keyPolicy: { ...keyPolicyOf(key), shownText: await shownPolicy(tx, key) },
      grants,
      resourceControlPolicies: member?.resourceControlPolicies,
      ...policies,
    },
  );
}

function inputOf({ conditions }: InputRules, { encryptionContext }: AccessQuestion): Input {
  const [member] = conditions.find(({ isEncryptionContext }) => isEncryptionContext)?.members ?? [];
  return member === undefined || encryptionContext === undefined ? {} : { [member]: encryptionContext };
}
