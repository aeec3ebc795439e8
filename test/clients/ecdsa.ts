/** ECDSA signatures as Sign answers them, DER of RFC 3279 2.2.3, taken apart as clients do. */
interface Signature {
  readonly r: Uint8Array;
  readonly s: Uint8Array;
}

/** @param size bytes of r and of s */
export function readSignature(der: Uint8Array, size: number): Signature {
  let at = der[1]! & 0x80 ? 3 : 2; // behind the tag of the sequence and its length
  const integer = (): Uint8Array => {
    const length = der[at + 1]!;
    const bytes = Buffer.from(der.subarray(at + 2, at + 2 + length));
    at += 2 + length;
    return new Uint8Array(Buffer.concat([Buffer.alloc(size), bytes]).subarray(-size));
  };
  return { r: integer(), s: integer() };
}
