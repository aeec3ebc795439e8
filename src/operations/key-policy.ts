/** What a key policy must be to be written: well-formed, and one under which the caller can still change it. */
import { KmsError } from '../api/error.ts';
import type { KmsKey } from '../keyring/kms-key.ts';
import type { Call } from './operation.ts';

interface BypassMember {
  readonly BypassPolicyLockoutSafetyCheck?: boolean | undefined;
}

/** @param key the key as it would be, with the new policy */
export async function checkKeyPolicy(
  policy: string,
  key: KmsKey,
  call: Pick<Call<BypassMember>, 'input' | 'wouldAllow'>,
): Promise<void> {
  const { checkPolicyWrite } = await import('../policy/write-check.ts'); // only writes of policies pay for it
  checkPolicyWrite(policy);
  if (call.input.BypassPolicyLockoutSafetyCheck) return;
  // spec/authorization.md 8: the caller must be able to call PutKeyPolicy afterwards
  if (call.wouldAllow({ action: 'kms:PutKeyPolicy', key })) return;
  throw new KmsError(
    'MalformedPolicyDocumentException',
    'The new key policy will not allow you to update the key policy in the future.',
  );
}

/** Absent if the parameter was not sent: policies test that with Null (spec/policy-semantics.md 4). */
export const bypassCondition = ({
  BypassPolicyLockoutSafetyCheck: bypass,
}: BypassMember): { readonly [key: string]: readonly string[] } =>
  bypass === undefined ? {} : { 'kms:bypasspolicylockoutsafetycheck': [String(bypass)] };
