/** Reports the failure of a command line on stderr, and returns its exit status. */
import { KmsError } from '../../model/error.ts';
import { commandTable, type CliCommand } from './table/commands.ts';
import type { GlobalValues } from './input/global-option.ts';
import type { CommandInvocation } from './input/read-invocation.ts';
import { errorFormatOf, errorLayout } from './output/errors.ts';
import { exitCodes, failureOf } from './output/failure.ts';
import type { GuardedProcess } from './process.ts';
import { chooseProfile } from './profile.ts';

/** What is known of an error besides itself. */
interface FailureNote {
  /** The operation whose call threw it: our own commands call several. */
  readonly operation?: string;
  readonly hints?: readonly string[];
}

export type FailureNotes = WeakMap<object, FailureNote>;

interface Failed {
  /** Absent for a line that could not be read. */
  readonly invocation: CommandInvocation<CliCommand> | undefined;
  readonly notes: FailureNotes;
}

export async function reportFailure(
  process: GuardedProcess,
  thrown: unknown,
  { invocation, notes }: Failed,
): Promise<number> {
  const { env, write, argv, terminal } = process;
  if (isInterrupt(thrown)) {
    write(1, '\n'); // as the AWS CLI does
    return exitCodes.interrupt;
  }
  const called = invocation?.kind === 'call' ? invocation.command.operation : undefined;
  const note = thrown instanceof KmsError ? notes.get(thrown) : undefined;
  const failure = failureOf(thrown, { operation: note?.operation ?? called, hints: note?.hints });
  const globals = invocation && 'globals' in invocation ? invocation.globals : {};
  const wanted = globals.cliErrorFormat ?? env['AWS_CLI_ERROR_FORMAT'] ?? profileErrorFormat(process, globals);
  const list = failure.group && (await listOf(failure.group));
  write(2, await errorLayout({ ...failure, list }, errorFormatOf(wanted), terminal.columns()));
  if (invocation?.kind === 'call' && invocation.globals.why) await explainDenial(process, thrown);
  if (failure.kind === 'other' && argv.includes('--debug')) (await import('./debug.ts')).reportCrash(process, thrown);
  const local = invocation?.kind === 'call' && invocation.command.kind === 'local' ? invocation.command.row : undefined;
  const isOwn = failure.kind === 'environment' || failure.kind === 'service';
  return isOwn && local?.failure !== undefined ? local.failure : exitCodes[failure.kind];
}

async function listOf(group: readonly string[]): Promise<readonly string[]> {
  const { commandList } = await import('./help/command-list.ts');
  return commandList(group, await commandTable().list());
}

/** Of `cli_error_format`; a profile that cannot be read is perhaps the very failure. */
function profileErrorFormat({ env, home }: GuardedProcess, globals: GlobalValues): string | undefined {
  try {
    return chooseProfile(globals.profile, { env, home: home() }).cli_error_format;
  } catch {
    return undefined;
  }
}

async function explainDenial({ write }: GuardedProcess, thrown: unknown): Promise<void> {
  const { whyDenied } = await import('../../commands/access/why.ts');
  const text = whyDenied(thrown);
  if (text !== undefined) write(2, `\n${text}`);
}

/** Ctrl-C at a question. Elsewhere the signal ends the process, for which shells show 130 as well. */
const isInterrupt = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === 'ExitPromptError';
