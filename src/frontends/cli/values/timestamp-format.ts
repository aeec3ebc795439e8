/** The timestamp format of a profile. */
import { CommandError } from '../../../commands/command/command-error.ts';
import type { TimestampFormat } from '../../../model/printable.ts';

/** `cli_timestamp_format` of a profile. */
export function timestampFormatOf(value = 'iso8601'): TimestampFormat {
  if (value === 'iso8601' || value === 'wire') return value;
  const message = `Unknown cli_timestamp_format value: ${value}, valid values are "wire" or "iso8601"`;
  throw new CommandError('environment', message, 'Configuration');
}
