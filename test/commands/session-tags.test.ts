import { expect, test } from 'vitest';
import { printTags, readTags } from '../../src/commands/configure/session-tags.ts';

test.each([
  ['Team=Blue', { Team: 'Blue' }],
  ['Team=Blue,Project=X', { Team: 'Blue', Project: 'X' }],
  ['Team=', { Team: '' }],
  ['Key=YQ==', { Key: 'YQ==' }],
  ['__proto__=a', JSON.parse('{"__proto__":"a"}')],
])('%s: read, and printed as it was', (text, tags) => {
  expect(readTags(text)).toEqual(tags);
  expect(printTags(tags as { [key: string]: string })).toBe(text);
});

test.each(['', 'Team', '=Blue', 'Team=Blue,', ',Team=Blue', 'Team=Blue,Project'])('%j is none', (text) =>
  expect(readTags(text)).toBeUndefined(),
);
