/** Requests in groups: those that have arrived together share a transaction, and none waits for others to arrive. */
import { LineCutter } from '../../model/lines.ts';
import type { ArrivingBytes } from '../../files/arriving-bytes.ts';
import { isBlank, MAX_LINE, readLine, type ReadLine } from './request.ts';

/** The first waits for the last. */
const MAX_TOGETHER = 64;

export async function* groupsOf(
  input: ArrivingBytes,
  onLine: (line: Uint8Array) => void,
): AsyncGenerator<readonly ReadLine[]> {
  const cutter = new LineCutter(MAX_LINE);
  let group: ReadLine[] = [];
  let hasPaused = false;
  const add = (line: Uint8Array): void => {
    onLine(line);
    if (!isBlank(line)) group.push(readLine(line));
  };
  const whole = (): readonly ReadLine[] => {
    const complete = group;
    [group, hasPaused] = [[], false];
    return complete;
  };
  for (;;) {
    const piece = input.take();
    if (piece) {
      for (const line of cutter.ending(piece)) {
        add(line);
        if (group.length === MAX_TOGETHER) yield whole();
      }
    } else if (group.length > 0 && !hasPaused) {
      await nextTurn(); // the rest of what was written at once may be on its way from the pipe
      hasPaused = true;
    } else if (group.length > 0) {
      yield whole();
    } else if (!(await input.arrive())) {
      break;
    }
  }
  const rest = cutter.rest();
  if (rest) add(rest);
  if (group.length > 0) yield whole();
}

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
