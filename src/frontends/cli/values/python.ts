/** Python: how Python's `str()` and `repr()` print a value; text and table cells and some messages show them. */
import { CommandError } from './command-error.ts';
import { isList, isMap, type Printable, type PrintableMap } from './printable.ts';

export function str(value: Printable): string {
  return typeof value === 'string' ? value : repr(value);
}

export function repr(value: Printable): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') return quoted(value);
  if (isList(value)) return `[${value.map(repr).join(', ')}]`;
  if (isMap(value)) {
    return `{${Object.entries(value)
      .map(([name, item]) => `${quoted(name)}: ${repr(item)}`)
      .join(', ')}}`;
  }
  return String(value);
}

/** The name of the value's Python type, as Python's own messages give it. */
export function typeName(value: Printable): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return isList(value) ? 'list' : 'dict';
}

/** The value if it is a map; else Python's complaint (a list that mixes maps with other values cannot be printed). */
export function asMap(value: Printable): PrintableMap {
  if (isMap(value)) return value;
  throw new CommandError('other', `'${typeName(value)}' object has no attribute 'items'`);
}

const escapes: { readonly [character: string]: string } = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inside = text.replace(/[\\\x00-\x1f\x7f-\xa0]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, '0');
    return escapes[character] ?? `\\x${code}`;
  });
  return quote + (quote === "'" ? inside.replaceAll("'", "\\'") : inside) + quote;
}
