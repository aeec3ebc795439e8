/** The enumerations of the API. Where AWS's messages list the values in another order than the model, both are here. */
import { oneOf, type ValueOf } from './shape.ts';

const RSA = ['RSA_2048', 'RSA_3072', 'RSA_4096'] as const;
const ECC = ['ECC_NIST_P256', 'ECC_NIST_P384', 'ECC_NIST_P521', 'ECC_SECG_P256K1'] as const;
const EDWARDS = 'ECC_NIST_EDWARDS25519';
const HMAC = ['HMAC_224', 'HMAC_256', 'HMAC_384', 'HMAC_512'] as const;
const ML_DSA = ['ML_DSA_44', 'ML_DSA_65', 'ML_DSA_87'] as const;
const ML_KEM = ['ML_KEM_512', 'ML_KEM_768', 'ML_KEM_1024'] as const;
/** What there was when KeySpec took the place of CustomerMasterKeySpec. */
const FIRST = ['SYMMETRIC_DEFAULT', ...HMAC, 'SM2'] as const;

/** What is newer than the recorded messages stands last in them. */
export const keySpec = oneOf(
  [...RSA, ...ECC, ...FIRST, ...ML_DSA, EDWARDS, ...ML_KEM],
  [...RSA, ...ECC, EDWARDS, ...FIRST, ...ML_DSA, ...ML_KEM],
);
export type KeySpecName = ValueOf<typeof keySpec>;

/** Deprecated, and frozen. */
export const customerMasterKeySpec = oneOf([...RSA, ...ECC, ...FIRST]);
export const dataKeyPairSpec = oneOf([...RSA, ...ECC, 'SM2', EDWARDS, ...ML_KEM]);
export const wrappingKeySpec = oneOf([...RSA, 'SM2']);
export const dataKeySpec = oneOf(['AES_256', 'AES_128']);

export const encryptionAlgorithm = oneOf(
  ['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE'],
  ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE', 'SYMMETRIC_DEFAULT'],
);
export type EncryptionAlgorithmName = ValueOf<typeof encryptionAlgorithm>;
export const wrappingAlgorithm = oneOf([
  'RSAES_PKCS1_V1_5',
  'RSAES_OAEP_SHA_1',
  'RSAES_OAEP_SHA_256',
  'RSA_AES_KEY_WRAP_SHA_1',
  'RSA_AES_KEY_WRAP_SHA_256',
  'SM2PKE',
]);

const RSASSA_PSS = ['RSASSA_PSS_SHA_256', 'RSASSA_PSS_SHA_384', 'RSASSA_PSS_SHA_512'] as const;
const RSASSA_PKCS1 = ['RSASSA_PKCS1_V1_5_SHA_256', 'RSASSA_PKCS1_V1_5_SHA_384', 'RSASSA_PKCS1_V1_5_SHA_512'] as const;
const ECDSA = ['ECDSA_SHA_256', 'ECDSA_SHA_384', 'ECDSA_SHA_512'] as const;
const EDDSA = ['ED25519_SHA_512', 'ED25519_PH_SHA_512'] as const;
const OTHER_SIGNING = ['SM2DSA', 'ML_DSA_SHAKE_256'] as const;
export const signingAlgorithm = oneOf(
  [...RSASSA_PSS, ...RSASSA_PKCS1, ...ECDSA, ...OTHER_SIGNING, ...EDDSA],
  [...RSASSA_PSS, ...RSASSA_PKCS1, ...ECDSA, ...EDDSA, ...OTHER_SIGNING],
);
export type SigningAlgorithmName = ValueOf<typeof signingAlgorithm>;
export const messageType = oneOf(['RAW', 'DIGEST', 'EXTERNAL_MU']);
export type MessageType = ValueOf<typeof messageType>;

export const macAlgorithm = oneOf(
  ['HMAC_SHA_224', 'HMAC_SHA_256', 'HMAC_SHA_384', 'HMAC_SHA_512'],
  ['HMAC_SHA_384', 'HMAC_SHA_256', 'HMAC_SHA_224', 'HMAC_SHA_512'],
);
export type MacAlgorithmName = ValueOf<typeof macAlgorithm>;
export const keyAgreementAlgorithm = oneOf(['ECDH']);
export const encapsulationAlgorithm = oneOf(['ML_KEM']);

export const origin = oneOf(['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE']);
export type Origin = ValueOf<typeof origin>;
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
export type KeyState = ValueOf<typeof keyState>;
export const keyUsage = oneOf([
  'SIGN_VERIFY',
  'ENCRYPT_DECRYPT',
  'GENERATE_VERIFY_MAC',
  'KEY_AGREEMENT',
  'ENCAPSULATE_DECAPSULATE',
]);
export type KeyUsage = ValueOf<typeof keyUsage>;
export const multiRegionKeyType = oneOf(['PRIMARY', 'REPLICA']);
export type MultiRegionKeyType = ValueOf<typeof multiRegionKeyType>;
export const expirationModel = oneOf(['KEY_MATERIAL_EXPIRES', 'KEY_MATERIAL_DOES_NOT_EXPIRE']);
