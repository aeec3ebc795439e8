/** A command line from its words to its exit status: read, choose whom and where, call, print. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { visible, visibleLines } from '../../model/visible.ts';
import { readUpTo } from '../../files/limited-read.ts';
import type { Session, SessionOptions } from '../../runtime/session.ts';
import type { CommandDeps, Screen, ServeOptions } from '../../commands/command/local-command.ts';
import type { Trace } from '../../pipeline/trace.ts';
import type { KnownName } from '../../runtime/known-names.ts';
import { everyCommand, operationAmong, type CliCommand } from './table/commands.ts';
import type { CompletionDeps } from './complete.ts';
import type { GlobalValues } from './input/global-option.ts';
import { readInvocation, type Call, type Invocation, type CommandTable } from './input/read-invocation.ts';
import { errorFormatOf, errorLayout } from './output/errors.ts';
import { CommandError } from './values/command-error.ts';
import { exitCodes, failureOf } from './output/failure.ts';
import { printAnswer, printPages, type Printing } from './output/print.ts';
import { timestampFormatOf } from './values/printable.ts';
import { compileQuery } from './output/query.ts';
import { openSink, type Sink } from './output/stdout.ts';
import { chooseProfile, chooseRegion, type Profile } from './profile.ts';
import { progressLine } from './progress.ts';
import { promptMode } from './prompt-mode.ts';
import type { Ran } from './quickstart.ts';
import type { Terminal } from './terminal.ts';

const PROGRAM = 'kms';
const REQUEST_OPTIONS = [
  'as',
  'sessionPolicy',
  'sessionTags',
  'mfa',
  'viaService',
  'sourceArn',
  'sourceAccount',
  'sourceIp',
  'sourceVpc',
  'sourceVpce',
] as const;

/** What a command line needs of the process it runs in. */
export interface Process {
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly home: () => string;
  readonly version: string;
  readonly terminal: Terminal;
  readonly clock: () => number;
  readonly random: (length: number) => Uint8Array;
  readonly write: (fd: number, text: string) => void;
  /** Texts of our own that move the cursor, on stderr; run() gives it. */
  readonly control?: (text: string) => void;
  /** What calls and commands work in; tests compose one that answers by itself. */
  readonly openSession: (options: SessionOptions) => Session;
  /** `kms serve`, loaded when it is asked for. */
  readonly serve: (deps: CommandDeps, options: ServeOptions, trace: Trace | undefined) => Promise<void>;
}

export async function run(outer: Process): Promise<number> {
  const given = guarded(outer);
  let process = given;
  let reading: Reading | undefined;
  if (process.argv[0] === '__complete') return complete(process);
  try {
    process = await withAnswers(given);
    reading = await read(process);
    return await perform(process, reading);
  } catch (thrown) {
    return fail(process, thrown, reading?.invocation);
  }
}

/** Whatever is written to stderr quotes data: nothing of it reaches a terminal as a control character. */
const guarded = (process: Process): Process => ({
  ...process,
  write: (fd, text) => process.write(fd, fd === 2 ? visibleLines(text) : text),
  control: (text) => process.write(2, text),
});

/** The line with what a person adds to it on a terminal, where that is wished for. */
async function withAnswers(process: Process): Promise<Process> {
  const mode = promptMode(process);
  if (mode === 'off' || (mode === 'on-partial' && (await isRight(process)))) return process;
  const { askForRest, asTyped } = await import('./auto-prompt.ts');
  const { asker } = await import('./prompt.ts');
  const { knownValues } = await import('./complete.ts');
  const around = { ...valuesOf(process), words: process.argv };
  const known = (kind: string): Promise<readonly KnownName[]> => knownValues(kind, around);
  const argv = await askForRest(process.argv, { ask: asker, commands: await allCommands(process), known });
  process.write(2, `$ ${PROGRAM} ${visible(asTyped(argv))}\n`);
  return { ...process, argv };
}

const isRight = async (process: Process): Promise<boolean> =>
  read(process).then(
    () => true,
    () => false,
  );

