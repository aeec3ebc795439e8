/** Paging: calls a list operation page by page, and makes the token with which a truncated list continues. */
import { toBase64 } from '../../../model/base64.ts';
import { CommandError } from '../../../commands/command/command-error.ts';
import type { WithProgress } from '../../../model/progress.ts';
import type { CallChain, ChainedAnswer } from '../../../pipeline/invoke.ts';

export interface PagingOptions {
  /** `--max-items` */
  readonly maxItems?: number | undefined;
  /** `--page-size` */
  readonly pageSize?: number | undefined;
  /** `--starting-token` */
  readonly startingToken?: string | undefined;
}

type PageInput = { readonly [member: string]: unknown };
type PageOutput = { readonly [member: string]: unknown };

export interface PagedCall extends PagingOptions {
  /** Makes the calls of a chain, which may be ahead of those who read its answers. */
  readonly calls: <S>(chain: CallChain<S, PageOutput>) => AsyncIterable<ChainedAnswer<S, PageOutput>>;
  readonly input: PageInput;
  readonly progress: WithProgress;
  /** The member that holds the items: `Keys`. */
  readonly resultKey: string;
}

export interface OutputPage {
  readonly answer: PageOutput;
  /** On the last page of a list that `--max-items` cut. */
  readonly nextToken?: string;
}

/** The position in a list: the service's marker, and the number of items of that page that were shown. */
interface Resume {
  readonly marker: string | null;
  readonly shown?: number | undefined;
}

/** What a call is made for: from where on, and how many items are left to show. */
interface Position extends Resume {
  readonly left: number;
}

export async function* pages(paged: PagedCall): AsyncGenerator<OutputPage> {
  const { calls, maxItems, startingToken, input } = paged;
  checkLimits(paged);
  const start: Resume = startingToken === undefined ? { marker: null } : decodeToken(startingToken);
  const { Marker: _, ...rest } = input;
  const answers = calls({
    first: { ...start, left: maxItems ?? Infinity },
    inputAt: ({ marker }: Position) => ({
      ...rest,
      ...(marker === null ? {} : { Marker: marker }),
      ...(paged.pageSize === undefined ? {} : { Limit: paged.pageSize }),
    }),
    next: (at, received) => pageOf(received, at, paged.resultKey).next,
  });
  for await (const { at, output } of answers) yield pageOf(output, at, paged.resultKey).page;
}

/** What is shown of an answer, and from where the next call goes on. */
function pageOf(
  received: PageOutput,
  { marker: from, shown: skipped = 0, left }: Position,
  resultKey: string,
): { readonly page: OutputPage; readonly next: Position | undefined } {
  const items = itemsOf(received, resultKey).slice(skipped);
  const answer = skipped === 0 ? received : { ...received, [resultKey]: items };
  if (items.length > left) {
    const shown = { ...answer, [resultKey]: items.slice(0, left) };
    const nextToken = encodeToken({ marker: from, shown: left + skipped });
    return { page: { answer: shown, nextToken }, next: undefined };
  }
  const marker = nextMarker(received);
  if (marker === undefined) return { page: { answer }, next: undefined };
  if (items.length === left) return { page: { answer, nextToken: encodeToken({ marker }) }, next: undefined };
  if (marker === from) throw new Error(`The same next token was received twice: ${marker}`);
  return { page: { answer }, next: { marker, left: left - items.length } };
}

const itemsOf = (answer: PageOutput, resultKey: string): readonly unknown[] =>
  (answer[resultKey] as readonly unknown[] | undefined) ?? [];

const nextMarker = ({ Truncated, NextMarker }: PageOutput): string | undefined =>
  Truncated === true && typeof NextMarker === 'string' && NextMarker !== '' ? NextMarker : undefined;

/** What these two options put into the request is checked like the request's other members. */
function checkLimits({ pageSize, startingToken }: PagingOptions): void {
  const failures: string[] = [];
  if (startingToken === '') failures.push('Invalid length for parameter Marker, value: 0, valid min length: 1');
  if (pageSize !== undefined && pageSize < 1) {
    failures.push(`Invalid value for parameter Limit, value: ${pageSize}, valid min value: 1`);
  }
  if (failures.length > 0) throw new CommandError('usage', ['Parameter validation failed:', ...failures]);
}

/** Base64 of JSON with a blank after `:` and `,`, and nothing but ASCII: scripts compare it. */
export function encodeToken({ marker, shown }: Resume): string {
  const amount = shown === undefined ? '' : `, "boto_truncate_amount": ${shown}`;
  const json = `{"Marker": ${JSON.stringify(marker)}${amount}}`;
  const ascii = json.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return toBase64(Buffer.from(ascii));
}

/** A token of another form is taken for a marker, so that a raw `NextMarker` works too. */
export function decodeToken(token: string): Resume {
  try {
    const decoded: unknown = JSON.parse(Buffer.from(token, 'base64').toString('utf8'));
    const { Marker: marker, boto_truncate_amount: shown } = decoded as { [name: string]: unknown };
    if ((marker === null || typeof marker === 'string') && (shown === undefined || typeof shown === 'number')) {
      return { marker, shown };
    }
  } catch {
    // not of our form
  }
  return { marker: token };
}
