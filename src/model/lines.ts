/** Lines: of texts, and of bytes that come in pieces. */

const NEWLINE = 0x0a;

/** Lines without their LF or CRLF; after a final line end comes an empty line. */
export const textLines = (text: string): readonly string[] => text.split(/\r?\n/);

/**
 * A last line without its end counts too. Of a line that is longer than that many bytes one byte more is given: whoever
 * reads it sees that it is too long.
 */
export function* linesIn(pieces: Iterable<Uint8Array>, max: number): Generator<Uint8Array> {
  let begun: Uint8Array[] = [];
  let length = 0;
  const take = (bytes: Uint8Array): void => {
    const fitting = bytes.subarray(0, max + 1 - length);
    if (fitting.length > 0) begun.push(fitting);
    length += fitting.length;
  };
  for (const piece of pieces) {
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, from)) {
      take(piece.subarray(from, end));
      yield begun.length === 1 ? begun[0]! : Buffer.concat(begun, length);
      [begun, length, from] = [[], 0, end + 1];
    }
    take(Uint8Array.from(piece.subarray(from))); // a copy: the reader may use its piece again
  }
  if (length > 0) yield Buffer.concat(begun, length);
}
