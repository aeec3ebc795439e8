/** Where an operation answers otherwise than AWS KMS, and why: docs/compatibility.md is made from this. */

const RECIPIENT = 'Recipient is refused with UnsupportedOperationException: there is no Nitro Enclave to attest.';
const OWN_TEXT = (what: string): string => `${what}: the text of the error is ours, AWS's is not known.`;
const NO_STORE =
  'Custom key stores have no back end yet: a store is described and checked, but never connected, so its keys cannot be made.';

/** True of all operations. */
export const GENERAL_DIFFERENCES: readonly string[] = [
  'Everything is consistent at once: there is no delay after a change of a grant, tag, alias or key.',
  'There are no request rates, and so no ThrottlingException, and no KMSInternalException but for defects.',
  'SYMMETRIC_DEFAULT is AES-256-GCM in every Region, in China Regions too.',
  'Ciphertext blobs have a format of our own (docs/formats.md): AWS KMS cannot decrypt ours, nor we its.',
  'A blob of a key that is gone, or of another Region, is InvalidCiphertextException; AWS KMS says AccessDeniedException to Decrypt without KeyId.',
  'What time does (deletion, rotation, expiry) is done at the next call, as of the time it was due.',
  'Lists of aliases and grants stand in no meaningful order.',
  'A field of an event that is too large is cut, and says so, where CloudTrail leaves it out; a refused call leaves less of its parameters (docs/limits.md).',
  'A ValidationException quotes 1,024 characters of a value and lists ten failures.',
];

export const DIFFERENCES: { readonly [operation: string]: readonly string[] } = {
  ConnectCustomKeyStore: [
    'Ends in FAILED at once, with the error code that AWS KMS gives for a cluster or proxy that cannot be reached.',
  ],
  CreateAlias: [OWN_TEXT('Quota of aliases, alias/ alone, keys of AWS')],
  CreateCustomKeyStore: [NO_STORE, 'A public XKS endpoint is not contacted.'],
  CreateGrant: ['A grant works at once, with or without its token.'],
  CreateKey: [NO_STORE, 'SM2 only in China Regions, ML-KEM not there.', OWN_TEXT('Quota of keys')],
  Decrypt: [RECIPIENT],
  DeleteCustomKeyStore: ['CustomKeyStoreHasCMKsException cannot occur: no store has keys.'],
  DeriveSharedSecret: [RECIPIENT, 'A dry run does not look at the public key of the other side.'],
  Encrypt: [OWN_TEXT('An encryption context with a key pair')],
  GenerateDataKey: [RECIPIENT],
  GenerateDataKeyPair: [RECIPIENT],
  GenerateRandom: [RECIPIENT, NO_STORE],
  GetKeyLastUsage: ['Uses within the same second show the event of the first.'],
  GetPublicKey: ['Works on a disabled key, as AWS KMS does since 2026; the developer guide of 2024 says otherwise.'],
  ListAliases: ['Aliases stand in no alphabetical order: their names are not readable in the keyring (ADR 7).'],
  ListRetirableGrants: [
    'A principal of another account is AccessDeniedException; AWS documents that it must be of the own account.',
  ],
  PutKeyPolicy: [
    'Texts of MalformedPolicyDocumentException say what is wrong and where; AWS KMS mostly sends none.',
    'Principals need not exist, unless they are known to the keyring under another unique ID.',
  ],
  ReEncrypt: [OWN_TEXT('An asymmetric source without SourceKeyId')],
  RetireGrant: ['An unknown grant ID is NotFoundException, a malformed one InvalidGrantIdException.'],
  ScheduleKeyDeletion: [
    'The key is deleted exactly when the waiting period is over, not up to 24 hours later.',
    OWN_TEXT('A period outside of 7 to 30 days'),
  ],
  TagResource: [OWN_TEXT('No tags at all')],
  UntagResource: [OWN_TEXT('No tag keys at all')],
  UpdateAlias: [OWN_TEXT('Keys of different type or usage')],
};

/** Exceptions of the model that nothing here can cause. */
export const IMPOSSIBLE_ERRORS: { readonly [error: string]: string } = {
  CloudHsmClusterInvalidConfigurationException: 'no CloudHSM cluster is contacted.',
  CloudHsmClusterNotActiveException: 'no CloudHSM cluster is contacted.',
  CloudHsmClusterNotFoundException:
    'no CloudHSM cluster is contacted; connecting ends in FAILED with CLUSTER_NOT_FOUND.',
  CustomKeyStoreHasCMKsException: 'no custom key store can have keys yet.',
  DependencyTimeoutException: 'there is nothing that a call would wait for.',
  IncorrectTrustAnchorException: 'no CloudHSM cluster is contacted.',
  KeyUnavailableException: 'key material is there or it is not.',
  XksKeyAlreadyInUseException: 'no external key store proxy is contacted.',
  XksKeyInvalidConfigurationException: 'no external key store proxy is contacted.',
  XksKeyNotFoundException: 'no external key store proxy is contacted.',
  XksProxyIncorrectAuthenticationCredentialException: 'no external key store proxy is contacted.',
  XksProxyInvalidConfigurationException: 'no external key store proxy is contacted.',
  XksProxyInvalidResponseException: 'no external key store proxy is contacted.',
  XksProxyUriUnreachableException: 'no external key store proxy is contacted.',
  XksProxyVpcEndpointServiceInvalidConfigurationException: 'no external key store proxy is contacted.',
  XksProxyVpcEndpointServiceNotFoundException: 'no external key store proxy is contacted.',
};

const ANY_STATE = { KMSInvalidStateException: 'works in every key state.' };

/** Exceptions that the model declares of these operations too, and that only others raise here. */
export const IMPOSSIBLE_ERRORS_OF: { readonly [operation: string]: { readonly [error: string]: string } } = {
  CreateKey: {
    InvalidArnException:
      'names no ARN but in its key policy, and one that is not valid there is MalformedPolicyDocumentException.',
  },
  DeleteAlias: ANY_STATE,
  EnableKey: { LimitExceededException: 'a key counts against its quota whether it is enabled or not.' },
  GetKeyPolicy: ANY_STATE,
  GetKeyRotationStatus: {
    ...ANY_STATE,
    UnsupportedOperationException: 'answers for imported key material too, and no custom key store can have keys yet.',
  },
  GetPublicKey: {
    DisabledException: 'works on a disabled key.',
    InvalidKeyUsageException:
      'key pairs of every usage have a public key; of other keys it is UnsupportedOperationException.',
  },
  ListGrants: ANY_STATE,
  ListKeyPolicies: ANY_STATE,
  ListKeyRotations: ANY_STATE,
  ListRetirableGrants: { NotFoundException: 'the principal need not exist, and no key is named.' },
  PutKeyPolicy: { ...ANY_STATE, UnsupportedOperationException: 'keys of every kind have a key policy.' },
  RetireGrant: ANY_STATE,
  RevokeGrant: ANY_STATE,
  TagResource: { LimitExceededException: 'more than 50 tags are TagException.' },
};
