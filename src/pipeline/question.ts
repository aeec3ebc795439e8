/** Questions about access that nobody calls for yet: the request that a call would be, made from what the keyring has. */
import { keyArn, type Home } from '../model/arn.ts';
import { aliasesOf } from '../keyring/alias.ts';
import { decodeGrant, grantsPath, grantsTo } from '../keyring/grant.ts';
import type { KmsKey } from '../keyring/kms-key.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { partiesOf } from '../operations/grants/grant-party.ts';
import { identify, membershipOf } from '../operations/principals/known-callers.ts';
import { actionRow } from '../policy/actions.ts';
import type { Grant } from '../policy/grant.ts';
import type { Caller } from '../policy/principal.ts';
import { noResource, type AccessRequest } from '../policy/request.ts';
import { keyContext, callerContext, keyPolicyOf, type CallContext } from './authorize.ts';

/** Would this caller be allowed that? */
export interface AccessQuestion {
  readonly caller: Caller;
  /** `kms:Decrypt` */
  readonly action: string;
  /** undefined: the action is about no key. */
  readonly key: KmsKey | undefined;
  /** The alias that the call names the key by. */
  readonly alias?: string | undefined;
  readonly encryptionContext?: { readonly [name: string]: string } | undefined;
  /** Values of condition keys beyond those of caller, key and options. */
  readonly conditions?: { readonly [key: string]: readonly string[] } | undefined;
  /** The grants of everyone, not of this caller alone. */
  readonly allGrants?: boolean | undefined;
}

/** @param circle whoever asks: its circumstances are those of the call that is asked about */
export async function accessRequest(
  tx: Transaction,
  circle: CallContext,
  question: AccessQuestion,
): Promise<AccessRequest> {
  const { action, key } = question;
  const caller = await identify(tx, question.caller);
  const home: Home = { account: caller.account ?? circle.home.account, region: key?.region ?? circle.home.region };
  const at = { ...circle, caller, home };
  const context = key ? keyContext(at, key) : callerContext(at);
  const { encryptionContext, conditions = {} } = question;
  const member = key && (await membershipOf(tx, key.account));
  context.setResourceOrganization(member).setEncryptionContext(encryptionContext);
  for (const [name, values] of Object.entries(conditions)) context.set(name, values);
  const base = { caller, action, context: context.values() };
  const row = actionRow(action.toLowerCase());
  if (!key || (row && !row.resources.includes('key'))) return { ...base, resource: noResource(home) };
  const names = (await aliasesOf(tx, key, key.keyId)).map(({ name }) => name);
  if (names.length > 0) context.set('kms:ResourceAliases', names);
  context.set('kms:RequestAlias', question.alias);
  const controls = member?.resourceControlPolicies;
  return {
    ...base,
    resource: { kind: 'key', arn: keyArn(key, key.keyId), account: key.account, awsManaged: key.manager === 'AWS' },
    keyPolicy: keyPolicyOf(key),
    grants: question.allGrants ? await allGrants(tx, key) : await grantsFor(tx, key, caller),
    ...(controls ? { resourceControlPolicies: controls } : {}),
    ...(encryptionContext ? { encryptionContext } : {}),
  };
}

const grantsFor = (tx: Transaction, key: KmsKey, caller: Caller): Promise<readonly Grant[]> =>
  grantsTo(tx, key, partiesOf(caller));

async function allGrants(tx: Transaction, key: KmsKey): Promise<readonly Grant[]> {
  const grants: Grant[] = [];
  for await (const { value } of tx.rows(grantsPath(key))) grants.push(decodeGrant(value));
  return grants;
}
