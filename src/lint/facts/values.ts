/** The values that condition keys can have, where they are a closed list, and the ranges of numeric ones. */
import { encryptionAlgorithm, keySpec, keyUsage, origin } from '../../model/members.ts';
import { ACTIONS } from '../../policy/actions.ts';

const list = (text: string): readonly string[] => text.split(' ');

const dataKeyPairSpecs: readonly string[] =
  'RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 SM2 ECC_NIST_EDWARDS25519 ML_KEM_512 ML_KEM_768 ML_KEM_1024'.split(
    ' ',
  );

const signingAlgorithms: readonly string[] =
  'RSASSA_PSS_SHA_256 RSASSA_PSS_SHA_384 RSASSA_PSS_SHA_512 RSASSA_PKCS1_V1_5_SHA_256 RSASSA_PKCS1_V1_5_SHA_384 RSASSA_PKCS1_V1_5_SHA_512 ECDSA_SHA_256 ECDSA_SHA_384 ECDSA_SHA_512 SM2DSA ML_DSA_SHAKE_256 ED25519_SHA_512 ED25519_PH_SHA_512'.split(
    ' ',
  );

/** Lower-cased names; a test compares them with the public model. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'kms:customermasterkeyspec': keySpec.enum!,
  'kms:customermasterkeyusage': keyUsage.enum!,
  'kms:datakeypairspec': dataKeyPairSpecs,
  'kms:encryptionalgorithm': encryptionAlgorithm.enum!,
  'kms:expirationmodel': list('KEY_MATERIAL_EXPIRES KEY_MATERIAL_DOES_NOT_EXPIRE'),
  'kms:grantconstrainttype': list('EncryptionContextEquals EncryptionContextSubset'),
  'kms:grantoperations': ACTIONS.filter(({ grantable }) => grantable).map(({ name }) => name),
  'kms:keyagreementalgorithm': list('ECDH'),
  'kms:keyorigin': origin.enum!,
  'kms:keyspec': keySpec.enum!,
  'kms:keyusage': keyUsage.enum!,
  'kms:macalgorithm': list('HMAC_SHA_224 HMAC_SHA_256 HMAC_SHA_384 HMAC_SHA_512'),
  'kms:messagetype': list('RAW DIGEST EXTERNAL_MU'),
  'kms:multiregionkeytype': list('PRIMARY REPLICA'),
  'kms:signingalgorithm': signingAlgorithms,
  'kms:wrappingalgorithm': list(
    'RSAES_PKCS1_V1_5 RSAES_OAEP_SHA_1 RSAES_OAEP_SHA_256 RSA_AES_KEY_WRAP_SHA_1 RSA_AES_KEY_WRAP_SHA_256 SM2PKE',
  ),
  'kms:wrappingkeyspec': list('RSA_2048 RSA_3072 RSA_4096 SM2'),
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
