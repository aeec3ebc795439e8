/** Messages between a call and the agent: JSON behind its length in bytes (32 bits, big-endian). */
import { concat, readUint, text, uint, utf8 } from '../../crypto/bytes.ts';
import { decode, encode, NotAValue } from './value.ts';

const LENGTH = 4;
/** In bytes: far more than the input and the output of any operation. */
export const MAX_MESSAGE = 16 * 2 ** 20;

/** @throws NotAValue for a value that cannot be sent, or is too large */
export function frame(message: unknown): Uint8Array {
  const body = utf8(JSON.stringify(encode(message)));
  if (body.length > MAX_MESSAGE) throw new NotAValue('it is too large');
  return concat(uint(body.length, LENGTH), body);
}

/** Takes bytes as they arrive, and gives the messages that are complete. */
export class FrameReader {
  #pieces: Uint8Array[] = [];
  #size = 0;
  /** Bytes until there is more to be known: the length, then the message. */
  #needed = LENGTH;
  readonly #limit: number;

  /** @param limit of a message, in bytes */
  constructor(limit = MAX_MESSAGE) {
    this.#limit = limit;
  }

  /** @throws NotAValue for a message that is too large or malformed; nothing more is to be read then */
  push(bytes: Uint8Array): readonly unknown[] {
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    const messages: unknown[] = [];
    while (this.#size >= this.#needed) {
      const all = this.#pieces.length === 1 ? this.#pieces[0]! : concat(...this.#pieces);
      const length = readUint(all, 0, LENGTH);
      if (length > this.#limit) throw new NotAValue('it is too large');
      this.#pieces = [all];
      this.#needed = LENGTH + length;
      if (this.#size < this.#needed) break;
      messages.push(parse(all.subarray(LENGTH, this.#needed)));
      this.#pieces = [all.subarray(this.#needed)];
      this.#size -= this.#needed;
      this.#needed = LENGTH;
    }
    return messages;
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return decode(JSON.parse(text(body)));
  } catch (error) {
    if (error instanceof NotAValue) throw error;
    throw new NotAValue('it is not JSON', { cause: error });
  }
}
