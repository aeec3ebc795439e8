/**
 * Unlock slots: each wraps the root key under a key file or a passphrase.
 * Adding, removing or changing a slot rewrites no record.
 *
 * A slot's record is JSON (what kind, and how to derive its wrapping key) and the wrapped root key; the JSON's bytes,
 * the keyring's ID and the slot's place are authenticated with it.
 */
import { argon2Sync } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { isObject, type JsonObject } from '../model/json-object.ts';
import { EnvironmentError } from '../model/error.ts';
import { concat, text, utf8 } from '../crypto/bytes.ts';
import { open, seal, SEAL_OVERHEAD, type RandomBytes } from '../crypto/seal.ts';
import { Secret } from '../crypto/secret.ts';
import { decodeRecord, encodeRecord, type Record } from './record.ts';

/** RFC 9106 4: the second recommended choice (64 MiB, 3 passes, 4 lanes); about 0.25 s. */
const ARGON2 = { memory: 65536, passes: 3, parallelism: 4 } as const;
/**
 * A hostile slot must not exhaust memory or take minutes. `cost` is memory times passes: what one slot may
 * ask for (about three seconds), and what one passphrase is tried on, over all slots (about half a minute; a hundred
 * slots of ours are below it). In KiB, as argon2id counts.
 */
const ARGON2_LIMIT = { memory: 1024 * 1024, passes: 64, parallelism: 64, cost: 2 * 1024 * 1024 } as const;
const MAX_COST_TRIED = 20 * 1024 * 1024;
const SALT = 16;
const KEY_LENGTH = 32;
/** Salt, and the root key, sealed. */
const PART_LENGTHS = [SALT, SEAL_OVERHEAD + KEY_LENGTH] as const;
const PATH_MAX = 4096;
/** Enough for the longest path, as JSON. */
const MAX_SLOT_BYTES = 32 * 1024;
/** Maximum number of slots. Each gives access, and a passphrase may have to be tried on each. */
export const MAX_SLOTS = 32;

interface Common {
  readonly slot: number;
  readonly created: string;
}
export interface KeyFileSlot extends Common {
  readonly type: 'key-file';
  /** Where the key file was created: a hint, so that calls find it. */
  readonly path: string;
}
export interface PassphraseSlot extends Common {
  readonly type: 'passphrase';
  readonly argon2id: { readonly memory: number; readonly passes: number; readonly parallelism: number };
}
export type Slot = KeyFileSlot | PassphraseSlot;

/** Material that opens a slot: the bytes of a key file or of a passphrase. */
export interface UnlockMaterial {
  readonly type: Slot['type'];
  readonly secret: Secret;
}

export const SLOTS_PATH = '~slot/';
export const slotPath = (slot: number): string => `${SLOTS_PATH}${slot}`;

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

/**
 * Validates the record of a slot, which is not authenticated yet when it is read.
 * @throws EnvironmentError for bytes that are no slot
 */
export function readSlot(path: string, record: Uint8Array): Slot {
  if (record.length > MAX_SLOT_BYTES) throw damagedSlot(path, `has more than ${MAX_SLOT_BYTES} bytes`);
  const { body, parts } = decoded(path, record);
  if (parts.map(({ length }) => length).join() !== PART_LENGTHS.join())
    throw damagedSlot(path, 'has parts of unexpected lengths');
  const { slot, created, type, ...way } = membersOf(body);
  if (typeof slot !== 'number' || slotPath(slot) !== path) throw damagedSlot(path, 'was moved from another path');
  if (!isDate(created)) throw damagedSlot(path, 'has no valid creation date');
  const check = WAYS.get(type);
  if (!check) throw damagedSlot(path, 'has a type that is not supported');
  const problem = check(way);
  if (problem !== undefined) throw damagedSlot(path, problem);
  return body as Slot;
}

function decoded(path: string, record: Uint8Array): Record<unknown> {
  try {
    return decodeRecord(record);
  } catch (error) {
    throw damagedSlot(path, 'cannot be read', error);
  }
}

const damagedSlot = (path: string, what: string, cause?: unknown): EnvironmentError =>
  new EnvironmentError(
    `an unlock slot of the keyring is damaged: record ${path} ${what}`,
    ['kms keyring restore FILE restores a backup'],
    { cause },
  );

const membersOf = (value: unknown): JsonObject => (isObject(value) ? value : {});
/** As Date.toISOString() writes it. */
const isDate = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/.test(value) && !Number.isNaN(Date.parse(value));

