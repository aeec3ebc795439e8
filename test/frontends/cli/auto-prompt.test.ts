/** What `--cli-auto-prompt` asks and makes of the answers; the questions themselves are answered by a script. */
import { describe, expect, test } from 'vitest';
import { askForRest, asTyped, type Asker } from '../../../src/frontends/cli/auto-prompt.ts';
import type { Option } from '../../../src/frontends/cli/input/words.ts';
import { everyCommand } from '../../../src/frontends/cli/table/commands.ts';
import { promptMode, type PromptMode } from '../../../src/frontends/cli/prompt-mode.ts';

const commands = await everyCommand();

interface Asked {
  readonly message: string;
  readonly choices: readonly string[];
}

/** Answers in order; a question too many or a choice that was not offered fails the test. */
async function made(given: readonly string[], answers: readonly (string | readonly string[])[]) {
  const left = [...answers];
  const asked: Asked[] = [];
  const next = (message: string, choices: readonly string[], free: boolean): string | readonly string[] => {
    asked.push({ message, choices });
    const answer = left.shift();
    if (answer === undefined) throw new Error(`nothing answers ${message}`);
    if (!free && [answer].flat().some((one) => !choices.includes(one)))
      throw new Error(`${message} does not offer ${String(answer)}`);
    return answer;
  };
  const ask: Asker = {
    pick: async (message, choices, free) =>
      next(
        message,
        choices.map(({ value }) => value),
        free,
      ) as string,
    pickMany: async (message, choices) =>
      next(
        message,
        choices.map(({ value }) => value),
        false,
      ) as readonly string[],
    text: async (message) => next(message, [], true) as string,
  };
  const known = async ({ names }: Pick<Option, 'names'>) =>
    names === 'key' ? [{ name: 'alias/app', remark: '' }] : [];
  const words = await askForRest(given, { ask, commands, known });
  expect(left).toEqual([]);
  return { line: asTyped(words), asked };
}

const RUN = 'run the command';

describe('the line that is made', () => {
  test.each<[string, readonly string[], readonly (string | readonly string[])[], string]>([
    [
      'nothing given',
      [],
      ['encrypt', 'alias/app', 'fileb://x', RUN],
      'encrypt --key-id alias/app --plaintext fileb://x',
    ],
    ['the option is taken out', ['--cli-auto-prompt', 'list-keys'], [RUN], 'list-keys'],
    [
      'what is there is not asked for',
      ['encrypt', '--key-id', 'k'],
      ['aGk=', RUN],
      'encrypt --key-id k --plaintext aGk=',
    ],
    ['nor its abbreviation', ['encrypt', '--key', 'k'], ['aGk=', RUN], 'encrypt --key k --plaintext aGk='],
    [
      'global options stay where they are',
      ['--region', 'x', 'enable-key'],
      ['k', RUN],
      '--region x enable-key --key-id k',
    ],
    [
      'other options',
      ['create-key'],
      ['--key-spec', 'RSA_2048', '--multi-region', RUN],
      'create-key --key-spec RSA_2048 --multi-region',
    ],
    [
      'several of an enumeration',
      ['create-grant', '--key-id', 'k'],
      [['Decrypt', 'Encrypt'], RUN],
      'create-grant --key-id k --operations Decrypt Encrypt',
    ],
    ['a value like an option', ['create-key'], ['--description', '-x', RUN], 'create-key --description=-x'],
    ['a value with blanks', ['create-key'], ['--description', 'a key', RUN], "create-key --description 'a key'"],
    ['a group', ['keyring'], ['keyring status', RUN], 'keyring status'],
    ['the start of a command', ['describe-k'], ['describe-key', 'k', RUN], 'describe-key --key-id k'],
  ])('%s', async (_, given, answers, line) => {
    expect((await made(given, answers)).line).toBe(line);
  });

  test('keys and enumerations are offered', async () => {
    const { asked } = await made(['generate-data-key'], ['alias/app', '--key-spec', 'AES_128', RUN]);
    expect(asked[0]).toEqual({ message: '--key-id (text)?', choices: ['alias/app'] });
    expect(asked[2]!.choices).toEqual(['AES_256', 'AES_128']);
  });
});

describe('when it asks', () => {
  test.each<[string, readonly string[], { readonly [name: string]: string }, boolean, PromptMode]>([
    ['by itself never', ['list-keys'], {}, true, 'off'],
    ['with the option', ['list-keys', '--cli-auto-prompt'], {}, true, 'on'],
    ['not without a terminal', ['list-keys', '--cli-auto-prompt'], {}, false, 'off'],
    ['by the variable', ['list-keys'], { AWS_CLI_AUTO_PROMPT: 'on' }, true, 'on'],
    ['by the variable, for wrong lines', ['list-keys'], { AWS_CLI_AUTO_PROMPT: 'on-partial' }, true, 'on-partial'],
    ['an unknown value', ['list-keys'], { AWS_CLI_AUTO_PROMPT: 'yes' }, true, 'off'],
    ['the other option wins', ['list-keys', '--no-cli-auto-prompt'], { AWS_CLI_AUTO_PROMPT: 'on' }, true, 'off'],
    ['not for help', ['list-keys', 'help'], { AWS_CLI_AUTO_PROMPT: 'on' }, true, 'off'],
  ])('%s', (_, argv, env, isTerminal, mode) => {
    expect(promptMode({ argv, env, home: () => '/nowhere', terminal: { isTerminal: () => isTerminal } })).toBe(mode);
  });
});
