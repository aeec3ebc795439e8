/**
 * The ciphertext blob of symmetric Encrypt and of data keys (docs/formats.md has a worked example):
 *
 *     "KMS" 3 | version 1 | suite 1 | account 6 | key ID kind 1 | key ID 16 | backing key ID 16 | body
 *
 * It names its key, so Decrypt needs none; the header and the encryption context are authenticated with the plaintext.
 * Any malformed or altered blob gives `undefined`, without a reason. The body depends on the suite, that is on where the
 * key material is:
 *
 *     1, in KMS                     sealed (see seal.ts)
 *     2, in a CloudHSM cluster      IV 12 | ciphertext | tag 16
 *     3, in an external key store   IV length 1 | IV | metadata length 1 | metadata | tag 16 | ciphertext of what is sealed
 */
import { open, sealInto, SEAL_OVERHEAD, type RandomBytes } from './seal.ts';
import type { Secret } from './secret.ts';
import { fromHex, hex, readUint, uint } from './bytes.ts';
import { uuidText } from './uuid.ts';
import { encryptionContextBytes, type EncryptionContext } from './encryption-context.ts';

const MAGIC = [0x4b, 0x4d, 0x53]; // "KMS"
const VERSION = 1;
/** Suite 1: KBKDF counter HMAC-SHA-256, AES-256-GCM; with the shortest body that each can have. */
const SUITES = {
  kms: { number: 1, shortest: SEAL_OVERHEAD },
  cluster: { number: 2, shortest: 12 + 16 },
  external: { number: 3, shortest: 1 + 12 + 1 + 16 + SEAL_OVERHEAD },
} as const;
export type BlobSuite = keyof typeof SUITES;
const SUITE_NAMES = Object.keys(SUITES) as BlobSuite[];

const HEADER = 3 + 1 + 1 + 6 + 1 + 16 + 16;
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
  readonly suite: BlobSuite;
}

/** The part of a key material ID (64 hex digits) that blobs carry. */
export const backingKeyId = (materialId: string): string => materialId.slice(0, 32);

function writeHeader(blob: Uint8Array, { account, keyId, backingKeyId, suite }: BlobHeader): void {
  const kind = keyId.startsWith('mrk-') ? 1 : 0;
  const id = keyId.slice(KINDS[kind].prefix.length).replaceAll('-', '');
  blob.set(MAGIC);
  blob[3] = VERSION;
  blob[4] = SUITES[suite].number;
  blob.set(uint(Number(account), 6), 5);
  blob[11] = kind;
  blob.set(fromHex(id + backingKeyId), 12);
}

/** The beginning of a blob whose body is made elsewhere. */
export function headerBytes(header: BlobHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER);
  writeHeader(bytes, header);
  return bytes;
}

export interface Encryption {
  readonly key: Secret;
  readonly context?: EncryptionContext | undefined;
}

const sealingOf = (header: Uint8Array, { key, context }: Encryption) => ({
  key,
  kind: 'ciphertext' as const,
  aad: aadOf(header, context),
});

/** What is authenticated with the plaintext. */
export const aadOf = (header: Uint8Array, context: EncryptionContext | undefined): Uint8Array =>
  Buffer.concat([header, encryptionContextBytes(context)]);

export function encryptBlob(
  plaintext: Uint8Array,
  header: Omit<BlobHeader, 'suite'>,
  encryption: Encryption,
  random: RandomBytes,
): Uint8Array {
  const blob = new Uint8Array(HEADER + SEAL_OVERHEAD + plaintext.length);
  writeHeader(blob, { ...header, suite: 'kms' });
  const sealing = sealingOf(blob.subarray(0, HEADER), encryption);
  sealInto(blob.subarray(HEADER), { ...sealing, plaintext }, random);
  return blob;
}

export function parseBlob(blob: Uint8Array): BlobHeader | undefined {
  if (MAGIC.some((byte, at) => blob[at] !== byte) || blob[3] !== VERSION) return undefined;
  const suite = SUITE_NAMES.find((name) => SUITES[name].number === blob[4]);
  if (!suite || blob.length < HEADER + SUITES[suite].shortest) return undefined;
  const kind = KINDS[blob[11]!];
  const account = String(readUint(blob, 5, 6)).padStart(12, '0');
  if (!kind || account.length > 12) return undefined;
  return {
    account,
    keyId: kind.prefix + kind.text(blob.subarray(12, 28)),
    backingKeyId: hex(blob, 28, 44),
    suite,
  };
}

/** @param blob one that parseBlob could read */
export const blobParts = (blob: Uint8Array): { readonly header: Uint8Array; readonly body: Uint8Array } => ({
  header: blob.subarray(0, HEADER),
  body: blob.subarray(HEADER),
});

/** @param blob one that parseBlob could read */
export function decryptBlob(blob: Uint8Array, encryption: Encryption): Uint8Array | undefined {
  return open(blob.subarray(HEADER), sealingOf(blob.subarray(0, HEADER), encryption));
}
