import { expect, test } from 'vitest';
import { similar } from '../../../../src/frontends/cli/input/similar.ts';
import { vectors } from './vectors.ts';

const commands = vectors<{ name: string }>('commands').map(({ name }) => name);

test('finds what difflib finds', () => {
  for (const { word, names } of vectors<{ word: string; names: string[] }>('similar')) {
    expect([word, similar(word, commands)]).toEqual([word, names]);
  }
});

test('at most three, the best first, of equal ones the later in the alphabet', () => {
  expect(similar('abcde', ['abcdx', 'abcdy', 'abcdz', 'abcd', 'abcd1'])).toEqual(['abcd', 'abcdz', 'abcdy']);
  expect(similar('', [''])).toEqual(['']);
});
