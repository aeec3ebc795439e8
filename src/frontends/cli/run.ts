/** Runs a command line: reads it, makes the call, prints the output or the error, and returns the exit status. */
import { call } from './call.ts';
import type { CliCommand } from './table/commands.ts';
import type { CommandInvocation } from './input/read-invocation.ts';
import { exitCodes } from './output/failure.ts';
import { guarded, type GuardedProcess, type Process } from './process.ts';
import { readLine } from './read-line.ts';
import { reportFailure, type FailureNotes } from './report-failure.ts';

export async function run(outer: Process): Promise<number> {
  const process = guarded(outer, run);
  if (process.argv[0] === '__complete') return (await import('./complete.ts')).complete(process);
  if (process.argv[0] === '__agent' && process.agent) return process.agent.run();
  let invocation: CommandInvocation<CliCommand> | undefined;
  const notes: FailureNotes = new WeakMap();
  try {
    invocation = await readLine(process);
    return await perform(process, invocation, notes);
  } catch (thrown) {
    return reportFailure(process, thrown, { invocation, notes });
  }
}

async function perform(
  process: GuardedProcess,
  invocation: CommandInvocation<CliCommand>,
  notes: FailureNotes,
): Promise<number> {
  switch (invocation.kind) {
    case 'version':
      process.write(1, `${process.version}\n`);
      return exitCodes.success;
    case 'help':
      return (await import('./show-help.ts')).showHelp(process, invocation.path);
    case 'skeleton':
      process.write(1, invocation.text);
      return exitCodes.success;
    case 'call':
      return call(process, invocation, notes);
  }
}
