import { expect, test } from 'vitest';
import { failureOf } from '../../../../src/frontends/cli/output/failure.ts';
import { timestampFormatOf } from '../../../../src/frontends/cli/values/timestamp-format.ts';

test('timestamps are printed in one of two formats', () => {
  expect(timestampFormatOf()).toBe('iso8601');
  expect(timestampFormatOf('wire')).toBe('wire');
  try {
    timestampFormatOf('none');
    expect.unreachable();
  } catch (error) {
    expect(failureOf(error)).toEqual({
      kind: 'environment',
      code: 'Configuration',
      lines: ['Unknown cli_timestamp_format value: none, valid values are "wire" or "iso8601"'],
    });
  }
});
