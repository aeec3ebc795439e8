/** Output settings of a command line: format, query, color, pager. */
import type { GlobalValues } from './input/global-option.ts';
import type { Printing } from './output/print.ts';
import { compileQuery } from './output/query.ts';
import { openSink, type Sink } from './output/stdout.ts';
import type { GuardedProcess } from './process.ts';
import type { Profile } from '../../commands/configure/profiles.ts';
import type { CliCommand } from './table/commands.ts';
import { timestampFormatOf } from './values/timestamp-format.ts';

interface Wanted {
  readonly command: CliCommand;
  readonly globals: GlobalValues;
  readonly profile: Profile;
  readonly write: (text: string) => void;
}

/** `--output`, AWS_DEFAULT_OUTPUT, the profile, json. */
export async function printingOf(
  { env, terminal }: GuardedProcess,
  { command, globals, profile, write }: Wanted,
): Promise<Printing> {
  return {
    format: globals.output ?? env['AWS_DEFAULT_OUTPUT'] ?? profile.output ?? 'json',
    query: globals.query === undefined ? undefined : await compileQuery(globals.query, command.output),
    shape: command.output,
    title: command.operation,
    timestampFormat: timestampFormatOf(profile.cli_timestamp_format),
    width: terminal.columns(),
    isTerminal: terminal.isTerminal(1),
    color: globals.color === 'on' || (globals.color !== 'off' && terminal.color(1, env)),
    write,
  };
}

export async function sinkOf(process: GuardedProcess, globals: GlobalValues, profile: Profile): Promise<Sink> {
  const { env, write } = process;
  return openSink(1, { command: await pagerOf(process, globals, profile), env, write });
}

/** A pager is used only on a terminal; the default one only if it is installed. */
async function pagerOf({ env, terminal }: GuardedProcess, globals: GlobalValues, profile: Profile): Promise<string> {
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
