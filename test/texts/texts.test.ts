/** Every command, member and option has its text; no text speaks of what the model does not know. */
import * as sdk from '@aws-sdk/client-kms';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { everyCommand } from '../../src/frontends/cli/table/commands.ts';
import { GLOBAL_OPTIONS } from '../../src/frontends/cli/input/global-option.ts';
import { commonOptions, optionName } from '../../src/frontends/cli/input/option.ts';
import type { Option } from '../../src/frontends/cli/input/words.ts';
import { ERROR_MEANINGS } from '../../src/texts/error.ts';
import { COMMAND_TEXTS, textOf } from '../../src/texts/index.ts';
import { COMMON_OPTION_TEXTS, GLOBAL_OPTION_TEXTS } from '../../src/texts/option.ts';
import { GROUP_TEXTS, PROGRAM } from '../../src/texts/program.ts';

const commands = await everyCommand();
const isCommand = new Set(commands.map(({ operation }) => operation));
const texts = Object.entries(COMMAND_TEXTS);

/** The SDK's schemas: `[3, namespace, name, traits, member names, ...]`. */
const modeled = new Map(
  Object.keys(sdk)
    .filter((name) => name.endsWith('Command') && name !== '$Command')
    .map((name) => {
      const operation = name.slice(0, -'Command'.length);
      const schema = (sdk as unknown as Record<string, readonly unknown[]>)[`${operation}Request$`];
      return [operation, (schema?.[4] ?? []) as readonly string[]] as const;
    }),
);

/** The SDK names the errors of an operation in the documentation of its command only. */
function modeledErrors(operation: string): readonly string[] {
  const folder = dirname(createRequire(import.meta.url).resolve('@aws-sdk/client-kms/package.json'));
  const source = readFileSync(join(folder, `dist-types/commands/${operation}Command.d.ts`), 'utf8');
  const names = Array.from(source.matchAll(/@throws \{@link (\w+)\}/g), ([, name]) => name!);
  return names.filter((name) => name !== 'KMSServiceException');
}

describe('a text for everything', () => {
  test.each(commands.map((command) => [command.name, command] as const))('kms %s', (_, { operation, input }) => {
    expect(Object.keys(textOf(operation).members).toSorted()).toEqual(Object.keys(input.members).toSorted());
  });

  test('every operation of the model, whether or not there is a command for it yet', () => {
    expect([...modeled.keys()].filter((operation) => !COMMAND_TEXTS[operation])).toEqual([]);
    expect(modeled.size).toBeGreaterThanOrEqual(56);
  });

  test('every group and every option', () => {
    const groups = commands.flatMap(({ name }) => name.split(' ').slice(0, -1));
    expect(Object.keys(GROUP_TEXTS).toSorted()).toEqual([...new Set(groups)].toSorted());
    const names = (options: readonly Option[]): string[] => options.map(({ name }) => name).toSorted();
    expect(Object.keys(GLOBAL_OPTION_TEXTS).toSorted()).toEqual(names(Object.values(GLOBAL_OPTIONS)));
    expect(Object.keys(COMMON_OPTION_TEXTS).toSorted()).toEqual(names(commonOptions(true)));
  });
});

describe('no text for nothing', () => {
  test.each(texts)('%s', (operation, { members, errors }) => {
    const model = modeled.get(operation);
    if (!model) return expect(isCommand).toContain(operation); // a command of ours
    expect(Object.keys(members).toSorted()).toEqual([...model].toSorted());
    return expect([...errors].toSorted()).toEqual([...modeledErrors(operation)].toSorted());
  });

  test('every error has a meaning, and every meaning an error', () => {
    const named = new Set([
      'AccessDeniedException',
      'ValidationException',
      ...texts.flatMap(([, { errors }]) => errors),
    ]);
    expect(Object.keys(ERROR_MEANINGS).toSorted()).toEqual([...named].toSorted());
  });
});

/** Words that say less than those of the AWS documentation: what is returned, specified, printed or rejected. */
const VAGUE =
  /\b(?:answers|anybody|anyone|nobody|somebody|someone|tells?|told|knows?|bare word|at hand|for people|goes on)\b/i;

describe('form', () => {
  test.each(texts)('%s', (operation, { summary, description, members, seeAlso, examples }) => {
    expect(summary.length).toBeLessThanOrEqual(80);
    expect(summary).toMatch(/^[A-Z].*[^.]$/);
    for (const sentence of [...description, ...Object.values(members)])
      expect(sentence).toMatch(/^(?:[A-Z]|kms ).*\.$/);
    for (const line of [summary, ...description, ...Object.values(members), ...examples.map(({ title }) => title)])
      expect(line).not.toMatch(VAGUE);
    expect(seeAlso.filter((name) => name === operation || !COMMAND_TEXTS[name])).toEqual([]);
    expect(examples.length).toBeGreaterThan(0);
  });

  test.each(Object.entries({ ...GLOBAL_OPTION_TEXTS, ...COMMON_OPTION_TEXTS }))('%s', (_, text) => {
    expect(text).toMatch(/^(?:[A-Z]|kms ).*\.$/);
    expect(text).not.toMatch(VAGUE);
  });
});

describe('examples', () => {
  const common = [...Object.values<Option>(GLOBAL_OPTIONS), ...commonOptions(true)].map(({ name }) => name);
  const nameOf = (operation: string): string =>
    commands.find((command) => command.operation === operation)?.name ?? optionName(operation).slice(2);
  const byName = new Map(texts.map(([operation, text]) => [nameOf(operation), text] as const));

  /** Every `kms ...` in an example, without what a pipe or a redirection sends it to. */
  const lines = [...texts.map(([, { examples }]) => examples), PROGRAM.examples]
    .flat()
    .flatMap((example) =>
      example.lines
        .join('\n')
        .replaceAll(/\\\n\s*/g, '')
        .split('\n'),
    )
    .flatMap((line) => line.split(/ (?:[|>]|&&|\|\|)(?: |$)/))
    .filter((line) => line.startsWith('kms '))
    .map((line) => line.split(' -- ')[0]!); // what a program behind `--` is given is not ours

  test.each(lines)('%s', (line) => {
    const words = line.split(' ').slice(1);
    const name = [3, 2, 1].map((count) => words.slice(0, count).join(' ')).find((candidate) => byName.has(candidate));
    expect(name).toBeDefined();
    const known = new Set([...Object.keys(byName.get(name!)!.members).map(optionName), ...common]);
    const used = words.filter((word) => word.startsWith('--'));
    expect(used.filter((option) => !known.has(option))).toEqual([]);
    const command = commands.find((candidate) => candidate.name === name);
    for (const [member, { required }] of Object.entries(command?.input.members ?? {})) {
      if (required && !command!.words.includes(member)) expect(used).toContain(optionName(member));
    }
  });

  test('there is one of every kind', () => expect(lines.length).toBeGreaterThan(70));
});
