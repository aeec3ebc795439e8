/** A page of help as data, for the terminal and for man pages. */
import type { Command, Option } from 'commander';
import { COMMON_ERRORS, ERROR_MEANINGS } from '../../../texts/error.ts';
import { textOf } from '../../../texts/index.ts';
import { ENVIRONMENT, EXIT_STATUS, FILES, GROUP_TEXTS, PROGRAM } from '../../../texts/program.ts';
import type { CommandText, Example } from '../../../texts/command-text/command-text.ts';
import type { CliCommand } from '../table/commands.ts';
import type { Registry } from './register.ts';
import { innerChoicesOf, jsonOf, shorthandOf, treeOf } from './shape-text.ts';

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'entry'; readonly term: string; readonly blocks: readonly Block[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly [term: string, text: string])[] };

export interface HelpSection {
  readonly heading: string;
  readonly blocks: readonly Block[];
}

export interface HelpPage {
  /** `kms keyring status` */
  readonly name: string;
  readonly summary: string;
  /** Without NAME, which is name and summary. */
  readonly sections: readonly HelpSection[];
}

const text = (line: string): Block => ({ kind: 'text', text: line });
const code = (lines: readonly string[]): Block => ({ kind: 'code', lines });
const section = (heading: string, ...blocks: readonly Block[]): HelpSection => ({ heading, blocks });

/** A command has a page of its own; a group, and the program, tell which commands they have. */
export function pageOf(registry: Registry, command: Command): HelpPage {
  const row = registry.rows.get(command);
  const name = row ? `kms ${row.name}` : command === registry.root ? 'kms' : pathOf(command);
  const sections = row
    ? commandSections(registry, command, row)
    : command === registry.root
      ? programSections(registry)
      : groupSections(command);
  return { name, summary: command.summary(), sections: sections.filter(({ blocks }) => blocks.length > 0) };
}

function programSections(registry: Registry): readonly HelpSection[] {
  const { root, rows } = registry;
  const isOperation = (command: Command): boolean => rows.get(command)?.kind === 'operation';
  return [
    section('DESCRIPTION', ...PROGRAM.description.map(text)),
    section(
      'SYNOPSIS',
      code(['kms [options] <command> [<subcommand>] [parameters]', 'kms help', 'kms <command> help']),
    ),
    section('OPERATIONS OF AWS KMS', commandTable(root.commands.filter(isOperation))),
    section('KEYRING, AUDIT LOG AND PROFILES', commandTable(root.commands.filter((command) => !isOperation(command)))),
    section('GLOBAL OPTIONS', ...root.options.map((option) => optionEntry(registry, root, option))),
    section('EXAMPLES', ...examples(PROGRAM.examples)),
    section('ENVIRONMENT', { kind: 'table', rows: ENVIRONMENT }),
    section('FILES', { kind: 'table', rows: FILES }),
    section('EXIT STATUS', { kind: 'table', rows: EXIT_STATUS }),
  ];
}

/** `kms attestation trust-root` */
const pathOf = (command: Command): string => (command.parent ? `${pathOf(command.parent)} ${command.name()}` : 'kms');

const groupSections = (command: Command): readonly HelpSection[] => [
  section(
    'DESCRIPTION',
    text(`${GROUP_TEXTS[command.name()]}. ${pathOf(command)} <subcommand> help shows the help of each of them.`),
  ),
  section('SYNOPSIS', code([`${pathOf(command)} <subcommand> [parameters]`])),
  section('AVAILABLE COMMANDS', commandTable(command.commands)),
];

const commandTable = (commands: readonly Command[]): Block => ({
  kind: 'table',
  rows: commands
    .map((command) => [command.name(), command.summary()] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1)),
});

function commandSections(registry: Registry, command: Command, row: CliCommand): readonly HelpSection[] {
  const about = textOf(row.operation);
  const known = new Set(Array.from(registry.rows.values(), ({ operation }) => operation));
  const related = about.seeAlso.filter((name) => known.has(name)).map((name) => nameOf(registry, name));
  const options = command.options.filter(({ negate }) => !negate);
  const globals = registry.root.options.map(({ long, description }) => [long!, firstSentence(description)] as const);
  return [
    section('DESCRIPTION', ...about.description.map(text), ...pagingNote(row)),
    section('SYNOPSIS', code(synopsis(command, row))),
    section('OPTIONS', ...options.map((option) => optionEntry(registry, command, option, row))),
    section('GLOBAL OPTIONS', { kind: 'table', rows: globals }),
    section('EXAMPLES', ...examples(about.examples)),
    section('OUTPUT', output(row, about)),
    section('ERRORS', ...errors(row, about)),
    section('AVAILABLE COMMANDS', ...(command.commands.length > 0 ? [commandTable(command.commands)] : [])),
    section('SEE ALSO', ...(related.length > 0 ? [text(related.join(', '))] : [])),
  ];
}

