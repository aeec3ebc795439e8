/**
 * Globs: `*` stands for any run of characters (also none), `?` for exactly one. No regular expression is
 * built from the pattern; the work is at most the length of the pattern times the length of the text. Characters are UTF-16 units.
 */

/** One entry per character of the pattern: its code, or a wildcard. A literal `*` (`${*}`) is a code like any other. */
export type Glob = readonly number[];

export const ONE = -1;
export const MANY = -2;
const STAR = 0x2a;
const QUESTION = 0x3f;

export const hasWildcard = (pattern: string): boolean => pattern.includes('*') || pattern.includes('?');

/** Appends a piece of pattern; in a literal piece `*` and `?` are themselves. */
export function appendGlob(glob: number[], piece: string, literal: boolean): void {
  for (let at = 0; at < piece.length; at++) {
    const code = piece.charCodeAt(at);
    glob.push(literal ? code : code === STAR ? MANY : code === QUESTION ? ONE : code);
  }
}

export function readGlob(pattern: string): Glob {
  const glob: number[] = [];
  appendGlob(glob, pattern, false);
  return glob;
}

/** Whole-string match. On a mismatch only the last `*` takes one character more: earlier ones never need to move. */
export function matchesGlob(glob: Glob, text: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let resume = 0;
  while (from < text.length) {
    const wanted = glob[at];
    if (wanted === MANY) {
      star = at++;
      resume = from;
    } else if (wanted !== undefined && (wanted === ONE || wanted === text.charCodeAt(from))) {
      at++;
      from++;
    } else if (star >= 0) {
      at = star + 1;
      from = ++resume;
    } else {
      return false;
    }
  }
  while (glob[at] === MANY) at++;
  return at === glob.length;
}

/** The same for a pattern as written, with the frequent cases first. */
export function matchesPattern(pattern: string, text: string): boolean {
  if (pattern === '*') return true;
  return hasWildcard(pattern) ? matchesGlob(readGlob(pattern), text) : pattern === text;
}
