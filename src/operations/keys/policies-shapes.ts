/** The shapes of GetKeyPolicy, PutKeyPolicy, ListKeyPolicies. */
import { keyId, limit, marker, page, policyName, policyText } from '../../model/members.ts';
import { boolean, list, required, string, structure } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';

export const getKeyPolicy = operationShape({
  name: 'GetKeyPolicy',
  input: structure({ KeyId: required(keyId), PolicyName: policyName }),
  output: structure({ Policy: string(), PolicyName: string() }),
});

export const putKeyPolicy = operationShape({
  name: 'PutKeyPolicy',
  input: structure({
    KeyId: required(keyId),
    PolicyName: policyName,
    Policy: required(policyText),
    BypassPolicyLockoutSafetyCheck: boolean,
  }),
  output: structure({}),
  lints: 'Policy',
});

export const listKeyPolicies = operationShape({
  name: 'ListKeyPolicies',
  input: structure({ KeyId: required(keyId), Limit: limit, Marker: marker }),
  output: structure({ PolicyNames: list(string()), ...page }),
  paginated: 'PolicyNames',
});
