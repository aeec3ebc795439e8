/** JMESPath functions: the table of jmespath.py 1.0's, with the types that they take and its messages. */
import { isList, isMap, type Printable, type PrintableMap } from '../../../../model/printable.ts';
import { repr, str, typeName } from '../../values/python.ts';
import { compare, equal } from './comparison.ts';

/** `&expression`: given to a function, which applies it. */
export class Reference {
  readonly find: (value: Printable) => Printable;
  constructor(find: (value: Printable) => Printable) {
    this.find = find;
  }
}

type Argument = Printable | Reference;
type Find = Reference['find'];

/** What a function takes, by the name that messages give it; `array-number` is an array of numbers. */
interface Types {
  readonly number: number;
  readonly string: string;
  readonly array: readonly Printable[];
  readonly object: PrintableMap;
  readonly expref: Reference;
  readonly 'array-number': readonly number[];
  readonly 'array-string': readonly string[];
}
type TypeName = keyof Types;
/** The types that one argument may have; none named: any. */
type Allowed = readonly TypeName[];
type Given<T extends readonly Allowed[]> = {
  [K in keyof T]: T[K] extends readonly [] ? Printable : Types[T[K][number]];
};

interface FunctionRow {
  readonly takes: readonly Allowed[];
  /** The one argument may be repeated. */
  readonly variadic: boolean;
  readonly run: (...args: readonly Argument[]) => Printable;
}

export function callFunction(name: string, args: readonly Argument[]): Printable {
  if (!Object.hasOwn(functions, name)) throw new TypeError(`Unknown function: ${name}()`);
  const { takes, variadic, run } = functions[name]!;
  if (variadic ? args.length < takes.length : args.length !== takes.length) {
    const noun = takes.length === 1 ? 'argument' : 'arguments';
    const expected = `${variadic ? 'at least ' : ''}${takes.length} ${noun}`;
    throw new TypeError(`Expected ${expected} for function ${name}(), received ${args.length}`);
  }
  args.forEach((argument, index) => checkType(name, argument, takes[variadic ? 0 : index]!));
  return run(...args);
}

// callFunction() has checked the types by the time that `run` is called
const row = <const T extends readonly Allowed[]>(takes: T, run: (...args: Given<T>) => Printable): FunctionRow => ({
  takes,
  variadic: false,
  run: run as unknown as FunctionRow['run'],
});
const repeated = <const A extends Allowed>(
  allowed: A,
  run: (...args: Given<readonly [A]>[0][]) => Printable,
): FunctionRow => ({ takes: [allowed], variadic: true, run: run as unknown as FunctionRow['run'] });

const any = [] as const;
const sortable = ['array-number', 'array-string'] as const;
const itself: Find = (item) => item;

const functions: { readonly [name: string]: FunctionRow } = {
  abs: row([['number']], Math.abs),
  avg: row([['array-number']], (list) => (list.length === 0 ? null : sum(list) / list.length)),
  ceil: row([['number']], Math.ceil),
  contains: row([['array', 'string'], any], contains),
  ends_with: row([['string'], ['string']], (text, end) => text.endsWith(end)),
  floor: row([['number']], Math.floor),
  join: row([['string'], ['array-string']], (glue, list) => list.join(glue)),
  keys: row([['object']], (map) => Object.keys(map)),
  length: row([['string', 'array', 'object']], size),
  map: row([['expref'], ['array']], ({ find }, list) => list.map(find)),
  max: row([sortable], (list) => extreme(list, itself, 1)),
  max_by: row([['array'], ['expref']], (list, { find }) => extreme(list, sortKey('max_by', find), 1)),
  merge: repeated(['object'], (...maps) => Object.fromEntries(maps.flatMap((map) => Object.entries(map)))),
  min: row([sortable], (list) => extreme(list, itself, -1)),
  min_by: row([['array'], ['expref']], (list, { find }) => extreme(list, sortKey('min_by', find), -1)),
  not_null: repeated(any, (...values) => values.find((value) => value !== null) ?? null),
  reverse: row([['array', 'string']], (value) =>
    typeof value === 'string' ? Array.from(value).toReversed().join('') : value.toReversed(),
  ),
  sort: row([['array-string', 'array-number']], (list) =>
    (list as readonly Printable[]).toSorted((a, b) => compare(a, b)),
  ),
  sort_by: row([['array'], ['expref']], (list, { find }) => sortBy(list, find)),
  starts_with: row([['string'], ['string']], (text, start) => text.startsWith(start)),
  sum: row([['array-number']], sum),
  to_array: row([any], (value) => (isList(value) ? value : [value])),
  to_number: row([any], toNumber),
  to_string: row([any], (value) => (typeof value === 'string' ? value : asciiJson(value))),
  type: row([any], typeOf),
  values: row([['object']], (map) => Object.values(map)),
};

