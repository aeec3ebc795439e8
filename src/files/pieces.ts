/** Bytes that come in pieces. */

export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

const ENOUGH = 1 << 18;

/** The same bytes in fewer pieces: each costs a system call. */
export async function* gathered(pieces: Pieces): AsyncGenerator<Uint8Array> {
  let some: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    some.push(piece);
    size += piece.length;
    if (size < ENOUGH) continue;
    yield Buffer.concat(some, size);
    some = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(some, size);
}
