/** The caller's side of a channel: a pair of named pipes of an agent. */
import { closeSync, constants, readSync, unlinkSync, writeSync } from 'node:fs';
import type { AgentFile } from './agent-file.ts';
import { freeChannels, openPipe, type ChannelFiles } from './channel-files.ts';
import type { Transport } from './connection.ts';
import { FrameReader } from './frame.ts';

/** @returns undefined: none is free, or the agent has ended */
export function takeChannel({ socket }: AgentFile): Transport | undefined {
  const free = freeChannels(socket);
  // callers that start at once begin at different ones
  const first = free.length === 0 ? 0 : process.pid % free.length;
  for (const files of [...free.slice(first), ...free.slice(0, first)]) {
    const pipes = take(files);
    if (pipes) return transportOf(pipes);
  }
  return undefined;
}

interface Pipes {
  readonly question: number;
  readonly answer: number;
}

/** Whoever removes the name has the channel: of two callers, one finds it gone. */
function take(files: ChannelFiles): Pipes | undefined {
  const question = openPipe(files.question, constants.O_WRONLY);
  if (question === undefined) return undefined;
  const answer = openPipe(files.answer, constants.O_RDONLY);
  if (answer !== undefined && remove(files.question)) {
    remove(files.answer);
    return { question, answer };
  }
  closeSync(question);
  if (answer !== undefined) closeSync(answer);
  return undefined;
}

/** @returns whether it was there */
function remove(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

function transportOf({ question, answer }: Pipes): Transport {
  const reader = new FrameReader();
  const arrived: unknown[] = [];
  const buffer = new Uint8Array(65_536);
  const state = { isOpen: true };
  const close = (): void => {
    if (!state.isOpen) return;
    state.isOpen = false;
    closeSync(question);
    closeSync(answer);
  };
  /** @returns whether there was anything to read */
  const readMore = (): boolean => {
    const length = unlessBusy(() => readSync(answer, buffer));
    if (length === 0) close(); // the agent has ended
    else if (length !== undefined) arrived.push(...reader.push(buffer.slice(0, length)));
    return length !== undefined;
  };
  return {
    async write(bytes, timeout) {
      const pause = pauses(timeout);
      let rest = bytes;
      try {
        while (state.isOpen && rest.length > 0) {
          const length = unlessBusy(() => writeSync(question, rest));
          rest = rest.subarray(length ?? 0);
          if (length === undefined && !(await pause())) break;
        }
      } catch {
        // the agent has ended: what it had to say before is still there to be read
      }
      return rest.length === 0;
    },
    async next(timeout) {
      const pause = pauses(timeout);
      try {
        while (state.isOpen && arrived.length === 0) if (!readMore() && !(await pause())) break;
      } catch {
        close(); // noise
      }
      return arrived.shift();
    },
    close,
  };
}

/** @returns undefined: nothing can be read, or written, yet */
function unlessBusy(transfer: () => number): number | undefined {
  try {
    return transfer();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

/** In milliseconds. Most answers are there after some of these pauses, for which no timer is needed. */
const SHORT = { pause: 0.1, total: 5 };
const LONG_PAUSE = 5;

/** @returns waits a moment; false: that was long enough */
function pauses(timeout: number): () => Promise<boolean> {
  // not performance.now(): Node loads that at its first use, half a millisecond of a call
  const start = process.hrtime.bigint();
  const never = new Int32Array(new SharedArrayBuffer(4));
  return async () => {
    const waited = Number(process.hrtime.bigint() - start) / 1e6;
    if (waited >= timeout) return false;
    if (waited < SHORT.total) Atomics.wait(never, 0, 0, SHORT.pause);
    else await new Promise((resolve) => void setTimeout(resolve, LONG_PAUSE));
    return true;
  };
}
