/** Base64 as the AWS CLI reads it: Python's lenient decoder. */

const STRICT = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const ALPHABET = /[A-Za-z0-9+/]/;

/**
 * Characters outside the alphabet are skipped; `=` ends the input where it completes a group of four and is skipped
 * where it comes too early; a group that is left incomplete is an error: undefined.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (STRICT.test(text)) return bytesOf(text);
  let data = '';
  let pads = 0;
  for (const character of text) {
    if (character === '=') {
      const filled = data.length % 4;
      if (filled >= 2 && filled + ++pads >= 4) return bytesOf(data);
    } else if (ALPHABET.test(character)) {
      data += character;
      pads = 0;
    }
  }
  return data.length % 4 === 0 ? bytesOf(data) : undefined;
}

/** In a buffer of its own: a pooled Buffer would leave plaintext in memory that others share. */
function bytesOf(base64: string): Uint8Array {
  const buffer = Buffer.alloc(Buffer.byteLength(base64, 'base64'));
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.write(base64, 'base64'));
}
