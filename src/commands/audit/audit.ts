/** Commands for the audit log: verify, lookup-events, restart. */
import { EnvironmentError } from '../../model/error.ts';
import { boolean, integer, list, oneOf, required, string, structure, timestamp } from '../../model/shape.ts';
import { basename } from 'node:path';
import { logLines, logLinesInStream } from '../../audit/chain.ts';
import { lookupEvents, LOOKUP_ATTRIBUTES } from '../../audit/lookup.ts';
import { verifyFiles, type LogFileReport, type OldFile } from '../../audit/verify-files.ts';
import { verifyLog, type LogProblem } from '../../audit/verify.ts';
import type { Keyring } from '../../keyring/keyring.ts';
import { oldLogs, piecesOfOldLog, type LogLocation, type OldLog } from '../../keyring/old-logs.ts';
import { UnusableHead } from '../../keyring/log-end.ts';
import type { KeyringAccess, KeyringLocation, LogAccess } from '../../runtime/capabilities.ts';
import type { Progress } from '../command/capabilities.ts';
import { logCommand, localCommand, type KeyringChange } from '../command/local-command.ts';
import { filesNewestFirst } from './records.ts';

export const auditVerify = localCommand({
  name: 'AuditVerify',
  command: 'audit verify',
  input: structure({ All: boolean }),
  output: structure({
    Valid: boolean,
    Events: integer(),
    Files: list(structure({ File: string(), FirstEvent: integer(), LastEvent: integer(), Events: integer() })),
    Problems: list(structure({ File: string(), Line: integer(), Kind: string(), Message: string() })),
  }),
  async run({ All = false }, session: KeyringAccess & LogAccess & Progress) {
    const keyring = await session.open();
    const refusal = await completeLog(keyring);
    // the log is read after the transaction: other processes do not wait for its verification
    const { pieces, last, ...anchor } = await keyring.inspect(async ({ log, barrier, root, end }) => {
      const last = end();
      const head = refusal instanceof UnusableHead ? undefined : last;
      const anchor = { key: barrier.auditKey, start: root.logStart, head, passes: root.head };
      return { ...anchor, pieces: log.snapshot(last.size), last: last.sequence };
    });
    return session.progress('events', async (meter) => {
      meter.expect(last - (All ? 0 : anchor.start.sequence));
      if (!All) return shownReport(withRefusal(verifyLog(pieces, anchor, meter), refusal));
      const location = session.auditLog();
      const current = { ...anchor, file: basename(location.path), lines: () => inStream(logLines(pieces)) };
      // one that was put aside since then belongs to a later log
      const old = oldLogs(location).filter(({ sequence }) => sequence <= anchor.start.sequence);
      const report = await verifyFiles(
        current,
        old.map((log) => oldFile(log, location)),
        meter,
      );
      const found = withRefusal({ ...report, events: sumOf(report.files) }, refusal);
      return { ...shownReport(found), Files: report.files.map(shownFile) };
    });
  },
  exit: ({ Valid }) => (Valid ? 0 : 1),
});

interface FoundProblems {
  readonly events: number;
  readonly problems: readonly (LogProblem & { readonly file?: string })[];
}

/** What the next call would be refused for is a problem, whatever the lines are like. */
function withRefusal({ events, problems }: FoundProblems, refusal: EnvironmentError | undefined): FoundProblems {
  const isTold = refusal === undefined || (problems.length > 0 && !(refusal instanceof UnusableHead));
  if (isTold) return { events, problems };
  return { events, problems: [...problems, { line: events, kind: 'unknown end', message: refusal.message }] };
}

const shownReport = ({ events, problems }: FoundProblems) => ({
  Valid: problems.length === 0,
  Events: events,
  Problems: problems.map(({ file, line, kind, message }) => ({
    ...(file !== undefined && { File: file }),
    Line: line,
    Kind: kind,
    Message: message,
  })),
});

const shownFile = ({ file, first, last, events }: LogFileReport) => ({
  File: file,
  ...(first !== undefined && { FirstEvent: first }),
  ...(last !== undefined && { LastEvent: last }),
  Events: events,
});

const sumOf = (files: readonly LogFileReport[]): number => files.reduce((sum, { events }) => sum + events, 0);

const oldFile = (log: OldLog, location: LogLocation): OldFile => ({
  file: log.file,
  sequence: log.sequence,
  lines: () => logLinesInStream(piecesOfOldLog(log, location)),
});

async function* inStream<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

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
      Events: await lookupEvents(filesNewestFirst(auditLog()), {
        attributes,
        from: StartTime,
        to: EndTime,
        max: MaxResults,
      }),
    };
  },
});

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
