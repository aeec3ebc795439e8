/**
 * Computations that take long. A process that answers many callers has other threads do them, so their inputs and outputs
 * can be sent to a thread: flat objects of bytes, key objects and plain data. Bytes that a thread was sent are its own.
 */
import type { KeyObject } from 'node:crypto';
import type { KeyPairBytes } from './key-material.ts';
import type { KeyPairKind } from './key-spec.ts';
import type { Signing } from './signature.ts';

export interface Tasks {
  readonly sign: { readonly input: Signing & { readonly key: KeyObject }; readonly output: Uint8Array };
  readonly verify: {
    /** @param key SPKI, DER */
    readonly input: Signing & { readonly key: Uint8Array; readonly signature: Uint8Array };
    readonly output: boolean;
  };
  readonly generateKeyPair: { readonly input: KeyPairKind; readonly output: KeyPairBytes };
}

export type TaskName = keyof Tasks;

/** In this thread, or in another one. */
export type Compute = <N extends TaskName>(name: N, input: Tasks[N]['input']) => Promise<Tasks[N]['output']>;

const TASKS: { readonly [N in TaskName]: (input: Tasks[N]['input']) => Promise<Tasks[N]['output']> } = {
  sign: async ({ key, ...signing }) => (await import('./signature.ts')).sign(key, signing),
  verify: async ({ key, signature, ...signing }) => (await import('./signature.ts')).verify(key, signing, signature),
  generateKeyPair: async (kind) => (await import('./key-material.ts')).generateKeyPairBytes(kind),
};

/** In this thread. */
export const computeHere: Compute = async (name, input) => TASKS[name](input);
