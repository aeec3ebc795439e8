/** The options that page through a list, and when they do. */
import { parseInt10 } from './integer.ts';
import { MAX_ITEMS, PAGE_SIZE, STARTING_TOKEN } from './option.ts';
import { UsageError } from './usage-error.ts';
import type { Option, Taken } from './words.ts';

export interface Paging {
  /** Ask again until there is no more; otherwise one call, whose answer is printed as it is. */
  readonly paginates: boolean;
  readonly startingToken?: string;
  /** Sent as `Limit` in every call. */
  readonly pageSize?: number;
  readonly maxItems?: number;
}

interface PagedCommand {
  readonly command: { readonly paginated?: boolean | undefined };
  readonly noPaginate: boolean;
}

export function pagingOf(
  taken: ReadonlyMap<string, Taken<Option>>,
  { command, noPaginate }: PagedCommand,
): { readonly paging: Paging; readonly warnings: readonly string[] } {
  if (!command.paginated) return { paging: { paginates: false }, warnings: [] };
  const startingToken = taken.get(STARTING_TOKEN.name)?.words[0];
  const pageSize = integer(taken.get(PAGE_SIZE.name));
  const maxItems = integer(taken.get(MAX_ITEMS.name));
  // the members themselves are still options, though help does not show them; they mean one call
  const paginates = !noPaginate && !taken.has('--limit') && !taken.has('--marker');
  // an empty token and a zero do not count, as in the AWS CLI
  const used = [
    startingToken ? STARTING_TOKEN.name : '',
    pageSize ? PAGE_SIZE.name : '',
    maxItems ? MAX_ITEMS.name : '',
  ].filter((name) => name !== '');
  if (!paginates && used.length > 0) {
    throw new UsageError(
      'validation',
      `Cannot specify --no-paginate along with pagination arguments: ${used.join(', ')}`,
    );
  }
  const paging = {
    paginates,
    ...(startingToken === undefined ? {} : { startingToken }),
    ...(pageSize === undefined ? {} : { pageSize }),
    ...(maxItems === undefined ? {} : { maxItems }),
  };
  const warnings =
    maxItems !== undefined && maxItems <= 0
      ? ['warning: Non-positive values for --max-items may result in undefined behavior.']
      : [];
  return { paging, warnings };
}

const integer = (given: Taken<Option> | undefined): number | undefined => given && Number(parseInt10(given.words[0]!));
