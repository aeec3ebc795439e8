/** KmsError: an error that is returned to the caller, with AWS's name and message. */
import { cut } from './cut.ts';

/** Maximum length of a message in characters, quoted input included. */
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
 * A failure of the environment: no keyring, locked, wrong passphrase, damaged file, full disk. It has no AWS name;
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

/** Argument errors of Node.js and JSON errors of V8 quote their input, which may be a secret. */
const QUOTES: readonly (readonly [code: RegExp, quote: RegExp, instead: string])[] = [
  [/^ERR_/, /\.? Received [^]*$/, ''],
  [/^SyntaxError$/, /^[^]* is not valid JSON$/, 'a text is not valid JSON'],
];

/** The message of an unexpected error, without values. @param form `stack` where people are to see its place */
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
