/** The shapes of CreateKey. */
import { customerMasterKeySpec, keySpec, keyUsage, origin } from '../../model/enumeration.ts';
import { description, keyStoreId, policyText, tags } from '../../model/members.ts';
import { boolean, string, structure } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';
import { keyMetadataShape } from './key-metadata-shape.ts';

export const createKeyMembers = {
  Policy: policyText,
  Description: description,
  KeyUsage: keyUsage,
  CustomerMasterKeySpec: customerMasterKeySpec,
  KeySpec: keySpec,
  Origin: origin,
  CustomKeyStoreId: keyStoreId,
  BypassPolicyLockoutSafetyCheck: boolean,
  Tags: tags,
  MultiRegion: boolean,
  XksKeyId: string({ min: 1, max: 128, pattern: '^[a-zA-Z0-9-_.]+$' }),
};

export const createKeyInput = structure(createKeyMembers);

export const createKey = operationShape({
  name: 'CreateKey',
  input: createKeyInput,
  output: structure({ KeyMetadata: keyMetadataShape }),
  lints: 'Policy',
});
