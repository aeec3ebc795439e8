/** Timestamps on input: epoch seconds, ISO 8601, RFC 822, and dates as people write them. */
import { parseFloat10 } from '../values/python-value.ts';

/** Years 1 to 9999, in seconds; epoch milliseconds lie beyond. */
const EARLIEST = -62_135_596_800;
const LATEST = 253_402_300_799;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH =
  '(?<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?';
const WEEKDAY = '(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]?\\s+)?';
const ZONE = '(?:\\s*(?<zone>z|utc|gmt|[+-]\\d\\d(?::?\\d\\d)?))?';
const CLOCK = '(?<hour>\\d{1,2}):(?<minute>\\d\\d)(?::(?<second>\\d\\d)(?:[.,]\\d+)?)?(?:\\s*(?<half>am|pm))?';
const TIME = `(?:(?:t|,?\\s+(?:at\\s+)?)${CLOCK}${ZONE})?`;

/** One row per order of the parts. Where two fit, the month comes first: 01/02/2026 is the 2nd of January. */
const FORMS = [
  `(?<year>\\d{4})([-/.])(?<month>\\d{1,2})\\2(?<day>\\d{1,2})${TIME}`,
  `(?<year>\\d{4})(?<month>\\d\\d)(?<day>\\d\\d)t?(?<hour>\\d\\d)(?<minute>\\d\\d)(?<second>\\d\\d)?(?:[.,]\\d+)?${ZONE}`,
  `(?<month>\\d{1,2})([-/.])(?<day>\\d{1,2})\\2(?<year>\\d{4})${TIME}`,
  `(?<day>\\d\\d)([-/.])(?<month>\\d{1,2})\\2(?<year>\\d{4})${TIME}`,
  `${WEEKDAY}(?<day>\\d{1,2})(?:st|nd|rd|th)?[\\s-]+${MONTH}[\\s,-]+(?<year>\\d{4})${TIME}`,
  `${WEEKDAY}${MONTH}[\\s-]+(?<day>\\d{1,2})(?:st|nd|rd|th)?[\\s,-]+(?<year>\\d{4})${TIME}`,
  `${WEEKDAY}${MONTH}\\s+(?<day>\\d{1,2})\\s+${CLOCK}${ZONE}\\s+(?<year>\\d{4})`,
].map((form) => new RegExp(`^\\s*${form}\\s*$`, 'i'));

/** Undefined if it is no date that exists. Without a zone it is UTC; the fraction of a second is cut off. */
export function readTimestamp(value: string | number): Date | undefined {
  const seconds = typeof value === 'number' ? value : parseFloat10(value);
  if (seconds !== undefined && seconds >= EARLIEST && seconds <= LATEST) return new Date(Math.floor(seconds) * 1000);
  if (typeof value === 'number') return undefined;
  for (const form of FORMS) {
    const parts = form.exec(value)?.groups;
    const date = parts && toDate(parts);
    if (date) return date;
  }
  return undefined;
}

function toDate(parts: { readonly [name: string]: string | undefined }): Date | undefined {
  const number = (name: string): number => Number(parts[name] ?? 0);
  const named = parts['name'] === undefined ? undefined : MONTHS.indexOf(parts['name'].slice(0, 3).toLowerCase()) + 1;
  const month = named ?? number('month');
  const day = number('day');
  const hour = hourOf(number('hour'), parts['half']?.toLowerCase());
  const date = new Date(0);
  date.setUTCFullYear(number('year'), month - 1, day);
  date.setUTCHours(hour, number('minute'), number('second'));
  const real =
    date.getUTCFullYear() === number('year') &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === number('minute') &&
    date.getUTCSeconds() === number('second');
  return real ? new Date(date.getTime() - offsetMinutes(parts['zone']) * 60_000) : undefined;
}

/** 12 am is midnight and 12 pm noon; NaN, which is no hour, where the clock has none such. */
function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  return hour <= 12 ? (hour % 12) + (half === 'pm' ? 12 : 0) : Number.NaN;
}

function offsetMinutes(zone: string | undefined): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '') ?? [];
  if (hours === undefined) return 0;
  return (Number(hours) * 60 + Number(minutes ?? 0)) * (sign === '-' ? -1 : 1);
}
