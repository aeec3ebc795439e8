/** check(): holds a request against its shape and reports every failure at once, in AWS's words. */
import { KmsError } from './error.ts';
import type { Shape, StringShape, StructureShape, ValueOf } from './shape.ts';

/** `KeyId` -> `keyId`: AWS's messages and audit events name members in lower camel case. */
export const camel = (name: string): string => name[0]!.toLowerCase() + name.slice(1);

export function check<S extends StructureShape>(shape: S, value: unknown): ValueOf<S> {
  const failures: string[] = [];
  const checked = walk(shape, value ?? {}, '', failures);
  if (failures.length > 0) {
    const count = failures.length;
    const noun = count === 1 ? 'error' : 'errors';
    throw new KmsError('ValidationException', `${count} validation ${noun} detected: ${failures.join('; ')}`);
  }
  return checked as ValueOf<S>;
}

function walk(shape: Shape, value: unknown, path: string, failures: string[]): unknown {
  switch (shape.type) {
    case 'string':
      return checkString(shape, expect(typeof value === 'string', value, 'String') as string, path, failures);
    case 'blob': {
      const bytes = expect(value instanceof Uint8Array, value, 'Blob') as Uint8Array;
      checkLength(shape, bytes.length, `Value at '${path}'`, failures);
      return bytes;
    }
    case 'integer': {
      const number = expect(Number.isInteger(value), value, 'Integer') as number;
      const { min, max } = shape;
      const say = (rule: string): unknown => failures.push(constraint(`Value '${number}' at '${path}'`, rule));
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
      checkLength(shape, items.length, `Value '${printList(items)}' at '${path}'`, failures);
      return items.map((item, index) => walk(shape.of, item, `${path}.${index + 1}.member`, failures));
    }
    case 'map': {
      const pairs = Object.entries(expect(isRecord(value), value, 'Map') as object);
      for (const [key, item] of pairs) {
        checkString(shape.key, key, path, failures);
        checkString(
          shape.value,
          expect(typeof item === 'string', item, 'String') as string,
          `${path}.${key}.member`,
          failures,
        );
      }
      return Object.fromEntries(pairs);
    }
    case 'structure': {
      const given = expect(isRecord(value), value, 'Structure') as { [name: string]: unknown };
      const kept: { [name: string]: unknown } = {};
      for (const name in shape.members) {
        const member = shape.members[name]!;
        const where = path === '' ? camel(name) : `${path}.${camel(name)}`;
        const item = given[name];
        if (item !== undefined && item !== null) kept[name] = walk(member.shape, item, where, failures);
        else if (member.required) failures.push(constraint(`Value null at '${where}'`, 'Member must not be null'));
      }
      return kept; // a member that the model does not know is dropped, as the service drops it
    }
  }
}

const constraint = (value: string, rule: string): string => `${value} failed to satisfy constraint: ${rule}`;

function checkString(shape: StringShape, value: string, path: string, failures: string[]): string {
  const subject = shape.sensitive ? `Value at '${path}'` : `Value '${value}' at '${path}'`;
  checkLength(shape, Array.from(value).length, subject, failures);
  if (shape.pattern !== undefined && !matches(shape.pattern, value)) {
    failures.push(constraint(subject, `Member must satisfy regular expression pattern: ${shape.pattern}`));
  }
  if (shape.enum && !shape.enum.includes(value)) {
    const values = (shape.enumAsPrinted ?? shape.enum).join(', ');
    failures.push(constraint(subject, `Member must satisfy enum value set: [${values}]`));
  }
  return value;
}

/** The service matches the whole value (Java's Pattern.matches), whether or not the pattern is anchored. */
const matches = (pattern: string, value: string): boolean =>
  new RegExp(`^(?:${pattern.replaceAll('\\p{ASCII}', '[\\x00-\\x7F]')})$`).test(value);

function checkLength(shape: { min?: number; max?: number }, length: number, subject: string, failures: string[]): void {
  const { min, max } = shape;
  if (min !== undefined && length < min) {
    failures.push(constraint(subject, `Member must have length greater than or equal to ${min}`));
  }
  if (max !== undefined && length > max) {
    failures.push(constraint(subject, `Member must have length less than or equal to ${max}`));
  }
}

const isRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

const printList = (items: readonly unknown[]): string =>
  `[${items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(', ')}]`;

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
