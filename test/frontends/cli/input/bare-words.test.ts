import { expect, test } from 'vitest';
import { boolean, list, required, string, structure } from '../../../../src/model/shape.ts';
import { readInvocation } from '../../../../src/frontends/cli/input/read-invocation.ts';

const command = {
  name: 'look',
  operation: 'Look',
  input: structure({ First: required(string()), Rest: list(string()), Loud: boolean }),
  words: ['First', 'Rest'],
};

async function read(...argv: string[]): Promise<unknown> {
  const invocation = await readInvocation(['look', ...argv], {
    commands: () => ({
      find: async (path) => (path.join(' ') === 'look' ? command : undefined),
      list: async () => [command],
    }),
    checkQuery: () => undefined,
    env: {},
    home: () => '/',
    isFile: () => false,
    readFile: () => new Uint8Array(),
  });
  return invocation.kind === 'call' ? invocation.finish({}) : invocation.kind;
}

test.each([
  [['a'], { First: 'a' }],
  [['a', 'b'], { First: 'a', Rest: ['b'] }],
  [['a', 'b', 'c', 'b'], { First: 'a', Rest: ['b', 'c', 'b'] }],
  [['a', '--loud', 'b', '-'], { First: 'a', Rest: ['b', '-'], Loud: true }],
  [['--first', 'a', 'b', 'c'], { First: 'a', Rest: ['b', 'c'] }],
  [['a', '--rest', 'b', 'c'], { First: 'a', Rest: ['b', 'c'] }],
])('%j', async (argv, input) => {
  expect(await read(...argv)).toEqual(input);
});

test('an option that is none is not a word', async () => {
  await expect(read('a', 'b', '--lout')).rejects.toThrow('Unknown options: --lout');
});
