/** Truncation of quoted texts to documented lengths (docs/limits.md), with a mark. */

/** Characters of a value that a message quotes, or of its name. */
export const MAX_QUOTED = 1_024;

/** Characters are UTF-16 code units; a pair of surrogates stays whole. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = max > 0 && isHighSurrogate(text.charCodeAt(max - 1)) ? max - 1 : max;
  return `${text.slice(0, end)}...(${text.length - end} characters cut)`;
}

/** A message of several lines, of at most so many characters together; later lines that do not fit are left out. */
export function cutLines(lines: readonly string[], max: number): readonly string[] {
  const kept: string[] = [];
  let left = max;
  for (const [at, line] of lines.entries()) {
    if (left <= 0) return [...kept, `...(${lines.length - at} lines cut)`];
    kept.push(cut(line, left));
    left -= line.length + 1;
  }
  return kept;
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
