/**
 * The digest chain: every line of the log ends with its number, the keyring's generation and a MAC over the line and
 * the MAC before it. Verifiers cut the line's bytes, so no canonical JSON is needed.
 *
 *     {...record...,"chain":{"sequence":N,"generation":G,"mac":"64 hex digits"}}\n
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { linesIn, linesInStream } from '../model/lines.ts';
import { fromHex, hex, utf8 } from '../crypto/bytes.ts';
import type { Secret } from '../crypto/secret.ts';

/** The end of a chain: the number and the MAC of its last line. */
export interface ChainHead {
  readonly sequence: number;
  /** Hex. */
  readonly mac: string;
}

/** Of a MAC in hex. */
const MAC_DIGITS = 64;

/** The end that the first line of a first log follows. */
export const CHAIN_START: ChainHead = { sequence: 0, mac: '0'.repeat(MAC_DIGITS) };

const END = '"}}\n';
/** The end of the last line of a log. */
export const lineEnd = ({ mac }: Pick<ChainHead, 'mac'>): Uint8Array => utf8(mac + END);

/** Maximum length of a line in bytes; event-size.ts keeps events far below it. */
export const MAX_LINE = 1 << 24;

/** The lines of a log, without their line ends. */
export const logLines = (pieces: Iterable<Uint8Array>): Generator<Uint8Array> => linesIn(pieces, MAX_LINE);

export const logLinesInStream = (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> =>
  linesInStream(pieces, MAX_LINE);

export interface Link {
  readonly line: Uint8Array;
  readonly head: ChainHead;
}

export function link(record: object, generation: number, { key, head }: { key: Secret; head: ChainHead }): Link {
  const sequence = head.sequence + 1;
  const text = `${JSON.stringify(record).slice(0, -1)},"chain":{"sequence":${sequence},"generation":${generation},"mac":"`;
  const length = Buffer.byteLength(text);
  const line = Buffer.allocUnsafe(length + MAC_DIGITS + END.length);
  line.write(text);
  const mac = macOf(line.subarray(0, length), key, head);
  line.write(mac + END, length, 'latin1');
  return { line, head: { sequence, mac } };
}

const macOf = (body: Uint8Array, key: Secret, { mac }: ChainHead): string =>
  createHmac('sha256', key.expose()).update(mac, 'hex').update(body).digest('hex');

export interface ChainedLine {
  readonly record: { readonly [name: string]: unknown };
  readonly head: ChainHead;
  readonly generation: number;
  /** Bytes of the log, its line end among them. */
  readonly size: number;
  /** Whether the MAC is this key's, over this line and that previous MAC. */
  follows(key: Secret, previous: ChainHead): boolean;
}

/** The largest number of six bytes, the size of a sealed record's version. */
const MAX_COUNT = 2 ** 48 - 1;

const isCount = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_COUNT;

/** Parses a line without its line end; undefined if it is not a line of a log. */
export function parseLine(line: Uint8Array): ChainedLine | undefined {
  const body = line.subarray(0, line.length + 1 - lineEnd(CHAIN_START).length);
  try {
    const { chain, ...record } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
    const { sequence, generation, mac } = chain;
    if (!isCount(sequence) || !isCount(generation) || !/^[0-9a-f]{64}$/.test(mac)) return undefined;
    if (hex(line.subarray(body.length, body.length + MAC_DIGITS)) !== hex(utf8(mac))) return undefined;
    return {
      record,
      generation,
      size: line.length + 1,
      head: { sequence, mac },
      follows: (key, previous) => timingSafeEqual(fromHex(macOf(body, key, previous)), fromHex(mac)),
    };
  } catch {
    return undefined;
  }
}

/** The end that the first line of a file says it follows; the MAC of that line verifies it. undefined: it says none. */
export function followedBy({ record, head }: ChainedLine): ChainHead | undefined {
  const { follows } = (record['requestParameters'] ?? {}) as { readonly follows?: Partial<ChainHead> };
  const { sequence, mac } = follows ?? {};
  const isEnd = isCount(sequence) && /^[0-9a-f]{64}$/.test(String(mac));
  if (isEnd) return { sequence: sequence!, mac: mac! };
  return head.sequence === 1 ? CHAIN_START : undefined;
}
