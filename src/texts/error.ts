/** The meaning of each modeled error in one line; help prints it beside the name. */

/** Errors that every operation can return although the model does not declare them. */
export const COMMON_ERRORS: readonly string[] = ['AccessDeniedException', 'ValidationException'];

export const ERROR_MEANINGS: { readonly [name: string]: string } = {
  AccessDeniedException: 'no policy or grant allows the caller to do this, or one denies it',
  AlreadyExistsException: 'a resource with that name already exists',
  CloudHsmClusterInUseException:
    'the CloudHSM cluster is associated with another custom key store, or shares a backup history with one that is',
  CloudHsmClusterInvalidConfigurationException:
    'the CloudHSM cluster does not meet the requirements for HSMs, subnets or security group rules',
  CloudHsmClusterNotActiveException: 'the CloudHSM cluster is not active',
  CloudHsmClusterNotFoundException: 'the CloudHSM cluster does not exist in the account and Region',
  CloudHsmClusterNotRelatedException: 'the CloudHSM cluster does not share a backup history with the current one',
  ConflictException: 'an earlier request of the same kind is in progress',
  CustomKeyStoreHasCMKsException: 'the custom key store contains KMS keys',
  CustomKeyStoreInvalidStateException: 'the operation is not valid for the connection state of the custom key store',
  CustomKeyStoreNameInUseException: 'another custom key store has the same name',
  CustomKeyStoreNotFoundException: 'the custom key store does not exist in the account and Region',
  DependencyTimeoutException: 'a dependency did not respond in time; does not occur offline',
  DisabledException: 'the KMS key is disabled',
  DryRunOperationException: 'the call would have succeeded, but --dry-run was given',
  ExpiredImportTokenException: 'the import token is older than 24 hours',
  IncorrectKeyException: 'the ciphertext was not encrypted under the specified key',
  IncorrectKeyMaterialException:
    'the key material differs from the material imported before, or from the expected key material ID',
  IncorrectTrustAnchorException: 'the trust anchor certificate does not match the CloudHSM cluster',
  InvalidAliasNameException: 'the alias name is not valid',
  InvalidArnException: 'the ARN is not valid, or does not identify a valid resource for the operation',
  InvalidCiphertextException: 'the ciphertext is corrupt or not valid, or the encryption context does not match',
  InvalidGrantIdException: 'the grant ID is not valid',
  InvalidGrantTokenException: 'a grant token is not valid',
  InvalidImportTokenException: 'the import token is not valid, or belongs to another KMS key',
  InvalidKeyUsageException: 'the key usage or key spec is not compatible with the operation or algorithm',
  InvalidMarkerException: 'the marker is not a NextMarker of an earlier response',
  KMSInternalException: 'an internal error',
  KMSInvalidMacException: 'the MAC does not match the message and key',
  KMSInvalidSignatureException: 'the signature does not match the message and key',
  KMSInvalidStateException: 'the operation is not valid for the key state',
  KeyUnavailableException: 'the key is temporarily not available; does not occur offline',
  LimitExceededException: 'a quota is exceeded',
  MalformedPolicyDocumentException: 'the policy is not valid, or would prevent the caller from changing it',
  NotFoundException: 'the key, alias, grant or policy does not exist',
  TagException: 'tags are not valid, duplicated, reserved or too many',
  UnsupportedOperationException: 'the operation does not support this kind of key, or this parameter',
  ValidationException: 'parameters are missing, malformed, out of range, or cannot be combined',
  XksKeyAlreadyInUseException: 'the external key is already associated with another KMS key',
  XksKeyInvalidConfigurationException: 'the external key is not an enabled 256-bit symmetric encryption key',
  XksKeyNotFoundException: 'the external key store proxy does not find the external key',
  XksProxyIncorrectAuthenticationCredentialException:
    'the external key store proxy rejected the authentication credential',
  XksProxyInvalidConfigurationException: 'the external key store proxy does not meet the configuration requirements',
  XksProxyInvalidResponseException: 'the response of the external key store proxy cannot be interpreted',
  XksProxyUriEndpointInUseException: 'another external key store uses this endpoint, and it cannot be shared',
  XksProxyUriInUseException: 'another external key store uses this endpoint and path',
  XksProxyUriUnreachableException: 'the endpoint of the external key store proxy cannot be reached',
  XksProxyVpcEndpointServiceInUseException: 'another external key store uses this VPC endpoint service',
  XksProxyVpcEndpointServiceInvalidConfigurationException:
    'the VPC endpoint service does not meet the configuration requirements',
  XksProxyVpcEndpointServiceNotFoundException:
    'the VPC endpoint service does not exist, or access to it is not allowed',
};
