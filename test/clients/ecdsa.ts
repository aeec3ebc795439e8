/** ECDSA signatures as Sign answers them, DER of RFC 3279 2.2.3, taken apart by clients; some of them refuse what is not DER. */
interface Signature {
  readonly r: Uint8Array;
  readonly s: Uint8Array;
}

const [SEQUENCE, INTEGER] = [0x30, 0x02];

/**
 * @param size bytes of r and of s
 * @throws for what is not the one encoding that DER has (X.690 8.3.2 and 10.1)
 */
export function readSignature(der: Uint8Array, size: number): Signature {
  let at = 0;
  const header = (tag: number): number => {
    const isLong = der[at + 1] === 0x81;
    const length = isLong ? der[at + 2]! : der[at + 1]!;
    if (der[at] !== tag || isLong !== length >= 0x80) throw new Error(`no DER at byte ${at}`);
    at += isLong ? 3 : 2;
    return length;
  };
  const integer = (): Uint8Array => {
    const length = header(INTEGER);
    const bytes = der.subarray(at, at + length);
    const [first = 0x80, second = 0x80] = bytes;
    // a leading zero is there where the number would be negative without it, and nowhere else
    if (first & 0x80 || (first === 0 && !(second & 0x80))) throw new Error(`no positive number at byte ${at}`);
    at += length;
    const number = first === 0 ? bytes.subarray(1) : bytes;
    if (number.length > size) throw new Error(`a number of ${number.length} bytes`);
    return Buffer.concat([Buffer.alloc(size - number.length), number]);
  };
  const length = header(SEQUENCE);
  if (at + length !== der.length) throw new Error(`${der.length} bytes for a sequence of ${length}`);
  const signature = { r: integer(), s: integer() };
  if (at !== der.length) throw new Error(`${der.length - at} bytes behind s`);
  return signature;
}
