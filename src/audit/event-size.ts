/**
 * Size limits of events. Every field has a limit, from "CloudTrail record contents" in the AWS CloudTrail User Guide where
 * it states one. Values of larger fields are truncated with a mark. The sum of the limits is below 256 KB, the maximum
 * size of an event of CloudTrail.
 */
import { cut } from '../model/cut.ts';

const KB = 1_024;

/** Bytes of an event's line, its digest chain included. */
export const MAX_EVENT = 256 * KB;
/** Of a refused call: limits how fast callers without permissions can fill a disk. */
export const MAX_REFUSED = 24 * KB;

interface Sizes {
  readonly [field: string]: number;
}

/** Bytes of a field's JSON, in every event. */
const FIELDS: Sizes = {
  userAgent: KB,
  errorCode: KB,
  errorMessage: KB,
  tlsDetails: KB,
  userIdentity: 4 * KB,
  resources: 4 * KB,
};
/** What a refused call has of additionalEventData is that of its attestation document. */
const REFUSED_FIELDS: Sizes = { ...FIELDS, requestParameters: 8 * KB, additionalEventData: 2 * KB };
const ANSWERED_FIELDS: Sizes = {
  ...FIELDS,
  requestParameters: 100 * KB,
  responseElements: 100 * KB,
  serviceEventDetails: 100 * KB,
  additionalEventData: 28 * KB,
};
/** Everything else: times, IDs, names, addresses. */
const OTHER_FIELD = 256;

/** The part of an event that is logged. */
export function sizedEvent(event: object): object {
  const fields = 'errorCode' in event ? REFUSED_FIELDS : ANSWERED_FIELDS;
  const isSmall = (field: string): boolean =>
    leftOf(event[field as keyof typeof event], fields[field] ?? OTHER_FIELD) >= 0;
  if (Object.keys(event).every(isSmall)) return event;
  return Object.fromEntries(
    Object.entries(event).map(([field, value]) => [field, fit(value, fields[field] ?? OTHER_FIELD)]),
  );
}

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

interface Limits {
  /** Of a text, and of a name. */
  readonly characters: number;
  /** Of a list or a map. */
  readonly members: number;
}

/** Truncates a value to a size: long texts first, then long lists and maps. */
function fit(value: unknown, bytes: number): unknown {
  if (sizeOf(value) <= bytes) return value;
  for (let characters = bytes; characters >= 1; characters /= 2) {
    const shrunk = shrink(value, { characters: Math.floor(characters), members: 4 * Math.ceil(characters) });
    if (sizeOf(shrunk) <= bytes) return shrunk;
  }
  return `...(${sizeOf(value)} bytes cut)`;
}

/** The longest form of a number, a boolean or null in JSON. */
const LONGEST_SCALAR = 25;

/**
 * How much of a number of bytes a value's JSON leaves, at least: no character takes more than six bytes. Below 0 the size
 * itself must be looked at. Values of nearly all events are small, and writing them as JSON takes longer than this.
 */
function leftOf(value: unknown, bytes: number): number {
  if (typeof value === 'string') return bytes - 6 * value.length - 2;
  if (typeof value !== 'object' || value === null) return bytes - LONGEST_SCALAR;
  const isList = Array.isArray(value);
  // a Date and its like have a JSON of their own
  if (!isList && Object.getPrototypeOf(value) !== Object.prototype) return -1;
  let left = bytes - 2;
  for (const name of Object.keys(value)) {
    left = leftOf(value[name as keyof typeof value], left - (isList ? 1 : 6 * name.length + 4));
    if (left < 0) return left;
  }
  return left;
}

function shrink(value: unknown, limits: Limits): unknown {
  if (typeof value === 'string') return cut(value, limits.characters);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.slice(0, limits.members).map((item) => shrink(item, limits));
    return value.length > limits.members ? [...items, membersCut(value.length - limits.members)] : items;
  }
  const entries = Object.entries(value);
  const kept = entries
    .slice(0, limits.members)
    .map(([name, item]) => [cut(name, limits.characters), shrink(item, limits)]);
  if (entries.length > limits.members) kept.push(['...', membersCut(entries.length - limits.members)]);
  return Object.fromEntries(kept);
}

const membersCut = (count: number): string => `...(${count} members cut)`;
