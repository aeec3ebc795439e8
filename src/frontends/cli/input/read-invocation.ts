/**
 * A command line is read in two stages: the global options, wherever they stand, then the command with its own.
 * readInvocation() does the part that needs no profile; the invocation that it returns does the rest. The order of checks
 * is that of the AWS CLI.
 */
import type { StructureShape } from '../../../model/shape.ts';
import { readCliInput } from './cli-input.ts';
import { findCommand, type Command, type CommandTable } from './find-command.ts';
import { fileHint, fileHints, hinted, withHints, type FileLookup } from './file-hints.ts';
import type { CheckQuery } from './global-check.ts';
import { GLOBAL_OPTIONS, type GlobalValues } from './global-option.ts';
import { readGlobals, type GlobalLine } from './read-globals.ts';
import { CLI_INPUT_JSON, CLI_INPUT_YAML, GENERATE_CLI_SKELETON, optionName, optionsOf } from './option.ts';
import type { CommandOption, MemberOption } from './option.ts';
import { pagingOf, type Paging } from './paging.ts';
import { validateParameters } from './param-validation.ts';
import type { Files } from './paramfile.ts';
import { dict, type Value } from '../values/python-value.ts';
import { decodeBlobs, toInput } from './request.ts';
import { UsageError } from './usage-error.ts';
import { readValue } from './values.ts';
import { missingArguments, parseWords, unknownHints, type Option, type Parsed, type Taken } from './words.ts';

/** Dependencies of reading a command line: the commands, files, and the check of a query. */
export interface ReadingDeps<C extends Command = Command> extends Files, FileLookup {
  readonly commands: (globals: GlobalValues) => CommandTable<C>;
  /** What is wrong with the expression of `--query`, if anything. */
  readonly checkQuery: CheckQuery;
}

/** Settings of the profile about reading values. */
export interface ReadSettings {
  readonly binaryFormat?: 'base64' | 'raw-in-base64-out' | undefined;
  /** `parameter_validation = false` switches the checks of 2.11 off. */
  readonly validates?: boolean | undefined;
}

/** A command that is to be run. */
export interface CommandCall<C extends Command = Command> {
  readonly kind: 'call';
  readonly command: C;
  readonly globals: GlobalValues;
  readonly paging: Paging;
  /** The words behind `--` of a command that runs a program. */
  readonly passthroughArgs: readonly string[];
  /** `--generate-cli-skeleton output`: after finish(), a sample is printed instead of running it. */
  readonly sample: boolean;
  /** Warnings for stderr. */
  readonly warnings: readonly string[];
  /** For values of this type that name a file and were taken literally. */
  readonly fileHints: (type: 'blob' | 'string') => readonly string[];
  /** The rest of the reading, for when profile and Region are known: base64, the checks, the operation's input. */
  readonly finish: (settings: ReadSettings) => { readonly [member: string]: unknown };
}

export type CommandInvocation<C extends Command = Command> =
  | CommandCall<C>
  | { readonly kind: 'version' }
  /** The words of a command, of a group, or none for the help of the program. */
  | { readonly kind: 'help'; readonly path: readonly string[]; readonly globals: GlobalValues }
  /** A text for stdout, ready to print. */
  | { readonly kind: 'skeleton'; readonly text: string; readonly globals: GlobalValues };

/** @throws UsageError */
export async function readInvocation<C extends Command>(
  argv: readonly string[],
  deps: ReadingDeps<C>,
): Promise<CommandInvocation<C>> {
  const line = await readGlobals(argv, deps.checkQuery);
  return line.kind === 'version' ? line : readCommand(line, deps);
}

async function readCommand<C extends Command>(line: GlobalLine, deps: ReadingDeps<C>): Promise<CommandInvocation<C>> {
  const { globals } = line;
  const found = await findCommand(line.rest, {
    table: deps.commands(globals),
    asksHelp: globals.help === true,
  });
  const { command } = found;
  if (!command || found.asksHelp) return { kind: 'help', path: found.path, globals };
  const parsed = parseOperation(command, found.rest);
  if (parsed === 'help') return { kind: 'help', path: command.name.split(' '), globals };

  const { paging, warnings } = pagingOf(parsed.taken, { command, noPaginate: globals.noPaginate === true });
  const parameters = await readParameters(command.input, { taken: parsed.taken, files: deps });
  const cliInput = await readCliInput(parsed.taken, deps);
  for (const [member, value] of cliInput ?? []) if (!parameters.has(member)) parameters.set(member, value);
  // members of the input that page by hand switch automatic paging off
  const paginates = paging.paginates && !parameters.has('Limit') && !parameters.has('Marker');

  const hintsOf: CommandCall['fileHints'] = (type) => fileHints(command.input, { type, parameters, ...deps });

  const skeleton = skeletonKind(parsed.taken);
  if (skeleton === 'input' || skeleton === 'yaml-input') {
    return { kind: 'skeleton', text: await inputSkeleton(skeleton, command), globals };
  }
  return {
    kind: 'call',
    command,
    globals,
    paging: { ...paging, paginates },
    passthroughArgs: found.passthroughArgs,
    sample: skeleton === 'output',
    warnings,
    fileHints: hintsOf,
    finish(settings) {
      if (paginates && paging.pageSize !== undefined) parameters.set('Limit', paging.pageSize);
      // an empty token is sent as the marker, which must not be empty
      if (paginates && paging.startingToken === '') parameters.set('Marker', '');
      try {
        return finish(command.input, { parameters, settings, globals });
      } catch (error) {
        throw hinted(error, () => hintsOf('blob'));
      }
    },
  };
}

