/** Key policies: get, put, list. A key has exactly one, named `default`. */
import { KmsError } from '../../model/error.ts';
import { putKey } from '../../keyring/kms-key.ts';
import { bindPrincipals, bypassCondition, checkKeyPolicy, shownPolicy } from './key-policy.ts';
import { operation } from '../row/operation.ts';
import { pageOfItems } from '../row/page.ts';
import { key, keyOf } from '../row/target.ts';
import * as shapes from './policies-shapes.ts';

const DEFAULT = 'default';

function checkPolicyName({ PolicyName: name = DEFAULT }: { readonly PolicyName?: string | undefined }): void {
  if (name !== DEFAULT) throw new KmsError('NotFoundException', 'No such policy exists');
}

export const getKeyPolicy = operation({
  ...shapes.getKeyPolicy,
  access: 'read',
  targets: ({ KeyId }) => [key(KeyId, 'GetKeyPolicy')],
  state: 'any',
  validateMembers: checkPolicyName,
  async run(call) {
    return { Policy: await shownPolicy(call.tx, keyOf(call).key), PolicyName: DEFAULT };
  },
});

export const putKeyPolicy = operation({
  ...shapes.putKeyPolicy,
  access: 'write',
  targets: ({ KeyId }) => [key(KeyId, 'PutKeyPolicy')],
  state: 'any',
  validateMembers: checkPolicyName,
  conditions: [bypassCondition],
  log: {
    request: ({ PolicyName = DEFAULT, BypassPolicyLockoutSafetyCheck: bypass = false }) => ({
      policyName: PolicyName,
      bypassPolicyLockoutSafetyCheck: bypass,
    }),
  },
  async run(call) {
    const { boundIds: _, ...unbound } = keyOf(call).key;
    const changed = { ...unbound, policy: call.input.Policy };
    await checkKeyPolicy(call.input.Policy, changed, call);
    putKey(call.tx, { ...changed, ...(await bindPrincipals(call.tx, call.input.Policy)) });
    return {};
  },
});

export const listKeyPolicies = operation({
  ...shapes.listKeyPolicies,
  access: 'read',
  targets: ({ KeyId }) => [key(KeyId, 'ListKeyPolicies')],
  state: 'any',
  run(call) {
    const { items, ...rest } = pageOfItems(call.tx, {
      list: `policies of ${keyOf(call).arn}`,
      all: [DEFAULT],
      nameOf: (name) => name,
      request: call.input,
      rules: { default: 100, max: 1000, markerError: 'ValidationException' },
    });
    return { PolicyNames: items, ...rest };
  },
});
