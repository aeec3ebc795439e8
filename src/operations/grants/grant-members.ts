/** Members of operations on grants. */
import { ACCOUNT_ID } from '../../model/account.ts';
import { list, map, oneOf, required, string, structure, type ValueOf } from '../../model/shape.ts';

export const principal = string({ min: 1, max: 256, pattern: '^[\\w+=,.@:/-]+$' });
export const servicePrincipal = string({
  min: 1,
  max: 128,
  pattern: '^([A-Za-z0-9\\-]+)\\.([A-Za-z0-9\\-]+)(\\.[A-Za-z0-9\\-]+)+$',
});
export const grantId = string({ min: 1, max: 128 });
export const grantOperation = oneOf([
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'Sign',
  'Verify',
  'GetPublicKey',
  'CreateGrant',
  'RetireGrant',
  'DescribeKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateMac',
  'VerifyMac',
  'DeriveSharedSecret',
  'Encapsulate',
  'Decapsulate',
]);
export type GrantOperation = ValueOf<typeof grantOperation>;

export const constraints = structure({
  EncryptionContextSubset: map(),
  EncryptionContextEquals: map(),
  SourceArn: string({ min: 20, max: 512, pattern: `^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:${ACCOUNT_ID}:.+$` }),
});
export type Constraints = ValueOf<typeof constraints>;

/** Who is named in a grant. */
export const parties = {
  GranteePrincipal: principal,
  RetiringPrincipal: principal,
  GranteeServicePrincipal: servicePrincipal,
  RetiringServicePrincipal: servicePrincipal,
};
export const terms = { Operations: required(list(grantOperation)), Constraints: constraints };
