/**
 * The ciphertext blob of symmetric Encrypt and of data keys (docs/formats.md has a worked example):
 *
 *     "KMS" 3 | version 1 | suite 1 | account 6 | key ID kind 1 | key ID 16 | backing key ID 16 | sealed (see seal.ts)
 *
 * It names its key, so Decrypt needs none; the header and the encryption context are authenticated with the plaintext.
 * Any malformed or altered blob gives `undefined`, without a reason.
 */
import { open, sealInto, SEAL_OVERHEAD, type RandomBytes } from './seal.ts';
import type { Secret } from './secret.ts';
import { fromHex, hex, readUint, uint } from './bytes.ts';
import { uuidText } from './uuid.ts';
import { encryptionContextBytes, type EncryptionContext } from './encryption-context.ts';

const MAGIC = [0x4b, 0x4d, 0x53]; // "KMS"
const VERSION = 1;
/** Suite 1: KBKDF counter HMAC-SHA-256, AES-256-GCM. */
const SUITE = 1;
const HEADER = 3 + 1 + 1 + 6 + 1 + 16 + 16;
const BEGINNING = [...MAGIC, VERSION, SUITE];
/** How the 16 bytes are written as a key ID. */
const KINDS = [
  { prefix: '', text: uuidText },
  { prefix: 'mrk-', text: hex },
] as const;

export interface BlobHeader {
  readonly account: string;
  readonly keyId: string;
  /** The first 16 bytes of the key material ID, in hex. */
  readonly backingKeyId: string;
}

/** The part of a key material ID (64 hex digits) that blobs carry. */
export const backingKeyId = (materialId: string): string => materialId.slice(0, 32);

function writeHeader(blob: Uint8Array, { account, keyId, backingKeyId }: BlobHeader): void {
  const kind = keyId.startsWith('mrk-') ? 1 : 0;
  const id = keyId.slice(KINDS[kind].prefix.length).replaceAll('-', '');
  blob.set(BEGINNING);
  blob.set(uint(Number(account), 6), 5);
  blob[11] = kind;
  blob.set(fromHex(id + backingKeyId), 12);
}

export interface Encryption {
  readonly key: Secret;
  readonly context?: EncryptionContext | undefined;
}

const sealingOf = (header: Uint8Array, { key, context }: Encryption) => ({
  key,
  kind: 'ciphertext' as const,
  aad: Buffer.concat([header, encryptionContextBytes(context)]),
});

export function encryptBlob(
  plaintext: Uint8Array,
  header: BlobHeader,
  encryption: Encryption,
  random: RandomBytes,
): Uint8Array {
  const blob = new Uint8Array(HEADER + SEAL_OVERHEAD + plaintext.length);
  writeHeader(blob, header);
  const sealing = sealingOf(blob.subarray(0, HEADER), encryption);
  sealInto(blob.subarray(HEADER), { ...sealing, plaintext }, random);
  return blob;
}

export function parseBlob(blob: Uint8Array): BlobHeader | undefined {
  if (blob.length < HEADER + SEAL_OVERHEAD) return undefined;
  if (MAGIC.some((byte, at) => blob[at] !== byte) || blob[3] !== VERSION || blob[4] !== SUITE) return undefined;
  const kind = KINDS[blob[11]!];
  const account = String(readUint(blob, 5, 6)).padStart(12, '0');
  if (!kind || account.length > 12) return undefined;
  return {
    account,
    keyId: kind.prefix + kind.text(blob.subarray(12, 28)),
    backingKeyId: hex(blob, 28, 44),
  };
}

/** @param blob one that parseBlob could read */
export function decryptBlob(blob: Uint8Array, encryption: Encryption): Uint8Array | undefined {
  return open(blob.subarray(HEADER), sealingOf(blob.subarray(0, HEADER), encryption));
}
