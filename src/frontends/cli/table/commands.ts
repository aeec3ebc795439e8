/** The commands of the command line: one per operation, named as the AWS CLI names it, and those of our own tools. */
import type { StructureShape } from '../../../model/shape.ts';
import { everyOperation, findOperation, OPERATION_NAMES } from '../../../operations/index.ts';
import type { AnyOperation } from '../../../operations/row/operation.ts';
import type { AnyLocalCommand } from '../../../commands/command/local-command.ts';
import { hyphenate } from '../input/option.ts';

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
}

export type CliCommand =
  | (Common & { readonly kind: 'operation'; readonly row: AnyOperation })
  | (Common & { readonly kind: 'local'; readonly row: AnyLocalCommand });

const ofOperation = (row: AnyOperation): CliCommand => ({
  kind: 'operation',
  row,
  name: hyphenate(row.name),
  operation: row.name,
  input: row.input,
  output: row.output,
  paginated: row.paginated !== undefined,
  words: [],
});

const ofTool = (row: AnyLocalCommand): CliCommand => ({
  kind: 'local',
  row,
  name: row.command,
  operation: row.name,
  input: row.input,
  output: row.output,
  paginated: false,
  words: row.positionals ?? [],
});

/** `encrypt` -> `Encrypt`; API names are what hyphenate() makes commands of. */
export const operationName = (command: string): string =>
  command.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());

/** The operation that these words name, if one of them does, without loading any other: the way of every hot call. */
export async function operationAmong(words: readonly string[]): Promise<CliCommand | undefined> {
  const word = words.find((candidate) => OPERATION_NAMES.includes(operationName(candidate)));
  const row = word === undefined ? undefined : await findOperation(operationName(word));
  return row && ofOperation(row);
}

/** Every command, in the order of their names. @param more tools that only the command line has */
export async function everyCommand(more: readonly AnyLocalCommand[] = []): Promise<readonly CliCommand[]> {
  const { TOOLS } = await import('../../../commands/index.ts');
  const all = [...(await everyOperation()).map(ofOperation), ...[...TOOLS, ...more].map(ofTool)];
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}
