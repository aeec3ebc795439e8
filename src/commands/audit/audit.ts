/** Commands for the audit log: verify, lookup-events, restart. */
import { EnvironmentError } from '../../model/error.ts';
import { boolean, integer, list, oneOf, required, string, structure, timestamp } from '../../model/shape.ts';
import { logLines, parseLine } from '../../audit/chain.ts';
import { lookupEvents, LOOKUP_ATTRIBUTES } from '../../audit/lookup.ts';
import type { Logged } from '../../audit/request-parameters.ts';
import { verifyLog, type LogProblem } from '../../audit/verify.ts';
import type { Keyring } from '../../keyring/keyring.ts';
import { UnusableHead } from '../../keyring/log-end.ts';
import { logFile } from '../../keyring/log-file.ts';
import type { AuditLog, KeyringAccess, KeyringLocation, LogAccess } from '../../runtime/capabilities.ts';
import type { Progress } from '../command/capabilities.ts';
import { logCommand, localCommand, type KeyringChange } from '../command/local-command.ts';

export const auditVerify = localCommand({
  name: 'AuditVerify',
  command: 'audit verify',
  input: structure({}),
  output: structure({
    Valid: boolean,
    Events: integer(),
    Problems: list(structure({ Line: integer(), Kind: string(), Message: string() })),
  }),
  async run(_, session: KeyringAccess & Progress) {
    const keyring = await session.open();
    const refusal = await completeLog(keyring);
    const { events, problems } = await session.progress('events', (meter) =>
      keyring.inspect(async ({ log, barrier, root: { logStart: start, head: passes }, end }) => {
        const isKnown = !(refusal instanceof UnusableHead);
        meter.expect(end().sequence - start.sequence);
        const head = isKnown ? end() : undefined;
        return verifyLog(log.read(), { key: barrier.auditKey, start, head, passes }, meter);
      }),
    );
    // what the next call would be refused for is a problem, whatever the lines are like
    const isTold = refusal === undefined || (problems.length > 0 && !(refusal instanceof UnusableHead));
    const all: readonly LogProblem[] = isTold
      ? problems
      : [...problems, { line: events, kind: 'unknown end', message: refusal.message }];
    return {
      Valid: all.length === 0,
      Events: events,
      Problems: all.map(({ line, kind, message }) => ({ Line: line, Kind: kind, Message: message })),
    };
  },
  exit: ({ Valid }) => (Valid ? 0 : 1),
});

/** Writes the lines that a crash kept out of the file. @returns what a call would be refused with */
async function completeLog(keyring: Keyring): Promise<EnvironmentError | undefined> {
  try {
    await keyring.transact(async () => {});
    return undefined;
  } catch (error) {
    if (error instanceof EnvironmentError) return error;
    throw error;
  }
}

export const auditLookupEvents = localCommand({
  name: 'AuditLookupEvents',
  command: 'audit lookup-events',
  input: structure({
    LookupAttributes: list(
      structure({ AttributeKey: required(oneOf(LOOKUP_ATTRIBUTES)), AttributeValue: required(string({ min: 1 })) }),
    ),
    StartTime: timestamp,
    EndTime: timestamp,
    MaxResults: integer(1),
  }),
  output: structure({
    Events: list(
      structure({
        EventId: string(),
        EventName: string(),
        ReadOnly: string(),
        EventTime: timestamp,
        EventSource: string(),
        Username: string(),
        Resources: list(structure({ ResourceType: string(), ResourceName: string() })),
        CloudTrailEvent: string(),
      }),
    ),
  }),
  async run({ LookupAttributes = [], StartTime, EndTime, MaxResults }, { auditLog }: LogAccess) {
    const attributes = LookupAttributes.map(({ AttributeKey, AttributeValue }) => ({
      key: AttributeKey,
      value: AttributeValue,
    }));
    return {
      Events: lookupEvents(recordsIn(auditLog()), { attributes, from: StartTime, to: EndTime, max: MaxResults }),
    };
  },
});

export function* recordsIn({ path, owner }: AuditLog): Generator<Logged> {
  const log = logFile(path, { owner });
  try {
    for (const line of logLines(log.read())) {
      const parsed = parseLine(line);
      if (parsed) yield parsed.record;
    }
  } finally {
    log.close();
  }
}

export const auditRestart = localCommand({
  name: 'AuditRestart',
  command: 'audit restart',
  input: structure({}),
  output: structure({ PutAside: string(), AuditLog: string() }),
  async run(_, session: KeyringChange & KeyringLocation) {
    const keyring = await session.open();
    const { log, folder } = session.place;
    return keyring.restartLog(async (tx, begun) => {
      logCommand(tx, session, { eventName: 'RestartAuditLog', details: { ...begun } });
      const aside = begun.putAside === undefined ? {} : { PutAside: `${folder}/${begun.putAside}` };
      return { ...aside, AuditLog: log };
    });
  },
});
