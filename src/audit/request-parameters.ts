/**
 * The logged part of a request. Blobs (plaintext, ciphertext, messages, signatures, key material) are never logged, and
 * neither are members whose shape is sensitive or never logged (grant tokens).
 */
import { camel } from '../model/spelling.ts';
import type { Shape, StructureShape } from '../model/shape.ts';

export type Logged = { readonly [name: string]: unknown };

/** Members that were sent, under their names in the log; undefined members are left out. */
export function requestParameters(shape: StructureShape, input: { readonly [name: string]: unknown }): Logged {
  const logged: { [name: string]: unknown } = {};
  for (const name in shape.members) {
    const value = input[name];
    const member = shape.members[name]!.shape;
    if (value !== undefined && mayBeLogged(member)) logged[camel(name)] = loggable(member, value);
  }
  return logged;
}

function mayBeLogged(shape: Shape): boolean {
  switch (shape.type) {
    case 'blob':
      return false;
    case 'string':
      return !shape.sensitive && !shape.neverLogged;
    case 'list':
      return mayBeLogged(shape.of);
    case 'structure':
      return !shape.neverLogged;
    default:
      return true;
  }
}

function loggable(shape: Shape, value: unknown): unknown {
  switch (shape.type) {
    case 'timestamp':
      return localeDate(value as Date);
    case 'list':
      return (value as readonly unknown[]).map((item) => loggable(shape.of, item));
    case 'structure':
      return requestParameters(shape, value as { readonly [name: string]: unknown });
    default:
      return value;
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Dates inside parameters and answers: `Nov 2, 2021, 11:25:25 PM`, in UTC. Intl would cost milliseconds. */
export function localeDate(date: Date): string {
  const [hour, minute, second] = date.toISOString().slice(11, 19).split(':');
  const day = `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
  return `${day}, ${Number(hour) % 12 || 12}:${minute}:${second} ${Number(hour) < 12 ? 'AM' : 'PM'}`;
}
