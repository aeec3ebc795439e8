/**
 * From what aws-cli 2.9 printed to what `kms` must print: the one place where the two may differ in letters. stdout and
 * the exit status are never touched. "v2" is 2.34.0 and later.
 */
import { usage } from '../../src/frontends/cli/input/usage-error.ts';

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Layout {
  readonly old: RegExp;
  readonly now: (message: string, exit: number) => string;
}

const U = String.raw`usage: aws \[options\][^]*?<subcommand> help\n`;
const USAGE = usage('kms').trimEnd();

/** The name that 2.34 and later put before messages of these exit statuses. */
const NAMES: { readonly [exit: number]: string } = {
  252: 'An error occurred (ParamValidation): ',
  253: 'An error occurred (Configuration): ',
};

const LAYOUTS: readonly Layout[] = [
  {
    old: new RegExp(String.raw`^\n${U}\n?Unknown options: ([^]*?)\n\n$`),
    now: (message) => `\n${USAGE}\n\n\nkms: [ERROR]: Unknown options: ${message}\n`,
  },
  {
    old: new RegExp(String.raw`^\n${U}\n?aws: error: ([^]*?)\n\n$`),
    now: (message) => `\nkms: [ERROR]: ${NAMES[252]}${wording(message)}\n\n${USAGE}\n`,
  },
  { old: /^(warning: [^\n]*\n)$/, now: (message) => message },
  {
    old: /^\n([^]*)\n$/,
    now: (message, exit) => `\nkms: [ERROR]: ${NAMES[exit] ?? ''}${exit === 254 ? message : message.trim()}\n`,
  },
];

/** 2.9 lists all choices, 2.36 only those that are similar. */
function wording(message: string): string {
  const choice =
    /^(argument \S+: )Invalid choice, valid choices are:\n[^]*?(?:\n\n\nInvalid choice: '(.*)', maybe you meant:\n\n([^]*))?$/.exec(
      message,
    );
  if (!choice) return message.trim();
  const [, argument = '', word = '', similar = ''] = choice;
  return `${argument}Found invalid choice '${word}'\n\nMaybe you meant:\n\n${similar.trimEnd()}`;
}

/** The text in front of a caret is indented by one space now. */
const CARET = /(Expected: .*, received: .* for input:\n)/;

/** Of a service that is asked once; `kms` has no retries to tell of. */
const RETRIES = / \(reached max retries: \d+\)/;

export function asKms({ exit, stdout, stderr }: Ran): Ran {
  for (const { old, now } of LAYOUTS) {
    const found = old.exec(stderr.replace(RETRIES, '').replace(CARET, '$1 '));
    if (found) return { exit, stdout, stderr: now(found[1]!, exit) };
  }
  return { exit, stdout, stderr };
}
