/** Fields that all cryptographic operations with a KMS key have: spread into their rows. */
export const cryptographic = {
  access: 'read',
  state: 'use',
  dryRun: 'DryRun',
  grantTokens: 'GrantTokens',
} as const;
