/** Reads the arguments of a process as an invocation, with prompts for missing parts if they are enabled. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { visible } from '../../model/visible.ts';
import { readUpTo } from '../../files/limited-read.ts';
import { readInvocation, type CommandInvocation } from './input/read-invocation.ts';
import { compileQuery } from './output/query.ts';
import type { GuardedProcess } from './process.ts';
import { promptMode } from './prompt-mode.ts';
import { commandTable, everyCommand, type CliCommand } from './table/commands.ts';

export async function readLine(process: GuardedProcess): Promise<CommandInvocation<CliCommand>> {
  switch (promptMode(process)) {
    case 'off':
      return read(process);
    case 'on-partial':
      // the error is not reported, as the missing part is prompted for
      return read(process).catch(() => readWithAnswers(process));
    case 'on':
      return readWithAnswers(process);
  }
}

const read = (process: GuardedProcess): Promise<CommandInvocation<CliCommand>> => {
  const { argv, env, home, cwd } = process;
  return readInvocation(argv, {
    commands: () => commandTable(),
    env,
    home,
    readFile: (path, limit) => readUpTo(typeof path === 'string' && path !== '' ? resolve(cwd, path) : path, limit),
    isFile: (path) => statSync(resolve(cwd, path), { throwIfNoEntry: false })?.isFile() === true,
    checkQuery: async (expression) => void (await compileQuery(expression)),
  });
};

async function readWithAnswers(process: GuardedProcess): Promise<CommandInvocation<CliCommand>> {
  const { askForRest, asTyped } = await import('./auto-prompt.ts');
  const { asker } = await import('./prompt.ts');
  const { knownValues } = await import('./known-values.ts');
  const argv = await askForRest(process.argv, {
    ask: asker,
    commands: await everyCommand(),
    known: (option, globals) => knownValues(process, option, globals),
  });
  process.write(2, `$ kms ${visible(asTyped(argv))}\n`);
  return read({ ...process, argv });
}