interface Reading {
  readonly invocation: Invocation<CliCommand>;
  readonly verbatim: readonly string[];
}

/** Most command lines name an operation; only for the others is the table of all commands needed. */
async function read(process: Process): Promise<Reading> {
  const hot = await operationAmong(process.argv);
  const isHot = (path: readonly string[]): boolean => path.length === 1 && path[0] === hot?.name;
  let asksForAll = false;
  const names = (): readonly string[] => {
    asksForAll = true;
    return [];
  };
  try {
    const world = commandTableOf(process, { command: (path) => (isHot(path) ? hot : undefined), names });
    return { invocation: await readInvocation(process.argv, world), verbatim: [] };
  } catch (error) {
    if (!asksForAll) throw error;
  }
  const commands = await allCommands(process);
  const byName = new Map(commands.map((command) => [command.name, command]));
  const world = commandTableOf(process, {
    command: (path) => byName.get(path.join(' ')),
    names: () => [...byName.keys()],
  });
  const { argv, verbatim } = cutVerbatim(process.argv, commands);
  return { invocation: await readInvocation(argv, world), verbatim };
}

/** Behind the `--` of a command that runs a program, every word is the program's. */
function cutVerbatim(
  argv: readonly string[],
  commands: readonly CliCommand[],
): { argv: readonly string[]; verbatim: readonly string[] } {
  const at = argv.indexOf('--');
  const before = ` ${argv.slice(0, at).join(' ')} `;
  const runs = commands.some(
    ({ kind, row, name }) => kind === 'local' && row.passthroughArgs && before.includes(` ${name} `),
  );
  return at === -1 || !runs ? { argv, verbatim: [] } : { argv: argv.slice(0, at), verbatim: argv.slice(at + 1) };
}

type Table = Pick<CommandTable<CliCommand>, 'command' | 'names'>;

const commandTableOf = ({ env, home, cwd }: Process, table: Table): CommandTable<CliCommand> => ({
  ...table,
  env,
  home,
  readFile: (path, limit) => readUpTo(typeof path === 'string' && path !== '' ? resolve(cwd, path) : path, limit),
  checkQuery: async (expression) => void (await compileQuery(expression)),
});

async function allCommands(process: Process): Promise<readonly CliCommand[]> {
  const { env, home, terminal, argv } = process;
  const { localCommands } = await import('./local-commands.ts');
  const at = argv.indexOf('--profile');
  const profile = at === -1 ? undefined : argv[at + 1];
  const where = { source: { env, home: home() }, profile, terminal: terminal.isTerminal(0) };
  return everyCommand(
    localCommands(where, {
      again: (words, folder) => runAgain(process, words, folder),
      pause: () => pause(process),
    }),
  );
}

/** A command line inside this one, whose home is this folder and which has no terminal: for the guided tour. */
async function runAgain(process: Process, argv: readonly string[], folder: string): Promise<Ran> {
  const { PATH, TZ } = process.env;
  const written: { fd: number; text: string }[] = [];
  const status = await run({
    ...process,
    argv,
    env: { PATH, TZ, HOME: folder, POCKET_KMS_KEYRING: resolve(folder, 'keyring') },
    cwd: folder,
    home: () => folder,
    terminal: { ...process.terminal, isTerminal: () => false, columns: () => undefined, colour: () => false },
    write: (fd, text) => void written.push({ fd, text }),
  });
  const textOf = (pieces: typeof written): string => pieces.map(({ text }) => text).join('');
  return { status, stdout: textOf(written.filter(({ fd }) => fd === 1)), shown: textOf(written) };
}

async function pause({ terminal }: Process): Promise<void> {
  if (terminal.isTerminal(0) && terminal.isTerminal(1)) await (await import('./prompt.ts')).waitForEnter();
}

