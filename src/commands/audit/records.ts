/** The events of the log and of its old files. */
import { logLines, logLinesInStream, parseLine } from '../../audit/chain.ts';
import type { LoggedFile } from '../../audit/lookup.ts';
import type { Logged } from '../../audit/request-parameters.ts';
import { logFile } from '../../keyring/log-file.ts';
import { oldLogs, piecesOfOldLog } from '../../keyring/old-logs.ts';
import type { AuditLog } from '../../runtime/capabilities.ts';

/** In the order in which they were written. */
export async function* everyRecord(log: AuditLog): AsyncGenerator<Logged> {
  for (const records of filesNewestFirst(log).toReversed()) yield* records;
}

/** What lines are not events is left out. */
export function filesNewestFirst(location: AuditLog): readonly LoggedFile[] {
  const log = logFile(location.path, { owner: location.owner });
  const lines = logLines(log.snapshot(0)); // opened before the old ones are listed: a rotation now leaves none out
  log.close();
  const first = lines.next();
  const [begin] = first.done ? [] : [first.value];
  const before = begin && parseLine(begin)?.head.sequence;
  const old = oldLogs(location).filter(({ sequence }) => before === undefined || sequence < before);
  const current = function* (): Generator<Logged> {
    if (begin) yield* recordsOf([begin]);
    yield* recordsOf(lines);
  };
  return [
    current(),
    ...old.toReversed().map(async function* (file): AsyncGenerator<Logged> {
      for await (const line of logLinesInStream(piecesOfOldLog(file, location))) yield* recordsOf([line]);
    }),
  ];
}

function* recordsOf(lines: Iterable<Uint8Array>): Generator<Logged> {
  for (const line of lines) {
    const parsed = parseLine(line);
    if (parsed) yield parsed.record;
  }
}
