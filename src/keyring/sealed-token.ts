/**
 * Sealed tokens: given to callers, and trusted when they return. A token opens only as its kind and under its name; any
 * other text is refused without a reason.
 */
import type { TokenName } from './barrier.ts';
import { decodeRecord, encodeRecord, type Record } from './record.ts';
import type { Transaction } from './transaction.ts';

export const sealToken = (
  tx: Transaction,
  token: TokenName,
  { body, parts }: { readonly body: object; readonly parts?: readonly Uint8Array[] },
): Uint8Array => tx.sealToken(token, encodeRecord(body, parts));

/** The content of a token, checked for its members; undefined if one is missing. */
export type ReadToken<T> = (
  members: { readonly [name: string]: unknown },
  parts: readonly Uint8Array[],
) => T | undefined;

export function openToken<T>(
  tx: Transaction,
  token: TokenName,
  { sealed, read }: { readonly sealed: Uint8Array | undefined; readonly read: ReadToken<T> },
): T | undefined {
  const bytes = sealed && tx.openToken(token, sealed);
  const record = bytes && recordIn(bytes);
  if (typeof record?.body !== 'object' || record.body === null) return undefined;
  return read(record.body as Parameters<ReadToken<T>>[0], record.parts);
}

/** Another version of the program may have sealed something else. */
function recordIn(bytes: Uint8Array): Record<unknown> | undefined {
  try {
    return decodeRecord<unknown>(bytes);
  } catch {
    return undefined;
  }
}

export const tokenText = (sealed: Uint8Array): string => Buffer.from(sealed).toString('base64url');

/** base64url has several encodings of some bytes; only the canonical one is a token. */
export function tokenBytes(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return tokenText(bytes) === text ? new Uint8Array(bytes) : undefined;
}
