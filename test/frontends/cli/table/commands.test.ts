/** The commands as a command line asks for them: of operations the called one alone is loaded. */
import { describe, expect, test } from 'vitest';
import { structure } from '../../../../src/model/shape.ts';
import { localCommand } from '../../../../src/commands/command/local-command.ts';
import { findCommand, type CommandName } from '../../../../src/frontends/cli/input/find-command.ts';
import { UsageError } from '../../../../src/frontends/cli/input/usage-error.ts';
import { commandTable, everyCommand } from '../../../../src/frontends/cli/table/commands.ts';

const nothing = { input: structure({}), output: structure({}), run: async () => ({}) };
const LOCAL = [
  localCommand({ ...nothing, name: 'TestRun', command: 'test-group run', passthroughArgs: true }),
  localCommand({ ...nothing, name: 'TestShow', command: 'test-group show' }),
];

function counted() {
  let loaded = 0;
  const table = commandTable(async () => {
    loaded += 1;
    return LOCAL;
  });
  const find = (...words: string[]) => findCommand(words, { table, asksHelp: false });
  return { find, table, loaded: () => loaded };
}

describe('our own commands are loaded', () => {
  test.each<[number, string]>([
    [0, 'encrypt --key-id x'],
    [0, 're-encrypt stray'],
    [0, 'help encrypt'],
    [0, 'encrypt keyring'],
    [1, 'test-group run'],
    [1, 'help test-group'],
    [1, 'test-group show --x'],
  ])('%i times: %s', async (times, line) => {
    const { find, loaded } = counted();
    await find(...line.split(' '));
    expect(loaded()).toBe(times);
  });
});

test.each(['Encrypt', 'ReEncrypt', 're-Encrypt', 'nope', 'test-group-run'])('%s names nothing', async (word) => {
  await expect(counted().find(word)).rejects.toThrow(UsageError);
});

test('it has the names of every command', async () => {
  const { table } = counted();
  const name = ({ name, operation }: CommandName) => ({ name, operation });
  expect((await table.list()).map(name)).toEqual((await everyCommand(async () => LOCAL)).map(name));
});

describe('words behind -- are those of the program', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['test-group run -- a --b c', [], ['a', '--b', 'c']],
    ['test-group run --x y -- a -- b', ['--x', 'y'], ['a', '--', 'b']],
    ['test-group run --x y --', ['--x', 'y', '--'], []],
    ['test-group run a', ['a'], []],
    ['test-group show --x -- a', ['--x', '--', 'a'], []],
    ['encrypt --x -- a', ['--x', '--', 'a'], []],
  ])('%s', async (line, rest, passthroughArgs) => {
    expect(await counted().find(...line.split(' '))).toMatchObject({ rest, passthroughArgs });
  });
});
