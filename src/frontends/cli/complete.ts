/**
 * Completion, as the scripts in completions/ ask for it: `kms __complete WORD...` prints candidates for the
 * last word, one per line with a description after a tab, without the `--option=` that the word begins with. The
 * last line is a colon and what the shell is to do: `:files` completes the name of a file, behind `--option=` and
 * `file://`; `:nospace` adds no blank, since the word goes on. It does not prompt, writes nothing, logs no event, and
 * prints no errors. A keyring is opened only for values that it knows.
 */
import { locate, type Cursor } from './input/cursor.ts';
import { wordsAfter, type CommandTable } from './input/find-command.ts';
import { GLOBAL_OPTIONS } from './input/global-option.ts';
import { namesOf } from './input/words.ts';
import { optionsOf, type CommandOption } from './input/option.ts';
import { choicesOf } from './help/shape-text.ts';
import { knownValues } from './known-values.ts';
import type { KnownName } from '../../runtime/known-names.ts';
import { exitCodes } from './output/failure.ts';
import type { GuardedProcess } from './process.ts';
import { commandTable, type CliCommand } from './table/commands.ts';

interface ShellCompletion {
  readonly candidates: readonly KnownName[];
  readonly directive: '' | 'files' | 'nospace';
}

const NOTHING: ShellCompletion = { candidates: [], directive: '' };
const FILES: ShellCompletion = { candidates: [], directive: 'files' };

export async function complete(process: GuardedProcess): Promise<number> {
  const { candidates, directive } = await completionOf(process, process.argv.slice(1)).catch(() => NOTHING);
  const lines = candidates.map(({ name, remark }) => (remark === '' ? name : `${name}\t${remark}`));
  try {
    process.write(1, [...lines, `:${directive}`, ''].join('\n'));
    return exitCodes.success;
  } catch {
    return exitCodes.other;
  }
}

/** @throws if the words before the last are not the beginning of a command line */
async function completionOf(process: GuardedProcess, words: readonly string[]): Promise<ShellCompletion> {
  const table = commandTable();
  const cursor = await locate(words, table);
  if (!cursor) return NOTHING;
  const { given } = cursor;
  switch (cursor.kind) {
    case 'program':
      return FILES;
    case 'option':
      return fitting(await optionNames(cursor), given);
    case 'value':
      return valuesOf(process, cursor, cursor.option);
    case 'word': {
      const { candidates } = cursor.mayName ? fitting(await commandNames(cursor, table), given) : NOTHING;
      const values = cursor.option ? await valuesOf(process, cursor, cursor.option) : NOTHING;
      return { ...values, candidates: [...candidates, ...values.candidates] };
    }
  }
}

const fitting = (values: readonly KnownName[], given: string): ShellCompletion => ({
  candidates: values.filter(({ name }) => name.startsWith(given)),
  directive: '',
});

const bare = (names: readonly string[]): readonly KnownName[] => names.map((name) => ({ name, remark: '' }));

async function commandNames({ path }: Cursor, table: CommandTable): Promise<readonly KnownName[]> {
  const { textOf } = await import('../../texts/index.ts');
  const { GROUP_TEXTS } = await import('../../texts/program.ts');
  const commands = await table.list();
  const operations = new Map(commands.map(({ name, operation }) => [name, operation]));
  const words = wordsAfter(path, commands).map((word): KnownName => {
    const operation = operations.get([...path, word].join(' '));
    return { name: word, remark: operation === undefined ? (GROUP_TEXTS[word] ?? '') : textOf(operation).summary };
  });
  return words.length === 0 ? [] : [...words, { name: 'help', remark: 'Shows the help of the commands' }];
}

async function optionNames({ command }: Cursor<CliCommand>): Promise<readonly KnownName[]> {
  const { textOf } = await import('../../texts/index.ts');
  const { COMMON_OPTION_TEXTS, GLOBAL_OPTION_TEXTS } = await import('../../texts/option.ts');
  const members = command && textOf(command.operation).members;
  const textFor = (option: CommandOption): string =>
    ('member' in option ? members?.[option.member] : COMMON_OPTION_TEXTS[option.name]) ??
    GLOBAL_OPTION_TEXTS[option.name] ??
    '';
  const options = [...(command ? optionsOf(command) : []), ...Object.values<CommandOption>(GLOBAL_OPTIONS)];
  return options.flatMap((option) => {
    const remark = firstSentence(textFor(option));
    return namesOf(option).map((name) => ({ name, remark }));
  });
}

const firstSentence = (text: string): string => text.split(/(?<=\.)\s/)[0]!.replace(/\.$/, '');

const SCHEMES = ['file://', 'fileb://'];

async function valuesOf(
  process: GuardedProcess,
  { kind, given, globals }: Cursor,
  option: CommandOption,
): Promise<ShellCompletion> {
  const choices = option.choices ?? ('shape' in option ? choicesOf(option.shape) : undefined);
  if (choices) return fitting(bare(choices), given);
  if (option.names === 'file' || SCHEMES.some((scheme) => given.startsWith(scheme))) return FILES;
  const known = fitting(await knownValues(process, option, globals), given);
  if (known.candidates.length > 0 || kind === 'word') return known;
  const { candidates } = fitting(bare(SCHEMES), given);
  return { candidates, directive: candidates.length > 0 ? 'nospace' : '' };
}
