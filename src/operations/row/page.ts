/** Pages of a list: Limit and Marker in, items, NextMarker and Truncated out. */
import { KmsError } from '../../model/error.ts';
import { text, utf8 } from '../../crypto/bytes.ts';
import { tokenBytes, tokenText } from '../../keyring/sealed-token.ts';
import { firstOf, type StoredRow } from '../../keyring/store.ts';
import type { Transaction } from '../../keyring/transaction.ts';

export interface PageRequest {
  readonly Limit?: number | undefined;
  readonly Marker?: string | undefined;
}

export interface PageRules {
  /** Number of items by default, and at most. */
  readonly default: number;
  readonly max: number;
  /** The exception for a marker of another list, where the operation has no InvalidMarkerException. */
  readonly markerError?: string;
}

interface ResultPage<T> {
  readonly items: readonly T[];
  readonly NextMarker?: string;
  readonly Truncated: boolean;
}

/** A marker has the position of the next page, sealed, so that it is opaque and bound to its list. */
const markerOf = (tx: Transaction, list: string, position: string): string =>
  tokenText(tx.sealToken({ kind: 'pageMarker', name: list }, utf8(position)));

function readMarker(
  tx: Transaction,
  list: string,
  { marker, rules: { markerError = 'InvalidMarkerException' } }: { readonly marker: string; readonly rules: PageRules },
): string {
  const sealed = tokenBytes(marker);
  const position = sealed && tx.openToken({ kind: 'pageMarker', name: list }, sealed);
  if (!position) throw new KmsError(markerError, 'Invalid marker');
  return text(position);
}

type PageItem<T> = T | undefined | Promise<T | undefined>;

interface Records<R, T> {
  readonly prefix: string;
  readonly request: PageRequest;
  readonly rules: PageRules;
  readonly item: (row: R) => PageItem<T>;
}

/** One page of the records below a prefix. Records without an item are skipped, so a page can be short. */
export const pageOfRecords = <T>(tx: Transaction, records: Records<StoredRow, T>): Promise<ResultPage<T>> =>
  pageOf(tx, records, (after) => tx.rows(records.prefix, after));

/** The same, where an item has nothing but what is in the path of its record. */
export const pageOfPaths = <T>(
  tx: Transaction,
  records: Records<{ readonly path: string }, T>,
): Promise<ResultPage<T>> => pageOf(tx, records, (after) => tx.paths(records.prefix, after));

async function pageOf<R extends { readonly path: string }, T>(
  tx: Transaction,
  { prefix, request, rules, item }: Records<R, T>,
  rowsAfter: (after: string | undefined) => AsyncIterable<R>,
): Promise<ResultPage<T>> {
  const limit = Math.min(request.Limit ?? rules.default, rules.max);
  const after =
    request.Marker === undefined ? undefined : prefix + readMarker(tx, prefix, { marker: request.Marker, rules });
  const rows = await firstOf(rowsAfter(after), limit + 1);
  const shown = rows.slice(0, limit);
  const items: T[] = [];
  for (const row of shown) {
    const one = await item(row);
    if (one !== undefined) items.push(one);
  }
  if (rows.length <= limit) return { items, Truncated: false };
  const last = shown.at(-1)!.path.slice(prefix.length);
  return { items, NextMarker: markerOf(tx, prefix, last), Truncated: true };
}

interface Before<T> {
  /** In the order of their marks. */
  readonly items: readonly T[];
  /** The name of an item in a marker, which must not be the end of a record's path. */
  readonly mark: (item: T) => string;
  readonly isMark: (mark: string) => boolean;
}

/** One page of a list with some items before the records. */
export async function pageOfBoth<T>(
  tx: Transaction,
  { items, mark, isMark }: Before<T>,
  records: Records<StoredRow, T>,
): Promise<ResultPage<T>> {
  const { prefix, request, rules } = records;
  const last = request.Marker === undefined ? undefined : readMarker(tx, prefix, { marker: request.Marker, rules });
  if (last !== undefined && !isMark(last)) return pageOfRecords(tx, records);
  const limit = Math.min(request.Limit ?? rules.default, rules.max);
  const left = items.filter((item) => last === undefined || mark(item) > last);
  const shown = left.slice(0, limit);
  const rest = await pageOfRecords(tx, { ...records, request: { Limit: Math.max(limit - shown.length, 1) } });
  if (shown.length < limit) return { ...rest, items: [...shown, ...rest.items] };
  if (left.length === limit && rest.items.length === 0) return { items: shown, Truncated: false };
  return { items: shown, NextMarker: markerOf(tx, prefix, mark(shown.at(-1)!)), Truncated: true };
}

interface Items<T> {
  /** The name of the list, to which its markers are bound. */
  readonly list: string;
  readonly all: readonly T[];
  /** Of an item, within the list. */
  readonly nameOf: (item: T) => string;
  readonly request: PageRequest;
  readonly rules: PageRules;
}

/**
 * One page of a list in memory. A marker has the name of the last item and the number of items up to it: some of them may be
 * gone when the next page is asked for, and what follows is not passed over.
 */
export function pageOfItems<T>(tx: Transaction, { list, all, nameOf, request, rules }: Items<T>): ResultPage<T> {
  const from = request.Marker === undefined ? 0 : itemsBefore(readMarker(tx, list, { marker: request.Marker, rules }));
  const to = from + Math.min(request.Limit ?? rules.default, rules.max);
  const items = all.slice(from, to);
  if (to >= all.length) return { items, Truncated: false };
  return { items, NextMarker: markerOf(tx, list, `${to} ${nameOf(items.at(-1)!)}`), Truncated: true };

  function itemsBefore(marker: string): number {
    const blank = marker.indexOf(' ');
    const [count, name] = [Number.parseInt(marker, 10), marker.slice(blank + 1)];
    const last = all.findLastIndex((item) => nameOf(item) === name);
    return last === -1 ? count - 1 : last + 1;
  }
}
