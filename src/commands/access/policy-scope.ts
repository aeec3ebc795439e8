/** The policy that a command examines, with its account and key. */
import { DEFAULT_ACCOUNT } from '../../model/account.ts';
import { keyArn, unknownKeyArn } from '../../model/arn.ts';
import { readPolicy, type PolicyDocument } from '../../policy/document.ts';
import { readPrincipal } from '../../policy/principal.ts';
import { everyPrincipal } from '../../analysis/prover/callers.ts';
import type { KeyringAccess, RegionChoice } from '../../runtime/capabilities.ts';
import { keyNamed } from '../command/named.ts';
import { checkPolicySize, readPolicyText } from '../lint/policy-file.ts';

export interface PolicyScope {
  readonly account: string;
  readonly keyArn: string;
  readonly current?: PolicyDocument;
}

/** A document, or the path of a file with one. */
export function policyFrom(text: string): PolicyDocument {
  return readPolicy(/^\s*\{/.test(text) ? checkPolicySize('the policy', text) : readPolicyText(text));
}

export async function scopeOfKey(session: KeyringAccess & RegionChoice, identifier: string): Promise<PolicyScope> {
  const keyring = await session.open();
  return keyring.transact(async (tx) => {
    const { key } = await keyNamed(tx, identifier, session.region);
    return { account: key.account, keyArn: keyArn(key, key.keyId), current: readPolicy(key.policy) };
  });
}

/** The owner is the account that the policy delegates to, as the default key policy does. */
export function scopeWithoutKey(given: string | undefined, document: PolicyDocument | undefined): PolicyScope {
  const found = (document ? everyPrincipal(document) : []).find((named) => readPrincipal(named).class === 'account');
  const account = given ?? (found && readPrincipal(found).account) ?? DEFAULT_ACCOUNT;
  return { account, keyArn: unknownKeyArn(account) };
}
