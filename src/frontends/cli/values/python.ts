/** Answers as Python prints them: text and table cells and some messages show them. */
import { CommandError } from '../../../commands/command/command-error.ts';
import { isList, isMap, type Printable, type PrintableMap } from '../../../model/printable.ts';
import * as python from './python-value.ts';

/** JSON has one kind of number: what is whole counts as an int. */
function valueOf(value: Printable): python.Value {
  if (isMap(value)) return python.dict(new Map(Object.entries(value).map(([name, item]) => [name, valueOf(item)])));
  if (isList(value)) return value.map(valueOf);
  return typeof value === 'number' && !Number.isInteger(value) ? { type: 'float', value } : value;
}

export const str = (value: Printable): string => (typeof value === 'string' ? value : repr(value));

export const repr = (value: Printable): string => python.repr(valueOf(value));

/** The name of the value's Python type, as Python's own messages give it. */
export const typeName = (value: Printable): string => python.typeName(valueOf(value));

/** The value if it is a map; else Python's complaint (a list that mixes maps with other values cannot be printed). */
export function asMap(value: Printable): PrintableMap {
  if (isMap(value)) return value;
  throw new CommandError('other', `'${typeName(value)}' object has no attribute 'items'`);
}
