/**
 * The table of commands, registered with commander for help and man pages. Command lines are parsed in input/ (ADR 14).
 */
import { Command, Help, Option } from 'commander';
import { integer, type Shape } from '../../../model/shape.ts';
import { COMMON_OPTION_TEXTS, GLOBAL_OPTION_TEXTS } from '../../../texts/option.ts';
import { textOf } from '../../../texts/index.ts';
import { GROUP_TEXTS, PROGRAM } from '../../../texts/program.ts';
import type { CliCommand } from '../table/commands.ts';
import { GLOBAL_OPTIONS } from '../input/global-option.ts';
import { commonOptions, memberOptions } from '../input/option.ts';
import { namesOf, type Option as OptionRow } from '../input/words.ts';
import { choicesOf, rulesOf } from './shape-text.ts';

export interface Registry {
  readonly root: Command;
  /** The row behind a command; a group has none. */
  readonly rows: ReadonlyMap<Command, CliCommand>;
  /** The shape of an option's value, if it is neither text nor a flag. */
  readonly shapes: ReadonlyMap<Option, Shape>;
}

/** Prints a command's help; the layout is ours. */
export type HelpPrinter = (command: Command, helper: Help) => string;

export function register(commands: readonly CliCommand[], print: HelpPrinter): Registry {
  const rows = new Map<Command, CliCommand>();
  const shapes = new Map<Option, Shape>();
  const root = newCommand('kms', print).summary(PROGRAM.summary);
  addCommon(root, { options: Object.values(GLOBAL_OPTIONS), texts: GLOBAL_OPTION_TEXTS, shapes });
  for (const row of commands) {
    const words = row.name.split(' ');
    const command = words.reduce((parent, word) => childOf(parent, word, print), root);
    rows.set(command, row);
    addOptions(command, row, shapes);
  }
  return { root, rows, shapes };
}

/** The command that these words name. */
export const findCommand = ({ root }: Registry, path: readonly string[]): Command | undefined =>
  path.reduce<Command | undefined>((parent, word) => parent && existing(parent, word), root);

const existing = (parent: Command, word: string): Command | undefined =>
  parent.commands.find((command) => command.name() === word);

function childOf(parent: Command, word: string, print: HelpPrinter): Command {
  const known = existing(parent, word);
  if (known) return known;
  const made = newCommand(word, print).summary(GROUP_TEXTS[word] ?? '');
  parent.addCommand(made);
  return made;
}

/** Without commander's own help command and option: `help` and `--help` are read by our parser. */
function newCommand(name: string, print: HelpPrinter): Command {
  const command = new Command(name).helpCommand(false).helpOption(false);
  command.createHelp = () => Object.assign(new Help(), { formatHelp: print });
  return command;
}

function addOptions(command: Command, row: CliCommand, shapes: Map<Option, Shape>): void {
  const { summary, members } = textOf(row.operation);
  command.summary(summary);
  for (const member of memberOptions(row.input)) {
    const text = [members[member.member], rulesOf(member.shape)].filter((part) => part).join(' ');
    const choices = choicesOf(member.shape);
    const option = optionOf({ ...member, ...(choices ? { choices } : {}) }, text);
    shapes.set(option, member.shape);
    command.addOption(option);
  }
  addCommon(command, { options: commonOptions(row.paginated), texts: COMMON_OPTION_TEXTS, shapes });
}

interface CommonOptions {
  readonly options: readonly OptionRow[];
  readonly texts: { readonly [name: string]: string };
  readonly shapes: Map<Option, Shape>;
}

function addCommon(command: Command, { options, texts, shapes }: CommonOptions): void {
  for (const row of options) {
    const option = optionOf(row, texts[row.name]!);
    if (row.integer) shapes.set(option, integer());
    command.addOption(option);
  }
}

const VALUES: { readonly [T in OptionRow['takes']]: string } = {
  nothing: '',
  one: ' <value>',
  maybe: ' [value]',
  many: ' <values...>',
};

function optionOf(row: OptionRow, text: string): Option {
  const flags = [...namesOf(row)].toReversed().join(', ');
  const option = new Option(flags + VALUES[row.takes], text).makeOptionMandatory(row.required === true);
  return row.choices ? option.choices(row.choices) : option;
}
