/** Event look-up with the filters and the output of CloudTrail's LookupEvents. */
import { lastPart } from '../model/principal-id.ts';
import type { Logged } from './request-parameters.ts';

export interface Lookup {
  readonly attributes: readonly { readonly key: string; readonly value: string }[];
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly max?: number | undefined;
}

export interface FoundEvent {
  readonly EventId: string;
  readonly EventName: string;
  readonly ReadOnly: string;
  readonly EventTime: Date;
  readonly EventSource: string;
  readonly Username: string | undefined;
  readonly Resources: readonly { readonly ResourceType: string; readonly ResourceName: string }[];
  readonly CloudTrailEvent: string;
}

type Described = Omit<FoundEvent, 'CloudTrailEvent'>;
type Read = (event: Described) => readonly string[];

/** The value that each attribute is compared with. */
const ATTRIBUTES: { readonly [key: string]: Read } = {
  EventId: ({ EventId }) => [EventId],
  EventName: ({ EventName }) => [EventName],
  EventSource: ({ EventSource }) => [EventSource],
  ReadOnly: ({ ReadOnly }) => [ReadOnly],
  ResourceName: ({ Resources }) => Resources.flatMap(({ ResourceName }) => [ResourceName, afterSlash(ResourceName)]),
  ResourceType: ({ Resources }) => Resources.map(({ ResourceType }) => ResourceType),
  Username: ({ Username }) => (Username === undefined ? [] : [Username]),
};

export const LOOKUP_ATTRIBUTES = Object.keys(ATTRIBUTES);

const afterSlash = (arn: string): string => arn.slice(arn.indexOf('/') + 1);

/** Records of one file: in the order in which they were written, or, where they are read from its end, the newest first. */
export interface LoggedFile {
  readonly order: 'oldest first' | 'newest first';
  readonly records: AsyncIterable<Logged> | Iterable<Logged>;
}

/**
 * The newest first, as CloudTrail answers. It holds at most about twice the requested number of events in memory.
 * @param files the newest first; those that cannot matter any more are not read
 */
export async function lookupEvents(files: Iterable<LoggedFile>, lookup: Lookup): Promise<readonly FoundEvent[]> {
  const { from, max = Number.POSITIVE_INFINITY } = lookup;
  const found: FoundEvent[] = [];
  for (const file of files) {
    const { events, oldest } = await lookupInFile(file, { ...lookup, max: max - found.length });
    found.push(...events);
    if (found.length >= max || (from && oldest && oldest.EventTime < from)) break;
  }
  return found;
}

async function lookupInFile(
  { order, records }: LoggedFile,
  { attributes, from, to, max }: Lookup & { readonly max: number },
): Promise<{ readonly events: readonly FoundEvent[]; readonly oldest: Described | undefined }> {
  const found: FoundEvent[] = [];
  const isNewestFirst = order === 'newest first';
  let oldest: Described | undefined;
  for await (const record of records) {
    const event = describe(record);
    oldest = isNewestFirst ? event : (oldest ?? event);
    const inTime = (!from || event.EventTime >= from) && (!to || event.EventTime <= to);
    if (!inTime || !attributes.every(({ key, value }) => ATTRIBUTES[key]?.(event).includes(value))) continue;
    found.push({ ...event, CloudTrailEvent: JSON.stringify(record) });
    if (isNewestFirst && found.length >= max) break;
    if (!isNewestFirst && found.length > 2 * max) found.splice(0, found.length - max);
  }
  return { events: isNewestFirst ? found : found.toReversed().slice(0, max), oldest };
}

function describe(record: Logged): Described {
  const { eventID, eventName, readOnly, eventTime, eventSource, userIdentity, resources } = record as {
    readonly [name: string]: string;
  } & {
    readonly userIdentity?: { readonly userName?: string; readonly type?: string; readonly arn?: string };
    readonly resources?: readonly { readonly type: string; readonly ARN: string }[];
  };
  return {
    EventId: eventID!,
    EventName: eventName!,
    ReadOnly: String(readOnly),
    EventTime: new Date(eventTime!),
    EventSource: eventSource!,
    Username: userName(userIdentity),
    Resources: (resources ?? []).map(({ type, ARN }) => ({ ResourceType: type, ResourceName: ARN })),
  };
}

/** A user's name, a session's name, or `root`. */
function userName(identity: { userName?: string; type?: string; arn?: string } | undefined): string | undefined {
  if (identity?.userName !== undefined) return identity.userName;
  return identity?.type === 'Root' ? 'root' : identity?.arn && lastPart(identity.arn);
}
