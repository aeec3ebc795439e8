/** Members that many operations share, and the model's enumerations. */
import { blob, boolean, integer, list, map, oneOf, required, string, structure } from './shape.ts';

export const keyId = string({ min: 1, max: 2048, pattern: '^\\p{ASCII}+$' });
export const aliasName = string({ min: 1, max: 256, pattern: '^[a-zA-Z0-9:/_-]+$' });
export const grantToken = string({ min: 1, max: 8192, neverLogged: true });
export const grantTokens = list(grantToken, { max: 10 });
/** Longer texts are never sealed (crypto/encryption-context.ts), so no policy is asked about them. */
const contextText = string({ max: 65_535 });
export const encryptionContext = map(contextText, contextText);
export const limit = integer(1, 1000);
export const marker = string({ min: 1, max: 1024, pattern: '[\\u0020-\\u00FF]*' });
export const description = string({ max: 8192 });
export const policyName = string({ min: 1, max: 128, pattern: '[\\w]+' });
export const policyText = string({ min: 1, max: 131072, pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+' });
export const tagKey = string({ min: 1, max: 128 });
const tag = structure({ TagKey: required(tagKey), TagValue: required(string({ max: 256 })) });
export const tags = list(tag);
export const ciphertextBlob = blob({ min: 1, max: 6144 });
export const plaintext = blob({ min: 1, max: 4096, sensitive: true });
export const numberOfBytes = integer(1, 1024);
export const keyStoreId = string({ min: 1, max: 64 });
export const dryRunModifiers = list(oneOf(['IGNORE_CIPHERTEXT']));
export const recipient = {
  ...structure({
    KeyEncryptionAlgorithm: oneOf(['RSAES_OAEP_SHA_256']),
    AttestationDocument: blob({ min: 1, max: 262144 }),
  }),
  neverLogged: true,
} as const;

export const dataKeySpec = oneOf(['AES_256', 'AES_128']);
export const origin = oneOf(['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE']);
export const keyState = oneOf([
  'Creating',
  'Enabled',
  'Disabled',
  'PendingDeletion',
  'PendingImport',
  'PendingReplicaDeletion',
  'Unavailable',
  'Updating',
]);
export const keyUsage = oneOf([
  'SIGN_VERIFY',
  'ENCRYPT_DECRYPT',
  'GENERATE_VERIFY_MAC',
  'KEY_AGREEMENT',
  'ENCAPSULATE_DECAPSULATE',
]);
export const encryptionAlgorithm = oneOf(
  ['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE'],
  ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE', 'SYMMETRIC_DEFAULT'],
);
/** The order in messages is the service's own; what is newer than that record stands last. */
export const keySpec = oneOf(
  [
    'RSA_2048',
    'RSA_3072',
    'RSA_4096',
    'ECC_NIST_P256',
    'ECC_NIST_P384',
    'ECC_NIST_P521',
    'ECC_SECG_P256K1',
    'SYMMETRIC_DEFAULT',
    'HMAC_224',
    'HMAC_256',
    'HMAC_384',
    'HMAC_512',
    'SM2',
    'ML_DSA_44',
    'ML_DSA_65',
    'ML_DSA_87',
    'ECC_NIST_EDWARDS25519',
    'ML_KEM_512',
    'ML_KEM_768',
    'ML_KEM_1024',
  ],
  [
    'RSA_2048',
    'RSA_3072',
    'RSA_4096',
    'ECC_NIST_P256',
    'ECC_NIST_P384',
    'ECC_NIST_P521',
    'ECC_SECG_P256K1',
    'ECC_NIST_EDWARDS25519',
    'SYMMETRIC_DEFAULT',
    'HMAC_224',
    'HMAC_256',
    'HMAC_384',
    'HMAC_512',
    'SM2',
    'ML_DSA_44',
    'ML_DSA_65',
    'ML_DSA_87',
    'ML_KEM_512',
    'ML_KEM_768',
    'ML_KEM_1024',
  ],
);
/** Deprecated, and frozen at what there was when KeySpec took its place. */
export const customerMasterKeySpec = oneOf([
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'ECC_NIST_P256',
  'ECC_NIST_P384',
  'ECC_NIST_P521',
  'ECC_SECG_P256K1',
  'SYMMETRIC_DEFAULT',
  'HMAC_224',
  'HMAC_256',
  'HMAC_384',
  'HMAC_512',
  'SM2',
]);
export const page = { NextMarker: marker, Truncated: boolean };
