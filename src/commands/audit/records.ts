/** The events of the log and of its old files. */
import { logLinesInStream, parseLine } from '../../audit/chain.ts';
import type { LoggedFile } from '../../audit/lookup.ts';
import type { Logged } from '../../audit/request-parameters.ts';
import { openLog, type OpenLog } from '../../keyring/log-reader.ts';
import { oldLogs, piecesOfOldLog, type OldLog } from '../../keyring/old-logs.ts';
import type { AuditLog } from '../../runtime/capabilities.ts';

/** In the order in which they were written. */
export async function* everyRecord(location: AuditLog): AsyncGenerator<Logged> {
  const current = openLog(location);
  for (const file of oldBefore(current, location)) yield* recordsInStream(file, location);
  yield* recordsOf(current.lines());
}

/** Those that are not compressed are read from their end. */
export function* filesNewestFirst(location: AuditLog): Generator<LoggedFile> {
  const current = openLog(location);
  const old = oldBefore(current, location);
  yield { order: 'newest first', records: recordsOf(current.fromEnd()) };
  for (const file of old.toReversed()) {
    const opened = file.isCompressed ? undefined : openLog({ ...location, path: file.path });
    if (opened?.isThere) yield { order: 'newest first', records: recordsOf(opened.fromEnd()) };
    else yield { order: 'oldest first', records: recordsInStream(file, location) }; // or it was compressed meanwhile
  }
}

/** The log is opened before the old files are listed: a rotation now leaves none out. */
const oldBefore = ({ firstSequence }: OpenLog, location: AuditLog): readonly OldLog[] =>
  oldLogs(location).filter(({ sequence }) => sequence < firstSequence);

async function* recordsInStream(file: OldLog, location: AuditLog): AsyncGenerator<Logged> {
  for await (const line of logLinesInStream(piecesOfOldLog(file, location))) yield* recordsOf([line]);
}

/** Lines that are no events are left out. */
function* recordsOf(lines: Iterable<Uint8Array>): Generator<Logged> {
  for (const line of lines) {
    const parsed = parseLine(line);
    if (parsed) yield parsed.record;
  }
}