async function perform(process: Process, { invocation, verbatim }: Reading): Promise<number> {
  switch (invocation.kind) {
    case 'version':
      process.write(1, `${process.version}\n`);
      return exitCodes.success;
    case 'help':
      return help(process, invocation.path);
    case 'skeleton':
      process.write(1, invocation.text);
      return exitCodes.success;
    case 'call':
      return call(process, { ...invocation, verbatim });
  }
}

/** What completions ask for, hidden from people. */
async function complete(process: Process): Promise<number> {
  const { knownValues, printValues } = await import('./complete.ts');
  const [, kind, ...words] = process.argv;
  process.write(1, printValues(await knownValues(kind, { ...valuesOf(process), words })));
  return exitCodes.success;
}

/** Where values come from that completions and questions offer: nobody is asked to unlock anything for them. */
function valuesOf(process: Process): Pick<CompletionDeps, 'source' | 'sessionOf'> {
  const { env, home } = process;
  const source = { env, home: home() };
  return {
    source,
    sessionOf(globals) {
      const profile = chooseProfile(globals.profile, source);
      const region = chooseRegion(globals.region, env, profile);
      const chosen = { globals, profile, region, requestOptions: {} };
      return process.openSession({
        ...sessionOptionsOf(process, chosen),
        onlyTrusted: true,
        ask: () => undefined,
        note: () => {},
      });
    },
  };
}

async function help(process: Process, path: readonly string[]): Promise<number> {
  const { helpText } = await import('./help/help.ts');
  const { terminal, env } = process;
  const columns = terminal.columns() ?? 80;
  const text = helpText(path, { columns, colour: terminal.colour(1, env), commands: await allCommands(process) });
  const outlet = await sinkOf(process, {}, {});
  outlet.write(text ?? '');
  await outlet.close();
  return exitCodes.success;
}

async function call(
  process: Process,
  { command, globals, finish, warnings, sample, paging, verbatim }: Call<CliCommand> & Pick<Reading, 'verbatim'>,
): Promise<number> {
  const { env, home, write } = process;
  const source = { env, home: home() };
  const anyProfile = command.kind === 'local' && command.row.anyProfile;
  const profile = anyProfile ? {} : chooseProfile(globals.profile, source);
  const region = chooseRegion(globals.region, env, profile);
  const input = finish({
    binaryFormat: binaryFormatOf(profile.cli_binary_format),
    validates: profile.parameter_validation !== 'false',
  });
  for (const warning of warnings) write(2, `${warning}\n`);
  const outlet = await sinkOf(process, globals, profile);
  const printing = await printingOf(process, { command, globals, profile, write: outlet.write });
  const circumstances = await requestOptionsOf(process, globals);
  const trace = globals.debug && (await import('./debug.ts')).traceTo(process);
  trace?.('command', `${process.version}: ${command.name} with ${Object.keys(input).join(', ') || 'no members'}`);
  const sessionOptions = sessionOptionsOf(process, { globals, profile, region, requestOptions: circumstances });
  const session = process.openSession(trace ? { ...sessionOptions, trace } : sessionOptions);
  let status: number = exitCodes.success;
  try {
    if (sample) {
      const { sampleOutput } = await import('./input/skeleton.ts');
      await printAnswer(printing, sampleOutput(command.output));
    } else if (command.kind === 'local') {
      const { checkCommandInput } = await import('./input/command-input.ts');
      const deps = commandDepsOf(process, { session, globals, verbatim, trace });
      const output = await command.row.run(checkCommandInput(command.row, input), deps);
      if (!command.row.silent) await printAnswer(printing, output);
      status = command.row.exit?.(output) ?? exitCodes.success;
    } else {
      await warnOfPolicy(process, { globals, text: command.row.lints && input[command.row.lints] });
      const invoke = (given: unknown): ReturnType<Session['invoke']> => session.invoke(command.operation, given);
      if (command.row.paginated === undefined || !paging.paginates) await printAnswer(printing, await invoke(input));
      else await printPages(printing, { ...paging, call: invoke, input, resultKey: command.row.paginated });
    }
  } finally {
    await outlet.close();
    trace?.('command', 'done');
  }
  return status;
}

