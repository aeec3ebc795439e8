/** Options say what their values name, so that shells complete it: none whose text begins with a file is left out. */
import { describe, expect, test } from 'vitest';
import { GLOBAL_OPTIONS } from '../../../../src/frontends/cli/input/global-option.ts';
import { optionsOf, type CommandOption } from '../../../../src/frontends/cli/input/option.ts';
import { namesOf } from '../../../../src/frontends/cli/input/words.ts';
import { everyCommand } from '../../../../src/frontends/cli/table/commands.ts';
import { textOf } from '../../../../src/texts/index.ts';
import { GLOBAL_OPTION_TEXTS } from '../../../../src/texts/option.ts';

const commands = await everyCommand();
const options: readonly (readonly [line: string, option: CommandOption, text: string])[] = [
  ...Object.values<CommandOption>(GLOBAL_OPTIONS).map(
    (option) => [option.name, option, GLOBAL_OPTION_TEXTS[option.name] ?? ''] as const,
  ),
  ...commands
    .filter(({ kind }) => kind === 'local')
    .flatMap((command) =>
      optionsOf(command).map((option) => {
        const text = 'member' in option ? (textOf(command.operation).members[option.member] ?? '') : '';
        return [`${command.name} ${option.name}`, option, text] as const;
      }),
    ),
];

const FILE = /^(?:A|An|The|Files?)\b(?: \w+){0,2}? ?\b(?:files?|folder|path of a file)\b(?! descriptor)/i;
const files = options.filter(([, , text]) => FILE.test(text));

test('texts speak of files', () => expect(files.length).toBeGreaterThan(15));

test.each(files)('%s names a file', (_, { names }) => expect(names).toBe('file'));

describe('the same member names the same thing in every operation', () => {
  const named = commands
    .filter(({ kind }) => kind === 'operation')
    .flatMap((command) => optionsOf(command).filter(({ names }) => names !== undefined));
  test.each([
    ['--key-id', 'key'],
    ['--source-key-id', 'key'],
    ['--destination-key-id', 'key'],
    ['--target-key-id', 'key, not by its alias'],
    ['--alias-name', 'alias'],
    ['--replica-region', 'region'],
    ['--primary-region', 'region'],
  ])('%s', (name, thing) => {
    const found = named.filter((option) => option.name === name);
    expect(new Set(found.map(({ names }) => names))).toEqual(new Set([thing]));
  });
});

test('every local command takes --key-id as operations do, and --key for it', () => {
  const named = commands
    .filter(({ kind }) => kind === 'local')
    .flatMap((command) => optionsOf(command).filter(({ name, names }) => names === 'key' && name !== '--key-ids'));
  expect(named.length).toBeGreaterThan(6);
  expect(new Set(named.flatMap(namesOf))).toEqual(new Set(['--key-id', '--key']));
});
