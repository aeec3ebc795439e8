/** Texts of members that many operations share. */

/** A member named `KeyId` where aliases may stand too. */
export const KEY_OR_ALIAS =
  'The KMS key: key ID, key ARN, alias name (alias/...) or alias ARN. A key of another account needs an ARN.';

/** A member named `KeyId` where only the key itself may be named. */
export const KEY_ONLY = 'The KMS key: key ID or key ARN. Aliases are not accepted here.';

export const GRANT_TOKENS =
  'Grant tokens of grants made moments ago, so that their permission counts at once. Default: none.';

export const DRY_RUN =
  'Only finds out whether the call would be allowed and would succeed: a yes is the error DryRunOperationException, and nothing is done. Default: off.';

export const DRY_RUN_MODIFIERS =
  'With --dry-run: IGNORE_CIPHERTEXT checks the permission alone, so no ciphertext has to be at hand. Default: none.';

export const ENCRYPTION_CONTEXT =
  'Pairs of text that are bound to the ciphertext and must be given again, exactly alike, to open it; they are not secret and appear in the audit log. Symmetric encryption keys only. Default: none.';

export const ENCRYPTION_ALGORITHM =
  'The encryption algorithm; it must fit the key spec. Default: SYMMETRIC_DEFAULT, which is right for every symmetric encryption key.';

export const RECIPIENT =
  'Attestation document of a Nitro enclave, for an answer that only it can open. Not supported: the call is answered UnsupportedOperationException. Default: none.';

export const CONTEXT_OF_DATA_KEY =
  'Pairs of text that are bound to the encrypted data key and must be given again, exactly alike, to decrypt it; not secret, and visible in the audit log. Default: none.';

export const DATA_KEY_SPEC =
  'Length of the data key by name: AES_256 is 32 bytes, AES_128 is 16 bytes. Give this or --number-of-bytes, not both.';

export const DATA_KEY_BYTES = 'Length of the data key in bytes. Give this or --key-spec, not both.';

export const MARKER =
  'Where the page begins: the NextMarker of the page before it. Switches automatic paging off. Default: the first page.';

export const limit = (usual: number, most: number): string =>
  `Items on one page: ${usual} without it, never more than ${most}. Switches automatic paging off.`;

export const POLICY_BYPASS =
  'Accepts a key policy under which the caller could not change the key policy again. Default: off; a key can become unmanageable with it.';

export const TAGS =
  'Tags as pairs of TagKey (1 to 128 characters) and TagValue (0 to 256 characters), at most 50 on a key. They are not secret.';
