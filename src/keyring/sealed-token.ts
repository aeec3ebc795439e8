/**
 * Sealed tokens: what is handed out, and believed when it comes back. A token opens only as the kind that it was sealed
 * as, and under the same name; whatever else comes back is none, in one and the same way.
 */
import type { TokenName } from './barrier.ts';
import { decodeRecord, encodeRecord, type Record } from './record.ts';
import type { Transaction } from './transaction.ts';

export const sealToken = (
  tx: Transaction,
  token: TokenName,
  { body, parts }: { readonly body: object; readonly parts?: readonly Uint8Array[] },
): Uint8Array => tx.sealToken(token, encodeRecord(body, parts));

/** What a token holds, by the members that it must have; undefined: it has not. */
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

/** base64url has several spellings of some bytes; one of them is a token. */
export function tokenBytes(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return tokenText(bytes) === text ? new Uint8Array(bytes) : undefined;
}