function sum(list: readonly number[]): number {
  return list.reduce((total, value) => total + value, 0);
}

function size(value: string | readonly Printable[] | PrintableMap): number {
  if (typeof value === 'string') return Array.from(value).length;
  return isList(value) ? value.length : Object.keys(value).length;
}

function contains(within: readonly Printable[] | string, what: Printable): boolean {
  if (typeof within !== 'string') return within.some((item) => equal(item, what));
  if (typeof what === 'string') return within.includes(what);
  throw new TypeError(`'in <string>' requires string as left operand, not ${typeName(what)}`);
}

/** The first of the greatest (sign 1) or least (sign -1) items. */
function extreme(list: readonly Printable[], key: Find, sign: 1 | -1): Printable {
  let best: { readonly item: Printable; readonly key: Printable } | undefined;
  for (const item of list) {
    const candidate = { item, key: key(item) };
    if (!best || sign * compare(candidate.key, best.key, sign > 0 ? '>' : '<') > 0) best = candidate;
  }
  return best?.item ?? null;
}

function sortBy(list: readonly Printable[], find: Find): Printable {
  if (list.length === 0) return list;
  const type = typeOf(find(list[0]!));
  if (type !== 'number' && type !== 'string') throw wrongType('sort_by', list[0]!, ['string', 'number'], type);
  const key = sortKey('sort_by', find, [type]);
  return list
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ item }) => item);
}

function sortKey(name: string, find: Find, allowed: readonly string[] = ['number', 'string']): Find {
  return (item) => {
    const found = find(item);
    if (!allowed.includes(typeOf(found))) throw wrongType(name, found, allowed, typeOf(found));
    return found;
  };
}

const numberForm = /^\s*[-+]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][-+]?\d+(?:_\d+)*)?\s*$/;

function toNumber(value: Printable): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && numberForm.test(value) ? Number(value.replaceAll('_', '')) : null;
}

const asciiJson = (value: Printable): string =>
  JSON.stringify(value).replace(
    /[^\x00-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`, // by UTF-16 unit, as JSON escapes
  );

function typeOf(value: Argument): string {
  if (value instanceof Reference) return 'expref';
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  return isMap(value) ? 'object' : typeof value;
}

/** `array-number` is an array whose items are numbers; with several such types, the first item says which. */
function checkType(name: string, value: Argument, types: readonly string[]): void {
  if (types.length === 0) return;
  const type = typeOf(value);
  if (!types.some((allowed) => allowed === type || allowed.startsWith(`${type}-`))) {
    throw wrongType(name, value, types, type);
  }
  const ofItems = types.filter((allowed) => allowed.startsWith('array-')).map((allowed) => allowed.slice(6));
  if (!Array.isArray(value) || ofItems.length === 0) return;
  const items = value as readonly Printable[];
  const allowed = ofItems.length === 1 ? ofItems : ofItems.filter((item) => item === typeOf(items[0] ?? null));
  for (const item of items) {
    if (!allowed.includes(typeOf(item))) throw wrongType(name, item, types, typeName(item));
  }
}

/** Quotes the value, as `aws` does; where that may be a secret, `withoutValue` says the same without it. */
export class WrongTypeError extends TypeError {
  readonly withoutValue: string;
  constructor(value: string, { before, after }: { readonly before: string; readonly after: string }) {
    super(`${before}: ${value}${after}`);
    this.withoutValue = before + after;
  }
}

function wrongType(name: string, value: Argument, types: readonly string[], received: string): TypeError {
  return new WrongTypeError(value instanceof Reference ? '&expression' : str(value), {
    before: `In function ${name}(), invalid type for value`,
    after: `, expected one of: ${repr(types)}, received: "${received}"`,
  });
}
