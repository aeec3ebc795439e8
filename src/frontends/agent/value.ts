/**
 * Values as JSON. Bytes, dates and what else JSON has no form for are objects with the member `$`, so that a value arrives
 * as it was sent, also an input that the shape of its operation refuses.
 */
import { fromBase64, toBase64 } from '../../model/base64.ts';
import { isObject } from '../../model/json-object.ts';

/** Deeper values are those of nobody: the pipeline would refuse them. */
const MAX_DEPTH = 500;

/** A value that cannot be sent, or a message that cannot be read. */
export class NotAValue extends Error {}

/** @throws NotAValue */
export function encode(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw new NotAValue('it is too deep');
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { $: 'number', text: numberText(value) };
    case 'bigint':
      return { $: 'bigint', text: String(value) };
    case 'undefined':
      return { $: 'undefined', text: '' };
    case 'object':
      break;
    default:
      throw new NotAValue(`it is a ${typeof value}`);
  }
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((item) => encode(item, depth + 1));
  if (value instanceof Uint8Array) return { $: 'bytes', text: toBase64(value) };
  if (value instanceof Date) return { $: 'date', text: String(value.getTime()) };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new NotAValue('it is of a class');
  const members = Object.entries(value).map(([name, member]) => [name, encode(member, depth + 1)] as const);
  return '$' in value ? { $: 'object', members } : Object.fromEntries(members);
}

const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** @throws NotAValue */
export function decode(json: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw new NotAValue('it is too deep');
  if (Array.isArray(json)) return json.map((item) => decode(item, depth + 1));
  if (!isObject(json)) return json;
  if (!Object.hasOwn(json, '$')) {
    return Object.fromEntries(Object.entries(json).map(([name, member]) => [name, decode(member, depth + 1)]));
  }
  const { $: kind, text, members } = json;
  if (kind === 'object' && Array.isArray(members)) {
    return Object.fromEntries(members.map((pair) => decodeMember(pair, depth + 1)));
  }
  if (typeof text !== 'string') throw new NotAValue('it has an unknown form');
  return fromText(kind, text);
}

function decodeMember(pair: unknown, depth: number): readonly [string, unknown] {
  if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') {
    throw new NotAValue('it has a malformed member');
  }
  return [pair[0], decode(pair[1], depth)];
}

const FORMS: { readonly [kind: string]: RegExp } = {
  date: /^(?:-?\d{1,16}|NaN)$/,
  number: /^(?:NaN|-?Infinity|-0)$/,
  bigint: /^-?\d{1,1000}$/,
};

function fromText(kind: unknown, text: string): unknown {
  if (kind === 'undefined' && text === '') return undefined;
  const bytes = kind === 'bytes' ? fromBase64(text) : undefined;
  if (bytes) return bytes;
  if (typeof kind === 'string' && Object.hasOwn(FORMS, kind) && FORMS[kind]!.test(text)) {
    return kind === 'bigint' ? BigInt(text) : kind === 'date' ? new Date(Number(text)) : Number(text);
  }
  throw new NotAValue('it has an unknown form');
}
