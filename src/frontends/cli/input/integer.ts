/** Integers of the command line, as Python's `int()` parses them. */
import { repr, SPACE, typeOf, type Value } from '../values/python-value.ts';
import { UsageError } from './usage-error.ts';

/** `int(text)`, or undefined where Python raises ValueError. */
export function parseInt10(text: string): number | bigint | undefined {
  const [, sign, digits] = integerPattern().exec(text) ?? [];
  if (digits === undefined) return undefined;
  const whole = BigInt(Array.from(digits.replaceAll('_', ''), decimalDigit).join(''));
  const signed = sign === '-' ? -whole : whole;
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
}

let pattern: RegExp | undefined;
/** Made when the first integer comes: a class of Unicode characters takes a while to read. */
const integerPattern = (): RegExp =>
  (pattern ??= new RegExp(`^${SPACE}*([+-]?)(\\p{Nd}+(?:_\\p{Nd}+)*)${SPACE}*$`, 'u'));

/** The sets of decimal digits start at code points ending in 0 or 6; the mathematical ones stand in one row of fifty. */
function decimalDigit(character: string): number {
  const code = character.codePointAt(0)!;
  if (code >= 0x1d7ce && code <= 0x1d7ff) return (code - 0x1d7ce) % 10;
  const row = code & ~15;
  return /\p{Nd}/u.test(String.fromCodePoint(row)) ? code - row : code - row - 6;
}

/** The value of an integer member: not a usage error with a name, as in the AWS CLI (exit 255). */
export function readInteger(value: Value): Value {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
  if (typeof text !== 'string') {
    const type = typeOf(value).slice("<class '".length, -"'>".length);
    const wanted = 'a string, a bytes-like object or a real number';
    throw new UsageError('other', `int() argument must be ${wanted}, not '${type}'`);
  }
  const number = parseInt10(text);
  if (number === undefined) throw new UsageError('other', `invalid literal for int() with base 10: ${repr(value)}`);
  return number;
}
