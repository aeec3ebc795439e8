/** The patterns of strings, as AWS's model writes them. */
import type { StringShape } from './shape.ts';

/** Compiled at their first use: most commands never need most of them. */
const compiled = new WeakMap<StringShape, RegExp>();

/** The service matches the whole value (Java's Pattern.matches), whether or not the pattern is anchored. */
export function fitsPattern(shape: StringShape, value: string): boolean {
  if (shape.pattern === undefined) return true;
  let pattern = compiled.get(shape);
  if (!pattern) {
    pattern = new RegExp(`^(?:${shape.pattern.replaceAll('\\p{ASCII}', '[\\x00-\\x7F]')})$`);
    compiled.set(shape, pattern);
  }
  return pattern.test(value);
}
