/**
 * Encryption under keys of custom key stores, as steps that reach outside. In a CloudHSM key store the cluster does it, and
 * the key material never leaves it. In an external key store it is done twice: here with the KMS key's own material, then
 * by the proxy with the external key, so that neither side alone can decrypt (AWS KMS Developer Guide, External key stores).
 */
import { createHash } from 'node:crypto';
import {
  aadOf,
  backingKeyId,
  blobParts,
  headerBytes,
  parseBlob,
  type BlobSuite,
} from '../../crypto/ciphertext-blob.ts';
import { concat } from '../../crypto/bytes.ts';
import type { EncryptionContext } from '../../crypto/encryption-context.ts';
import { open, seal } from '../../crypto/seal.ts';
import type { Secret } from '../../crypto/secret.ts';
import type { XksKeyUseMetadata } from '../../key-managers/xks/xks.ts';
import type { ExternalKeyStore } from '../../keyring/key-store.ts';
import { currentSecret, type KmsKey } from '../../keyring/kms-key.ts';
import { KmsError } from '../../model/error.ts';
import { addressOf } from '../key-stores/proxy-health.ts';
import { refusedAs } from '../key-stores/refused.ts';
import type { Step, StepTools } from '../row/operation.ts';
import type { Decrypted, CipherKey } from './cipher-key.ts';
import { invalidCiphertext } from './invalid-ciphertext.ts';

/** What the work depends on: which key of which key store, and how it is reached. */
export function basisOf({ target: { key, keyStore } }: CipherKey): readonly (Secret | string)[] {
  if (!keyStore) throw noSuchKeyStore(key);
  const { id, secret } = keyStore;
  if (keyStore.type === 'AWS_CLOUDHSM') return [id, key.keyId, secret, keyStore.clusterId];
  return [id, key.keyId, secret, JSON.stringify(keyStore.proxy), key.externalKeyId!, currentSecret(key)];
}

const noSuchKeyStore = ({ keyId }: KmsKey): Error => new Error(`key ${keyId} is in no such custom key store`);

export interface CipherInput {
  readonly data: Uint8Array;
  readonly context: EncryptionContext | undefined;
}

/** The step of a call that only encrypts. */
export const encryptionInKeyStore = (stored: CipherKey, side: CipherInput): Step<Uint8Array> => ({
  place: 'outside',
  basis: basisOf(stored),
  work: (tools) => encryptInKeyStore(stored, side, tools),
});

export function encryptInKeyStore(stored: CipherKey, side: CipherInput, tools: StepTools): Promise<Uint8Array> {
  return stored.target.keyStore?.type === 'AWS_CLOUDHSM'
    ? encryptInCluster(stored, side, tools)
    : encryptBehindProxy(stored, side, tools);
}

/** The step of a call that only decrypts. */
export const decryptionInKeyStore = (stored: CipherKey, side: CipherInput): Step<Decrypted> => ({
  place: 'outside',
  basis: basisOf(stored),
  work: async (tools) => ({ plaintext: await decryptInKeyStore(stored, side, tools) }),
});

/** @throws InvalidCiphertextException */
function decryptInKeyStore(stored: CipherKey, side: CipherInput, tools: StepTools): Promise<Uint8Array> {
  return stored.target.keyStore?.type === 'AWS_CLOUDHSM'
    ? decryptInCluster(stored, side, tools)
    : decryptBehindProxy(stored, side, tools);
}

/** Keys in a cluster have no key material ID. */
const NO_BACKING_KEY = '0'.repeat(32);

const headerOf = ({ account, keyId, backingKeys }: KmsKey, suite: BlobSuite): Uint8Array => {
  const current = backingKeys.at(-1);
  const backing = current ? backingKeyId(current.id) : NO_BACKING_KEY;
  return headerBytes({ account, keyId, backingKeyId: backing, suite });
};

/** @throws InvalidCiphertextException */
function bodyOf(blob: Uint8Array, suite: BlobSuite) {
  if (parseBlob(blob)?.suite !== suite) throw invalidCiphertext();
  return blobParts(blob);
}

function clusterKey({ target: { key, arn, keyStore } }: CipherKey) {
  if (keyStore?.type !== 'AWS_CLOUDHSM') throw noSuchKeyStore(key);
  return { clusterId: keyStore.clusterId, password: keyStore.secret, label: arn };
}

const IV = 12;
const TAG = 16;

async function encryptInCluster(
  stored: CipherKey,
  { data: plaintext, context }: CipherInput,
  { keyManagers }: StepTools,
): Promise<Uint8Array> {
  const { useError } = await import('../key-stores/hsm-errors.ts');
  const { hsm } = await keyManagers();
  const header = headerOf(stored.target.key, 'cluster');
  const side = { plaintext, aad: aadOf(header, context) };
  const { iv, ciphertext, tag } = await refusedAs(useError, () => hsm.encrypt(clusterKey(stored), side));
  return concat(header, iv, ciphertext, tag);
}

