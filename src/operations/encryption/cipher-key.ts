/** What encryption and decryption are asked of, and what a decryption gives. */
import type { Call, KeyTarget } from '../row/operation.ts';

/** The key that a call encrypts or decrypts with. */
export interface CipherKey {
  readonly target: KeyTarget;
  readonly call: Call<unknown>;
  /** The name of the operation. */
  readonly operation: string;
}

export interface Decrypted {
  readonly plaintext: Uint8Array;
  /** Only of symmetric keys whose key material is in KMS. */
  readonly materialId?: string;
}
