/** `kms audit tail`: the last events of the log, and those that come. */
import { isAliasIdentifier, keyArn } from '../../model/arn.ts';
import { EnvironmentError } from '../../model/error.ts';
import { namedKey } from '../../model/members.ts';
import { boolean, integer, string, structure } from '../../model/shape.ts';
import { printLines } from '../../model/styled-text.ts';
import { followLog } from '../../keyring/log-reader.ts';
import { keyringTime } from '../../keyring/root.ts';
import { SECOND } from '../../keyring/time.ts';
import type { Clock, KeyringAccess, LogAccess, RegionChoice } from '../../runtime/capabilities.ts';
import type { Output, PageAccess, StandardStreams } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { keyNamed } from '../command/named.ts';
import { DURATION_FORM, readDuration } from '../keyring/duration.ts';
import { eventIn, eventLine, isAbout, textAt, type LoggedEvent } from './event-line.ts';

interface TailDeps
  extends
    LogAccess,
    KeyringAccess,
    RegionChoice,
    Clock,
    PageAccess,
    Pick<StandardStreams, 'isTerminal'>,
    Pick<Output, 'printData' | 'printStyled'> {}

const DEFAULT_LINES = 10;

export const auditTail = localCommand({
  name: 'AuditTail',
  command: 'audit tail',
  input: structure({
    Lines: integer(0),
    Follow: boolean,
    Since: string({ min: 1 }),
    KeyId: namedKey,
    Failed: boolean,
  }),
  output: structure({}),
  async run({ Lines, Follow: follow = false, Since, KeyId, Failed = false }, deps: TailDeps) {
    const log = deps.auditLog();
    const start = Since === undefined ? undefined : await timeOf(Since, deps);
    const filters = [
      ...(start === undefined ? [] : [since(start)]),
      ...(KeyId === undefined ? [] : [isAbout(await namesOf(KeyId, deps))]),
      ...(Failed ? [({ errorCode }: LoggedEvent) => errorCode !== undefined] : []),
    ];
    const last = Lines ?? (Since === undefined ? DEFAULT_LINES : Number.POSITIVE_INFINITY);
    const accepts = (line: string): boolean => {
      const event = eventIn(line);
      return event !== undefined && filters.every((fits) => fits(event));
    };
    const show = await printerOf(deps);
    const isBeforeAll = (line: string): boolean => start !== undefined && !since(start)(eventIn(line) ?? {});
    const options = { last, follow, accepts: filters.length > 0 ? accepts : undefined, isBeforeAll };
    for await (const line of followLog(log, options)) show(line);
    return {};
  },
});

/** A line each on a terminal, unless data is asked for; what is no event is shown as it is. */
async function printerOf(deps: TailDeps): Promise<(line: string) => void> {
  if (deps.asksData || !deps.isTerminal('stdout')) return deps.printData;
  const page = await deps.page();
  return (text) => {
    const event = eventIn(text);
    if (event) deps.printStyled(printLines([eventLine(event, page.columns)], page));
    else deps.printData(text);
  };
}

const since =
  (time: number) =>
  (event: LoggedEvent): boolean =>
    Date.parse(textAt(event, 'eventTime')) >= time;

/** A length of time before now, or a timestamp. */
async function timeOf(text: string, deps: TailDeps): Promise<number> {
  const length = readDuration(text);
  if (length !== undefined) return (await timeNow(deps)) - length;
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new EnvironmentError(`'${text}' is neither a duration nor a timestamp`, [
    DURATION_FORM,
    'a timestamp in ISO 8601 format: 2026-01-31T12:00:00Z',
  ]);
}

/** The time of the keyring, as events have it. Only where the last one tells that its clock was moved it is unlocked. */
async function timeNow(deps: TailDeps): Promise<number> {
  const now = deps.clock();
  for await (const line of followLog(deps.auditLog(), { last: 1, follow: false })) {
    if (since(now + SECOND)(eventIn(line) ?? {})) {
      const keyring = await deps.open();
      return keyring.inspect(async ({ root }) => keyringTime(root.settings, now));
    }
  }
  return now;
}

/** How events name the key. Only for an alias the keyring is unlocked. */
async function namesOf(identifier: string, session: KeyringAccess & RegionChoice): Promise<readonly string[]> {
  if (!isAliasIdentifier(identifier)) return [identifier];
  const keyring = await session.open();
  const { key } = await keyring.transact((tx) => keyNamed(tx, identifier, session.region));
  return [identifier, key.keyId, keyArn(key, key.keyId)];
}
