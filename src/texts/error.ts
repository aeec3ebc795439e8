/** What each modeled error means, in a line; help prints it beside the name. */

/** Errors that every operation can answer although the model names them nowhere. */
export const COMMON_ERRORS: readonly string[] = ['AccessDeniedException', 'ValidationException'];

/** Errors that most operations which use a key share. */
export const USE: readonly string[] = [
  'DisabledException',
  'DryRunOperationException',
  'InvalidGrantTokenException',
  'InvalidKeyUsageException',
  'KMSInternalException',
  'KMSInvalidStateException',
  'KeyUnavailableException',
  'NotFoundException',
];

/** Errors that most operations which manage a key share. */
export const MANAGE: readonly string[] = [
  'DependencyTimeoutException',
  'InvalidArnException',
  'KMSInternalException',
  'KMSInvalidStateException',
  'NotFoundException',
];

export const ERROR_MEANINGS: { readonly [name: string]: string } = {
  AccessDeniedException: 'no policy or grant allows the caller to do this, or one denies it',
  AlreadyExistsException: 'something of that name is there already',
  CloudHsmClusterInUseException: 'the CloudHSM cluster belongs to another key store, or shares backups with one',
  CloudHsmClusterInvalidConfigurationException: 'the CloudHSM cluster lacks HSMs, subnets or security group rules',
  CloudHsmClusterNotActiveException: 'the CloudHSM cluster is not active',
  CloudHsmClusterNotFoundException: 'there is no such CloudHSM cluster in the account and Region',
  CloudHsmClusterNotRelatedException: 'the CloudHSM cluster does not share a backup history with the present one',
  ConflictException: 'the same request is still being worked on',
  CustomKeyStoreHasCMKsException: 'the custom key store still holds KMS keys',
  CustomKeyStoreInvalidStateException: 'the connection state of the custom key store does not allow it',
  CustomKeyStoreNameInUseException: 'another custom key store has that name',
  CustomKeyStoreNotFoundException: 'there is no such custom key store in the account and Region',
  DependencyTimeoutException: 'something the service depends on did not answer in time; not to be expected offline',
  DisabledException: 'the KMS key is disabled',
  DryRunOperationException: 'the call would have succeeded; with --dry-run this is the good answer',
  ExpiredImportTokenException: 'the import token is older than 24 hours',
  IncorrectKeyException: 'the key that was named did not make this ciphertext',
  IncorrectKeyMaterialException: 'the key material is not the material that this KMS key had before',
  IncorrectTrustAnchorException: 'the trust anchor certificate is not that of the CloudHSM cluster',
  InvalidAliasNameException: 'the alias name is not well formed',
  InvalidArnException: 'the ARN is not well formed, or of a kind that is not accepted here',
  InvalidCiphertextException: 'the ciphertext or its encryption context is not as it was when it was made',
  InvalidGrantIdException: 'the grant ID is not well formed',
  InvalidGrantTokenException: 'a grant token is not one of this service',
  InvalidImportTokenException: 'the import token is not one for this KMS key',
  InvalidKeyUsageException: 'the usage or spec of the key does not fit the operation or its algorithm',
  InvalidMarkerException: 'the marker is not one that an earlier page gave',
  KMSInternalException: 'a defect of the program',
  KMSInvalidMacException: 'the MAC is not that of this message under this key',
  KMSInvalidSignatureException: 'the signature is not one of this message under this key',
  KMSInvalidStateException: 'the key state does not allow it',
  KeyUnavailableException: 'the key cannot be reached at the moment; not to be expected offline',
  LimitExceededException: 'a quota is used up',
  MalformedPolicyDocumentException: 'the policy is not well formed, or would lock its author out',
  NotFoundException: 'there is no such key, alias, grant or policy',
  TagException: 'the tags are not well formed, repeated, reserved or too many',
  UnsupportedOperationException: 'the key or the parameter is of a kind that the operation does not support',
  ValidationException: 'members are missing, malformed, out of range, or do not go together',
  XksKeyAlreadyInUseException: 'the external key belongs to another KMS key of the key store already',
  XksKeyInvalidConfigurationException: 'the external key is not an enabled 256-bit symmetric encryption key',
  XksKeyNotFoundException: 'the external key store proxy knows no such key',
  XksProxyIncorrectAuthenticationCredentialException: 'the external key store proxy refused the credential',
  XksProxyInvalidConfigurationException: 'the external key store proxy is not set up as it must be',
  XksProxyInvalidResponseException: 'the external key store proxy answered something that cannot be understood',
  XksProxyUriEndpointInUseException: 'another external key store uses this endpoint in a way that excludes yours',
  XksProxyUriInUseException: 'another external key store uses this endpoint and path',
  XksProxyUriUnreachableException: 'the external key store proxy cannot be reached',
  XksProxyVpcEndpointServiceInUseException: 'another external key store uses this VPC endpoint service',
  XksProxyVpcEndpointServiceInvalidConfigurationException: 'the VPC endpoint service is not set up as it must be',
  XksProxyVpcEndpointServiceNotFoundException: 'there is no such VPC endpoint service, or it may not be used',
};
