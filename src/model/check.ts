/** check(): validates a request against its shape and reports all failures in one error with AWS's message. */
import { fitsPattern } from './pattern.ts';
import { isObject, type JsonObject } from './json-object.ts';
import { cut, MAX_QUOTED } from './cut.ts';
import { KmsError } from './error.ts';
import type { Shape, StringShape, StructureShape, ValueOf } from './shape.ts';
import { camel } from './spelling.ts';

/** Failures that a message lists; it counts all of them. */
const MAX_FAILURES = 10;

export function check<S extends StructureShape>(shape: S, value: unknown): ValueOf<S> {
  const failures = new Failures();
  const checked = walk(shape, value ?? {}, '', failures);
  if (failures.count > 0) throw new KmsError('ValidationException', failures.message());
  return checked as ValueOf<S>;
}

class Failures {
  count = 0;
  readonly #listed: string[] = [];

  push(failure: string): void {
    if (this.count++ < MAX_FAILURES) this.#listed.push(failure);
  }

  message(): string {
    const more = this.count - this.#listed.length;
    const list = [...this.#listed, ...(more > 0 ? [`...(${more} more)`] : [])];
    return `${this.count} validation ${this.count === 1 ? 'error' : 'errors'} detected: ${list.join('; ')}`;
  }
}

const valueAt = (value: string, path: string): string =>
  `Value '${cut(value, MAX_QUOTED)}' at '${cut(path, MAX_QUOTED)}'`;

function walk(shape: Shape, value: unknown, path: string, failures: Failures): unknown {
  switch (shape.type) {
    case 'string':
      return checkString(shape, expect(typeof value === 'string', value, 'String') as string, path, failures);
    case 'blob': {
      const bytes = expect(value instanceof Uint8Array, value, 'Blob') as Uint8Array;
      checkLength(shape, bytes.length, () => `Value at '${path}'`, failures);
      return bytes;
    }
    case 'integer': {
      const number = expect(Number.isInteger(value), value, 'Integer') as number;
      const { min, max } = shape;
      const say = (rule: string): unknown => failures.push(constraint(valueAt(String(number), path), rule));
      if (min !== undefined && number < min) say(`Member must have value greater than or equal to ${min}`);
      if (max !== undefined && number > max) say(`Member must have value less than or equal to ${max}`);
      return number;
    }
    case 'boolean':
      return expect(typeof value === 'boolean', value, 'Boolean');
    case 'timestamp':
      return expect(value instanceof Date && !Number.isNaN(value.getTime()), value, 'Timestamp');
    case 'document':
      return value;
    case 'list': {
      const items = expect(Array.isArray(value), value, 'List') as unknown[];
      checkLength(shape, items.length, () => `Value '${printList(items)}' at '${cut(path, MAX_QUOTED)}'`, failures);
      return items.map((item, index) => walk(shape.of, item, `${path}.${index + 1}.member`, failures));
    }
    case 'map': {
      const pairs = Object.entries(expect(isObject(value), value, 'Map') as object);
      for (const [key, item] of pairs) {
        checkString(shape.key, key, path, failures);
        walk(shape.value, item, `${path}.${key}.member`, failures);
      }
      return Object.fromEntries(pairs);
    }
    case 'structure': {
      const given = expect(isObject(value), value, 'Structure') as JsonObject;
      const kept: { [name: string]: unknown } = {};
      for (const name in shape.members) {
        const member = shape.members[name]!;
        const item = given[name];
        const isAbsent = item === undefined || item === null;
        if (isAbsent && !member.required) continue;
        const where = path === '' ? camel(name) : `${path}.${camel(name)}`;
        if (!isAbsent) kept[name] = walk(member.shape, item, where, failures);
        else failures.push(constraint(`Value null at '${cut(where, MAX_QUOTED)}'`, 'Member must not be null'));
      }
      return kept; // unknown members are dropped, as by the service
    }
  }
}

const constraint = (value: string, rule: string): string => `${value} failed to satisfy constraint: ${rule}`;

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;

/** A surrogate pair is one. */
const charactersOf = (value: string): number => value.length - (value.match(PAIR)?.length ?? 0);

function checkString(shape: StringShape, value: string, path: string, failures: Failures): string {
  // half a surrogate pair comes from an escape in JSON; it is not quoted, as programs that read the log would not take it
  if (!value.isWellFormed()) {
    failures.push(constraint(`Value at '${cut(path, MAX_QUOTED)}'`, 'Member must be well-formed Unicode'));
    return value;
  }
  const subject = (): string => (shape.sensitive ? `Value at '${cut(path, MAX_QUOTED)}'` : valueAt(value, path));
  checkLength(shape, charactersOf(value), subject, failures);
  if (!fitsPattern(shape, value)) {
    failures.push(constraint(subject(), `Member must satisfy regular expression pattern: ${shape.pattern}`));
  }
  if (shape.enum && !shape.enum.includes(value)) {
    const values = (shape.enumAsPrinted ?? shape.enum).join(', ');
    failures.push(constraint(subject(), `Member must satisfy enum value set: [${values}]`));
  }
  return value;
}

function checkLength(
  shape: { min?: number; max?: number },
  length: number,
  subject: () => string,
  failures: Failures,
): void {
  const { min, max } = shape;
  if (min !== undefined && length < min) {
    failures.push(constraint(subject(), `Member must have length greater than or equal to ${min}`));
  }
  if (max !== undefined && length > max) {
    failures.push(constraint(subject(), `Member must have length less than or equal to ${max}`));
  }
}

/** As many items as a message quotes. */
function printList(items: readonly unknown[]): string {
  const printed: string[] = [];
  let length = 0;
  for (const item of items) {
    if (length > MAX_QUOTED) break;
    printed.push(printItem(item));
    length += printed.at(-1)!.length + 2;
  }
  const more = items.length - printed.length;
  return `[${cut(printed.join(', '), MAX_QUOTED)}${more > 0 ? `, ...(${more} more)` : ''}]`;
}

function printItem(item: unknown): string {
  if (typeof item === 'string') return item;
  try {
    return JSON.stringify(item);
  } catch {
    return '...'; // nested deeper than the stack allows
  }
}

function expect(holds: boolean, value: unknown, type: string): unknown {
  if (holds) return value;
  throw new KmsError('SerializationException', `${jsonType(value)} can not be converted to a ${type}`);
}

function jsonType(value: unknown): string {
  if (typeof value === 'string') return 'STRING_VALUE';
  if (typeof value === 'number') return 'NUMBER_VALUE';
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return Array.isArray(value) ? 'START_ARRAY' : 'START_OBJECT';
}
