/** Errors on stderr: the layout of each kind of failure, and `--cli-error-format`. */
import { visible } from '../../../model/visible.ts';
import type { Failure, FailureKind } from './failure.ts';
import { formats } from './format.ts';
import type { Printable } from '../../../model/printable.ts';

const errorFormats = ['legacy', 'json', 'yaml', 'text', 'table', 'enhanced'] as const;
export type ErrorFormat = (typeof errorFormats)[number];

/** An unknown name from the environment or a profile is `enhanced`. */
export const errorFormatOf = (name: string | undefined): ErrorFormat =>
  errorFormats.find((format) => format === name) ?? 'enhanced';

export async function errorLayout(failure: Failure, format: ErrorFormat, width?: number): Promise<string> {
  const row = rows[failure.kind];
  if (format === 'enhanced' || format === 'legacy' || !row.asData) {
    const text = row.text({ ...failure, message: shown(failure) }, format !== 'legacy');
    const hints = (failure.hints ?? []).map((hint) => `hint: ${visible(hint)}\n`);
    const list = failure.list === undefined ? '' : `\n${failure.list.join('\n')}\n`;
    return `${row.preface(failure)}\nkms: [ERROR]: ${text}\n${list}${hints.join('')}`;
  }
  const print = await formats[format].printer();
  // JSON and YAML have escapes of their own
  const message = format === 'text' || format === 'table' ? shown(failure) : failure.lines.join('\n');
  return print(row.asData({ ...failure, message }), { title: 'error', width });
}

/** Quoted text cannot begin a new line of the message. */
const shown = ({ lines }: Failure): string => lines.map(visible).join('\n');

type FailureWithMessage = Failure & { readonly message: string };

interface ErrorRow {
  /** What stands above the message. */
  readonly preface: (failure: Failure) => string;
  readonly text: (failure: FailureWithMessage, named: boolean) => string;
  /** Absent: always plain. */
  readonly asData?: (failure: FailureWithMessage) => Printable;
}

const nothing = (): string => '';

const rows: { readonly [kind in FailureKind]: ErrorRow } = {
  service: {
    preface: nothing,
    // as it was sent: behind an empty message a blank is left
    text: ({ code = '', operation, message }) =>
      `An error occurred (${code})${operation === undefined ? '' : ` when calling the ${operation} operation`}: ${message}`,
    // the service sends `message`, to which `aws` adds its own two
    asData: ({ code = '', message }) => ({ Message: message, Code: code, ...(message === '' ? {} : { message }) }),
  },
  usage: {
    preface: nothing,
    text: (failure, named) => withCode(named ? (failure.code ?? 'ParamValidation') : undefined, withUsage(failure)),
    asData: (failure) => ({ Code: failure.code ?? 'ParamValidation', Message: withUsage(failure) }),
  },
  unknownOptions: {
    preface: ({ usage = '' }) => (usage === '' ? '' : `\n${usage.trimEnd()}\n\n`),
    text: ({ message }) => message.trim(),
  },
  environment: {
    preface: nothing,
    text: ({ code, message }, named) => withCode(named ? code : undefined, message.trim()),
    asData: ({ code = 'Configuration', message }) => ({ Code: code, Message: message.trim() }),
  },
  other: { preface: nothing, text: ({ message }) => message.trim() },
};

const withCode = (code: string | undefined, message: string): string =>
  code === undefined ? message : `An error occurred (${code}): ${message}`;

/** A choice without suggestions ends with a newline, which stays: two empty lines. */
const withUsage = ({ message, usage }: FailureWithMessage): string =>
  usage === undefined ? message.trim() : `${message.trimStart()}\n\n${usage.trimEnd()}`;
