import { expect, test } from 'vitest';
import { CryptoError, type CryptoFailure } from '../../src/crypto/crypto-error.ts';
import { refusalOf } from '../../src/operations/row/crypto-refusal.ts';

const spec = 'RSA_2048';
const rows: { readonly [C in CryptoFailure['code']]: readonly [Extract<CryptoFailure, { code: C }>, string, string] } =
  {
    'spec-not-in-region': [
      { code: 'spec-not-in-region', spec: 'SM2', member: 'KeySpec' },
      'UnsupportedOperationException',
      'KeySpec SM2 is not supported in this Region',
    ],
    'algorithm-of-other-spec': [
      { code: 'algorithm-of-other-spec', spec, algorithm: 'SYMMETRIC_DEFAULT' },
      'InvalidKeyUsageException',
      'Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.',
    ],
    'plaintext-too-long': [
      { code: 'plaintext-too-long', spec, algorithm: 'RSAES_OAEP_SHA_1', max: 214 },
      'ValidationException',
      'Algorithm RSAES_OAEP_SHA_1 and key spec RSA_2048 cannot encrypt data larger than 214 bytes.',
    ],
    'message-type-of-other-spec': [
      { code: 'message-type-of-other-spec', spec, messageType: 'EXTERNAL_MU' },
      'ValidationException',
      'Message type EXTERNAL_MU is incompatible with key spec RSA_2048.',
    ],
    'message-type-of-other-algorithm': [
      { code: 'message-type-of-other-algorithm', algorithm: 'ED25519_SHA_512', messageType: 'DIGEST' },
      'ValidationException',
      'Message type DIGEST is incompatible with algorithm ED25519_SHA_512.',
    ],
    'digest-length': [
      { code: 'digest-length', algorithm: 'SM2DSA' },
      'ValidationException',
      'Digest is invalid length for algorithm SM2DSA.',
    ],
    'context-not-unicode': [
      { code: 'context-not-unicode' },
      'ValidationException',
      'EncryptionContext must be well-formed Unicode',
    ],
    'context-too-large': [
      { code: 'context-too-large' },
      'ValidationException',
      'EncryptionContext is too large: at most 65535 pairs of 65535 bytes each',
    ],
    'wrapping-not-offered': [
      {
        code: 'wrapping-not-offered',
        spec: 'ECC_NIST_P521',
        wrappingAlgorithm: 'RSAES_OAEP_SHA_256',
        wrappingKeySpec: spec,
      },
      'UnsupportedOperationException',
      'Wrapping algorithm RSAES_OAEP_SHA_256 with wrapping key spec RSA_2048 is not supported for key spec ECC_NIST_P521.',
    ],
    'not-a-peer-key': [{ code: 'not-a-peer-key' }, 'ValidationException', ''],
  };

test.each(Object.entries(rows))('%s', (_, [failure, code, message]) => {
  expect(refusalOf(new CryptoError(failure))).toMatchObject({ code, message });
});