/** What the linter says of a policy that is about to be sent; it stops nothing. */
async function warnOfPolicy(
  { env, write }: Process,
  { globals, text }: { readonly globals: GlobalValues; readonly text: unknown },
): Promise<void> {
  if (typeof text !== 'string' || globals.quiet || env['POCKET_KMS_LINT'] === 'off') return;
  const { policyWarnings } = await import('../../commands/lint/policy-warnings.ts');
  for (const line of policyWarnings(text)) write(2, `${PROGRAM}: ${line}\n`);
}

interface Chosen {
  readonly globals: GlobalValues;
  readonly profile: Profile;
  readonly region: string | undefined;
  /** What global options say of the caller and where it calls from. */
  readonly requestOptions: Partial<SessionOptions>;
}

function sessionOptionsOf(process: Process, chosen: Chosen): SessionOptions {
  const { globals, profile, region, requestOptions: circumstances } = chosen;
  const { env, cwd, clock, random, terminal } = process;
  const say = sayTo(process, globals);
  return {
    env,
    cwd,
    home: process.home(),
    named: globals.keyring,
    keyFile: globals.keyFile,
    passphraseFile: globals.passphraseFile,
    passphraseFd: globals.passphraseFd === undefined ? undefined : Number(globals.passphraseFd),
    principal: profile.principal ?? (profile.account && `arn:aws:iam::${profile.account}:root`),
    sessionTags: profile.session_tags,
    ...circumstances,
    region,
    userAgent: process.version,
    clock,
    random,
    ask: () => (terminal.isTerminal(0) && terminal.isTerminal(2) ? terminal.prompts : undefined),
    note: (line) => {
      if (terminal.isTerminal(2)) say(line);
    },
  };
}

/** A line for the person at the terminal; never part of the answer. */
const sayTo = ({ write }: Process, { quiet }: GlobalValues): ((line: string) => void) =>
  quiet ? () => {} : (line) => write(2, `${PROGRAM}: ${visible(line)}\n`);

interface Called {
  readonly session: Session;
  readonly globals: GlobalValues;
  readonly verbatim: readonly string[];
  readonly trace: Trace | undefined;
}

/** What local commands may reach beyond the session. */
function commandDepsOf(process: Process, { session, globals, verbatim, trace }: Called): CommandDeps {
  const { clock, terminal, write, control = () => {} } = process;
  const deps: CommandDeps = {
    ...session,
    passthroughArgs: verbatim,
    serve: (options) => process.serve(deps, options, trace),
    screen: () => screenOf(process, globals),
    progress: (total) =>
      progressLine({ clock, write: control }, { total, shown: terminal.isTerminal(2) && !globals.quiet }),
    toTerminal: () => (terminal.isTerminal(2) ? (text) => write(2, text) : undefined),
    say: sayTo(process, globals),
    print: (line) => write(1, `${visible(line)}\n`),
    printData: (text) => write(1, `${terminal.isTerminal(1) ? visibleLines(text) : text}\n`),
    printStyled: (text) => write(1, `${text}\n`),
  };
  return deps;
}

async function screenOf({ terminal, env, version }: Process, { color }: GlobalValues): Promise<Screen> {
  const isPlain = color === 'off' || (color !== 'on' && !terminal.colour(1, env));
  const paint = isPlain ? (_: string, text: string): string => text : (await import('./paint.ts')).colours();
  return { columns: terminal.columns() ?? 80, paint, version };
}

/** Loaded only if one of these options is there. */
async function requestOptionsOf({ env, home }: Process, globals: GlobalValues): Promise<Partial<SessionOptions>> {
  if (!REQUEST_OPTIONS.some((option) => globals[option] !== undefined)) return {};
  const { readRequestOptions: readCircumstances } = await import('./request-options.ts');
  return readCircumstances(globals, { env, home, readFile: (path) => readFileSync(path) });
}

interface Wanted {
  readonly command: CliCommand;
  readonly globals: GlobalValues;
  readonly profile: Profile;
  readonly write: (text: string) => void;
}

