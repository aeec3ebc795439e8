/** The parameter validation of the AWS CLI before a request, with its messages and in its order. */
import type { Shape, StructureShape } from '../../../model/shape.ts';
import { isDict, isInstant, str, typeOf, type Value } from '../values/python-value.ts';
import { readTimestamp } from './timestamp.ts';

/** Every problem, one line each; maxima, patterns, enumerations and the lengths of blobs are left to the service. */
export function validateParameters(shape: StructureShape, value: Value): readonly string[] {
  const problems: string[] = [];
  validate(shape, value, { path: '', problems });
  return problems;
}

interface ParameterPlace {
  readonly path: string;
  readonly problems: string[];
}

const VALID_TYPES = {
  string: "<class 'str'>",
  integer: "<class 'int'>",
  boolean: "<class 'bool'>",
  list: "<class 'list'>, <class 'tuple'>",
  map: "<class 'dict'>",
  structure: "<class 'dict'>",
  blob: "<class 'bytes'>, <class 'bytearray'>, file-like object",
  timestamp: "<class 'datetime.datetime'>, timestamp-string",
};

/** Text, bytes, and what may have some in it: a secret perhaps, which the AWS CLI quotes too. */
const hasContent = (value: Value): boolean =>
  typeof value === 'string' || (typeof value === 'object' && value !== null && Object.keys(value).length > 0);

function validate(shape: Shape, value: Value, place: ParameterPlace): void {
  const { path, problems } = place;
  if (shape.type === 'document') return;
  if (!hasType(shape, value)) {
    const type = `type: ${typeOf(value)}, valid types: ${VALID_TYPES[shape.type]}`;
    const quoted = 'sensitive' in shape && hasContent(value) ? '' : `value: ${str(value)}, `;
    problems.push(`Invalid type for parameter ${name(path)}, ${quoted}${type}`);
    return;
  }
  switch (shape.type) {
    case 'string':
      minimum('length', shape, { ...place, value: Array.from(value as string).length });
      break;
    case 'integer':
      minimum('value', shape, { ...place, value: value as number | bigint | boolean });
      break;
    case 'list':
      minimum('length', shape, { ...place, value: (value as readonly Value[]).length });
      (value as readonly Value[]).forEach((item, index) =>
        validate(shape.of, item, { path: `${path}[${index}]`, problems }),
      );
      break;
    case 'map':
      for (const [key, item] of itemsOf(value)) {
        validate(shape.key, key, { path: `${path} (key: ${key})`, problems });
        validate(shape.value, item, { path: `${path}.${key}`, problems });
      }
      break;
    case 'structure':
      validateStructure(shape, itemsOf(value), place);
      break;
  }
}

/** First what is missing, then what is unknown, then the known members in the order given. */
function validateStructure(
  { members }: StructureShape,
  items: ReadonlyMap<string, Value>,
  { path, problems }: ParameterPlace,
): void {
  for (const [member, { required }] of Object.entries(members)) {
    if (required && !items.has(member)) problems.push(`Missing required parameter in ${name(path)}: "${member}"`);
  }
  const known: [string, Shape, Value][] = [];
  for (const [key, item] of items) {
    if (Object.hasOwn(members, key)) known.push([key, members[key]!.shape, item]);
    else {
      const names = Object.keys(members).join(', ');
      problems.push(`Unknown parameter in ${name(path)}: "${key}", must be one of: ${names}`);
    }
  }
  for (const [key, shape, item] of known) validate(shape, item, { path: `${path}.${key}`, problems });
}

const name = (path: string): string => (path === '' ? 'input' : path.replace(/^\./, ''));

const itemsOf = (value: Value): ReadonlyMap<string, Value> => (isDict(value) ? value.items : new Map());

function hasType(shape: Exclude<Shape, { type: 'document' }>, value: Value): boolean {
  switch (shape.type) {
    case 'string':
      return typeof value === 'string';
    case 'integer':
      // in Python a bool is an int
      return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
    case 'boolean':
      return typeof value === 'boolean';
    case 'blob':
      return value instanceof Uint8Array || typeof value === 'string';
    case 'timestamp':
      return toDate(value) !== undefined;
    case 'list':
      return Array.isArray(value);
    default:
      return isDict(value);
  }
}

function minimum(
  what: 'length' | 'value',
  { min }: { readonly min?: number },
  { value, path, problems }: ParameterPlace & { readonly value: number | bigint | boolean },
): void {
  if (min === undefined || Number(value) >= min) return;
  problems.push(`Invalid ${what} for parameter ${name(path)}, value: ${str(value)}, valid min ${what}: ${min}`);
}

/** The instant that a value stands for, or undefined; a date without time is not one. */
export function toDate(value: Value): Date | undefined {
  if (typeof value === 'string' || typeof value === 'number') return readTimestamp(value);
  if (typeof value === 'boolean') return readTimestamp(Number(value));
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  if (value.type === 'float') return readTimestamp(value.value);
  return isInstant(value) && value.type === 'datetime.datetime' ? readTimestamp(value.at.getTime() / 1000) : undefined;
}
