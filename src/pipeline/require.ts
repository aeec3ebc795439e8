/**
 * Requirements of a call besides permission: consistent members, the right kind and usage of key, and a key state that
 * allows it.
 */
import { KmsError } from '../model/error.ts';
import { stateOf } from '../keyring/key-store.ts';
import type { KmsKey } from '../keyring/kms-key.ts';
import type { AnyInput, AnyOperation, KeyTarget, Target } from '../operations/row/operation.ts';
import { requireState } from './key-state.ts';

/** In AWS's order: the origin of the keys, their usage, their state, then what kind they are, algorithm and size. */
export function requireFit(operation: AnyOperation, input: AnyInput, targets: readonly Target[]): void {
  const keyTargets = targets.filter((target) => target.kind === 'key');
  const keys = keyTargets.map(({ key }) => key);
  operation.validateMembers?.(input);
  for (const { key, arn } of keyTargets) requireOrigin(operation, key, arn);
  operation.requireBeforeUsage?.(input, keys);
  const used = keyTargets.filter(({ request }) => !request.authorizeOnly);
  for (const target of used) requireUsage(operation, target);
  for (const { key, keyStore, arn } of used)
    requireState(operation.state ?? 'any', { state: stateOf(key, keyStore), arn });
  operation.requireKey?.(input, keys);
}

/** Footnotes 6, 7 and 9 of "Key states of AWS KMS keys" refuse an origin in whatever state the key is. */
function requireOrigin({ origins }: AnyOperation, { origin }: KmsKey, arn: string): void {
  if (origins === undefined || origins.includes(origin)) return;
  throw new KmsError(
    'UnsupportedOperationException',
    `${arn} origin is ${origin} which is not valid for this operation.`,
  );
}

function requireUsage({ name, usage }: AnyOperation, { key, arn }: KeyTarget): void {
  if (usage === undefined || key.usage === usage) return;
  throw new KmsError('InvalidKeyUsageException', `${arn} key usage is ${key.usage} which is not valid for ${name}.`);
}
