/** The source of an expression: its tokens, the position of the parser, and errors. */
import { str } from '../../values/python.ts';
import { SyntaxFailure, type Token, type TokenType } from './tokens.ts';
import type { ValueBudget } from './value-budget.ts';

export interface Source {
  readonly text: string;
  readonly tokens: readonly Token[];
  at: number;
  /** What its pieces make when they are applied. */
  readonly budget: ValueBudget;
}

export const peek = (source: Source, ahead = 0): Token => source.tokens[source.at + ahead] ?? source.tokens.at(-1)!;

export function take(source: Source): Token {
  const token = peek(source);
  source.at += 1;
  return token;
}

export function expect(source: Source, types: readonly TokenType[]): Token {
  const token = take(source);
  if (types.includes(token.type)) return token;
  if (token.type === 'eof') return incomplete(source);
  return fail(source, token, `Expecting: ${types.length === 1 ? types[0] : listed(types)}, got: ${token.type}`);
}

export const listed = (types: readonly string[]): string => `[${types.map((type) => `'${type}'`).join(', ')}]`;

export function fail({ text }: Source, { type, value, start }: Token, reason: string): never {
  const token = `token "${str(value)}" (${type.toUpperCase()})`;
  throw new SyntaxFailure(
    `${reason}: Parse error at column ${start}, ${token}, for expression:`,
    `"${text}"`,
    `${' '.repeat(start + 1)}^`,
  );
}

export function incomplete({ text }: Source): never {
  const end = Array.from(text).length;
  throw new SyntaxFailure(
    'Invalid jmespath expression: Incomplete expression:',
    `"${text}"`,
    `${' '.repeat(end + 1)}^`,
  );
}
