/** `kms batch`: many calls in one process, one JSON request a line in, one JSON answer a line out, in order. */
import { fstatSync } from 'node:fs';
import type { KmsError } from '../../model/error.ts';
import { unwatched } from '../../model/progress.ts';
import { printable } from '../../model/printable.ts';
import { boolean, integer, structure } from '../../model/shape.ts';
import { fileBytes, streamBytes } from '../../files/arriving-bytes.ts';
import type { SeriesAnswer, SeriesCall } from '../../pipeline/invoke.ts';
import type { CallSeries } from '../../runtime/capabilities.ts';
import type { Output, Progress, StandardStreams } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { groupsOf } from './groups.ts';
import { prepared, type PreparedRequest, type ReadLine } from './request.ts';

interface BatchDeps extends CallSeries, Pick<Output, 'printData'>, Pick<StandardStreams, 'stdin'>, Progress {}

export const batch = localCommand({
  name: 'Batch',
  command: 'batch',
  input: structure({ StopOnError: boolean }),
  output: structure({ Failed: integer() }),
  silent: true,
  async run({ StopOnError = false }, session: BatchDeps) {
    // elsewhere the answers may be shown on the same terminal, by a program that reads them
    const watched = fstatSync(1).isFile() ? session.progress : unwatched;
    const stats = fstatSync(0);
    const total = stats.isFile() ? stats.size : undefined;
    // what is no stream for Node.js would be an empty one: a folder fails as a file
    const isStream = stats.isFIFO() || stats.isSocket() || stats.isCharacterDevice();
    const input = isStream ? streamBytes(session.stdin()) : fileBytes(0, 'standard input');
    return watched(total === undefined ? 'requests' : 'bytes', async (meter) => {
      if (total !== undefined) meter.expect(total);
      const onLine = ({ length }: Uint8Array): void => meter.advance(total === undefined ? 1 : length + 1);
      let failed = 0;
      for await (const group of groupsOf(input, onLine)) {
        for await (const answers of answersTo(group, session, StopOnError)) {
          if (answers.length === 0) continue;
          const isRead = session.printData(answers.map((answer) => JSON.stringify(answer)).join('\n'));
          failed += answers.filter((answer) => 'Error' in answer).length;
          if (!isRead || (StopOnError && failed > 0)) return { Failed: failed };
        }
      }
      return { Failed: failed };
    });
  },
  exit: ({ Failed }) => (Failed > 0 ? 254 : 0),
});

interface BatchAnswer {
  readonly Id?: unknown;
  readonly Output?: object;
  readonly Error?: { readonly Code: string; readonly Message: string };
}

/**
 * The answers of each transaction at once.
 * @param stops at the first request that fails
 */
async function* answersTo(
  requests: readonly ReadLine[],
  { invokeSeries }: CallSeries,
  stops: boolean,
): AsyncGenerator<readonly BatchAnswer[]> {
  const requested: PreparedRequest[] = [];
  for (const request of requests) {
    const one = await prepared(request);
    requested.push(one);
    if (stops && 'error' in one) break; // what is behind it is not called
  }
  const rest = requested.values();
  let next = rest.next().value;
  const answersWith = (outcomes: readonly SeriesAnswer[]): readonly BatchAnswer[] => {
    const answers: BatchAnswer[] = [];
    const called = outcomes.values();
    for (; next; next = rest.next().value) {
      const outcome = 'error' in next ? next : called.next().value;
      if (!outcome) break;
      answers.push({ ...next.id, ...('call' in next ? answerTo(next.call, outcome) : errorAnswer(next.error)) });
      if (stops && 'error' in outcome) break;
    }
    return answers;
  };
  yield answersWith([]); // errors of the first lines do not wait for calls, which may throw
  const calls = requested.flatMap((one) => ('call' in one ? [one.call] : []));
  for await (const outcomes of invokeSeries(calls, { stopsAtRefusal: stops })) yield answersWith(outcomes);
}

const answerTo = ({ operation }: SeriesCall, outcome: SeriesAnswer): BatchAnswer =>
  'error' in outcome
    ? errorAnswer(outcome.error)
    : { Output: printable(operation.output, outcome.output, { timestampFormat: 'iso8601' }) };

const errorAnswer = ({ code, message }: KmsError): BatchAnswer => ({ Error: { Code: code, Message: message } });
