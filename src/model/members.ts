/** Members that many operations share; those with values of their own are in enumeration.ts. */
import { blob, boolean, integer, list, map, oneOf, required, string, structure } from './shape.ts';

export const keyId = string({ min: 1, max: 2048, pattern: '^\\p{ASCII}+$', names: 'key' });
/** Of local commands, which name a key as operations do. */
export const namedKey = { ...keyId, shortName: 'key' } as const;
/** Of what an alias is made to point to. */
export const targetKeyId = { ...keyId, names: 'key, not by its alias' } as const;
/** Of an alias that does not exist yet. */
export const newAliasName = string({ min: 1, max: 256, pattern: '^[a-zA-Z0-9:/_-]+$' });
export const aliasName = { ...newAliasName, names: 'alias' } as const;
/** Of local commands: a file or a folder. */
export const fileName = string({ min: 1, names: 'file' });
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
/** Of CloudHSM clusters (API Reference, CreateCustomKeyStore). */
export const CLUSTER_ID = 'cluster-[2-7a-zA-Z]{11,16}';
export const keyStoreId = { ...string({ min: 1, max: 64 }), names: 'custom key store' } as const;
export const dryRunModifiers = list(oneOf(['IGNORE_CIPHERTEXT']));
export const recipient = {
  ...structure({
    KeyEncryptionAlgorithm: oneOf(['RSAES_OAEP_SHA_256']),
    AttestationDocument: blob({ min: 1, max: 262144 }),
  }),
  neverLogged: true,
} as const;

export const page = { NextMarker: marker, Truncated: boolean };
