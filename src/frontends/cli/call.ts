/** Runs the command of a line in a session with the settings of the profile, and prints its output. */
import { KmsError } from '../../model/error.ts';
import type { Members } from '../../model/shape.ts';
import { loadOperation } from '../../operations/index.ts';
import type { Session, ShapeCalls } from '../../runtime/capabilities.ts';
import type { CommandCall } from './input/read-invocation.ts';
import { exitCodes } from './output/failure.ts';
import { printAnswer, printPages, type Printing } from './output/print.ts';
import type { FailureNotes } from './report-failure.ts';
import { printingOf, sinkOf } from './printing.ts';
import type { CliSessionOptions, GuardedProcess } from './process.ts';
import { chooseProfile, chooseRegion } from './profile.ts';
import type { Profile } from '../../commands/configure/profiles.ts';
import { readRequestOptions, sessionOptionsOf } from './session-options.ts';
import type { CliCommand } from './table/commands.ts';
import { CommandError } from '../../commands/command/command-error.ts';
import { progressOf } from './watched.ts';

/** @param notes gets what is known of errors of the service */
export async function call(
  process: GuardedProcess,
  invocation: CommandCall<CliCommand>,
  notes: FailureNotes,
): Promise<number> {
  const { command, globals } = invocation;
  const { env, home, write } = process;
  const anyProfile = command.kind === 'local' && command.row.anyProfile;
  const profile = anyProfile ? {} : chooseProfile(globals.profile, { env, home: home() });
  const region = chooseRegion(globals.region, env, profile);
  const input = invocation.finish({
    binaryFormat: binaryFormatOf(profile),
    validates: profile.parameter_validation !== 'false',
  });
  for (const warning of invocation.warnings) write(2, `${warning}\n`);
  const sink = await sinkOf(process, globals, profile);
  const printing = await printingOf(process, { command, globals, profile, write: sink.write });
  const requestOptions = await readRequestOptions(process, globals);
  const trace = globals.debug && (await import('./debug.ts')).traceTo(process);
  trace?.('command', `${process.version}: ${command.name} with ${Object.keys(input).join(', ') || 'no members'}`);
  const options: CliSessionOptions = {
    ...sessionOptionsOf(process, { globals, profile, region, requestOptions }),
    ...(trace ? { trace } : {}),
  };
  let opened: Promise<Session> | undefined;
  const session = (): Promise<Session> => (opened ??= process.openSession(options));
  // an agent tells neither what it does nor why a call was denied
  const mayUseAgent = command.kind === 'operation' && !invocation.sample && !trace && !globals.why;
  const withoutAgent = async (): Promise<ShapeCalls> => shapeCalls(await session());
  const calls = (mayUseAgent ? await process.agent?.calls(options, withoutAgent) : undefined) ?? (await withoutAgent());
  try {
    return await answer(process, { invocation, input, session, calls, printing, notes });
  } catch (thrown) {
    if (thrown instanceof KmsError) await noteHints(thrown, { invocation, input, calls, notes });
    throw thrown;
  } finally {
    await calls.close();
    await sink.close();
    trace?.('command', 'done');
  }
}

/** The calls of a session, with the operations themselves. */
const shapeCalls = (session: Session): ShapeCalls => ({
  invoke: async ({ name }, input) => session.invoke<Members, Members>(await loadOperation(name), input),
  async *invokeChain({ name }, chain) {
    yield* session.invokeChain<Members, Members, typeof chain.first>(await loadOperation(name), chain);
  },
  aliasExists: session.aliasExists,
  close: session.close,
});

interface Prepared {
  readonly invocation: CommandCall<CliCommand>;
  readonly input: { readonly [member: string]: unknown };
  readonly session: () => Promise<Session>;
  /** Calls of operations: the session's own, or those through an agent. */
  readonly calls: ShapeCalls;
  readonly printing: Printing;
  readonly notes: FailureNotes;
}

async function answer(
  process: GuardedProcess,
  { invocation, input, session, calls, printing, notes }: Prepared,
): Promise<number> {
  const { command, globals, paging } = invocation;
  if (invocation.sample) {
    const { sampleOutput } = await import('./input/skeleton.ts');
    await printAnswer(printing, sampleOutput(command.output));
    return exitCodes.success;
  }
  if (command.kind === 'local') {
    const { runLocalCommand } = await import('./run-local-command.ts');
    return runLocalCommand(process, {
      command,
      call: invocation,
      input,
      session: await session(),
      printing,
      notes,
    });
  }
  const { shape } = command;
  await warnOfPolicy(process, { quiet: globals.quiet, text: shape.lints && input[shape.lints] });
  if (shape.paginated === undefined || !paging.paginates) await printAnswer(printing, await calls.invoke(shape, input));
  else
    await printPages(printing, {
      ...paging,
      calls: (chain) => calls.invokeChain(shape, chain),
      progress: progressOf(process, globals),
      input,
      resultKey: shape.paginated,
    });
  return exitCodes.success;
}

async function noteHints(
  error: KmsError,
  { invocation, input, calls, notes }: Pick<Prepared, 'invocation' | 'input' | 'calls' | 'notes'>,
): Promise<void> {
  const { callHints } = await import('./call-hints.ts');
  const { command, fileHints } = invocation;
  const hints = await callHints(error, { shape: command.input, input, session: calls, fileHints }).catch(() => []);
  notes.set(error, { ...notes.get(error), hints });
}

/** Warnings of the linter about a policy in the input; the call is made anyway. */
async function warnOfPolicy(
  { env, write }: GuardedProcess,
  { quiet, text }: { readonly quiet: true | undefined; readonly text: unknown },
): Promise<void> {
  if (typeof text !== 'string' || quiet || env['POCKET_KMS_LINT'] === 'off') return;
  const { policyWarnings } = await import('../../commands/lint/policy-warnings.ts');
  for (const line of await policyWarnings(text)) write(2, `kms: ${line}\n`);
}

/** Of `cli_binary_format` in a profile; the option beats it, and there is no environment variable. */
function binaryFormatOf({ cli_binary_format: value = 'base64' }: Profile): 'base64' | 'raw-in-base64-out' {
  if (value === 'base64' || value === 'raw-in-base64-out') return value;
  throw new CommandError(
    'other',
    `Invalid value for cli_binary_format: ${value}, valid values are base64, raw-in-base64-out`,
  );
}
