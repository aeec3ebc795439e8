/** Runs a local command with capabilities besides the session: the terminal, the server, words after `--`. */
import { EnvironmentError, KmsError } from '../../model/error.ts';
import { plainPaint, type Paint } from '../../model/styled-text.ts';
import { visible, visibleLines } from '../../model/visible.ts';
import type { Question, Screen } from '../../commands/command/capabilities.ts';
import type { AnyLocalCommand, CommandDeps } from '../../commands/command-deps.ts';
import type { Session } from '../../runtime/capabilities.ts';
import { traceTo } from './debug.ts';
import { checkCommandInput } from './input/command-input.ts';
import { GLOBAL_OPTIONS, type GlobalValues } from './input/global-option.ts';
import type { CommandCall } from './input/read-invocation.ts';
import { exitCodes } from './output/failure.ts';
import { printAnswer, type Printing } from './output/print.ts';
import type { GuardedProcess } from './process.ts';
import { profileName, sharedSettings } from './profile.ts';
import { progressOf } from './watched.ts';
import type { FailureNotes } from './report-failure.ts';
import { sayTo } from './say.ts';

interface LocalCall {
  readonly command: { readonly row: AnyLocalCommand };
  readonly call: Pick<CommandCall, 'globals' | 'passthroughArgs'>;
  readonly input: { readonly [member: string]: unknown };
  readonly session: Session;
  readonly printing: Printing;
  readonly notes: FailureNotes;
}

/** @returns the exit status */
export async function runLocalCommand(
  process: GuardedProcess,
  { command: { row }, call, input, session, printing, notes }: LocalCall,
): Promise<number> {
  const output = await row.run(
    checkCommandInput(row, input),
    commandDepsOf(process, { ...session, ...noting(session, notes) }, { ...call, printing }),
  );
  if (!row.silent) await printAnswer(printing, output);
  return row.exit?.(output) ?? exitCodes.success;
}

/** Records the operations of refused calls, for the error message. */
const noting = ({ invoke, invokeSeries }: Session, notes: FailureNotes): Pick<Session, 'invoke' | 'invokeSeries'> => ({
  invoke: (operation, input, region) =>
    invoke(operation, input, region).catch((error: unknown) => {
      if (error instanceof KmsError) notes.set(error, { operation: operation.name });
      throw error;
    }),
  async *invokeSeries(calls, options) {
    let done = 0;
    for await (const answers of invokeSeries(calls, options)) {
      for (const answer of answers) {
        if ('error' in answer) notes.set(answer.error, { operation: calls[done]!.operation.name });
        done += 1;
      }
      yield answers;
    }
  },
});

function commandDepsOf(
  process: GuardedProcess,
  session: Session,
  { globals, passthroughArgs, printing }: LocalCall['call'] & Pick<LocalCall, 'printing'>,
): CommandDeps {
  const { terminal, write, env } = process;
  const folders = { env, home: process.home() };
  const name = profileName(globals.profile, env);
  const deps: CommandDeps = {
    ...session,
    passthroughArgs,
    valueOptions: VALUE_OPTIONS,
    env,
    isTerminal: (stream) => terminal.isTerminal(STREAMS[stream]),
    stdin: () => globalThis.process.stdin,
    questions: () => (terminal.isTerminal(0) ? ask : undefined),
    profiles: {
      folders,
      name,
      shared: (profile) => sharedSettings(profile, folders),
      write: async (profile) => (await import('./write-profile.ts')).writeProfile(folders, name, profile),
    },
    runLine: async (argv, folder) => (await import('./run-inside.ts')).runInside(process, argv, folder),
    pause: () => pause(process),
    serve: (options) => process.serve(deps, options, globals.debug && traceTo(process)),
    serveXksProxy: (options) => process.serveXksProxy(deps, options, globals.debug && traceTo(process)),
    agents: async () => {
      if (!process.agent) throw new EnvironmentError('there are no agents here');
      return process.agent.control(deps.say);
    },
    screen: () => screenOf(process, globals),
    asksData: globals.output !== undefined || globals.query !== undefined,
    page: async () => ({
      columns: terminal.columns(),
      paint: await paintOf(process, globals),
      show: (text) => printing.write(`${text}\n`),
    }),
    progress: progressOf(process, globals),
    toTerminal: () => (terminal.isTerminal(2) ? (text) => write(2, text) : undefined),
    say: sayTo(process, globals),
    print: (line) => write(1, `${visible(line)}\n`),
    printData: (text) => write(1, `${terminal.isTerminal(1) ? visibleLines(text) : text}\n`),
    printStyled: (text) => write(1, `${text}\n`),
  };
  return deps;
}

const VALUE_OPTIONS = Object.values(GLOBAL_OPTIONS).flatMap(({ name, takes }) => (takes === 'one' ? [name] : []));
const STREAMS = { stdin: 0, stdout: 1 } as const;

const ask = async (question: Question): Promise<string> => (await import('./prompt.ts')).ask(question);

async function pause({ terminal }: GuardedProcess): Promise<void> {
  if (terminal.isTerminal(0) && terminal.isTerminal(1)) await (await import('./prompt.ts')).waitForEnter();
}

async function screenOf(process: GuardedProcess, globals: GlobalValues): Promise<Screen> {
  const { terminal, version } = process;
  return { columns: terminal.columns() ?? 80, paint: await paintOf(process, globals), version };
}

async function paintOf({ terminal, env }: GuardedProcess, { color }: GlobalValues): Promise<Paint> {
  const isPlain = color === 'off' || (color !== 'on' && !terminal.color(1, env));
  return isPlain ? plainPaint : (await import('./paint.ts')).painter();
}
