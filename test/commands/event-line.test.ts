import { expect, test } from 'vitest';
import { eventLine } from '../../src/commands/audit/event-line.ts';
import { plainPaint, printLines } from '../../src/model/styled-text.ts';

const EVENT = {
  eventTime: '2026-01-31T12:34:56Z',
  eventName: 'GenerateDataKeyWithoutPlaintext',
  userIdentity: { type: 'IAMUser', userName: 'alice-the-developer' },
  resources: [{ ARN: 'arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab' }],
  errorCode: 'IncorrectKeyUsageException',
};

const printed = (columns?: number): string =>
  printLines([eventLine(EVENT, columns)], { columns: undefined, paint: plainPaint }).trimEnd();

test.each([
  [undefined, '2026-01-31 12:34:56 GenerateDataKeyWith… alice-the-d… 1234abcd     IncorrectKey…'],
  [
    120,
    '2026-01-31 12:34:56 GenerateDataKeyWithoutPlaintext      alice-the-developer                  1234abcd     IncorrectKey…',
  ],
  [80, '2026-01-31 12:34:56 GenerateDataKeyWith… alice-the-d… 1234abcd     IncorrectKey…'],
  [79, '12:34:56 GenerateDataKeyWithoutPlainte… alice-the-d… 1234abcd     IncorrectKey…'],
  [60, '12:34:56 GenerateDataKeyWithoutP… 1234abcd     IncorrectKey…'],
  [50, '12:34:56 GenerateDataKeyWithoutPlai… IncorrectKey…'],
  [34, 'GenerateDataKeyWith… IncorrectKey…'],
  [20, 'Gener… IncorrectKey…'],
  [10, 'Gener… In…'],
  [1, 'Gener… …'],
])('an event takes one row of a terminal of %s columns', (columns, text) => {
  expect(printed(columns)).toBe(text);
});

test('no line is longer than the terminal', () => {
  const widths = Array.from({ length: 293 }, (_, index) => index + 8);
  const lengths = widths.map((columns) => printed(columns).length);
  for (const [index, length] of lengths.entries()) expect(length).toBeLessThanOrEqual(widths[index]!);
});
