/**
 * `--cli-auto-prompt`: prompts for missing parts of a command line: the command, its required options, and optional ones.
 * It offers enumerations, keys and aliases, and returns the words of a complete command line. Loaded only for prompts.
 */
import type { Shape } from '../../model/shape.ts';
import type { KnownName } from '../../runtime/known-names.ts';
import { textOf } from '../../texts/index.ts';
import type { CliCommand } from './table/commands.ts';
import { commonOptions, memberOptions, type MemberOption } from './input/option.ts';
import { GLOBAL_OPTIONS, globalValues, type GlobalValues } from './input/global-option.ts';
import { parseWords, type Option } from './input/words.ts';

export interface PromptChoice {
  readonly value: string;
  /** A description of the value. */
  readonly remark?: string;
}

/** The prompts: prompt.ts, or those of a test. */
export interface Asker {
  /** @param free whether another text may be typed */
  pick(message: string, choices: readonly PromptChoice[], free: boolean): Promise<string>;
  pickMany(message: string, choices: readonly PromptChoice[]): Promise<readonly string[]>;
  text(message: string): Promise<string>;
}

export interface Guide {
  readonly ask: Asker;
  readonly commands: readonly CliCommand[];
  /** Known values of an option, from the keyring and the configuration; may be empty. */
  readonly known: (option: Option, globals: GlobalValues) => Promise<readonly KnownName[]>;
}

/** @returns the words, with what was asked for behind those that were given */
export async function askForRest(given: readonly string[], guide: Guide): Promise<readonly string[]> {
  const typed = given.filter((word) => word !== '--cli-auto-prompt');
  const { taken: globals, rest } = parseWords(typed, { options: Object.values<Option>(GLOBAL_OPTIONS) });
  const known: KnownValuesOf = (option) => guide.known(option, globalValues(globals));
  const { command, words } = await commandOf(typed, rest, guide);
  const options = memberOptions(command.input);
  const taken = takenOf(words, command, options);
  const made = [...words];
  for (const option of options.filter(({ required, name }) => required && !taken.has(name))) {
    made.push(...(await wordsOf(option, guide.ask, known)));
    taken.add(option.name);
  }
  for (;;) {
    const others = options.filter(({ name, target = name }) => !taken.has(target) && !taken.has(name));
    const name = await guide.ask.pick(
      'Another option?',
      [RUN].concat(others.map((option) => choiceOf(option, command))),
      false,
    );
    const option = others.find((candidate) => candidate.name === name);
    if (!option) return made;
    made.push(...(await wordsOf(option, guide.ask, known)));
    taken.add(option.target ?? option.name);
  }
}

const RUN: PromptChoice = { value: 'run the command' };

interface Named {
  readonly command: CliCommand;
  readonly words: readonly string[];
}

/** The command that the words name; if they name none, a chosen one replaces the incomplete words. */
async function commandOf(words: readonly string[], rest: readonly string[], { ask, commands }: Guide): Promise<Named> {
  const start = rest.slice(
    0,
    [...rest, '--'].findIndex((word) => word.startsWith('--')),
  );
  const found = commands
    .filter(({ name }) => `${start.join(' ')} `.startsWith(`${name} `))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
  if (found) return { command: found, words };
  const choices = commands.map(({ name, operation }) => ({ value: name, remark: textOf(operation).summary }));
  const fitting = choices.filter(({ value }) => value.startsWith(start.join(' ')));
  const picked = await ask.pick('Command?', fitting.length > 0 ? fitting : choices, false);
  const kept = words.filter((word) => !start.includes(word));
  return { command: commands.find(({ name }) => name === picked)!, words: [...kept, ...picked.split(' ')] };
}

/** The options that the words have already, bare words that give a member included. */
function takenOf(words: readonly string[], command: CliCommand, options: readonly MemberOption[]): Set<string> {
  const { rest } = parseWords(words, { options: Object.values<Option>(GLOBAL_OPTIONS) });
  const lifted = [...options, ...commonOptions(command.paginated)].map(optional);
  const parsed = parseWords<Option>(rest.slice(command.name.split(' ').length), { options: lifted });
  return new Set(parsed.taken.keys());
}

const optional = (option: Option): Option => ({ ...option, required: false });

type KnownValuesOf = (option: Option) => Promise<readonly KnownName[]>;

async function wordsOf(option: MemberOption, ask: Asker, known: KnownValuesOf): Promise<readonly string[]> {
  const { name, shape } = option;
  if (shape.type === 'boolean') return [name];
  const message = `${name} (${typeName(shape)})?`;
  if (shape.type === 'list' && shape.of.type === 'string' && shape.of.enum) {
    return [
      name,
      ...(await ask.pickMany(
        message,
        shape.of.enum.map((value) => ({ value })),
      )),
    ];
  }
  if (shape.type === 'string' && shape.enum)
    return [
      name,
      await ask.pick(
        message,
        shape.enum.map((value) => ({ value })),
        false,
      ),
    ];
  const names = await known(option);
  const value =
    names.length > 0
      ? await ask.pick(
          message,
          names.map(({ name: known_, remark }) => ({ value: known_, remark })),
          true,
        )
      : await ask.text(message);
  return shape.type === 'list'
    ? [name, ...value.split(/\s+/)]
    : value.startsWith('-')
      ? [`${name}=${value}`]
      : [name, value];
}

const TYPES: { readonly [type: string]: string } = {
  blob: 'base64 or fileb://PATH',
  list: 'words',
  map: 'NAME=VALUE,...',
  structure: 'NAME=VALUE,...',
  string: 'text',
};

const typeName = ({ type }: Shape): string => TYPES[type] ?? type;

const choiceOf = ({ name, member }: MemberOption, { operation }: CliCommand): PromptChoice => ({
  value: name,
  remark: textOf(operation).members[member] ?? '',
});

/** The words as a shell takes them. */
export const asTyped = (words: readonly string[]): string =>
  words.map((word) => (/^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
