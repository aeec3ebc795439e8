/** The shapes of ReplicateKey, UpdatePrimaryRegion. */
import { description, keyId, policyText, tags } from '../../model/members.ts';
import { regionName } from '../../model/region.ts';
import { boolean, required, string, structure } from '../../model/shape.ts';
import { keyMetadataShape } from '../keys/key-metadata-shape.ts';
import { operationShape } from '../row/operation-shape.ts';

export const replicateInput = structure({
  KeyId: required(keyId),
  ReplicaRegion: required(regionName),
  Policy: policyText,
  BypassPolicyLockoutSafetyCheck: boolean,
  Description: description,
  Tags: tags,
});

export const replicateKey = operationShape({
  name: 'ReplicateKey',
  input: replicateInput,
  output: structure({ ReplicaKeyMetadata: keyMetadataShape, ReplicaPolicy: string(), ReplicaTags: tags }),
  lints: 'Policy',
});

export const updatePrimaryRegion = operationShape({
  name: 'UpdatePrimaryRegion',
  input: structure({ KeyId: required(keyId), PrimaryRegion: required(regionName) }),
  output: structure({}),
});
