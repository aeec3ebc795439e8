/** Prompts on the terminal. They are written to stderr; stdout is for output only. inquirer is loaded only here. */
import { EnvironmentError } from '../../model/error.ts';
import type { Question } from '../../commands/command/capabilities.ts';
import type { Asker, PromptChoice } from './auto-prompt.ts';

const context = { output: process.stderr };

async function askPassword(message: string): Promise<string> {
  const { password } = await import('@inquirer/prompts');
  return password({ message, mask: true }, context);
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const secretPrompts = {
  passphrase: async (): Promise<Uint8Array> => bytes(await askPassword('Passphrase of the keyring:')),
  /** Asked twice, because the keyring cannot be opened if it is mistyped. */
  async newPassphrase(): Promise<Uint8Array> {
    const first = await askPassword('New passphrase:');
    const second = await askPassword('Repeat the passphrase:');
    if (first !== second) throw new EnvironmentError('the passphrases do not match');
    return bytes(first);
  },
  secret: async (message: string): Promise<Uint8Array> => bytes(await askPassword(message)),
};

export async function ask({ message, defaultValue, check }: Question): Promise<string> {
  const { input } = await import('@inquirer/prompts');
  const answer = await input(
    { message, ...(defaultValue === '' ? {} : { default: defaultValue }), validate: (text) => check(text) ?? true },
    context,
  );
  return answer.trim();
}

export async function waitForEnter(): Promise<void> {
  const { input } = await import('@inquirer/prompts');
  await input({ message: 'Press Enter to continue, Ctrl-C to stop.' }, { ...context, clearPromptOnDone: true });
}

/** Questions of `--cli-auto-prompt`. */
export const asker: Asker = {
  async pick(message, choices, free) {
    const { search } = await import('@inquirer/prompts');
    const source = (term = ''): { value: string; name: string; description: string }[] => {
      const found = choices.filter(({ value, remark = '' }) =>
        `${value} ${remark}`.toLowerCase().includes(term.toLowerCase()),
      );
      const typed = free && term !== '' && !found.some(({ value }) => value === term) ? [{ value: term }] : [];
      return [...found, ...typed].map(({ value, remark = '' }: PromptChoice) => ({
        value,
        name: value,
        description: remark,
      }));
    };
    return search({ message, source }, context);
  },
  async pickMany(message, choices) {
    const { checkbox } = await import('@inquirer/prompts');
    return checkbox({ message, choices: choices.map(({ value }) => value), required: true }, context);
  },
  async text(message) {
    const { input } = await import('@inquirer/prompts');
    return input({ message }, context);
  },
};
