/** The commands of a group, or some of the program to begin with, for a line that names none. Loaded only for those. */
import { textOf } from '../../../texts/index.ts';
import { FIRST_COMMANDS, GROUP_TEXTS } from '../../../texts/program.ts';
import { wordsAfter, type CommandName } from '../input/find-command.ts';

/** Lines, with a line for each command. */
export function commandList(group: readonly string[], commands: readonly CommandName[]): readonly string[] {
  const program = ['kms', ...group].join(' ');
  const words = group.length === 0 ? FIRST_COMMANDS : wordsAfter(group, commands);
  const width = Math.max(...words.map((word) => word.length));
  const summaryOf = (word: string): string => {
    const name = [...group, word].join(' ');
    const command = commands.find((one) => one.name === name);
    return command ? textOf(command.operation).summary : (GROUP_TEXTS[word] ?? '');
  };
  return [
    group.length === 0 ? 'Commands to start with:' : `Subcommands of ${program}:`,
    '',
    ...words.map((word) => `  ${word.padEnd(width)}  ${summaryOf(word)}`),
    ...(group.length === 0 ? ['', `${program} help lists all commands.`] : []),
  ];
}
