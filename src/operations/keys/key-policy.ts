/** What a key policy must be to be written: well-formed, and one under which the caller can still change it. */
import { text } from '../../policy/input-condition.ts';
import { KmsError } from '../../model/error.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { readPolicy } from '../../policy/document.ts';
import { identityOf } from '../principals/known-callers.ts';
import type { Call } from '../row/operation.ts';

interface BypassMember {
  readonly BypassPolicyLockoutSafetyCheck?: boolean | undefined;
}

/** @param key the key as it would be, with the new policy */
export async function checkKeyPolicy(
  policy: string,
  key: KmsKey,
  call: Pick<Call<BypassMember>, 'input' | 'wouldAllow'>,
): Promise<void> {
  const { checkPolicyWrite } = await import('../../policy/write-check.ts'); // only writes of policies pay for it
  checkPolicyWrite(policy);
  if (call.input.BypassPolicyLockoutSafetyCheck) return;
  // AWS KMS Developer Guide, Default key policy: the caller must be able to call PutKeyPolicy afterwards
  if (call.wouldAllow({ action: 'kms:PutKeyPolicy', key })) return;
  throw new KmsError(
    'MalformedPolicyDocumentException',
    'The new key policy will not allow you to update the key policy in the future.',
  );
}

/**
 * The users and roles that a policy names are those of now: one that is made anew under the same name is another
 * one. Those that the keyring knows nothing of stay bare names.
 */
export async function bindPrincipals(tx: Transaction, policy: string): Promise<Pick<KmsKey, 'boundIds'>> {
  const boundIds: { [arn: string]: string } = {};
  for (const { principals = [], notPrincipals = [] } of readPolicy(policy).statements) {
    for (const { text } of [...principals, ...notPrincipals]) {
      const identity = await identityOf(tx, text);
      if (identity?.arn === text && identity.uniqueId !== undefined) boundIds[text] = identity.uniqueId;
    }
  }
  return Object.keys(boundIds).length > 0 ? { boundIds } : {};
}

/** The policy as it is shown: whoever is gone is shown by the unique ID alone. */
export async function shownPolicy(tx: Transaction, { policy, boundIds = {} }: KmsKey): Promise<string> {
  let shown = policy;
  for (const [arn, id] of Object.entries(boundIds)) {
    const identity = await identityOf(tx, arn);
    if (identity?.uniqueId !== id) shown = shown.replaceAll(JSON.stringify(arn), JSON.stringify(id));
  }
  return shown;
}

/** Absent if the parameter was not sent: policies test that with Null. */
export const bypassCondition = text('kms:BypassPolicyLockoutSafetyCheck', 'BypassPolicyLockoutSafetyCheck');
