/** An audit event as a line for people. */
import { parseLine } from '../../audit/chain.ts';
import { shortKeyId } from '../../model/arn.ts';
import { isObject } from '../../model/json-object.ts';
import { lastPart } from '../../model/principal-id.ts';
import { line, type StyledLine } from '../../model/styled-text.ts';
import { visible } from '../../model/visible.ts';

/** A record of the log, which can hold anything: others may have written to the file. */
export type LoggedEvent = { readonly [name: string]: unknown };

export const eventIn = (line: string): LoggedEvent | undefined => parseLine(Buffer.from(line))?.record;

export const textAt = (event: unknown, name: string): string => {
  const value = isObject(event) ? event[name] : undefined;
  return typeof value === 'string' ? value : '';
};

const arnsOf = ({ resources }: LoggedEvent): readonly string[] =>
  Array.isArray(resources) ? resources.map((resource: unknown) => textAt(resource, 'ARN')) : [];

/** Whether an event is about a key with one of these names, or was a call that named one of them. */
export const isAbout =
  (names: readonly string[]) =>
  (event: LoggedEvent): boolean => {
    const { requestParameters } = event;
    const own = arnsOf(event).flatMap((arn) => [arn, arn.slice(arn.indexOf('/') + 1)]);
    const named = isObject(requestParameters) ? Object.values(requestParameters) : [];
    return [...own, ...named].some((value) => typeof value === 'string' && names.includes(value));
  };

/** Columns of 80; a wider terminal gives the others to event, caller and result. */
const WIDTHS = { time: 19, event: 20, caller: 12, key: 12, result: 13 };
const MAX_EVENT = 36;
const MAX_CALLER = 40;

export function eventLine(event: LoggedEvent, columns = 80): StyledLine {
  const [time, name, error] = [textAt(event, 'eventTime'), textAt(event, 'eventName'), textAt(event, 'errorCode')];
  const spare = Math.max(0, columns - 80);
  const forEvent = Math.min(spare, MAX_EVENT - WIDTHS.event);
  const forCaller = Math.min(spare - forEvent, MAX_CALLER - WIDTHS.caller);
  const widths = {
    ...WIDTHS,
    event: WIDTHS.event + forEvent,
    caller: WIDTHS.caller + forCaller,
    result: WIDTHS.result + spare - forEvent - forCaller,
  };
  const result = error === '' ? 'ok' : error.replace(/Exception$/, '');
  const key = keysOf(event);
  return line(
    ['faint', fit(time.replace('T', ' ').replace('Z', ''), widths.time)],
    ' ',
    ['strong', fit(name, widths.event)],
    ` ${fit(callerOf(event), widths.caller)} ${fit(key, widths.key)} `,
    [error === '' ? 'good' : 'error', cut(result, widths.result)],
  );
}

const fit = (text: string, width: number): string => cut(visible(text), width).padEnd(width);

const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);

export function callerOf({ userIdentity }: LoggedEvent): string {
  const [name, arn] = [textAt(userIdentity, 'userName'), textAt(userIdentity, 'arn')];
  if (name !== '') return name;
  if (textAt(userIdentity, 'type') === 'Root') return 'root';
  return arn === '' ? textAt(userIdentity, 'invokedBy') : lastPart(arn);
}

/** The first key; of ReEncrypt and the like there is another. */
function keysOf(event: LoggedEvent): string {
  const arn = arnsOf(event).find((one) => one.includes(':key/'));
  return arn === undefined ? '-' : shortKeyId(lastPart(arn));
}
