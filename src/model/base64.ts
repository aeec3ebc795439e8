/** Base64 (RFC 4648 section 4). */

/** Padding is optional, as for AWS. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

export const toBase64 = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('base64');

/** Allocates its own buffer: a pooled Buffer would leave plaintext in shared memory. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!BASE64.test(text)) return undefined;
  const buffer = Buffer.alloc(Buffer.byteLength(text, 'base64'));
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.write(text, 'base64'));
}
