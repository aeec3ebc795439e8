/** Base64 as the AWS CLI reads it: Python's lenient decoder. */
import { fromBase64 } from '../../../model/base64.ts';

const ALPHABET = /[A-Za-z0-9+/]/;

/**
 * Characters outside the alphabet are skipped; `=` ends the input where it completes a group of four and is skipped
 * where it comes too early; a group that is left incomplete is an error: undefined.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const strict = text.length % 4 === 0 ? fromBase64(text) : undefined;
  if (strict) return strict;
  let data = '';
  let pads = 0;
  for (const character of text) {
    if (character === '=') {
      const filled = data.length % 4;
      if (filled >= 2 && filled + ++pads >= 4) return fromBase64(data);
    } else if (ALPHABET.test(character)) {
      data += character;
      pads = 0;
    }
  }
  return data.length % 4 === 0 ? fromBase64(data) : undefined;
}
