/** Questions at the terminal. They go to stderr, so that an answer on stdout stays clean; inquirer is loaded only here. */
import { EnvironmentError } from '../api/error.ts';

const context = { output: process.stderr };

async function askPassword(message: string): Promise<string> {
  const { password } = await import('@inquirer/prompts');
  return password({ message, mask: true }, context);
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const passphrasePrompts = {
  passphrase: async (): Promise<Uint8Array> => bytes(await askPassword('Passphrase of the keyring:')),
  /** Asked twice: a slip would lock the keyring for good. */
  async newPassphrase(): Promise<Uint8Array> {
    const first = await askPassword('New passphrase:');
    const second = await askPassword('The same passphrase again:');
    if (first !== second) throw new EnvironmentError('the two passphrases differ');
    return bytes(first);
  },
};

export interface Question {
  readonly message: string;
  readonly usual: string;
  readonly check: (answer: string) => string | undefined;
}

export async function ask({ message, usual, check }: Question): Promise<string> {
  const { input } = await import('@inquirer/prompts');
  const answer = await input(
    { message, ...(usual === '' ? {} : { default: usual }), validate: (text) => check(text) ?? true },
    context,
  );
  return answer.trim();
}
