import { expect, test } from 'vitest';
import { printSize, readSize } from '../../src/commands/keyring/size.ts';

test.each([
  ['0', 0, '0B'],
  ['1', 1, '1B'],
  ['1023', 1_023, '1023B'],
  ['1024', 1_024, '1KiB'],
  ['64KiB', 65_536, '64KiB'],
  ['64kib', 65_536, '64KiB'],
  ['100MB', 100_000_000, '100MB'],
  ['1gib', 1_073_741_824, '1GiB'],
  ['2000kB', 2_000_000, '2MB'],
  ['1025B', 1_025, '1025B'],
])('%s is %i bytes, and printed %s', (text, bytes, printed) => {
  expect(readSize(text)).toBe(bytes);
  expect(printSize(bytes)).toBe(printed);
});

test.each(['', '-1', '1.5MB', '1 MB', '10X', 'MB', '1TB', '1e3', '0x10', '9999999999999', '999999999999GiB'])(
  '%j is no size',
  (text) => expect(readSize(text)).toBeUndefined(),
);