const nameOf = ({ rows }: Registry, operation: string): string =>
  `kms ${[...rows.values()].find((row) => row.operation === operation)!.name}`;

const firstSentence = (description: string): string => description.split(/(?<=\.)\s/)[0]!;

function pagingNote(row: CliCommand): readonly Block[] {
  if (row.kind !== 'operation' || row.shape.paginated === undefined) return [];
  return [
    text(
      `This operation is paginated. All pages are requested and their ${row.shape.paginated} are merged, unless --no-paginate is given.`,
    ),
  ];
}

function synopsis(command: Command, row: CliCommand): readonly string[] {
  const hidden = row.paginated ? ['--limit', '--marker'] : []; // as the AWS CLI does
  const lines = command.options
    .filter(({ long, negate }) => !negate && !hidden.includes(long!))
    .map((option) => synopsisLine(option, command, row));
  const joined = lines
    .join('\n')
    .replace('[--cli-input-json <value>]\n[--cli-input-yaml <value>]', '[--cli-input-json | --cli-input-yaml <value>]');
  return [`kms ${row.name}`, ...joined.split('\n'), '[global options]'];
}

function synopsisLine(option: Option, command: Command, row: CliCommand): string {
  const plain = isFlagPair(option, command) ? `${option.long!} | --no-${option.long!.slice(2)}` : plainFlags(option);
  const word = wordOf(option, row);
  if (word === undefined) return option.mandatory ? plain : `[${plain}]`;
  return option.mandatory ? `${word} | ${plain}` : `[${word} | ${plain}]`;
}

const plainFlags = ({ flags, short }: Option): string => (short ? flags.replace(`${short}, `, '') : flags);

const isFlagPair = ({ long }: Option, command: Command): boolean =>
  command.options.some((other) => other.negate && other.long === `--no-${long!.slice(2)}`);

/** `FILE`, if the option's value may be a bare word. */
const wordOf = ({ long }: Option, { words }: CliCommand): string | undefined =>
  words.map((word) => word.toUpperCase()).find((word) => `--${word.toLowerCase()}` === long);

function optionEntry({ shapes }: Registry, command: Command, option: Option, row?: CliCommand): Block {
  const shape = shapes.get(option);
  const names = isFlagPair(option, command)
    ? `${option.long!} | --no-${option.long!.slice(2)}`
    : [option.long, option.short].filter((name) => name).join(' | ');
  const type = shape?.type ?? (option.isBoolean() ? 'boolean' : 'string');
  const word = row && wordOf(option, row);
  const shorthand = shape && shorthandOf(shape);
  return {
    kind: 'entry',
    term: `${names} (${type})${option.mandatory ? ' [required]' : ''}`,
    blocks: [
      text(option.description),
      ...(word === undefined ? [] : [text(`Can be given as a positional argument: ${word}.`)]),
      ...(option.argChoices ? [text(`Possible values: ${option.argChoices.join(', ')}.`)] : []),
      ...(shape ? innerChoicesOf(shape) : []).map(([name, values]) =>
        text(`Possible values of ${name}: ${values.join(', ')}.`),
      ),
      ...(shorthand === undefined
        ? []
        : [text('Shorthand syntax:'), code([shorthand]), text('JSON syntax:'), code(jsonOf(shape!))]),
    ],
  };
}

const examples = (rows: readonly Example[]): readonly Block[] =>
  rows.flatMap(({ title, lines }) => [text(`${title}:`), code(lines)]);

function output(row: CliCommand, { output: outputText }: CommandText): Block {
  const tree = treeOf(row.output);
  if (outputText !== undefined) return text(outputText);
  return tree.length > 0 ? code(tree) : text('None.');
}

function errors(row: CliCommand, about: CommandText): readonly Block[] {
  if (row.kind === 'local') return [];
  const names = [...COMMON_ERRORS, ...about.errors].toSorted();
  return [{ kind: 'table', rows: names.map((name) => [name, `${ERROR_MEANINGS[name]}.`] as const) }];
}
