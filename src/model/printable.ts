/** Printable: an answer reduced to plain JSON values in the order they are printed. */
import { toBase64 } from './base64.ts';
import { isObject } from './json-object.ts';
import type { Shape, StructureShape } from './shape.ts';

export type Printable = null | boolean | number | string | readonly Printable[] | PrintableMap;
export interface PrintableMap {
  readonly [name: string]: Printable;
}

/** `wire` is the number of seconds as the service sends it, `iso8601` a local time with its offset. */
export type TimestampFormat = 'iso8601' | 'wire';

export interface TimestampOptions {
  readonly timestampFormat: TimestampFormat;
  /** An IANA name; without it the time zone of the process (TZ). */
  readonly timeZone?: string | undefined;
}

export const isMap = (value: Printable): value is PrintableMap => isObject(value);

export const isList = (value: Printable): value is readonly Printable[] => Array.isArray(value);

export const isScalar = (value: Printable): value is null | boolean | number | string =>
  typeof value !== 'object' || value === null;

/** An operation without output answers `{}`, and that alone prints nothing in every format but `off`. */
export const isNothing = (value: Printable): boolean => isMap(value) && Object.keys(value).length === 0;

/** Members in model order; unknown and unset ones dropped; map members in the order received. */
export function printable(shape: StructureShape, answer: unknown, options: TimestampOptions): PrintableMap {
  return reduce(shape, answer, options) as PrintableMap;
}

function reduce(shape: Shape, value: unknown, options: TimestampOptions): Printable {
  switch (shape.type) {
    case 'structure': {
      const given = value as { readonly [name: string]: unknown };
      const members: [string, Printable][] = [];
      for (const name in shape.members) {
        const member = given[name];
        if (member === undefined || member === null) continue;
        members.push([name, reduce(shape.members[name]!.shape, member, options)]);
      }
      return Object.fromEntries(members);
    }
    case 'list':
      return (value as readonly unknown[]).map((item) => reduce(shape.of, item, options));
    case 'map':
      return Object.fromEntries(Object.entries(value as PrintableMap));
    case 'blob':
      return toBase64(value as Uint8Array);
    case 'timestamp':
      return timestamp(value as Date, options);
    default:
      return value as Printable;
  }
}

/** `2023-11-14T17:13:20.123000-05:00`: never `Z`; six fraction digits, or none when they are all zero. */
function timestamp(date: Date, { timestampFormat, timeZone }: TimestampOptions): string | number {
  if (timestampFormat === 'wire') return date.getTime() / 1000;
  const offset = offsetInMinutes(date, timeZone);
  const local = new Date(date.getTime() + offset * 60_000).toISOString(); // the local time, spelt as if it were UTC
  const fraction = local.slice(19, -1);
  const hours = pad(Math.floor(Math.abs(offset) / 60));
  const minutes = pad(Math.abs(offset) % 60);
  const sign = offset < 0 ? '-' : '+';
  return `${local.slice(0, 19)}${fraction === '.000' ? '' : `${fraction}000`}${sign}${hours}:${minutes}`;
}

const pad = (number: number): string => String(number).padStart(2, '0');

function offsetInMinutes(date: Date, timeZone: string | undefined): number {
  if (timeZone === undefined) return -Math.round(date.getTimezoneOffset());
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(date);
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
  const found = /^GMT([+-])(\d\d):(\d\d)/.exec(name); // UTC itself is plain `GMT`
  if (!found) return 0;
  const [, sign, hours, minutes] = found;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
