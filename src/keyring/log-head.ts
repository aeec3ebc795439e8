/**
 * The head of the audit log: the log's end after the last call that changed nothing in the keyring, in a file of two
 * blocks. They are written in turn and in place, and the valid one with the higher sequence number counts, so a write that
 * is interrupted leaves the other. Calls that change the keyring put the end into the root instead.
 *
 *     magic 4 | format 1 | sequence number 6 | term 2, sealed (crypto/seal.ts) 100 | zeros to 512
 *     sealed: log number 6 | generation 6 | sequence number 6 | size 6 | MAC 32
 */
import type { ChainHead } from '../audit/chain.ts';
import { concat, fromHex, hex, readUint, uint, utf8 } from '../crypto/bytes.ts';
import type { Barrier } from './barrier.ts';

/** An end of a log. */
export interface LogEnd extends ChainHead {
  /** Bytes of the file up to there. */
  readonly size: number;
}

export interface LogHead extends LogEnd {
  /** Counts the logs of the keyring. */
  readonly logNumber: number;
  /** Of the keyring, when the last line was written. */
  readonly generation: number;
}

export const HEAD_BLOCK = 512;
export const HEAD_FILE = 2 * HEAD_BLOCK;
/** Which of the two blocks. */
export type HeadBlock = 0 | 1;

const MAGIC = utf8('KMSH');
const FORMAT = 1;
const PREFIX = concat(MAGIC, uint(FORMAT, 1));
const SEALED_AT = PREFIX.length + 6;
const SEALED = 2 + 44 + 4 * 6 + 32;
const NAME = { kind: 'logHead', name: '' } as const;

export function encodeHead({ logNumber, generation, sequence, size, mac }: LogHead, barrier: Barrier): Uint8Array {
  const body = concat(uint(logNumber, 6), uint(generation, 6), uint(sequence, 6), uint(size, 6), fromHex(mac));
  const block = new Uint8Array(HEAD_BLOCK);
  block.set(concat(PREFIX, uint(sequence, 6), barrier.sealToken(NAME, body)));
  return block;
}

export interface FoundHead {
  readonly head: LogHead;
  readonly block: HeadBlock;
}

/** The head that counts; undefined: neither block is one of this keyring. */
export function latestHead(file: Uint8Array, barrier: Barrier): FoundHead | undefined {
  const blocks = ([0, 1] as const).flatMap((block) => {
    const bytes = file.subarray(block * HEAD_BLOCK, (block + 1) * HEAD_BLOCK);
    const isBlock = bytes.length === HEAD_BLOCK && Buffer.compare(bytes.subarray(0, PREFIX.length), PREFIX) === 0;
    return isBlock ? [{ block, bytes, sequence: readUint(bytes, PREFIX.length, 6) }] : [];
  });
  blocks.sort((one, other) => other.sequence - one.sequence);
  for (const { block, bytes, sequence } of blocks) {
    const head = decodeHead(bytes, barrier);
    if (head?.sequence === sequence) return { head, block };
  }
  return undefined;
}

/**
 * Whether a block was written after a rekey that this keyring does not know of: it cannot be opened, and the other block may be
 * an older one.
 */
export const isOfLaterTerm = (file: Uint8Array, { term }: Barrier): boolean =>
  [0, HEAD_BLOCK].some((at) => {
    const bytes = file.subarray(at, at + HEAD_BLOCK);
    const isBlock = bytes.length === HEAD_BLOCK && Buffer.compare(bytes.subarray(0, PREFIX.length), PREFIX) === 0;
    return isBlock && readUint(bytes, SEALED_AT, 2) > term;
  });

function decodeHead(block: Uint8Array, barrier: Barrier): LogHead | undefined {
  const body = barrier.openToken(NAME, block.subarray(SEALED_AT, SEALED_AT + SEALED));
  if (body?.length !== 4 * 6 + 32) return undefined;
  const [logNumber, generation, sequence, size] = [0, 6, 12, 18].map((at) => readUint(body, at, 6));
  return {
    logNumber: logNumber!,
    generation: generation!,
    sequence: sequence!,
    size: size!,
    mac: hex(body.subarray(24)),
  };
}
