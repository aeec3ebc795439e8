/** Completions of the last word of a command line. */
import { describe, expect, test } from 'vitest';
import { boolean, list, required, string, structure } from '../../../../src/model/shape.ts';
import { choicesOf } from '../../../../src/frontends/cli/help/shape-text.ts';
import { locate } from '../../../../src/frontends/cli/input/cursor.ts';
import { optionsOf } from '../../../../src/frontends/cli/input/option.ts';
import { everyCommand } from '../../../../src/frontends/cli/table/commands.ts';
import { testDeps } from './test-deps.ts';

const bareWords = {
  name: 'look',
  operation: 'Look',
  input: structure({ First: required(string()), Rest: list(string()), Loud: boolean }),
  words: ['First', 'Rest'],
};
const program = { name: 'run it', operation: 'RunIt', input: structure({ File: string() }), passthroughArgs: true };

const own = testDeps().commands({});
const table = {
  find: async (path: readonly string[]) =>
    [bareWords, program].find(({ name }) => name === path.join(' ')) ?? own.find(path),
  list: async () => [...(await own.list()), bareWords, program],
};

/** `KIND COMMAND OPTION GIVEN`, and whether the command may go on; nothing where no word fits. */
async function at(line: string): Promise<string> {
  const cursor = await locate(line.split(' '), table);
  if (!cursor) return 'nothing';
  const option = 'option' in cursor ? cursor.option : undefined;
  const of = [cursor.path.join(' '), option?.name].filter((part) => part);
  return `${cursor.kind} of ${of.join(' ') || 'kms'}: ${cursor.given}${cursor.kind === 'word' && cursor.mayName ? '*' : ''}`;
}

describe('what is typed', () => {
  test.each([
    ['', 'word of kms: *'],
    ['enc', 'word of kms: enc*'],
    ['--reg', 'option of kms: --reg'],
    ['--region ', 'value of --region: '],
    ['--region=eu', 'value of --region: eu'],
    ['--regi eu', 'value of --region: eu'],
    ['--region eu encrypt --k', 'option of encrypt: --k'],
    ['encrypt ', 'word of encrypt: *'],
    ['encrypt --key-id ', 'value of encrypt --key-id: '],
    ['encrypt --key-id encrypt --plaintext x', 'value of encrypt --plaintext: x'],
    ['encrypt --grant-tokens a b', 'value of encrypt --grant-tokens: b'],
    ['encrypt --grant-tokens a --', 'option of encrypt: --'],
    ['encrypt --no-dry-run ', 'word of encrypt: '],
    ['list-keys --max-items 1', 'value of list-keys --max-items: 1'],
    ['list-keys --generate-cli-skeleton ', 'value of list-keys --generate-cli-skeleton: '],
    ['--debug keyring --output text ', 'word of keyring: *'],
    ['help ', 'word of kms: *'],
    ['help keyring ', 'word of keyring: *'],
    ['encrypt --nope=', 'nothing'],
    ['--version enc', 'word of kms: enc*'],
    ['look ', 'word of look --first: *'],
    ['look a ', 'word of look --rest: '],
    ['look a b c', 'word of look --rest: c'],
    ['look --loud a ', 'word of look --rest: '],
    ['look --first a ', 'word of look --rest: '],
    ['run it --file ', 'value of run it --file: '],
    ['run it --file x -- ', 'program of run it: '],
    ['run it -- a --fi', 'program of run it: --fi'],
    ['run it -- encrypt --region ', 'program of run it: '],
  ])('%s', async (line, expected) => {
    expect(await at(line)).toBe(expected);
  });
});

test.each(['nope ', '--region --output ', 'keyring nope ', 'encrypt --debug=', 'encrypt --key-id --plaintext '])(
  '%s is no beginning of a line',
  async (line) => {
    await expect(at(line)).rejects.toThrow();
  },
);

test('every name and value that the tables offer is a plain word', async () => {
  const commands = await everyCommand();
  const words = commands.flatMap((command) => {
    const options = optionsOf(command);
    const values = options.map((option) => option.choices ?? ('shape' in option ? choicesOf(option.shape) : []) ?? []);
    return [command.name.split(' '), options.map(({ name }) => name), values.flat()].flat();
  });
  expect(words.length).toBeGreaterThan(500);
  expect(words.filter((word) => !/^[A-Za-z0-9:/_.@+=,-]+$/.test(word))).toEqual([]);
});
