/** `help` and `--help`: the page of a command, a group or the program, through the pager on a terminal. */
import { helpText } from './help/help.ts';
import { exitCodes } from './output/failure.ts';
import { sinkOf } from './printing.ts';
import type { GuardedProcess } from './process.ts';
import { everyCommand } from './table/commands.ts';

export async function showHelp(process: GuardedProcess, path: readonly string[]): Promise<number> {
  const { terminal, env } = process;
  const columns = terminal.columns() ?? 80;
  const commands = await everyCommand();
  const sink = await sinkOf(process, {}, {});
  sink.write(helpText(path, { columns, color: terminal.color(1, env), commands }) ?? '');
  await sink.close();
  return exitCodes.success;
}
