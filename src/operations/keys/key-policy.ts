/** Checks of a key policy that is written: it must be valid, and the caller must still be able to change it. */
import { text } from '../../policy/input-condition.ts';
import { KmsError } from '../../model/error.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { readPolicy } from '../../policy/document.ts';
import { bindIds, mayExist, shownPrincipal } from '../principals/bound-ids.ts';
import type { Call } from '../row/operation.ts';

interface BypassMember {
  readonly BypassPolicyLockoutSafetyCheck?: boolean | undefined;
}

/** @param key the key as it would be, with the new policy */
export async function checkKeyPolicy(
  policy: string,
  key: KmsKey,
  call: Pick<Call<BypassMember>, 'input' | 'tx' | 'wouldAllow'>,
): Promise<void> {
  const { checkPolicyWrite } = await import('../../policy/write-check.ts'); // loaded only for writes of policies
  checkPolicyWrite(policy, await existenceRule(call.tx, policy));
  if (call.input.BypassPolicyLockoutSafetyCheck) return;
  // AWS KMS Developer Guide, Default key policy: the caller must be able to call PutKeyPolicy afterwards
  if (await call.wouldAllow({ operation: 'PutKeyPolicy', key })) return;
  throw new KmsError(
    'MalformedPolicyDocumentException',
    'The new key policy will not allow you to update the key policy in the future.',
  );
}

const namedIn = (policy: string): readonly string[] =>
  readPolicy(policy).statements.flatMap(({ principals = [], notPrincipals = [] }) =>
    [...principals, ...notPrincipals].map(({ text: arn }) => arn),
  );

/** With PrincipalsMustExist, a policy names only principals that do. */
export const existenceRule = async (
  tx: Transaction,
  policy: string,
): Promise<{ readonly principalExists?: Awaited<ReturnType<typeof existence>> }> =>
  tx.settings.principalsMustExist ? { principalExists: await existence(tx, policy) } : {};

/** Of users, roles and the roles of sessions: whether the keyring has them. Of other principals it cannot tell. */
async function existence(tx: Transaction, policy: string): Promise<(named: { readonly text: string }) => boolean> {
  const missing = new Set<string>();
  for (const arn of namedIn(policy)) if (!(await mayExist(tx, arn))) missing.add(arn);
  return ({ text: arn }) => !missing.has(arn);
}

/** The users and roles that a policy names, by their unique IDs. */
export const bindPrincipals = (tx: Transaction, policy: string): Promise<Pick<KmsKey, 'boundIds'>> =>
  bindIds(tx, namedIn(policy));

/** The policy as it is shown: deleted principals are shown by their unique IDs. */
export async function shownPolicy(tx: Transaction, { policy, boundIds = {} }: KmsKey): Promise<string> {
  const renamed = new Map<string, string>();
  for (const arn of Object.keys(boundIds)) {
    const name = await shownPrincipal(tx, arn, boundIds);
    if (name !== arn) renamed.set(arn, name);
  }
  if (renamed.size === 0) return policy;
  const { renamedPrincipals } = await import('../../policy/renamed-principals.ts'); // rarely wanted
  return renamedPrincipals(policy, renamed);
}

/** Absent if the parameter was not sent: policies test that with Null. */
export const bypassCondition = text('kms:BypassPolicyLockoutSafetyCheck', 'BypassPolicyLockoutSafetyCheck');
