/** Errors that operations share, as the model of AWS KMS names them. */

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
