/** An audit event as a line for people. */
import { parseLine } from '../../audit/chain.ts';
import { shortKeyId } from '../../model/arn.ts';
import { isObject } from '../../model/json-object.ts';
import { lastPart } from '../../model/principal-id.ts';
import { line, type StyledLine, type StyledText, type TextStyle } from '../../model/styled-text.ts';
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

const WIDTHS = { time: 19, event: 20, caller: 12, key: 12, result: 13 };
type Widths = { readonly [column in keyof typeof WIDTHS]: number };
const [MAX_EVENT, MAX_CALLER, MIN_EVENT] = [36, 40, 6];

/** What narrower terminals show: first no date, at last event and result alone. */
const LAYOUTS: readonly Widths[] = [
  WIDTHS,
  { ...WIDTHS, time: 8 },
  { ...WIDTHS, time: 8, caller: 0 },
  { ...WIDTHS, time: 8, caller: 0, key: 0 },
  { ...WIDTHS, time: 0, caller: 0, key: 0 },
];

/** With a blank between two columns. */
const lengthOf = (widths: Widths): number => {
  const shown = Object.values(widths).filter((width) => width > 0);
  return shown.reduce((sum, width) => sum + width + 1, -1);
};

/** A wider terminal gives the columns that are left over to event, caller and result. */
function widthsFor(columns: number): Widths {
  const widths = LAYOUTS.find((layout) => lengthOf(layout) <= columns) ?? LAYOUTS.at(-1)!;
  const spare = columns - lengthOf(widths);
  const isShown = widths.caller > 0;
  const forEvent = Math.max(MIN_EVENT - widths.event, Math.min(spare, MAX_EVENT - widths.event));
  const forCaller = isShown ? Math.max(0, Math.min(spare - forEvent, MAX_CALLER - widths.caller)) : 0;
  return {
    ...widths,
    event: widths.event + forEvent,
    caller: widths.caller + forCaller,
    result: Math.max(1, widths.result + spare - forEvent - forCaller),
  };
}

export function eventLine(event: LoggedEvent, columns = 80): StyledLine {
  const [time, name, error] = [textAt(event, 'eventTime'), textAt(event, 'eventName'), textAt(event, 'errorCode')];
  const result = error === '' ? 'ok' : error.replace(/Exception$/, '');
  const widths = widthsFor(columns);
  const column = (text: string, width: number, style?: TextStyle): readonly StyledText[] => {
    const fitted = fit(text, width);
    return width === 0 ? [] : [style === undefined ? fitted : [style, fitted], ' '];
  };
  const dated = visible(time.replace('T', ' ').replace('Z', ''));
  return line(
    ...column(widths.time < WIDTHS.time ? dated.slice(-widths.time) : dated, widths.time, 'faint'),
    ...column(name, widths.event, 'strong'),
    ...column(callerOf(event), widths.caller),
    ...column(keysOf(event), widths.key),
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
