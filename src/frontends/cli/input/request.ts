/**
 * From the values of the command line to an operation's input: bytes for blobs, dates for timestamps, plain objects.
 */
import type { Shape } from '../../../model/shape.ts';
import { decodeBase64 } from './base64.ts';
import { toDate } from './param-validation.ts';
import { dict, isDict, isInstant, type Value } from '../values/python-value.ts';
import { UsageError } from './usage-error.ts';

/** Blobs that are still text are base64. Values of another type than their shape's are not changed. */
export function decodeBlobs(shape: Shape, value: Value): Value {
  switch (shape.type) {
    case 'blob':
      return typeof value === 'string' ? decodeBlob(value) : value;
    case 'list':
      return Array.isArray(value) ? value.map((item: Value) => decodeBlobs(shape.of, item)) : value;
    case 'structure': {
      if (!isDict(value)) return value;
      const items = new Map(value.items);
      for (const [member, { shape: inner }] of Object.entries(shape.members)) {
        const item = items.get(member);
        if (item !== undefined) items.set(member, decodeBlobs(inner, item));
      }
      return dict(items, value.type);
    }
    default:
      return value;
  }
}

function decodeBlob(text: string): Uint8Array {
  if (/[^\0-\x7f]/.test(text)) throw new UsageError('other', 'string argument should contain only ASCII characters');
  const bytes = decodeBase64(text);
  if (!bytes) throw new UsageError('other', `Invalid base64: "${text}"`);
  return bytes;
}

/** A value of the wrong type (the checks can be switched off) goes on as it is: the operation's own check refuses it. */
export function toInput(shape: Shape | undefined, value: Value): unknown {
  switch (shape?.type) {
    case 'blob':
      return typeof value === 'string' ? new TextEncoder().encode(value) : plain(value);
    case 'timestamp':
      return toDate(value) ?? plain(value);
    case 'list':
      return Array.isArray(value) ? value.map((item: Value) => toInput(shape.of, item)) : plain(value);
    case 'structure':
      return isDict(value) ? toObject(value.items, (member) => memberShape(shape.members, member)) : plain(value);
    default:
      return plain(value);
  }
}

const memberShape = (members: { readonly [name: string]: { readonly shape: Shape } }, name: string) =>
  Object.hasOwn(members, name) ? members[name]!.shape : undefined;

function plain(value: Value): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (isDict(value)) return toObject(value.items, () => undefined);
  if (isInstant(value)) return value.at;
  return 'value' in value ? value.value : value;
}

/** fromEntries makes own properties of all names, `__proto__` too. */
const toObject = (items: ReadonlyMap<string, Value>, shapeOf: (key: string) => Shape | undefined): object =>
  Object.fromEntries(Array.from(items, ([key, item]) => [key, toInput(shapeOf(key), item)]));
