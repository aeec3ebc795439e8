/**
 * Env files in the dialect of `node --env-file`: `NAME=VALUE` a line, with comments, quotes and values over several
 * lines. What Node.js ignores or reads otherwise than it looks is refused (docs/env-files.md). Errors never quote a value.
 */
import { EnvironmentError } from '../../model/error.ts';

export interface EnvEntry {
  readonly name: string;
  readonly value: string;
  /** Where its value is in the text, quotes included. */
  readonly valueAt: TextRange;
  /** Where all of it is: from the beginning of its line to the end of its last one. */
  readonly at: TextRange;
}

interface TextRange {
  readonly start: number;
  readonly end: number;
}

// Node.js removes every CR before it reads a file
const NAME = /[ \t\r]*(export [ \t\r]*)?([A-Za-z_][A-Za-z0-9_]*)[ \t\r]*=([ \t\r]*)/y;
const LINE_END = /[ \t\r]*(?:#[^\n]*)?(?:\n|$)/y;
const QUOTES = ['"', "'", '`'] as const;

/** In the order of the file; a name may occur several times. @param path for messages */
export function parseEnvFile(text: string, path: string): readonly EnvEntry[] {
  const entries: EnvEntry[] = [];
  let start = 0;
  const refuse: Refuse = (at, what, hint) => {
    throw new EnvironmentError(`${path}:${text.slice(0, at).split('\n').length} ${what}`, [hint]);
  };
  while (start < text.length) {
    const skipped = matchAt(LINE_END, text, start);
    if (skipped) {
      start = skipped.end;
      continue;
    }
    const head = matchAt(NAME, text, start) ?? refuse(start, 'is not NAME=VALUE', 'a comment starts with #');
    const [, isExported, name, blanks] = head.groups;
    if (isExported && isLineEnd(text, head.end)) {
      refuse(
        start,
        'has export, but no value',
        `write ${name}="": node --env-file would read export as a part of the name`,
      );
    }
    if (/[ \t]/.test(blanks!) && isLineEnd(text, head.end) && !/^[ \t\r\n]*$/.test(text.slice(head.end))) {
      refuse(start, 'has blanks in place of a value', 'node --env-file would read the next line as the value');
    }
    const value = valueAt(text, head.end, refuse);
    entries.push({ name: name!, value: value.value, valueAt: value.at, at: { start, end: value.lineEnd } });
    start = value.lineEnd;
  }
  return entries;
}

function matchAt(
  pattern: RegExp,
  text: string,
  at: number,
): { readonly groups: readonly (string | undefined)[]; readonly end: number } | undefined {
  pattern.lastIndex = at;
  const groups = pattern.exec(text);
  return groups ? { groups, end: pattern.lastIndex } : undefined;
}

const isLineEnd = (text: string, at: number): boolean => at === text.length || text[at] === '\n';

type Refuse = (at: number, what: string, hint: string) => never;

interface FoundValue {
  readonly value: string;
  readonly at: TextRange;
  readonly lineEnd: number;
}

function valueAt(text: string, start: number, refuse: Refuse): FoundValue {
  const quote = QUOTES.find((one) => text[start] === one);
  if (quote !== undefined) return quotedAt(text, start, { quote, refuse });
  const newline = text.indexOf('\n', start);
  const lineEnd = newline === -1 ? text.length : newline + 1;
  const line = text.slice(start, newline === -1 ? undefined : newline);
  const comment = line.indexOf('#');
  const raw = trimEnd(comment === -1 ? line : line.slice(0, comment));
  return { value: raw.replaceAll('\r', ''), at: { start, end: start + raw.length }, lineEnd };
}

/** Not a regular expression, which would take quadratic time for many blanks before another character. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && ' \t\r'.includes(text[end - 1]!)) end -= 1;
  return text.slice(0, end);
}

function quotedAt(
  text: string,
  start: number,
  { quote, refuse }: { readonly quote: (typeof QUOTES)[number]; readonly refuse: Refuse },
): FoundValue {
  const close = text.indexOf(quote, start + 1);
  if (close === -1)
    refuse(start, `has no closing ${quote}`, 'a value that begins with a quote ends with the same quote');
  const inner = text.slice(start + 1, close).replaceAll('\r', '');
  const rest =
    matchAt(LINE_END, text, close + 1) ??
    refuse(close, `has text after the closing ${quote}`, 'there are no escaped quotes: use another kind of quotes');
  const value = quote === '"' ? inner.replaceAll('\\n', '\n') : inner;
  return { value, at: { start, end: close + 1 }, lineEnd: rest.end };
}

/** A value as it is written in an env file; undefined: this dialect has no way to write it. */
export function writtenValue(value: string): string | undefined {
  if (value.includes('\r')) return undefined;
  if (/^[\w@%+=:,./-]*$/.test(value)) return value;
  for (const quote of ["'", '"', '`'] as const) {
    if (!value.includes(quote) && (quote !== '"' || !value.includes('\\n'))) return quote + value + quote;
  }
  return /^[^\s'"`]$|^[^\s'"`][^#\n]*[^\s#]$/.test(value) ? value : undefined;
}

/** The entry of this name that counts: the last one. */
export const entryNamed = (entries: readonly EnvEntry[], name: string): EnvEntry | undefined =>
  entries.findLast((entry) => entry.name === name);

/** Each with the text that takes the place of its value; everything else stays as it is. */
export function withValues(text: string, values: ReadonlyMap<EnvEntry, string>): string {
  const pieces: string[] = [];
  let from = 0;
  for (const [{ valueAt: at }, value] of values) {
    pieces.push(text.slice(from, at.start), value);
    from = at.end;
  }
  return pieces.join('') + text.slice(from);
}

/** The text with this value in place of the one of its name, or with a new line at its end. @param value as it is written */
export function withValue(text: string, path: string, name: string, value: string): string {
  const entry = entryNamed(parseEnvFile(text, path), name);
  const changed = entry ? withValues(text, new Map([[entry, value]])) : `${ended(text)}${name}=${value}`;
  return ended(changed);
}

const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** The text without the lines of this name. */
export const withoutName = (text: string, path: string, name: string): string =>
  parseEnvFile(text, path)
    .filter((entry) => entry.name === name)
    .reduceRight((rest, { at }) => rest.slice(0, at.start) + rest.slice(at.end), text);
