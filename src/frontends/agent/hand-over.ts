/** What `kms unlock` hands to the process of the agent, over its stdin: all that it needs, the root key wrapped. */
import { fromHex } from '../../crypto/bytes.ts';
import type { RandomBytes } from '../../crypto/seal.ts';
import { isObject } from '../../model/json-object.ts';
import type { Keyring, KeyringDeps } from '../../keyring/keyring.ts';
import { HANDED_OVER_SLOT, openHandedOver } from '../../keyring/open.ts';
import { keyFileMaterial, newKeyFile } from '../../keyring/slot.ts';
import type { AgentTimes } from './limits.ts';
import { decode, encode } from './value.ts';

export interface HandOver {
  readonly folder: string;
  readonly place: { readonly folder: string; readonly keyring: string; readonly log: string };
  /** Of the keyring's files, if that is another user. */
  readonly owner: number | undefined;
  readonly keyringId: string;
  readonly fingerprint: string;
  readonly limits: AgentTimes;
  readonly record: Uint8Array;
  readonly key: Uint8Array;
}

const NAME = 'the key that was handed over';

/** Wraps the root key for a slot that only this message has, under a key that is made for it. */
export function wrapped(keyring: Keyring, random: RandomBytes): Pick<HandOver, 'record' | 'key'> {
  const key = newKeyFile(random);
  const slot = { slot: HANDED_OVER_SLOT, created: new Date(0).toISOString(), path: '/' };
  return { key, record: keyring.slotRecord(slot, keyFileMaterial(key, NAME)) };
}

export const encodeHandOver = (handOver: HandOver): string => JSON.stringify(encode(handOver));

/** @throws Error for what is none: it comes from this program alone */
export function decodeHandOver(text: string): HandOver {
  const value = decode(JSON.parse(text));
  if (isObject(value) && isObject(value['place']) && value['record'] instanceof Uint8Array) {
    return value as unknown as HandOver; // written by encodeHandOver() of the same program
  }
  throw new Error('nothing was handed over');
}

/** @throws EnvironmentError */
export const openWrapped = (deps: KeyringDeps, { keyringId, record, key }: HandOver): Keyring =>
  openHandedOver(deps, { keyringId: fromHex(keyringId), record, material: keyFileMaterial(key, NAME) });
