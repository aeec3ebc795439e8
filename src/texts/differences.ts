/** Where an operation answers otherwise than AWS KMS, and why: docs/compatibility.md is made from this. */

const OWN_TEXT = (what: string): string =>
  `${what}: the error message is our own; the message of AWS KMS is not known.`;
const RECIPIENT = [
  'An attestation document in Recipient that is not valid returns ValidationException; the exception and the message of AWS KMS are not known, nor is how old a document it takes. Here it is as long as its certificates are valid by the clock of the keyring (ADR 19).',
  'The public key of an attestation document must be an RSA key of at least 2,048 bits as SubjectPublicKeyInfo in DER; whether AWS KMS accepts PEM or PKCS #1 is not known. The key identifier in CiphertextForRecipient is the SHA-256 of that; how AWS KMS makes its own is not known.',
] as const;
const NOT_VERIFIED =
  'A ciphertext that names a deleted key, or a key that is only in another Region, returns AccessDeniedException even if it was altered: it is not verified, because that would tell callers without permission on the key whether it is valid. The answer of AWS KMS to an altered one is not known.';

/** True of all operations. */
export const GENERAL_DIFFERENCES: readonly string[] = [
  'All operations are strongly consistent: changes of grants, tags, aliases and keys take effect immediately. Only what AWS KMS itself reports as in progress takes time, by default 2 seconds: a replica key that is Creating, keys that are Updating, and a rotation on demand (setting TransitionTime, kms settings put).',
  'There are no request quotas and no ThrottlingException. KMSInternalException occurs only for defects.',
  'SYMMETRIC_DEFAULT is AES-256-GCM in every Region, including the China Regions.',
  'Ciphertext blobs have their own format (docs/formats.md): AWS KMS cannot decrypt them, and ciphertext blobs of AWS KMS cannot be decrypted here.',
  'Scheduled actions (deletion, rotation, expiration) run at the start of the next call, with the time they were due.',
  'Lists of aliases and grants have no meaningful order.',
  'An event field that is too large is truncated and marked; CloudTrail omits it. The event of a rejected call includes fewer request parameters (docs/limits.md). That of a denied call has request parameters and resources, so that it can be found by its key; a recorded one of CloudTrail has neither.',
  'A call that only the policy of a VPC endpoint denies has an event; CloudTrail has none.',
  'Messages about custom key stores, CloudHSM clusters and external key store proxies are our own, and say what the operator of this program can do; those of AWS KMS are documented only in part.',
  'Where a command line fails and an alias or a file with the given name exists, stderr has a line `hint: did you mean ...` after the message. A command line without a command or subcommand also lists some.',
  'kms serve answers AssumeRole, AssumeRoleWithWebIdentity, GetSessionToken, GetFederationToken and GetCallerIdentity of AWS STS. It knows no MFA devices and managed policies, and refuses SerialNumber and PolicyArns, as it does SourceIdentity, TransitiveTagKeys, ProvidedContexts and parameters that AWS does not have. Provider of AssumeRoleWithWebIdentity is the ARN of the provider, as in recorded answers; the documentation says the issuer. Keys of OpenID Connect providers are registered, not fetched; tokens with session tags or a source identity are refused; those that are signed with EdDSA are accepted, though AWS names RSA and ECDSA only; a trust policy must name the provider, because whether * in an Allow includes users of providers is not known; nor is by how much clocks may differ (here 60 seconds). For how long AWS accepts presigned URLs of KMS is not known; here it is what they say, up to 7 days.',
  'On a terminal, control characters and marks of direction in answers are shown as escapes, such as \\u001b; files and pipes get them as they are. On a terminal with TERM=dumb there is no default pager.',
  'A text with half a surrogate pair, such as "\\ud800" in JSON, is a ValidationException. The answer of AWS KMS is not known.',
  'A ValidationException message quotes at most 1,024 characters of a value and lists at most 10 failures.',
];

