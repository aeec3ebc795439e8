/**
 * Unlock slots: each wraps the same root key under something its owner has (a key file) or knows (a passphrase).
 * Adding, removing or changing a slot rewrites no record.
 *
 * A slot's record is JSON (what kind, and how to derive its wrapping key) and the wrapped root key; the JSON's bytes,
 * the keyring's ID and the slot's place are authenticated with it.
 */
import { argon2Sync } from 'node:crypto';
import { EnvironmentError } from '../api/error.ts';
import { concat, text, utf8 } from '../crypto/bytes.ts';
import { open, seal, type RandomBytes } from '../crypto/seal.ts';
import { Secret } from '../crypto/secret.ts';
import { decodeRecord, encodeRecord } from './record.ts';

/** RFC 9106 4: the second recommended choice (64 MiB, 3 passes, 4 lanes); about 0.25 s. */
const ARGON2 = { memory: 65536, passes: 3, parallelism: 4 } as const;
/** A planted slot must not make us take 4 GiB or work for minutes. */
const ARGON2_LIMIT = { memory: 4 * 1024 * 1024, passes: 64, parallelism: 64 } as const;
const SALT = 16;

interface Common {
  readonly slot: number;
  readonly created: string;
}
export interface KeyFileSlot extends Common {
  readonly type: 'key-file';
  /** Where the key file was made: a hint, so that calls find it without being told. */
  readonly path: string;
}
export interface PassphraseSlot extends Common {
  readonly type: 'passphrase';
  readonly argon2id: { readonly memory: number; readonly passes: number; readonly parallelism: number };
}
export type Slot = KeyFileSlot | PassphraseSlot;

/** What opens a slot: the bytes of a key file or of a passphrase. */
export interface UnlockMaterial {
  readonly type: Slot['type'];
  readonly secret: Secret;
}

export const slotPath = (slot: number): string => `~slot/${slot}`;

export interface SlotKeys {
  readonly keyringId: Uint8Array;
  readonly rootKey: Secret;
  readonly material: UnlockMaterial;
  readonly random: RandomBytes;
}

export type NewSlot = Omit<KeyFileSlot, 'type'> | Omit<PassphraseSlot, 'type' | 'argon2id'>;

export function wrapSlot(place: NewSlot, { keyringId, rootKey, material, random }: SlotKeys): Uint8Array {
  const slot = (
    material.type === 'key-file' ? { ...place, type: 'key-file' } : { ...place, type: 'passphrase', argon2id: ARGON2 }
  ) as Slot;
  const salt = random(SALT);
  const wrapped = seal(rootKey.expose(), sealing(slot, { keyringId, material, salt }), random);
  return encodeRecord(slot, [salt, wrapped]);
}

/** @throws EnvironmentError for bytes that are no slot */
export function readSlot(record: Uint8Array): Slot {
  try {
    return decodeRecord<Slot>(record).body;
  } catch (error) {
    throw new EnvironmentError(
      'an unlock slot of the keyring is damaged',
      ['kms keyring restore FILE brings a backup back'],
      {
        cause: error,
      },
    );
  }
}

/** The root key, or undefined if this material does not open this slot. */
export function unwrapSlot(
  record: Uint8Array,
  { keyringId, material }: Pick<SlotKeys, 'keyringId' | 'material'>,
): Secret | undefined {
  const { body: slot, parts } = decodeRecord<Slot>(record);
  const [salt, wrapped] = parts;
  if (!salt || !wrapped || slot.type !== material.type) return undefined;
  const rootKey = open(wrapped, sealing(slot, { keyringId, material, salt }));
  return rootKey && new Secret(rootKey);
}

function sealing(
  slot: Slot,
  { keyringId, material, salt }: { keyringId: Uint8Array; material: UnlockMaterial; salt: Uint8Array },
) {
  return {
    key: slot.type === 'passphrase' ? stretch(slot, material.secret, salt) : material.secret,
    label: 'pocket-kms/1/slot',
    aad: concat(keyringId, utf8(JSON.stringify(slot))),
  };
}

function stretch({ argon2id }: PassphraseSlot, passphrase: Secret, salt: Uint8Array): Secret {
  for (const name of ['memory', 'passes', 'parallelism'] as const) {
    if (!(argon2id[name] >= 1 && argon2id[name] <= ARGON2_LIMIT[name])) {
      throw new EnvironmentError(
        `the keyring's passphrase slot asks for argon2id ${name} ${argon2id[name]}, which is out of range`,
      );
    }
  }
  const tag = argon2Sync('argon2id', {
    message: passphrase.expose(),
    nonce: salt,
    tagLength: 32,
    memory: argon2id.memory,
    passes: argon2id.passes,
    parallelism: argon2id.parallelism,
  });
  return new Secret(tag);
}

/** A key file: a first line that says what it is, then 32 random bytes. */
const KEY_FILE_MAGIC = utf8('pocket-kms key file 1\n');
const KEY_LENGTH = 32;

export const newKeyFile = (random: RandomBytes): Uint8Array => concat(KEY_FILE_MAGIC, random(KEY_LENGTH));

export function keyFileMaterial(bytes: Uint8Array, path: string): UnlockMaterial {
  const magic = bytes.subarray(0, KEY_FILE_MAGIC.length);
  if (bytes.length !== KEY_FILE_MAGIC.length + KEY_LENGTH || Buffer.compare(magic, KEY_FILE_MAGIC) !== 0) {
    throw new EnvironmentError(`${path} is not a key file of pocket-kms`, ['kms init makes one']);
  }
  return { type: 'key-file', secret: new Secret(bytes.subarray(KEY_FILE_MAGIC.length)) };
}

/** A passphrase: its bytes without the line end; at least one. */
export function passphraseMaterial(bytes: Uint8Array): UnlockMaterial {
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end -= 1;
  if (bytes[end - 1] === 0x0d) end -= 1;
  if (end === 0) throw new EnvironmentError('the passphrase is empty', ['give at least one character']);
  // NFC, so that the same words typed on another system are the same passphrase
  const normal = utf8(text(bytes.subarray(0, end)).normalize('NFC'));
  return { type: 'passphrase', secret: new Secret(normal) };
}
