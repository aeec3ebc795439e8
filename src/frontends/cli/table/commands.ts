/** The commands of the command line: one per operation, named as the AWS CLI names it, and those of our own. */
import type { StructureShape } from '../../../model/shape.ts';
import {
  everyShape,
  isOperationName,
  loadShape,
  OPERATION_NAMES,
  type KnownShape,
  type OperationName,
} from '../../../operations/index.ts';
import type { AnyLocalCommand } from '../../../commands/command-deps.ts';
import type { CommandTable } from '../input/find-command.ts';
import { hyphenate, operationName } from '../../../model/spelling.ts';

interface Common {
  /** The words after `kms`: `encrypt`, `keyring status`. */
  readonly name: string;
  /** The row's name: `Encrypt`, `KeyringStatus`. */
  readonly operation: string;
  readonly input: StructureShape;
  readonly output: StructureShape;
  readonly paginated: boolean;
  /** Members that bare words may give, in order. */
  readonly words: readonly string[];
  readonly passthroughArgs: boolean;
}

export type CliCommand =
  | (Common & { readonly kind: 'operation'; readonly shape: KnownShape })
  | (Common & { readonly kind: 'local'; readonly row: AnyLocalCommand });

const ofOperation = (shape: KnownShape): CliCommand => ({
  kind: 'operation',
  shape,
  name: hyphenate(shape.name),
  operation: shape.name,
  input: shape.input,
  output: shape.output,
  paginated: shape.paginated !== undefined,
  words: [],
  passthroughArgs: false,
});

const ofLocalCommand = (row: AnyLocalCommand): CliCommand => ({
  kind: 'local',
  row,
  name: row.command,
  operation: row.name,
  input: row.input,
  output: row.output,
  paginated: false,
  words: row.positionals ?? [],
  passthroughArgs: row.passthroughArgs === true,
});

/** @param word of a command line @returns undefined if it is none of an operation */
function operationOf(word: string): OperationName | undefined {
  const name = operationName(word);
  return isOperationName(name) && hyphenate(name) === word ? name : undefined;
}

type LoadLocalCommands = () => Promise<readonly AnyLocalCommand[]>;

const loadLocalCommands: LoadLocalCommands = async () => (await import('../../../commands/index.ts')).LOCAL_COMMANDS;

/**
 * The commands for reading a command line: loads only the shapes of the called operation, and local commands only for a word that is not
 * an operation.
 */
export function commandTable(load: LoadLocalCommands = loadLocalCommands): CommandTable<CliCommand> {
  let loading: Promise<readonly CliCommand[]> | undefined;
  const locals = (): Promise<readonly CliCommand[]> => (loading ??= load().then((rows) => rows.map(ofLocalCommand)));
  return {
    async find(path) {
      const operation = operationOf(path[0] ?? '');
      // no operation is a group of others
      if (operation !== undefined) return path.length === 1 ? ofOperation(await loadShape(operation)) : undefined;
      const name = path.join(' ');
      return (await locals()).find((command) => command.name === name);
    },
    async list() {
      const operations = OPERATION_NAMES.map((operation) => ({ name: hyphenate(operation), operation }));
      return [...operations, ...(await locals())].toSorted(byName);
    },
  };
}

/** Every command, in the order of their names. */
export async function everyCommand(load: LoadLocalCommands = loadLocalCommands): Promise<readonly CliCommand[]> {
  const all = [...(await everyShape()).map(ofOperation), ...(await load()).map(ofLocalCommand)];
  return all.toSorted(byName);
}

const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name < other.name ? -1 : 1;
