/** Help: `kms help`, `kms GROUP help`, `kms COMMAND help`. Loaded on demand, as it loads commander and all texts. */
import type { CliCommand } from '../table/commands.ts';
import { helpLayout } from './layout.ts';
import { pageOf } from './page.ts';
import { findCommand, register, type Registry } from './register.ts';

export interface HelpOptions {
  /** Width of the terminal; lines have at most 100 columns, for readability. */
  readonly columns: number;
  readonly color: boolean;
  readonly commands: readonly CliCommand[];
}

const [NARROWEST, WIDEST] = [60, 100];

/** @returns undefined if the words name neither a command nor a group */
export function helpText(path: readonly string[], { columns, color, commands }: HelpOptions): string | undefined {
  const registry: Registry = register(commands, (command, helper) => helpLayout(pageOf(registry, command), helper));
  const command = findCommand(registry, path);
  command?.configureOutput({
    getOutHelpWidth: () => Math.max(NARROWEST, Math.min(columns, WIDEST)),
    getOutHasColors: () => color,
  });
  return command?.helpInformation();
}

/** The help of the program: a line for each command, global options, environment, files, exit status. */
export const helpOverview = (options: HelpOptions): string => helpText([], options)!;
