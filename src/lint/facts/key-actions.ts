/** Which actions have an effect on which kind of key. */

/** The known properties of the key that a policy belongs to. */
export interface KeyKindFacts {
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly spec: string;
  readonly usage: string;
  readonly origin: string;
  readonly multiRegion: boolean;
}

interface KeyActionRow {
  readonly actions: readonly string[];
  readonly wanted: string;
  readonly fits: (key: KeyKindFacts) => boolean;
}

const row = (actions: string, wanted: string, fits: KeyActionRow['fits']): KeyActionRow => ({
  actions: actions.split(' '),
  wanted,
  fits,
});
const usage = (name: string) => (key: KeyKindFacts) => key.usage === name;
export const isSymmetric = (key: KeyKindFacts): boolean => key.spec === 'SYMMETRIC_DEFAULT';

const ROWS: readonly KeyActionRow[] = [
  row('Encrypt Decrypt ReEncryptFrom ReEncryptTo', 'keys with key usage ENCRYPT_DECRYPT', usage('ENCRYPT_DECRYPT')),
  row(
    'GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext',
    'symmetric encryption keys',
    isSymmetric,
  ),
  row('Sign Verify', 'keys with key usage SIGN_VERIFY', usage('SIGN_VERIFY')),
  row('GenerateMac VerifyMac', 'HMAC keys', usage('GENERATE_VERIFY_MAC')),
  row('DeriveSharedSecret', 'keys with key usage KEY_AGREEMENT', usage('KEY_AGREEMENT')),
  row('Encapsulate Decapsulate', 'keys with key usage ENCAPSULATE_DECAPSULATE', usage('ENCAPSULATE_DECAPSULATE')),
  row('GetPublicKey', 'asymmetric keys', (key) => !isSymmetric(key) && !key.spec.startsWith('HMAC_')),
  row(
    'EnableKeyRotation DisableKeyRotation',
    'symmetric encryption keys with origin AWS_KMS',
    (key) => isSymmetric(key) && key.origin === 'AWS_KMS',
  ),
  row('RotateKeyOnDemand', 'symmetric encryption keys', isSymmetric),
  row(
    'ImportKeyMaterial GetParametersForImport DeleteImportedKeyMaterial',
    'keys with origin EXTERNAL',
    (key) => key.origin === 'EXTERNAL',
  ),
  row('ReplicateKey UpdatePrimaryRegion', 'multi-Region keys', (key) => key.multiRegion),
];

/** @returns what keys the action is for, if this key is none of them */
export const unfit = (action: string, key: KeyKindFacts): string | undefined =>
  ROWS.find(({ actions, fits }) => actions.includes(action) && !fits(key))?.wanted;