/** Errors in the members of one kind of slot; undefined: none. */
const WAYS: ReadonlyMap<unknown, (way: JsonObject) => string | undefined> = new Map([
  [
    'key-file',
    ({ path, ...others }: JsonObject) =>
      typeof path === 'string' && isPath(path) && isEmpty(others) ? undefined : 'has no valid path of its key file',
  ],
  [
    'passphrase',
    ({ argon2id, ...others }: JsonObject) => {
      const { memory, passes, parallelism, ...more } = membersOf(argon2id);
      if (!isEmpty(others) || !isEmpty(more)) return 'has no valid argon2id parameters';
      for (const [name, value] of Object.entries({ memory, passes, parallelism })) {
        if (!isWithin(value, ARGON2_LIMIT[name as 'memory']))
          return outOfRange(`${name} ${typeof value === 'number' ? value : typeof value}`);
      }
      const asked = { memory, passes, parallelism } as PassphraseSlot['argon2id'];
      if (costOf(asked) > ARGON2_LIMIT.cost) return outOfRange(`memory ${asked.memory} and passes ${asked.passes}`);
      if (asked.memory < 8 * asked.parallelism) return outOfRange('too little memory for its lanes'); // RFC 9106 3.1
      return undefined;
    },
  ],
]);

const isPath = (path: string): boolean => isAbsolute(path) && path.length <= PATH_MAX && !path.includes('\0');
const isEmpty = (members: object): boolean => Object.keys(members).length === 0;
const isWithin = (value: unknown, max: number): boolean =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max;
const outOfRange = (what: string): string => `has argon2id parameters that are out of range: ${what}`;
const costOf = ({ memory, passes }: PassphraseSlot['argon2id']): number => memory * passes;

/** A slot as it is stored, and what readSlot() made of it. */
export interface SlotRecord {
  readonly slot: Slot;
  readonly record: Uint8Array;
}

/** The root key, or undefined if this material opens none of the slots. */
export function unwrapSlots(
  slots: readonly SlotRecord[],
  { keyringId, material }: Pick<SlotKeys, 'keyringId' | 'material'>,
): Secret | undefined {
  let cost = 0;
  for (const { slot, record } of slots) {
    if (slot.type !== material.type) continue;
    if (slot.type === 'passphrase') cost += costOf(slot.argon2id);
    if (cost > MAX_COST_TRIED) {
      throw new EnvironmentError(
        `the passphrase was not tried on unlock slot ${slot.slot} and later slots: their total argon2id cost exceeds the limit`,
        ['unlock the keyring with a key file instead: --key-file'],
      );
    }
    const [salt, wrapped] = decodeRecord(record).parts as [Uint8Array, Uint8Array];
    const rootKey = open(wrapped, sealing(slot, { keyringId, material, salt }));
    if (rootKey) return new Secret(rootKey);
  }
  return undefined;
}

function sealing(
  slot: Slot,
  { keyringId, material, salt }: { keyringId: Uint8Array; material: UnlockMaterial; salt: Uint8Array },
) {
  return {
    key: slot.type === 'passphrase' ? stretch(slot, material.secret, salt) : material.secret,
    kind: 'slot' as const,
    aad: concat(keyringId, utf8(JSON.stringify(slot))),
  };
}

function stretch({ argon2id }: PassphraseSlot, passphrase: Secret, salt: Uint8Array): Secret {
  const { memory, passes, parallelism } = argon2id;
  return new Secret(
    argon2Sync('argon2id', { message: passphrase.expose(), nonce: salt, tagLength: 32, memory, passes, parallelism }),
  );
}

/** A key file: a first line with the file type, then 32 random bytes. */
const KEY_FILE_MAGIC = utf8('pocket-kms key file 1\n');

export const newKeyFile = (random: RandomBytes): Uint8Array => concat(KEY_FILE_MAGIC, random(KEY_LENGTH));

export function keyFileMaterial(bytes: Uint8Array, path: string): UnlockMaterial {
  const magic = bytes.subarray(0, KEY_FILE_MAGIC.length);
  if (bytes.length !== KEY_FILE_MAGIC.length + KEY_LENGTH || Buffer.compare(magic, KEY_FILE_MAGIC) !== 0) {
    throw new EnvironmentError(`${path} is not a pocket-kms key file`, ['kms init creates one']);
  }
  return { type: 'key-file', secret: new Secret(bytes.subarray(KEY_FILE_MAGIC.length)) };
}

function passphraseText(bytes: Uint8Array): string {
  try {
    return text(bytes);
  } catch (error) {
    throw new EnvironmentError(
      'the passphrase is not UTF-8',
      ['for random bytes, use a key file: kms init creates one'],
      {
        cause: error,
      },
    );
  }
}

/** A passphrase: its bytes without the line end; at least one. */
export function passphraseMaterial(bytes: Uint8Array): UnlockMaterial {
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end -= 1;
  if (bytes[end - 1] === 0x0d) end -= 1;
  if (end === 0) throw new EnvironmentError('the passphrase is empty', ['specify at least one character']);
  // NFC, so that the same words typed on another system are the same passphrase
  const normal = utf8(passphraseText(bytes.subarray(0, end)).normalize('NFC'));
  return { type: 'passphrase', secret: new Secret(normal) };
}
