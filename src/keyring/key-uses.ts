/** The uses of KMS keys that events tell of. */
import type { Logged } from '../audit/request-parameters.ts';
import { isObject } from '../model/json-object.ts';

/** AWS KMS API Reference, GetKeyLastUsage. */
export const TRACKED_OPERATIONS = [
  'Decrypt',
  'DeriveSharedSecret',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'ReEncrypt',
  'Sign',
  'Verify',
  'VerifyMac',
  'Encapsulate',
  'Decapsulate',
] as const;

/** As the event has it. */
export interface KeyUse {
  readonly eventName: string;
  readonly eventTime: string;
  readonly eventID: string;
  readonly requestID: string;
}

/** The last use of each key, by its ARN. */
export type KeyUses = ReadonlyMap<string, KeyUse>;

const TRACKED = new Set<unknown>(TRACKED_OPERATIONS);

/**
 * Of an event no more is kept than this: a server remembers the uses since the root was written, and what outlives a
 * garbage collection makes the next ones longer.
 * @param before the uses that earlier events tell of
 */
export function usesIn(events: readonly Logged[], before: KeyUses = new Map()): KeyUses {
  if (events.length === 0) return before;
  const uses = new Map(before);
  for (const { eventSource, eventName, eventTime, eventID, requestID, errorCode, resources } of events) {
    const isUse = eventSource === 'kms.amazonaws.com' && TRACKED.has(eventName) && errorCode === undefined;
    if (!isUse || !Array.isArray(resources)) continue;
    const use: KeyUse = {
      eventName: String(eventName),
      eventTime: String(eventTime),
      eventID: String(eventID),
      requestID: String(requestID),
    };
    for (const resource of resources as readonly unknown[])
      if (isObject(resource)) uses.set(String(resource['ARN']), use);
  }
  return uses;
}
