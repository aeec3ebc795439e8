/** KmsError: a failure that the caller is told about, with AWS's name and text. */
import { cut } from './cut.ts';

/** Characters of a message, however much of what was sent it quotes. */
export const MAX_MESSAGE = 8_192;

export class KmsError extends Error {
  override readonly name = 'KmsError';
  readonly code: string;
  constructor(code: string, message = '') {
    super(cut(message, MAX_MESSAGE));
    this.code = code;
  }
}

/**
 * A failure of the sessionOptions: no keyring, locked, wrong passphrase, damaged file, full disk. It has no AWS name;
 * the command line prints it with its `hint:` lines and exits 253.
 */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly hints: readonly string[];
  constructor(message: string, hints: readonly string[] = [], options?: ErrorOptions) {
    super(cut(message, MAX_MESSAGE), options);
    this.hints = hints.map((hint) => cut(hint, MAX_MESSAGE));
  }
}

/** Node.js's errors of arguments and V8's of JSON quote what was given: it may be a secret. */
const QUOTES: readonly (readonly [code: RegExp, quote: RegExp, instead: string])[] = [
  [/^ERR_/, /\.? Received [^]*$/, ''],
  [/^SyntaxError$/, /^[^]* is not valid JSON$/, 'a text is not valid JSON'],
];

/** What an error that nobody expected says, without values. @param form `stack` where people are to see its place */
export function withoutValues(error: Error, form: 'message' | 'stack' = 'message'): string {
  const kind = 'code' in error ? String(error.code) : error.name;
  const message = QUOTES.reduce(
    (text, [code, quote, instead]) => (code.test(kind) ? text.replace(quote, instead) : text),
    error.message,
  );
  if (form === 'message') return message;
  const { stack = '' } = error;
  const end = stack.indexOf(error.message) + error.message.length;
  return `${error.name}: ${message}${error.message === '' || end < error.message.length ? '' : stack.slice(end)}`;
}
