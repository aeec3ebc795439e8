/** The port to the hardware security modules (HSMs) of AWS CloudHSM clusters. Implementations do not know key stores or KMS keys. */
import type { Secret } from '../../crypto/secret.ts';

/** Those of the values of ConnectionErrorCode that a token can tell, and four that calls of operations get. */
export type HsmErrorCode =
  /** The operator has none for the cluster. */
  | 'NO_ENTRY'
  | 'CLUSTER_NOT_FOUND'
  | 'INSUFFICIENT_CLOUDHSM_HSMS'
  | 'INCORRECT_TRUST_ANCHOR'
  | 'INVALID_CREDENTIALS'
  | 'USER_LOCKED_OUT'
  | 'USER_LOGGED_IN'
  | 'USER_NOT_FOUND'
  | 'NETWORK_ERRORS'
  | 'KEY_NOT_FOUND'
  | 'NO_FREE_SESSION'
  /** No cluster is asked for this keyring. */
  | 'NOT_TRUSTED'
  | 'INTERNAL_ERROR';

/** Its message is for the operator; it has no secrets. */
export class HsmError extends Error {
  override readonly name = 'HsmError';
  readonly code: HsmErrorCode;
  constructor(code: HsmErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** kmsuser of a cluster. */
export interface HsmUser {
  readonly clusterId: string;
  readonly password: Secret;
}

/** A key of this user, by its label. */
export interface HsmKey extends HsmUser {
  /** The ARN of the KMS key. */
  readonly label: string;
}

/** A result of AES-256-GCM. */
export interface HsmCiphertext {
  /** 12 bytes. */
  readonly iv: Uint8Array;
  /** As long as the plaintext. */
  readonly ciphertext: Uint8Array;
  /** 16 bytes. */
  readonly tag: Uint8Array;
}

/** A key in a cluster, as events name it. */
export interface BackingKeyName {
  readonly keyHandle: string;
  readonly backingKeyId: string;
}

/** Everything throws HsmError. */
export interface Hsm {
  /** The operator has an entry for the cluster, its trust anchor, if it has one, is this one, and an HSM is there. */
  checkCluster(clusterId: string, trustAnchorCertificate: string): Promise<void>;
  /**
   * Logs in with the first of the passwords that is right, and changes it to `next`. After a crash at any point, the same
   * call with `next` added to the passwords succeeds. No password is tried twice.
   * @returns the password that is right from now on: `next`, or the one that was right, where the library of the cluster has
   * no function that changes it
   */
  connect(clusterId: string, passwords: readonly Secret[], next: Secret): Promise<Secret>;
  /** Logs out and closes the sessions. */
  disconnect(clusterId: string): Promise<void>;
  /** Makes a key with this label, which must not exist yet. */
  createKey(key: HsmKey): Promise<BackingKeyName>;
  encrypt(key: HsmKey, side: { readonly plaintext: Uint8Array; readonly aad: Uint8Array }): Promise<HsmCiphertext>;
  /** undefined: not a ciphertext of this key and AAD. */
  decrypt(key: HsmKey, side: HsmCiphertext & { readonly aad: Uint8Array }): Promise<Uint8Array | undefined>;
  random(user: HsmUser, size: number): Promise<Uint8Array>;
  /** All keys with the label. */
  findKeys(key: HsmKey): Promise<readonly BackingKeyName[]>;
  /** All keys with the label; none is not an error. */
  destroyKeys(key: HsmKey): Promise<void>;
  /** Ends what runs for it; nothing can be called afterwards. */
  close(): Promise<void>;
}
