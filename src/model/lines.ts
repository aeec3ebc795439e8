/** Lines: of texts, and of bytes that come in pieces. */

const NEWLINE = 0x0a;

/** Lines without their LF or CRLF; after a final line end comes an empty line. */
export const textLines = (text: string): readonly string[] => text.split(/\r?\n/);

/** Of a line that is longer than that many bytes one byte more is given: whoever reads it sees that it is too long. */
export class LineCutter {
  readonly #max: number;
  #begun: Uint8Array[] = [];
  #length = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** The lines that end in a piece, without their ends. All must be taken before the next piece. */
  *ending(piece: Uint8Array): Generator<Uint8Array, void> {
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, from)) {
      const line = piece.subarray(from, end);
      yield this.#length === 0 && line.length <= this.#max ? line : this.#whole(line);
      from = end + 1;
    }
    if (from < piece.length) this.#begin(Uint8Array.from(piece.subarray(from))); // a copy: the reader may use its piece again
  }

  /** A last line without its end. */
  rest(): Uint8Array | undefined {
    return this.#length > 0 ? this.#whole(new Uint8Array()) : undefined;
  }

  #begin(bytes: Uint8Array): void {
    const fitting = bytes.subarray(0, this.#max + 1 - this.#length);
    if (fitting.length > 0) this.#begun.push(fitting);
    this.#length += fitting.length;
  }

  #whole(end: Uint8Array): Uint8Array {
    this.#begin(end);
    const line = Buffer.concat(this.#begun, this.#length);
    [this.#begun, this.#length] = [[], 0];
    return line;
  }
}

/** A last line without its end counts too. */
export function* linesIn(pieces: Iterable<Uint8Array>, max: number): Generator<Uint8Array> {
  const cutter = new LineCutter(max);
  for (const piece of pieces) yield* cutter.ending(piece);
  const rest = cutter.rest();
  if (rest) yield rest;
}

/** The same of pieces that are waited for. */
export async function* linesInStream(pieces: AsyncIterable<Uint8Array>, max: number): AsyncGenerator<Uint8Array> {
  const cutter = new LineCutter(max);
  for await (const piece of pieces) yield* cutter.ending(piece);
  const rest = cutter.rest();
  if (rest) yield rest;
}
