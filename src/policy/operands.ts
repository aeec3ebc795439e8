/** What condition operators compare besides text: numbers, dates, bytes, and IP addresses with their ranges. */
import { fromBase64 } from '../model/base64.ts';

const NUMBER = /^[+-]?\d{1,30}(?:\.\d{1,30})?$/;

export const readNumber = (text: string): number | undefined => (NUMBER.test(text) ? Number(text) : undefined);

/** The W3C profiles of ISO 8601: year, month, day, or a time with its zone. */
const DATE = /^\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?)?)?$/;

/** @returns seconds since 1970; a number of five digits or more is such seconds already */
export function readDate(text: string): number | undefined {
  const milliseconds = DATE.test(text) ? Date.parse(text) : (readNumber(text) ?? Number.NaN) * 1000;
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000); // to the second
}

export function sameBytes(left: string, right: string): boolean | undefined {
  const [one, other] = [fromBase64(left), fromBase64(right)];
  return one && other && Buffer.from(one).equals(other);
}

/** A range of addresses; a single address is the range of all its bits. */
export interface AddressRange {
  /** 4 or 16 bytes. */
  readonly bytes: readonly number[];
  readonly bits: number;
}

export function readRange(text: string): AddressRange | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const bytes = address.includes(':') ? readV6(address) : readV4(address);
  if (!bytes) return undefined;
  const bits = slash < 0 ? bytes.length * 8 : smallNumber(text.slice(slash + 1), bytes.length * 8);
  return bits === undefined ? undefined : { bytes, bits };
}

/** Compares the network's bits; an IPv4 address is in no IPv6 range, nor the other way round. */
export function inRange(address: AddressRange, range: AddressRange): boolean {
  if (address.bytes.length !== range.bytes.length || address.bits < range.bits) return false;
  return range.bytes.every((byte, index) => {
    const kept = Math.min(Math.max(range.bits - index * 8, 0), 8);
    const mask = (0xff00 >> kept) & 0xff;
    return (byte & mask) === (address.bytes[index]! & mask);
  });
}

function smallNumber(text: string, max: number): number | undefined {
  if (!/^\d{1,3}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

function readV4(text: string): number[] | undefined {
  const bytes = text.split('.').map((part) => smallNumber(part, 255));
  return bytes.length === 4 && bytes.every((byte) => byte !== undefined) ? bytes : undefined;
}

/** RFC 4291 2.2: eight groups, one run of zero groups written `::`, the last two groups also as IPv4. */
function readV6(text: string): number[] | undefined {
  const halves = text.split('::').map(readGroups);
  const [head, tail] = halves;
  if (!head || (halves.length === 2 && !tail) || halves.length > 2) return undefined;
  if (!tail) return head.length === 16 ? head : undefined;
  const gap = 16 - head.length - tail.length;
  return gap >= 2 ? [...head, ...Array.from({ length: gap }, () => 0), ...tail] : undefined;
}

function readGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    const v4 = index === groups.length - 1 && group.includes('.') ? readV4(group) : undefined;
    if (!v4 && !/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    bytes.push(...(v4 ?? [value >> 8, value & 0xff]));
  }
  return bytes;
}