export const DIFFERENCES: { readonly [operation: string]: readonly string[] } = {
  ConnectCustomKeyStore: [
    'The call returns once the key store is connected, or has failed to connect, within seconds; AWS KMS returns before, and takes minutes.',
  ],
  CreateAlias: [OWN_TEXT('Alias quota, the alias name alias/, and AWS managed keys')],
  CreateCustomKeyStore: [
    'The cluster of a CloudHSM key store is a PKCS#11 token that the operator has an entry for (kms hsm add); one HSM is enough for every operation. A proxy must be at a host that the operator has an entry for (kms xks add); such a host is also what a VPC endpoint service is. Both hold for keyrings that the user trusts. Of its requirements those on its Region, its private DNS name and its uniqueness are checked; subnets, load balancers, allowed principals, acceptance and the verification of the domain do not exist here.',
  ],
  CreateGrant: ['A grant is effective immediately, with or without its grant token.'],
  CreateKey: [
    'SM2 key specs are available only in the China Regions, ML-KEM key specs only in the other Regions.',
    OWN_TEXT('Key quota'),
  ],
  Decrypt: [...RECIPIENT, NOT_VERIFIED],
  DeriveSharedSecret: [...RECIPIENT, 'A dry run does not check the public key of the peer.'],
  GenerateDataKey: RECIPIENT,
  GenerateDataKeyPair: RECIPIENT,
  GenerateRandom: RECIPIENT,
  GetKeyLastUsage: ['For several uses within one second, the event of the first is returned.'],
  GetPublicKey: ['Works on a disabled key, as AWS KMS does since 2026; earlier documentation says otherwise.'],
  ListAliases: [
    'Aliases are not in alphabetical order, because they are stored under keyed hashes of their names (ADR 7).',
  ],
  ListKeyPolicies: ['The ValidationException for an invalid Marker is our choice; the answer of AWS KMS is not known.'],
  ListRetirableGrants: [
    'A principal of another account returns AccessDeniedException; AWS documents that the principal must be in the account of the caller.',
  ],
  PutKeyPolicy: [
    'Messages of MalformedPolicyDocumentException name the problem and its location; AWS KMS usually returns no details.',
    'A role session in a key policy is bound to the unique ID of its role, as AWS KMS does for grants; whether it does so for key policies is not known.',
    'Principals need not exist, unless the keyring has an identity of the same name with another unique ID.',
  ],
  ReEncrypt: [OWN_TEXT('An asymmetric source without SourceKeyId'), NOT_VERIFIED],
  RetireGrant: ['An unknown grant ID returns NotFoundException, a malformed one InvalidGrantIdException.'],
  ScheduleKeyDeletion: [
    'The key is deleted exactly when the waiting period ends, not up to 24 hours later.',
    'For a key in a CloudHSM key store whose key material is not found in the cluster the event DeleteKey has the deletion status FAILURE; what AWS KMS tells is not known.',
    OWN_TEXT('A waiting period outside 7 to 30 days'),
  ],
  TagResource: [OWN_TEXT('An empty list of tags')],
  UntagResource: [OWN_TEXT('An empty list of tag keys')],
  UpdateCustomKeyStore: [
    'An empty XksProxyVpcEndpointServiceName is refused as too short; the API reference says both that it has at least 20 characters, and that it can be empty with PUBLIC_ENDPOINT.',
  ],
  UpdateAlias: [OWN_TEXT('Keys of different types or key usages')],
};

/** Exceptions of the model that do not occur in any operation. */
export const IMPOSSIBLE_ERRORS: { readonly [error: string]: string } = {
  DependencyTimeoutException:
    'operations depend on no other service; a CloudHSM cluster or an external key store proxy that does not answer in time has exceptions of its own.',
  KeyUnavailableException:
    'key material is stored in the keyring, and what is not returns KMSInvalidStateException: keys in custom key stores.',
};

const ANY_STATE = { KMSInvalidStateException: 'works in every key state.' };

/** Exceptions that the model declares of these operations too, and that only others raise here. */
export const IMPOSSIBLE_ERRORS_OF: { readonly [operation: string]: { readonly [error: string]: string } } = {
  ConnectCustomKeyStore: {
    CloudHsmClusterInvalidConfigurationException:
      'the call begins the connection and does not look at the cluster before; ConnectionErrorCode tells what is wrong with it.',
    CloudHsmClusterNotActiveException:
      'the call begins the connection and does not look at the cluster before; ConnectionErrorCode tells what is wrong with it.',
  },
  CreateKey: {
    InvalidArnException:
      'only the key policy contains ARNs, and an ARN that is not valid there returns MalformedPolicyDocumentException.',
  },
  DeleteAlias: ANY_STATE,
  EnableKey: { LimitExceededException: 'disabled keys count against the key quota too.' },
  GetKeyPolicy: ANY_STATE,
  GetKeyRotationStatus: {
    ...ANY_STATE,
    UnsupportedOperationException: 'supported for imported key material.',
  },
  GetPublicKey: {
    DisabledException: 'works on a disabled key.',
    InvalidKeyUsageException:
      'asymmetric keys of every key usage have a public key; other keys return UnsupportedOperationException.',
  },
  ListGrants: ANY_STATE,
  ListKeyPolicies: ANY_STATE,
  ListKeyRotations: ANY_STATE,
  ListRetirableGrants: { NotFoundException: 'the principal need not exist, and the input has no key.' },
  PutKeyPolicy: { ...ANY_STATE, UnsupportedOperationException: 'keys of every kind have a key policy.' },
  RetireGrant: ANY_STATE,
  RevokeGrant: ANY_STATE,
  TagResource: { LimitExceededException: 'more than 50 tags return TagException.' },
};
