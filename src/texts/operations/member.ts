/** Texts of members that many operations share. */

/** A member named `KeyId` that accepts aliases. */
export const KEY_OR_ALIAS =
  'The KMS key: key ID, key ARN, alias name (alias/...) or alias ARN. A key in another account requires an ARN.';

/** A member named `KeyId` that does not accept aliases. */
export const KEY_ONLY = 'The KMS key: key ID or key ARN. Aliases are not accepted.';

export const GRANT_TOKENS =
  'Grant tokens, to use the permissions of new grants before they are consistent. Default: none.';

export const DRY_RUN =
  'Check whether the call would succeed, without performing it. If it would, the call fails with DryRunOperationException. Default: off.';

export const DRY_RUN_MODIFIERS =
  'Modifiers of --dry-run. IGNORE_CIPHERTEXT checks permissions without validating the ciphertext, which can then be omitted. Default: none.';

export const ENCRYPTION_CONTEXT =
  'Key-value pairs that are cryptographically bound to the ciphertext. Decryption requires an exact, case-sensitive match. Not secret: it appears in the audit log. Symmetric encryption keys only. Default: none.';

export const ENCRYPTION_ALGORITHM =
  'The encryption algorithm, which must be compatible with the key spec. Required for asymmetric keys. Default: SYMMETRIC_DEFAULT.';

export const RECIPIENT =
  'The attestation document of a Nitro enclave or of NitroTPM, and the encryption algorithm RSAES_OAEP_SHA_256. The plaintext is then returned only as CiphertextForRecipient, encrypted under the public key in the document. kms attestation makes documents for experiments. Default: none.';

export const CONTEXT_OF_DATA_KEY =
  'Key-value pairs that are cryptographically bound to the encrypted data key. Decryption requires an exact, case-sensitive match. Not secret: it appears in the audit log. Default: none.';

export const DATA_KEY_SPEC =
  'The length of the data key: AES_256 (32 bytes) or AES_128 (16 bytes). Specify this or --number-of-bytes, but not both.';

export const DATA_KEY_BYTES = 'The length of the data key in bytes. Specify this or --key-spec, but not both.';

export const MARKER =
  'The NextMarker of the previous response. Disables automatic pagination. Default: the first page.';

export const limit = (defaultItems: number, maxItems: number): string =>
  `The number of items in one page; a page never has more than ${maxItems}. Disables automatic pagination. Default: ${defaultItems}.`;

export const POLICY_BYPASS =
  'Skip the key policy lockout safety check. The key can become unmanageable if the policy does not let the caller change it. Default: off.';

export const TAGS =
  'Tags, each with a TagKey of 1 to 128 characters and a TagValue of 0 to 256 characters. A key has at most 50 tags. Not secret.';
