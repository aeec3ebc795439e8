/** The position of the word at the cursor on an incomplete line, found by the parser of complete lines. */
import { findCommand, type Command, type CommandTable } from './find-command.ts';
import { GLOBAL_OPTIONS, globalValues, type GlobalValues } from './global-option.ts';
import { memberOptions, optionName, optionsOf, type CommandOption } from './option.ts';
import { parseWords, type Option, type Parsed } from './words.ts';

/** The place of a word on a line. */
export type Cursor<C extends Command = Command> = Place<C> & (NameOrProgram | OptionValue | Word);

interface Place<C extends Command> {
  readonly globals: GlobalValues;
  /** The command or group that the words before it name. */
  readonly path: readonly string[];
  readonly command: C | undefined;
  /** What is typed so far of the word; of `--option=value`, of the value. */
  readonly given: string;
}

/** The name of an option, or a word of the program that the command runs. */
interface NameOrProgram {
  readonly kind: 'option' | 'program';
}

interface OptionValue {
  readonly kind: 'value';
  readonly option: CommandOption;
}

/** A command, a sub-command or a bare word. */
interface Word {
  readonly kind: 'word';
  /** That a bare word gives. */
  readonly option: CommandOption | undefined;
  /** Whether it may go on with the name of the command. */
  readonly mayName: boolean;
}

/** A placeholder for the word, which no argument of a process can be. */
const HERE = '\0';

/** The last of the words is the one at the cursor. @returns undefined where no word fits @throws UsageError */
export async function locate<C extends Command>(
  words: readonly string[],
  table: CommandTable<C>,
): Promise<Cursor<C> | undefined> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [, name, value] = /^(--[^=]+)=(.*)$/s.exec(current) ?? [];
  const given = value ?? current;
  const isOption = name === undefined && current.startsWith('-');
  const here = isOption ? [] : [name === undefined ? HERE : `${name}=${HERE}`];

  const outer = parseLoosely([...before, ...here], Object.values(GLOBAL_OPTIONS));
  const { globals } = outer;
  if (outer.option) return { globals, path: [], command: undefined, given, kind: 'value', option: outer.option };

  const own = isOption ? outer.rest : outer.rest.slice(0, -1);
  const { path, command, rest } = await findCommand(own, { table, asksHelp: true });
  const place = { globals, path, command, given };
  if (command?.passthroughArgs && before.includes('--')) return { ...place, kind: 'program' };
  if (isOption) return { ...place, kind: 'option' };
  const inner = command && parseLoosely([...rest, ...here], optionsOf(command));
  if (inner?.option) return { ...place, kind: 'value', option: inner.option };
  if (name !== undefined) return undefined;
  return { ...place, kind: 'word', option: inner && bareMember(command, inner), mayName: rest.length === 0 };
}

interface Loosely {
  readonly taken: ReadonlySet<string>;
  readonly rest: readonly string[];
  readonly globals: GlobalValues;
  /** That takes the word at the cursor. */
  readonly option: CommandOption | undefined;
}

/** Without the checks for complete lines. */
function parseLoosely(words: readonly string[], options: readonly CommandOption[]): Loosely {
  const loose = options.map(({ name, shortForm, takes, target = name, exact }): Option => {
    return { name, shortForm, takes, target, ...(exact ? { exact } : {}) };
  });
  const { taken, rest }: Parsed<Option> = parseWords(words, { options: loose });
  const finished = new Map(taken);
  let option: CommandOption | undefined;
  for (const [target, row] of taken) {
    if (!row.words.includes(HERE)) continue;
    finished.delete(target);
    option = options.find(({ name }) => name === row.option.name);
  }
  return { taken: new Set(taken.keys()), rest, globals: globalValues(finished), option };
}

/** The member that a bare word gives: the next one that has none; the last of them may be a list and takes the rest. */
function bareMember({ input, words = [] }: Command, { taken, rest }: Loosely): CommandOption | undefined {
  const open = words.map(optionName).filter((name) => !taken.has(name));
  const nth = rest.filter((word) => !word.startsWith('--')).length - 1;
  const options = memberOptions(input);
  const at = (index: number): CommandOption | undefined => options.find(({ name }) => name === open[index]);
  const last = at(open.length - 1);
  return nth < open.length ? at(nth) : last?.takes === 'many' ? last : undefined;
}
