/** Pages of a list: Limit and Marker in, items, NextMarker and Truncated out. */
import { KmsError } from '../api/error.ts';
import { firstOf, type Row } from '../keyring/store.ts';
import type { Transaction } from '../keyring/transaction.ts';

export interface PageRequest {
  readonly Limit?: number | undefined;
  readonly Marker?: string | undefined;
}

export interface PageRules {
  /** Items without a Limit, and at the most (spec/aws-cli.md 8). */
  readonly usual: number;
  readonly most: number;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly NextMarker?: string;
  readonly Truncated: boolean;
}

/** A marker names the last item of its page by the end of its path; opaque to callers. */
const markerOf = (rest: string): string => Buffer.from(rest).toString('base64url');

function readMarker(marker: string): string {
  const rest = Buffer.from(marker, 'base64url').toString();
  if (markerOf(rest) !== marker || !/^[\w:/.-]+$/.test(rest))
    throw new KmsError('InvalidMarkerException', 'Invalid marker');
  return rest;
}

/** One page of the records below a prefix. */
export async function pageOfRecords<T>(
  tx: Transaction,
  { prefix, request, rules, item }: { prefix: string; request: PageRequest; rules: PageRules; item: (row: Row) => T },
): Promise<Page<T>> {
  const limit = Math.min(request.Limit ?? rules.usual, rules.most);
  const after = request.Marker === undefined ? undefined : prefix + readMarker(request.Marker);
  const rows = await firstOf(tx.rows(prefix, after), limit + 1);
  const shown = rows.slice(0, limit);
  if (rows.length <= limit) return { items: shown.map(item), Truncated: false };
  return { items: shown.map(item), NextMarker: markerOf(shown.at(-1)!.path.slice(prefix.length)), Truncated: true };
}

interface Before<T> {
  /** In the order of their marks. */
  readonly items: readonly T[];
  /** What a marker calls an item by: nothing that ends a record's path. */
  readonly mark: (item: T) => string;
  readonly isMark: (mark: string) => boolean;
}

/** One page of a list in which some items stand before the records. */
export async function pageOfBoth<T>(
  tx: Transaction,
  { items, mark, isMark }: Before<T>,
  records: { prefix: string; request: PageRequest; rules: PageRules; item: (row: Row) => T },
): Promise<Page<T>> {
  const { request, rules } = records;
  const last = request.Marker === undefined ? undefined : readMarker(request.Marker);
  if (last !== undefined && !isMark(last)) return pageOfRecords(tx, records);
  const limit = Math.min(request.Limit ?? rules.usual, rules.most);
  const left = items.filter((item) => last === undefined || mark(item) > last);
  const shown = left.slice(0, limit);
  const rest = await pageOfRecords(tx, { ...records, request: { Limit: Math.max(limit - shown.length, 1) } });
  if (shown.length < limit) return { ...rest, items: [...shown, ...rest.items] };
  if (left.length === limit && rest.items.length === 0) return { items: shown, Truncated: false };
  return { items: shown, NextMarker: markerOf(mark(shown.at(-1)!)), Truncated: true };
}

/** One page of what is at hand already; the marker is the number of items before it. */
export function pageOfItems<T>(all: readonly T[], request: PageRequest, rules: PageRules): Page<T> {
  const from = request.Marker === undefined ? 0 : Number(readMarker(request.Marker));
  if (!Number.isInteger(from) || from < 0) throw new KmsError('InvalidMarkerException', 'Invalid marker');
  const to = from + Math.min(request.Limit ?? rules.usual, rules.most);
  const items = all.slice(from, to);
  return to < all.length ? { items, NextMarker: markerOf(String(to)), Truncated: true } : { items, Truncated: false };
}
