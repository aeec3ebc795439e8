/** JMESPath tokens: the words of an expression, with jmespath.py 1.0's names for them (its messages show them). */
import { str } from '../../values/python.ts';
import type { Printable } from '../../../../model/printable.ts';

export type TokenType =
  | 'and'
  | 'colon'
  | 'comma'
  | 'current'
  | 'dot'
  | 'eof'
  | 'eq'
  | 'expref'
  | 'filter'
  | 'flatten'
  | 'gt'
  | 'gte'
  | 'lbrace'
  | 'lbracket'
  | 'literal'
  | 'lparen'
  | 'lt'
  | 'lte'
  | 'ne'
  | 'not'
  | 'number'
  | 'or'
  | 'pipe'
  | 'quoted_identifier'
  | 'rbrace'
  | 'rbracket'
  | 'rparen'
  | 'star'
  | 'unquoted_identifier';

export interface Token {
  readonly type: TokenType;
  readonly value: Printable;
  /** In code points. */
  readonly start: number;
}

/** An expression that cannot be parsed; where the message has more than one line, the second quotes the expression. */
export class SyntaxFailure extends Error {
  override readonly name = 'SyntaxFailure';
  readonly lines: readonly string[];
  constructor(...lines: readonly string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}

/** The longest first, so that `[?` is not read as `[`. */
const symbols: readonly (readonly [string, TokenType])[] = [
  ['[]', 'flatten'],
  ['[?', 'filter'],
  ['||', 'or'],
  ['&&', 'and'],
  ['<=', 'lte'],
  ['>=', 'gte'],
  ['!=', 'ne'],
  ['==', 'eq'],
  ['[', 'lbracket'],
  ['|', 'pipe'],
  ['&', 'expref'],
  ['<', 'lt'],
  ['>', 'gt'],
  ['!', 'not'],
  ['.', 'dot'],
  ['*', 'star'],
  [']', 'rbracket'],
  [',', 'comma'],
  [':', 'colon'],
  ['@', 'current'],
  ['(', 'lparen'],
  [')', 'rparen'],
  ['{', 'lbrace'],
  ['}', 'rbrace'],
];

type Reader = (found: string, fail: (message: string) => never) => Printable;

/** Words with a value: how they look, and how they are read; a number is looked for before the lone `-` fails. */
const words: readonly (readonly [RegExp, TokenType, Reader])[] = [
  [/[A-Za-z_][A-Za-z0-9_]*/y, 'unquoted_identifier', (found) => found],
  [/-?[0-9]+/y, 'number', Number],
  [/"(?:[^"\\]|\\[^])*"/y, 'quoted_identifier', readIdentifier],
  [/'(?:[^'\\]|\\[^])*'/y, 'literal', (found) => found.slice(1, -1).replaceAll("\\'", "'")],
  [/`(?:[^`\\]|\\[^])*`/y, 'literal', readLiteral],
];

const blank = /[ \t\n\r]+/y;

/** Of an expression: its pieces stand within each other, and are found by calls within calls. */
const MAX_TOKENS = 2_000;

export function tokenize(expression: string): Token[] {
  if (expression === '') throw new SyntaxFailure('Invalid JMESPath expression: cannot be empty.');
  const tokens: Token[] = [];
  let at = 0;
  let place = 0; // in code points
  const go = (length: number): void => {
    place += Array.from(expression.slice(at, at + length)).length;
    at += length;
  };
  while (at < expression.length) {
    const gap = match(blank, expression, at);
    if (gap !== undefined) {
      go(gap.length);
      continue;
    }
    const { type, value, length } = readToken(expression, at, (message) => {
      throw new SyntaxFailure(`Bad jmespath expression: ${message}:`, expression, `${' '.repeat(place)}^`);
    });
    tokens.push({ type, value, start: place });
    if (tokens.length > MAX_TOKENS)
      throw new SyntaxFailure(`Invalid jmespath expression: more than ${MAX_TOKENS} tokens`);
    go(length);
  }
  return [...tokens, { type: 'eof', value: '', start: place }];
}

function readToken(
  expression: string,
  at: number,
  fail: (message: string) => never,
): { type: TokenType; value: Printable; length: number } {
  for (const [form, type, read] of words) {
    const found = match(form, expression, at);
    if (found !== undefined) return { type, value: read(found, fail), length: found.length };
  }
  const symbol = symbols.find(([text]) => expression.startsWith(text, at));
  if (symbol) return { type: symbol[1], value: symbol[0], length: symbol[0].length };
  const character = String.fromCodePoint(expression.codePointAt(at)!);
  if (`"'\``.includes(character)) return fail(`Unclosed ${character} delimiter`);
  return fail(`Unknown token ${'-='.includes(character) ? `'${character}'` : character}`);
}

function match(form: RegExp, text: string, at: number): string | undefined {
  form.lastIndex = at;
  return form.exec(text)?.[0];
}

function readIdentifier(found: string, fail: (message: string) => never): string {
  const value = parse(found);
  if (value !== undefined) return str(value);
  if (/[\x00-\x1f]/.test(found)) return fail('Invalid control character at');
  return fail(/\\u(?![0-9a-fA-F]{4})/.test(found) ? 'Invalid \\uXXXX escape' : 'Invalid \\escape');
}

/** What is not JSON between back quotes is a text (JEP-12's time of transition). */
function readLiteral(found: string, fail: (message: string) => never): Printable {
  const inside = found.slice(1, -1).replaceAll('\\`', '`');
  for (const json of [inside, `"${inside.trimStart()}"`]) {
    const value = parse(json);
    if (value !== undefined) return value;
  }
  return fail(`Bad token ${inside}`);
}

function parse(json: string): Printable | undefined {
  try {
    return JSON.parse(json) as Printable;
  } catch {
    return undefined;
  }
}
