/**
 * Computations that take long. A process that answers many callers has other threads do them, so their inputs and outputs
 * can be sent to a thread: flat objects of bytes, key objects and plain data. Bytes that a thread was sent are its own.
 */
import type { KeyObject } from 'node:crypto';
import type { UnwrappedMaterial, WrappedMaterial } from './import-wrapping.ts';
import type { KeyAgreement } from './key-agreement.ts';
import type { KeyPairBytes } from './key-material.ts';
import type { EncryptionAlgorithm, KeyPairKind } from './key-spec.ts';
import type { Signing } from './signature.ts';

export interface Tasks {
  readonly sign: { readonly input: Signing & { readonly key: KeyObject }; readonly output: Uint8Array };
  readonly verify: {
    /** @param key SPKI, DER */
    readonly input: Signing & { readonly key: Uint8Array; readonly signature: Uint8Array };
    readonly output: boolean;
  };
  readonly encrypt: {
    /** @param key SPKI, DER */
    readonly input: {
      readonly key: Uint8Array;
      readonly algorithm: EncryptionAlgorithm;
      readonly plaintext: Uint8Array;
    };
    readonly output: Uint8Array;
  };
  readonly decrypt: {
    readonly input: {
      readonly key: KeyObject;
      readonly algorithm: EncryptionAlgorithm;
      readonly ciphertext: Uint8Array;
    };
    readonly output: Uint8Array | undefined;
  };
  readonly deriveSharedSecret: { readonly input: KeyAgreement; readonly output: Uint8Array | undefined };
  readonly unwrapKeyMaterial: { readonly input: WrappedMaterial; readonly output: UnwrappedMaterial };
  readonly generateKeyPair: { readonly input: KeyPairKind; readonly output: KeyPairBytes };
}

export type TaskName = keyof Tasks;

/** In this thread, or in another one. */
export type Compute = <N extends TaskName>(name: N, input: Tasks[N]['input']) => Promise<Tasks[N]['output']>;

const TASKS: { readonly [N in TaskName]: (input: Tasks[N]['input']) => Promise<Tasks[N]['output']> } = {
  sign: async ({ key, ...signing }) => (await import('./signature.ts')).sign(key, signing),
  verify: async ({ key, signature, ...signing }) => (await import('./signature.ts')).verify(key, signing, signature),
  encrypt: async ({ key, algorithm, plaintext }) =>
    (await import('./asymmetric-encryption.ts')).encryptAsymmetric(key, algorithm, plaintext),
  decrypt: async ({ key, algorithm, ciphertext }) =>
    (await import('./asymmetric-encryption.ts')).decryptAsymmetric(key, algorithm, ciphertext),
  deriveSharedSecret: async (agreement) => (await import('./key-agreement.ts')).deriveSharedSecret(agreement),
  unwrapKeyMaterial: async (wrapped) => (await import('./import-wrapping.ts')).unwrapKeyMaterial(wrapped),
  generateKeyPair: async (kind) => (await import('./key-material.ts')).generateKeyPairBytes(kind),
};

/** In this thread. */
export const computeHere: Compute = async (name, input) => TASKS[name](input);