/** `--output`, AWS_DEFAULT_OUTPUT, the profile, json (spec/aws-cli.md 1.2). */
async function printingOf({ env, terminal }: Process, { command, globals, profile, write }: Wanted): Promise<Printing> {
  return {
    format: globals.output ?? env['AWS_DEFAULT_OUTPUT'] ?? profile.output ?? 'json',
    query: globals.query === undefined ? undefined : await compileQuery(globals.query, command.output),
    shape: command.output,
    title: command.operation,
    timestampFormat: timestampFormatOf(profile.cli_timestamp_format),
    width: terminal.columns(),
    color: globals.color === 'on' || (globals.color !== 'off' && terminal.colour(1, env)),
    write,
  };
}

async function sinkOf(process: Process, globals: GlobalValues, profile: Profile): Promise<Sink> {
  const { env, write } = process;
  return openSink(1, { command: await pagerOf(process, globals, profile), env, write });
}

/** A pager only on a terminal; the usual one only if it is there. */
async function pagerOf({ env, terminal }: Process, globals: GlobalValues, profile: Profile): Promise<string> {
  if (!terminal.isTerminal(1)) return '';
  const { pagerCommand } = await import('./output/pager.ts');
  const noPager = globals.noCliPager === true;
  const command = pagerCommand({
    isTerminal: true,
    noPager,
    env,
    profile: profile.cli_pager,
  });
  return command === 'less' && !terminal.has('less', env) ? '' : command;
}

/** Of `cli_binary_format` in a profile; the option beats it, and there is no environment variable (spec/aws-cli.md 1.2). */
function binaryFormatOf(value = 'base64'): 'base64' | 'raw-in-base64-out' {
  if (value === 'base64' || value === 'raw-in-base64-out') return value;
  throw new CommandError(
    'other',
    `Invalid value for cli_binary_format: ${value}, valid values are base64, raw-in-base64-out`,
  );
}

/** Ctrl-C at a question. Elsewhere the signal ends the process, for which shells show 130 as well. */
const isInterrupt = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === 'ExitPromptError';

async function fail(
  process: Process,
  thrown: unknown,
  invocation: Invocation<CliCommand> | undefined,
): Promise<number> {
  const { env, write, argv, terminal } = process;
  if (isInterrupt(thrown)) {
    write(1, '\n'); // as the AWS CLI does (spec/aws-cli.md 4.1)
    return exitCodes.interrupt;
  }
  const operation = invocation?.kind === 'call' ? invocation.command.operation : undefined;
  const failure = failureOf(thrown, operation);
  const globals = invocation && 'globals' in invocation ? invocation.globals : {};
  const wanted = globals.cliErrorFormat ?? env['AWS_CLI_ERROR_FORMAT'] ?? profileErrorFormat(process, globals);
  write(2, await errorLayout(failure, errorFormatOf(wanted), terminal.columns()));
  if (invocation?.kind === 'call' && invocation.globals.why) await explainDenial(process, thrown);
  if (failure.kind === 'other' && argv.includes('--debug')) (await import('./debug.ts')).reportCrash(process, thrown);
  const tool = invocation?.kind === 'call' && invocation.command.kind === 'local' ? invocation.command.row : undefined;
  const isOwn = failure.kind === 'environment' || failure.kind === 'service';
  return isOwn && tool?.failure !== undefined ? tool.failure : exitCodes[failure.kind];
}

/** Of `cli_error_format`; a profile that cannot be read is perhaps the very failure. */
function profileErrorFormat({ env, home }: Process, globals: GlobalValues): string | undefined {
  try {
    return chooseProfile(globals.profile, { env, home: home() }).cli_error_format;
  } catch {
    return undefined;
  }
}

async function explainDenial({ write }: Process, thrown: unknown): Promise<void> {
  const { whyDenied } = await import('../../commands/access/why.ts');
  const text = whyDenied(thrown);
  if (text !== undefined) write(2, `\n${text}`);
}
