/**
 * Python's values and their printed form. The AWS CLI's messages quote values the Python way and name Python's types,
 * so between the words and the request a value stays what it is in Python: 1 and 1.0 are different.
 */

export type Value = null | boolean | number | bigint | string | Uint8Array | readonly Value[] | Float | Dict | Instant;

/** A number with a point or an exponent; a bare `number` is an int. */
export interface Float {
  readonly type: 'float';
  readonly value: number;
}
/** Objects from JSON options are ordered dictionaries, all others plain ones; only messages show the difference. */
export interface Dict {
  readonly type: 'dict' | 'collections.OrderedDict';
  readonly items: ReadonlyMap<string, Value>;
}
/** An unquoted date or time in YAML. */
export interface Instant {
  readonly type: 'datetime.date' | 'datetime.datetime';
  readonly at: Date;
  readonly text: string;
}

export const dict = (items: ReadonlyMap<string, Value>, type: Dict['type'] = 'dict'): Dict => ({ type, items });

export const isDict = (value: Value): value is Dict =>
  isTagged(value) && (value.type === 'dict' || value.type === 'collections.OrderedDict');

export const isInstant = (value: Value): value is Instant => isTagged(value) && value.type.startsWith('datetime.');

const isTagged = (value: Value): value is Float | Dict | Instant =>
  typeof value === 'object' && value !== null && 'type' in value;

/** `type(value)` as Python prints it: `<class 'str'>`. */
export const typeOf = (value: Value): string => `<class '${typeName(value)}'>`;

export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint') return 'int';
  if (typeof value === 'string') return 'str';
  if (value instanceof Uint8Array) return 'bytes';
  return isTagged(value) ? value.type : 'list';
}

/** `str(value)`: a string as it is, everything else as repr. */
export const str = (value: Value): string => (typeof value === 'string' ? value : repr(value));

export function repr(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return quote(value, escapeCharacter);
  if (value instanceof Uint8Array) return `b${quote(Buffer.from(value).toString('latin1'), escapeByte)}`;
  if (!isTagged(value)) return `[${value.map(repr).join(', ')}]`;
  if (isDict(value)) {
    const braces = `{${Array.from(value.items, ([key, item]) => `${repr(key)}: ${repr(item)}`).join(', ')}}`;
    if (value.type === 'dict') return braces;
    return value.items.size === 0 ? 'OrderedDict()' : `OrderedDict(${braces})`;
  }
  return value.type === 'float' ? reprFloat(value.value) : value.text;
}

/** Single quotes, unless the text has some and no double ones. */
function quote(text: string, escape: (character: string) => string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  let quoted = mark;
  for (const character of text) quoted += character === mark ? `\\${mark}` : escape(character);
  return quoted + mark;
}

const NAMED = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);
/**
 * `str.isprintable`: no control, format, surrogate, private or unassigned character, and of the spaces only U+0020. In
 * the function, because reading these classes takes a fifth of a millisecond, which only a call that quotes pays.
 */
const isUnprintable = (character: string): boolean => /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(character);

const escapeCharacter = (character: string): string =>
  NAMED.get(character) ?? (isUnprintable(character) ? escapeCode(character.codePointAt(0)!) : character);

const escapeByte = (character: string): string =>
  NAMED.get(character) ?? (/[^ -~]/.test(character) ? escapeCode(character.charCodeAt(0)) : character);

function escapeCode(code: number): string {
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Python writes an exponent below 1e-4 and from 1e16 on, with two digits at least, and always shows a float as one. */
function reprFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits, exponent] = value.toExponential().split('e') as [string, string];
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

/** What Python's `str.strip`, `str.split` and `int` count as white space; JavaScript's `\s` differs in six characters. */
export const SPACE = '[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const TRAILING_SPACE = new RegExp(`${SPACE}+$`);
const LEADING_SPACE = new RegExp(`^${SPACE}+`);

export const rstrip = (text: string): string => text.replace(TRAILING_SPACE, '');
const lstrip = (text: string): string => text.replace(LEADING_SPACE, '');

/** `float(text)` for finite numbers, or undefined. */
export function parseFloat10(text: string): number | undefined {
  const bare = lstrip(rstrip(text)).replace(/(?<=\d)_(?=\d)/g, '');
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(bare)) return undefined;
  return Number(bare);
}
