/** The command that the words of a line name, found word by word. */
import type { StructureShape } from '../../../model/shape.ts';
import { UsageError } from './usage-error.ts';
import { choiceError, parseWords, unknownHints } from './words.ts';

/** What the words after `kms` may name. */
export interface Command {
  /** `encrypt`, or two words: `keyring status`. */
  readonly name: string;
  /** The API's name: `Encrypt`. */
  readonly operation: string;
  readonly input: StructureShape;
  readonly output?: StructureShape | undefined;
  readonly paginated?: boolean | undefined;
  /** Members that bare words may give, in order: `keyring backup FILE`. */
  readonly words?: readonly string[] | undefined;
  /** Behind a `--`, every word is that of a program which it runs. */
  readonly passthroughArgs?: boolean | undefined;
}

export type CommandName = Pick<Command, 'name' | 'operation'>;

/** The commands that a line may name, with an interface that loads only the called one. */
export interface CommandTable<C extends Command = Command> {
  /** The command of this name, given as its words. */
  readonly find: (path: readonly string[]) => Promise<C | undefined>;
  /** All of them, in the order of their names; asked for only in groups, errors, help and completion. */
  readonly list: () => Promise<readonly CommandName[]>;
}

export interface FoundCommand<C extends Command> {
  /** The words of the command or group; none: the program itself. */
  readonly path: readonly string[];
  /** Undefined for a group and the program itself. */
  readonly command: C | undefined;
  readonly asksHelp: boolean;
  /** The words that are the command's, for the next parser. */
  readonly rest: readonly string[];
  /** The words behind `--`, if the command runs a program. */
  readonly passthroughArgs: readonly string[];
}

interface Search<C extends Command> {
  readonly table: CommandTable<C>;
  /** Then the words may end before a command is named. */
  readonly asksHelp: boolean;
}

/**
 * One word, or a group's and one of its own; `help` may stand in front of them, behind a group, or be their only word.
 * @throws UsageError for an unknown word, and for an incomplete line
 */
export async function findCommand<C extends Command>(
  words: readonly string[],
  { table, asksHelp: help }: Search<C>,
): Promise<FoundCommand<C>> {
  const path: string[] = [];
  let rest = words;
  let asksHelp = help;
  for (;;) {
    const name = path.length === 0 ? 'operation' : 'subcommand';
    const { positional: word, ...next } = parseWords(rest, {
      options: [],
      positional: { name, required: false },
    });
    rest = next.rest;
    if (word === undefined && !asksHelp) throw missingWord(name, { path, rest });
    if (word === undefined) return { path, command: undefined, asksHelp, rest, passthroughArgs: [] };
    if (word === 'help') {
      asksHelp = true;
      continue;
    }
    const command = await table.find([...path, word]);
    if (!command) {
      const choices = wordsAfter(path, await table.list());
      if (!choices.includes(word)) throw choiceError(name, word, [...choices, 'help']);
    }
    path.push(word);
    // `configure` is a command and a group: `configure set` goes on
    if (!command || (rest[0] !== undefined && (await table.find([...path, rest[0]])))) continue;
    return { path, command, asksHelp, ...splitPassthrough(command, rest, next.behind) };
  }
}

function missingWord(
  name: string,
  { path, rest }: { readonly path: readonly string[]; readonly rest: readonly string[] },
): UsageError {
  const message = `the following arguments are required: ${name}`;
  return new UsageError('parser', message, unknownHints(rest, []), { group: path });
}

function splitPassthrough(
  command: Command,
  rest: readonly string[],
  behind: number,
): Pick<FoundCommand<Command>, 'rest' | 'passthroughArgs'> {
  if (!command.passthroughArgs || behind === 0) return { rest, passthroughArgs: [] };
  const own = rest.slice(0, -behind);
  return { rest: own.at(-1) === '--' ? own.slice(0, -1) : own, passthroughArgs: rest.slice(-behind) };
}

/** The words that may follow these: `status` after `keyring`. */
export function wordsAfter(path: readonly string[], commands: readonly CommandName[]): readonly string[] {
  const following = commands
    .map(({ name }) => name.split(' '))
    .filter((words) => words.length > path.length && path.every((word, index) => words[index] === word))
    .map((words) => words[path.length]!);
  return [...new Set(following)];
}