async function decryptInCluster(
  stored: CipherKey,
  { data, context }: CipherInput,
  { keyManagers }: StepTools,
): Promise<Uint8Array> {
  const { useError } = await import('../key-stores/hsm-errors.ts');
  const { header, body } = bodyOf(data, 'cluster');
  const end = body.length - TAG;
  const parts = { iv: body.subarray(0, IV), ciphertext: body.subarray(IV, end), tag: body.subarray(end) };
  const { hsm } = await keyManagers();
  const side = { ...parts, aad: aadOf(header, context) };
  const plaintext = await refusedAs(useError, () => hsm.decrypt(clusterKey(stored), side));
  if (!plaintext) throw invalidCiphertext();
  return plaintext;
}

interface BehindProxy {
  readonly store: ExternalKeyStore;
  readonly externalKeyId: string;
  readonly material: Secret;
  readonly metadata: XksKeyUseMetadata;
}

function behindProxy({ target: { key, arn, keyStore }, call, operation }: CipherKey): BehindProxy {
  if (keyStore?.type !== 'EXTERNAL_KEY_STORE') throw noSuchKeyStore(key);
  const { caller, requestId, route } = call;
  // the proxy is told of the network only if the caller's account has the key (specification, requestMetadata)
  const isOwn = caller.account === key.account;
  return {
    store: keyStore,
    externalKeyId: key.externalKeyId!,
    material: currentSecret(key),
    metadata: {
      awsPrincipalArn: caller.arn,
      awsSourceVpc: isOwn ? route().vpcId : undefined,
      awsSourceVpce: isOwn ? route().vpcEndpointId : undefined,
      kmsKeyArn: arn,
      kmsOperation: operation,
      kmsRequestId: requestId,
      kmsViaService: route().viaService?.split('.')[0],
    },
  };
}

/** The proxy gets no encryption context: a hash of fixed size binds its ciphertext to it, and to the KMS key. */
const proxyAad = (aad: Uint8Array): Uint8Array => createHash('sha384').update(aad).digest();

async function encryptBehindProxy(
  stored: CipherKey,
  { data, context }: CipherInput,
  { keyManagers }: StepTools,
): Promise<Uint8Array> {
  const { useError } = await import('../key-stores/xks-errors.ts');
  const { store, externalKeyId, material, metadata } = behindProxy(stored);
  const header = headerOf(stored.target.key, 'external');
  const aad = aadOf(header, context);
  const plaintext = seal(data, { key: material, kind: 'ciphertext', aad }, stored.call.random);
  const { xks } = await keyManagers();
  const {
    iv,
    tag,
    ciphertext,
    ciphertextMetadata = NOTHING,
  } = await refusedAs(useError, () =>
    xks.encrypt(addressOf(store), externalKeyId, { plaintext, aad: proxyAad(aad), metadata }),
  );
  const lengths = [Uint8Array.of(iv.length), Uint8Array.of(ciphertextMetadata.length)] as const;
  return concat(header, lengths[0], iv, lengths[1], ciphertextMetadata, tag, ciphertext);
}

const NOTHING = new Uint8Array();

async function decryptBehindProxy(
  stored: CipherKey,
  { data, context }: CipherInput,
  { keyManagers }: StepTools,
): Promise<Uint8Array> {
  const { useError } = await import('../key-stores/xks-errors.ts');
  const { header, body } = bodyOf(data, 'external');
  const outer = outerParts(body);
  if (!outer) throw invalidCiphertext();
  const { store, externalKeyId, material, metadata } = behindProxy(stored);
  const aad = aadOf(header, context);
  const { xks } = await keyManagers();
  const request = { ...outer, aad: proxyAad(aad), metadata };
  const sealed = await refusedAs(useError, () => xks.decrypt(addressOf(store), externalKeyId, request));
  const plaintext = open(sealed, { key: material, kind: 'ciphertext', aad });
  if (plaintext) return plaintext;
  throw new KmsError(
    'KMSInvalidStateException',
    'The ciphertext that the external key store proxy submitted for decryption, or the encryption context, is corrupted, missing, or otherwise invalid.',
  );
}

/** undefined: it is cut off. */
function outerParts(body: Uint8Array) {
  let at = 0;
  const take = (length: number): Uint8Array => body.subarray(at, (at += length));
  const iv = take(take(1)[0]!);
  const metadata = take(take(1)[0] ?? 0);
  const tag = take(TAG);
  const ciphertext = take(body.length - at);
  if (at !== body.length || tag.length !== TAG || (iv.length !== 12 && iv.length !== 16)) return undefined;
  return { iv, tag, ciphertext, ciphertextMetadata: metadata.length > 0 ? metadata : undefined };
}