function parseOperation(command: Command, words: readonly string[]): Parsed<CommandOption> | 'help' {
  if (words.length === 1 && words[0] === 'help') return 'help';
  const all = optionsOf(command);
  const options = liftsRequired(words) ? all.map((option) => ({ ...option, required: false })) : all;
  if (command.words?.length) return parseBareWords(words, { options, members: command.words });
  const parsed = parseWords<CommandOption>(words, { options, positional: { name: 'help', required: false } });
  if (parsed.positional === 'help') return 'help';
  // the first stray word was taken for a request for help and comes back last, unless it is empty
  const unknown = [...parsed.rest, ...(parsed.positional ? [parsed.positional] : [])];
  if (unknown.length > 0) throw unknownOptions(unknown, options);
  return parsed;
}

const unknownOptions = (words: readonly string[], options: readonly CommandOption[]): UsageError =>
  new UsageError(
    'unknownOptions',
    `Unknown options: ${words.join(', ')}`,
    unknownHints(words, [...options, ...Object.values(GLOBAL_OPTIONS)]).filter((hint) => hint.endsWith('?')),
  );

interface BareWords {
  readonly options: readonly CommandOption[];
  readonly members: readonly string[];
}

/** Of local commands: words that belong to no option give these members, unless their options do. */
function parseBareWords(words: readonly string[], { options, members }: BareWords): Parsed<CommandOption> {
  const isMember = (option: CommandOption): option is MemberOption =>
    'member' in option && members.includes(option.member);
  // what is missing is told at once, of options and bare words alike
  const lifted = options.map((option): CommandOption => ({ ...option, required: false }));
  const parsed = parseWords<CommandOption>(words, { options: lifted });
  const taken = new Map(parsed.taken);
  const rest = [...parsed.rest];
  for (const member of members) {
    const option = lifted.filter(isMember).find((candidate) => candidate.member === member)!;
    if (taken.has(option.name)) continue;
    const bare = rest.filter((word) => !word.startsWith('--'));
    // a list stands last and takes all that are left
    const words = option.shape.type === 'list' ? bare : bare.slice(0, 1);
    if (words.length === 0) continue;
    taken.set(option.name, { option, words });
    for (const word of words) rest.splice(rest.indexOf(word), 1);
  }
  const missing = options.filter((option) => option.required && !taken.has(option.name)).map(({ name }) => name);
  if (missing.length > 0) throw missingArguments(missing, unknownHints(rest, options));
  if (rest.length > 0) throw unknownOptions(rest, options);
  return { ...parsed, taken, rest };
}

/** Only the exact words make required options optional, neither an abbreviation nor a form with `=`. */
function liftsRequired(words: readonly string[]): boolean {
  if (words.includes(CLI_INPUT_JSON.name) || words.includes(CLI_INPUT_YAML.name)) return true;
  const skeleton = words.indexOf(GENERATE_CLI_SKELETON.name);
  return skeleton !== -1 && words[skeleton + 1] !== 'output';
}

/** In the model's order, whatever the order on the line: of several wrong ones its first is reported. */
async function readParameters(
  input: StructureShape,
  { taken, files }: { readonly taken: ReadonlyMap<string, Taken<CommandOption>>; readonly files: Files & FileLookup },
): Promise<Map<string, Value>> {
  const parameters = new Map<string, Value>();
  for (const member in input.members) {
    const given = taken.get(optionName(member));
    if (!given) continue;
    const { option, words } = given as Taken<MemberOption>;
    const hints = (): readonly string[] =>
      fileHint(option.name, option.shape, { word: words.length === 1 ? words[0]! : '', ...files });
    parameters.set(member, await withHints(() => readValue({ option, words }, files), hints));
  }
  return parameters;
}

/** Only the comments of YAML need texts. */
async function inputSkeleton(
  kind: 'input' | 'yaml-input',
  { input, operation }: { readonly input: StructureShape; readonly operation: string },
): Promise<string> {
  const { jsonSkeleton, yamlSkeleton } = await import('./skeleton.ts');
  if (kind === 'input') return jsonSkeleton(input);
  const { textOf } = await import('../../../texts/index.ts');
  return yamlSkeleton(input, textOf(operation).members);
}

function skeletonKind(taken: ReadonlyMap<string, Taken<Option>>): string | undefined {
  const given = taken.get(GENERATE_CLI_SKELETON.name);
  return given && (given.words[0] ?? 'input');
}

interface GivenMembers {
  readonly parameters: ReadonlyMap<string, Value>;
  readonly settings: ReadSettings;
  readonly globals: GlobalValues;
}

function finish(
  input: StructureShape,
  { parameters, settings, globals }: GivenMembers,
): { readonly [member: string]: unknown } {
  const raw = (globals.cliBinaryFormat ?? settings.binaryFormat) === 'raw-in-base64-out';
  const value = raw ? dict(parameters) : decodeBlobs(input, dict(parameters));
  const problems = settings.validates === false ? [] : validateParameters(input, value);
  if (problems.length > 0) {
    throw new UsageError('validation', ['Parameter validation failed:', ...problems]);
  }
  return toInput(input, value) as { readonly [member: string]: unknown };
}
