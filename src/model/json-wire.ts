/**
 * Values as AWS JSON 1.1 writes them: blobs in base64, timestamps in seconds since 1970. The shape says which string is
 * a blob and which number a time; other values pass unchanged to check().
 */
import { isObject, type JsonObject } from './json-object.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { KmsError } from './error.ts';
import type { Shape, StructureShape } from './shape.ts';

/** @throws SerializationException for a blob that is not base64; AWS sends no message with it */
export function fromWire(shape: Shape, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  switch (shape.type) {
    case 'blob':
      return typeof value === 'string' ? bytesOf(value) : value;
    case 'timestamp':
      return typeof value === 'number' ? new Date(value * 1000) : value;
    case 'list':
      return Array.isArray(value) ? value.map((item) => fromWire(shape.of, item) ?? null) : value;
    case 'structure':
      return isObject(value) ? structureFromWire(shape, value) : value;
    default:
      return value;
  }
}

function structureFromWire({ members }: StructureShape, value: JsonObject): JsonObject {
  const read: { [name: string]: unknown } = {};
  for (const name in members) {
    if (Object.hasOwn(value, name)) read[name] = fromWire(members[name]!.shape, value[name]);
  }
  return read;
}

export interface UnknownMember {
  /** Where it is, from the input down: `input`, `Tags[0]`. */
  readonly place: string;
  readonly name: string;
  readonly known: readonly string[];
}

/** The first member that the shape does not have: fromWire() leaves it out, as the service does. */
export function unknownMember(shape: Shape, value: unknown, place = 'input'): UnknownMember | undefined {
  if (shape.type === 'list' && Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = unknownMember(shape.of, item, `${place}[${index}]`);
      if (found) return found;
    }
  }
  if (shape.type !== 'structure' || !isObject(value)) return undefined;
  const known = Object.keys(shape.members);
  for (const [name, inner] of Object.entries(value)) {
    if (!known.includes(name)) return { place, name, known };
    const found = unknownMember(shape.members[name]!.shape, inner, place === 'input' ? name : `${place}.${name}`);
    if (found) return found;
  }
  return undefined;
}

export function toWire(shape: Shape, value: unknown): unknown {
  switch (shape.type) {
    case 'blob':
      return toBase64(value as Uint8Array);
    case 'timestamp':
      return (value as Date).getTime() / 1000;
    case 'list':
      return (value as readonly unknown[]).map((item) => toWire(shape.of, item));
    case 'structure':
      return structureToWire(shape, value as JsonObject);
    default:
      return value;
  }
}

function structureToWire({ members }: StructureShape, value: JsonObject): JsonObject {
  const written: { [name: string]: unknown } = {};
  for (const name in members) {
    const member = value[name];
    if (member !== undefined) written[name] = toWire(members[name]!.shape, member);
  }
  return written;
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64(text);
  if (!bytes) throw new KmsError('SerializationException');
  return bytes;
}
