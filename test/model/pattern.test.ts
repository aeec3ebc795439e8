import { expect, test } from 'vitest';
import { fitsPattern } from '../../src/model/pattern.ts';
import { string } from '../../src/model/shape.ts';

test.each([
  ['[a-c]+', 'abc', true],
  ['[a-c]+', 'abcd', false],
  ['[a-c]+', 'xabc', false],
  ['a|b', 'ab', false],
  ['^a$', 'a', true],
  ['^\\p{ASCII}+$', '~\u007f', true],
  ['^\\p{ASCII}+$', 'é', false],
  ['a', 'a\n', false],
  [undefined, 'anything', true],
])('%j: the whole of %j fits: %s', (pattern, value, fits) => {
  const shape = string(pattern === undefined ? {} : { pattern });
  expect([fitsPattern(shape, value), fitsPattern(shape, value)]).toEqual([fits, fits]);
});
