/**
 * What a call needs beyond permission: members that agree, the right kind and usage of key, and a state that allows
 * it.
 */
import { KmsError } from '../model/error.ts';
import type { AnyInput, AnyOperation, KeyTarget, Target } from '../operations/row/operation.ts';
import { requireState } from './key-state.ts';

/** In AWS's order: usage before state, state before algorithm and size. */
export function requireFit(operation: AnyOperation, input: AnyInput, targets: readonly Target[]): void {
  const keyTargets = targets.filter((target) => target.kind === 'key');
  const keys = keyTargets.map(({ key }) => key);
  operation.validateMembers?.(input);
  operation.requireKeyKind?.(input, keys);
  const used = keyTargets.filter(({ request }) => !request.authorizeOnly);
  for (const target of used) requireUsage(operation, target);
  for (const { key, arn } of used) requireState(operation.state ?? 'any', { state: key.state, arn });
  operation.requireAlgorithm?.(input, keys);
}

function requireUsage({ name, usage }: AnyOperation, { key, arn }: KeyTarget): void {
  if (usage === undefined || key.usage === usage) return;
  throw new KmsError('InvalidKeyUsageException', `${arn} key usage is ${key.usage} which is not valid for ${name}.`);
}
