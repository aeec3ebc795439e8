/** Every operation of these families with a key that it takes and an input that it answers: rows for what holds for all. */
import type { KeySpecName, KeyUsage } from '../../../src/model/enumeration.ts';
import { bytes, bytesOf, type Key } from './keys.ts';

export interface CallRow {
  readonly operation: string;
  readonly spec: KeySpecName;
  readonly usage: KeyUsage;
  /** What the input needs of the key itself: a ciphertext, a signature, a peer. */
  readonly input: (key: Key) => Promise<object> | object;
  /** requestParameters of the event, beside keyId. */
  readonly logged: object;
}

const MESSAGE = Uint8Array.from(Buffer.from('the message that nobody may find in the log'));

const signing = { Message: MESSAGE, SigningAlgorithm: 'ECDSA_SHA_256' } as const;
const macking = { Message: MESSAGE, MacAlgorithm: 'HMAC_SHA_256' } as const;
const kem = { EncapsulationAlgorithm: 'ML_KEM' } as const;
const oaep = { EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' } as const;
const pair = { KeyPairSpec: 'ECC_NIST_P256', EncryptionContext: { stage: 'test' } } as const;
const pairLogged = { keyPairSpec: 'ECC_NIST_P256', encryptionContext: { stage: 'test' } };

export const CALLS: readonly CallRow[] = [
  {
    operation: 'Encrypt',
    spec: 'RSA_2048',
    usage: 'ENCRYPT_DECRYPT',
    input: () => ({ Plaintext: MESSAGE, ...oaep }),
    logged: { encryptionAlgorithm: 'RSAES_OAEP_SHA_256' },
  },
  {
    operation: 'Decrypt',
    spec: 'RSA_2048',
    usage: 'ENCRYPT_DECRYPT',
    input: async (key) => ({
      CiphertextBlob: bytesOf(await key.call('Encrypt', { Plaintext: MESSAGE, ...oaep }), 'CiphertextBlob'),
      ...oaep,
    }),
    logged: { encryptionAlgorithm: 'RSAES_OAEP_SHA_256' },
  },
  {
    operation: 'GenerateDataKeyPair',
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    input: () => pair,
    logged: pairLogged,
  },
  {
    operation: 'GenerateDataKeyPairWithoutPlaintext',
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    input: () => pair,
    logged: pairLogged,
  },
  {
    operation: 'Sign',
    spec: 'ECC_NIST_P256',
    usage: 'SIGN_VERIFY',
    input: () => signing,
    logged: { messageType: 'RAW', signingAlgorithm: 'ECDSA_SHA_256' },
  },
  {
    operation: 'Verify',
    spec: 'ECC_NIST_P256',
    usage: 'SIGN_VERIFY',
    input: async (key) => ({ ...signing, Signature: bytesOf(await key.call('Sign', signing), 'Signature') }),
    logged: { messageType: 'RAW', signingAlgorithm: 'ECDSA_SHA_256' },
  },
  {
    operation: 'GenerateMac',
    spec: 'HMAC_256',
    usage: 'GENERATE_VERIFY_MAC',
    input: () => macking,
    logged: { macAlgorithm: 'HMAC_SHA_256' },
  },
  {
    operation: 'VerifyMac',
    spec: 'HMAC_256',
    usage: 'GENERATE_VERIFY_MAC',
    input: async (key) => ({ ...macking, Mac: bytesOf(await key.call('GenerateMac', macking), 'Mac') }),
    logged: { macAlgorithm: 'HMAC_SHA_256' },
  },
  {
    operation: 'DeriveSharedSecret',
    spec: 'ECC_NIST_P256',
    usage: 'KEY_AGREEMENT',
    input: async (key) => ({
      KeyAgreementAlgorithm: 'ECDH',
      PublicKey: bytesOf(await key.call('GetPublicKey'), 'PublicKey'),
    }),
    logged: { keyAgreementAlgorithm: 'ECDH' },
  },
  {
    operation: 'Encapsulate',
    spec: 'ML_KEM_768',
    usage: 'ENCAPSULATE_DECAPSULATE',
    input: () => kem,
    logged: { encapsulationAlgorithm: 'ML_KEM' },
  },
  {
    operation: 'Decapsulate',
    spec: 'ML_KEM_768',
    usage: 'ENCAPSULATE_DECAPSULATE',
    input: () => ({ ...kem, SharedSecretCiphertextBlob: bytes(1088) }),
    logged: { encapsulationAlgorithm: 'ML_KEM' },
  },
];
