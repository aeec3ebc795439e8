/** The values that condition keys can have, where they are a closed list, and the ranges of numeric ones. */
import {
  dataKeyPairSpec,
  encryptionAlgorithm,
  expirationModel,
  keyAgreementAlgorithm,
  keySpec,
  keyUsage,
  macAlgorithm,
  messageType,
  multiRegionKeyType,
  origin,
  signingAlgorithm,
  wrappingAlgorithm,
  wrappingKeySpec,
} from '../../model/enumeration.ts';
import { ACTIONS } from '../../policy/actions.ts';

const list = (text: string): readonly string[] => text.split(' ');

/** Lower-cased names; a test compares them with the public model. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'kms:customermasterkeyspec': keySpec.enum!,
  'kms:customermasterkeyusage': keyUsage.enum!,
  'kms:datakeypairspec': dataKeyPairSpec.enum!,
  'kms:encryptionalgorithm': encryptionAlgorithm.enum!,
  'kms:expirationmodel': expirationModel.enum!,
  'kms:grantconstrainttype': list('EncryptionContextEquals EncryptionContextSubset'),
  'kms:grantoperations': ACTIONS.filter(({ grantable }) => grantable).map(({ name }) => name),
  'kms:keyagreementalgorithm': keyAgreementAlgorithm.enum!,
  'kms:keyorigin': origin.enum!,
  'kms:keyspec': keySpec.enum!,
  'kms:keyusage': keyUsage.enum!,
  'kms:macalgorithm': macAlgorithm.enum!,
  'kms:messagetype': messageType.enum!,
  'kms:multiregionkeytype': multiRegionKeyType.enum!,
  'kms:signingalgorithm': signingAlgorithm.enum!,
  'kms:wrappingalgorithm': wrappingAlgorithm.enum!,
  'kms:wrappingkeyspec': wrappingKeySpec.enum!,
  'aws:principaltype': list('Account User AssumedRole FederatedUser Anonymous'),
};

/** @param key lower-cased */
export const valuesOf = (key: string): readonly string[] | undefined =>
  Object.hasOwn(VALUES, key) ? VALUES[key] : undefined;

/** What the API takes (EnableKeyRotation, RotationPeriodInDays). */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  'kms:schedulekeydeletionpendingwindowindays': [7, 30],
  'kms:rotationperiodindays': [90, 2560],
};
export const rangeOf = (key: string): readonly [number, number] | undefined =>
  Object.hasOwn(RANGES, key) ? RANGES[key] : undefined;
