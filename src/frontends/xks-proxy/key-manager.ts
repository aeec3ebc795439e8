/** What holds the external keys of a proxy: a keyring, or a token. */
import type { ExternalCiphertext } from '../../crypto/external-ciphertext.ts';
import type { Connection } from '../../pipeline/authorize.ts';
import type { HealthStatus } from './health-check.ts';

export type ExternalKeyUsage = 'ENCRYPT' | 'DECRYPT';

/** An external key, as the map has it. */
export interface ExternalKey {
  readonly externalKeyId: string;
  /** In the key manager: the ID, ARN or alias of a KMS key; the label of a key of a token. */
  readonly key: string;
  readonly usage: ReadonlySet<ExternalKeyUsage>;
}

/** Where a request comes from. */
export interface RequestOrigin {
  readonly requestId: string;
  readonly sourceIp: string;
  readonly connection: Connection;
}

/** About the call to KMS, for the records of the key manager. */
export interface KeyUseOrigin extends RequestOrigin {
  readonly awsPrincipalArn: string;
  readonly kmsOperation: string;
  readonly kmsRequestId: string;
  readonly kmsKeyArn: string;
}

export interface ExternalKeyMetadata {
  readonly keySpec: string;
  readonly keyStatus: 'ENABLED' | 'DISABLED';
}

export interface KeyManagerHealth {
  readonly id: string;
  readonly model: string;
  readonly healthStatus: HealthStatus;
}

/** @throws XksRefusal, and what refusalOf() translates */
export interface KeyManager {
  health(request: RequestOrigin): Promise<KeyManagerHealth>;
  describe(key: ExternalKey, request: RequestOrigin): Promise<ExternalKeyMetadata>;
  encrypt(
    key: ExternalKey,
    input: { readonly plaintext: Uint8Array; readonly aad: Uint8Array },
    request: KeyUseOrigin,
  ): Promise<ExternalCiphertext>;
  /**
   * Encrypts, and decrypts what it has encrypted.
   * @param made is called in between
   * @returns what was decrypted
   */
  encryptAndDecrypt(
    key: ExternalKey,
    input: { readonly plaintext: Uint8Array; readonly aad: Uint8Array },
    request: KeyUseOrigin,
    made: (ciphertext: ExternalCiphertext) => void,
  ): Promise<Uint8Array>;
  /** @throws InvalidCiphertextException for all that encrypt() has not given for this key and AAD */
  decrypt(
    key: ExternalKey,
    input: ExternalCiphertext & { readonly aad: Uint8Array },
    request: KeyUseOrigin,
  ): Promise<Uint8Array>;
}
