/** Encryption and decryption under a KMS key of usage ENCRYPT_DECRYPT: a ciphertext blob, or the ciphertext of a key pair. */
import { KmsError } from '../../model/error.ts';
import { backingKeyId, decryptBlob, encryptBlob, parseBlob } from '../../crypto/ciphertext-blob.ts';
import type { EncryptionContext } from '../../crypto/encryption-context.ts';
import { algorithmOf, isSlow, KEY_SPECS, type EncryptionAlgorithm } from '../../crypto/key-spec.ts';
import type { RandomBytes } from '../../crypto/seal.ts';
import { computeHere } from '../../crypto/task.ts';
import { currentSecret, type KmsKey } from '../../keyring/kms-key.ts';
import type { Step } from '../row/operation.ts';
import { placeOf } from '../row/step-place.ts';
import { invalidCiphertext } from './invalid-ciphertext.ts';
import type { Decrypted, CipherKey } from './cipher-key.ts';

export const SYMMETRIC = 'SYMMETRIC_DEFAULT';

/** Encrypts under the current backing key. */
export function encryptUnder(
  key: KmsKey,
  { data, context }: { data: Uint8Array; context: EncryptionContext | undefined },
  random: RandomBytes,
): Uint8Array {
  const current = key.backingKeys.at(-1)!;
  const header = { account: key.account, keyId: key.keyId, backingKeyId: backingKeyId(current.id) };
  return encryptBlob(data, header, { key: currentSecret(key), context }, random);
}

/** Decrypts with the backing key that the blob names; every failure is the same error. */
export function decryptUnder(
  key: KmsKey,
  { data, context }: { readonly data: Uint8Array; readonly context: EncryptionContext | undefined },
): Decrypted {
  const header = parseBlob(data);
  const backing = key.backingKeys.find(({ id }) => backingKeyId(id) === header?.backingKeyId);
  const plaintext = header?.suite === 'kms' && backing?.secret && decryptBlob(data, { key: backing.secret, context });
  if (!plaintext) throw invalidCiphertext();
  return { plaintext, materialId: backing.id };
}

/** One side of a call: what is encrypted or decrypted, and how. */
interface Side {
  readonly algorithm: string;
  readonly data: Uint8Array;
  readonly context: EncryptionContext | undefined;
}

export const isSymmetric = ({ spec }: KmsKey): boolean => KEY_SPECS[spec].type === 'symmetric';

/** Absent from answers about keys of custom key stores (API reference, KeyMaterialId). */
export const materialIdOf = ({ customKeyStoreId, backingKeys }: KmsKey): string | undefined =>
  customKeyStoreId === undefined ? backingKeys.at(-1)!.id : undefined;

/** The ciphertext of a key pair has the format of the algorithm, so it can be created and opened elsewhere. */
export async function encryptWith(key: KmsKey, side: Side, random: RandomBytes): Promise<Uint8Array> {
  if (isSymmetric(key)) return encryptUnder(key, side, random);
  return computeHere('encrypt', encryptionOf(key, side));
}

const encryptionOf = (key: KmsKey, { algorithm, data: plaintext }: Pick<Side, 'algorithm' | 'data'>) => ({
  key: key.backingKeys.at(-1)!.publicKey!,
  algorithm: algorithmOf(KEY_SPECS[key.spec], 'ENCRYPT_DECRYPT', algorithm),
  plaintext,
});

/** undefined: the work is so small that run() does it. */
export type MaybeStep<D> = Step<D> | Promise<Step<D>> | undefined;

/** Few keys are in custom key stores. */
const keyStoreCipher = (): Promise<typeof import('./key-store-cipher.ts')> => import('./key-store-cipher.ts');

/** Encryption with a key pair, or in a custom key store, as a step; undefined: with symmetric key material of KMS. */
export function encryptionStep(use: CipherKey, side: Side): MaybeStep<Uint8Array> {
  const { key, keyStore } = use.target;
  if (keyStore) return keyStoreCipher().then(({ encryptionInKeyStore }) => encryptionInKeyStore(use, side));
  const { keyPair } = KEY_SPECS[key.spec];
  return (
    keyPair && {
      place: placeOf(keyPair.type !== 'rsa' && isSlow(keyPair)),
      basis: [currentSecret(key)],
      work: ({ compute }) => compute('encrypt', encryptionOf(key, side)),
    }
  );
}

/** Decryption with a key pair, or in a custom key store, as a step; undefined: with symmetric key material of KMS. */
export function decryptionStep(
  use: CipherKey,
  { algorithm, data, context }: Omit<Side, 'data'> & { readonly data: Uint8Array | undefined },
): MaybeStep<Decrypted> {
  if (!data) return undefined;
  const { key, keyStore } = use.target;
  if (keyStore)
    return keyStoreCipher().then(({ decryptionInKeyStore }) => decryptionInKeyStore(use, { data, context }));
  const { keyPair } = KEY_SPECS[key.spec];
  if (!keyPair) return undefined;
  const material = currentSecret(key);
  const row = algorithmOf(KEY_SPECS[key.spec], 'ENCRYPT_DECRYPT', algorithm);
  return {
    place: placeOf(isSlow(keyPair)),
    basis: [material],
    async work({ compute }) {
      // most calls are made with symmetric keys
      const { privateKeyObject } = await import('../../crypto/key-object.ts');
      const input = { key: privateKeyObject(material), algorithm: row, ciphertext: data };
      const plaintext = await compute('decrypt', input);
      if (!plaintext) throw invalidCiphertext();
      return { plaintext };
    },
  };
}

/** The row of the algorithm, where it fits the key; with a key pair there is no encryption context. */
export function fittingAlgorithm(
  key: KmsKey,
  { algorithm, context }: { readonly algorithm: string; readonly context: EncryptionContext | undefined },
): EncryptionAlgorithm {
  const spec = KEY_SPECS[key.spec];
  const row = algorithmOf(spec, 'ENCRYPT_DECRYPT', algorithm);
  if (!isSymmetric(key) && context && Object.keys(context).length > 0) {
    const text = 'EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.';
    throw new KmsError('ValidationException', text);
  }
  return row;
}

/** Nothing that a key pair made is of the default algorithm; the service calls that a ciphertext that is not valid. */
export function checkDecryption(
  key: KmsKey,
  side: {
    readonly algorithm: string;
    readonly data: Uint8Array | undefined;
    readonly context: EncryptionContext | undefined;
  },
): void {
  if (!isSymmetric(key) && side.algorithm === SYMMETRIC) throw invalidCiphertext();
  fittingAlgorithm(key, side);
  if (isSymmetric(key) && side.data && !parseBlob(side.data)) throw invalidCiphertext();
}

/**
 * A named key must be the one that made the ciphertext, of whatever usage and spec it is. That of a key pair does not
 * say which one did, and a key pair that decrypts finds one of ours invalid.
 */
export function requireSourceKey(
  key: KmsKey,
  { algorithm = SYMMETRIC, data }: { readonly algorithm: string | undefined; readonly data: Uint8Array | undefined },
): void {
  const header = algorithm === SYMMETRIC && data ? parseBlob(data) : undefined;
  if (!header || (header.keyId === key.keyId && header.account === key.account)) return;
  if (KEY_SPECS[key.spec].type === 'asymmetric' && key.usage === 'ENCRYPT_DECRYPT') return;
  throw new KmsError(
    'IncorrectKeyException',
    'The key ID in the request does not identify a CMK that can perform this operation.',
  );
}
