/** Every way in which a few bytes can be a little wrong. */

export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

export function* everyFlip(bytes: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < 8 * bytes.length; bit += 1) yield flipped(bytes, bit);
}

/** Cut at the end and at the beginning, at every length. */
export function* everyCut(bytes: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < bytes.length; length += 1) {
    yield bytes.slice(0, length);
    if (length > 0) yield bytes.slice(length);
  }
}

export function* extensions(bytes: Uint8Array): Generator<Uint8Array> {
  for (const more of [[0], [1], [0xff], [0, 0, 0, 0], Array.from<number>({ length: 16 }).fill(0), [...bytes]]) {
    yield Uint8Array.from([...bytes, ...more]);
    yield Uint8Array.from([...more, ...bytes]);
  }
}
