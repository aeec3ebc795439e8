/** A connection to an agent that has proved what it is. */
import { lstatSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { AgentFile } from './agent-file.ts';
import { frame, FrameReader } from './frame.ts';
import { HELLO, readAnswer, readWelcome, type AgentAnswer, type AgentQuestion } from './message.ts';

/** In milliseconds. An agent that is busy with a long computation is not waited for: the call goes the usual way. */
const HELLO_TIMEOUT = 3_000;
/** For the answer, in milliseconds: longer than a transaction waits for the lock of other processes. */
const ANSWER_TIMEOUT = 120_000;

/** A question was sent, and no answer came: whether it was done is not known. */
export class NoAnswer extends Error {}

export interface AgentConnection {
  /** One at a time. @throws NotAValue if it cannot be sent, NoAnswer */
  ask(question: AgentQuestion): Promise<AgentAnswer>;
  /** Waits for the end of the agent's process, or of the connection. @returns whether it came in time */
  ended(timeout: number): Promise<boolean>;
  close(): void;
}

/** @returns undefined: the process has ended, is of another user, does not answer, or has another proof */
export async function connectTo(
  { socket: path, callerProof, agentProof }: AgentFile,
  version: string,
): Promise<AgentConnection | undefined> {
  if (!isOwnSocket(path)) return undefined;
  // loaded for a connection: calls that find no agent of theirs need none
  const socket = process.getBuiltinModule('node:net').connect(path);
  const messages = messagesOf(socket);
  try {
    socket.write(frame({ hello: HELLO, version, proof: callerProof }));
    const welcome = readWelcome(await messages.next(HELLO_TIMEOUT));
    if (welcome?.proof === agentProof) {
      return {
        async ask(question) {
          socket.write(frame(question));
          const answer = readAnswer(await messages.next(ANSWER_TIMEOUT));
          if (answer) return answer;
          socket.destroy();
          throw new NoAnswer('the agent did not answer');
        },
        ended: (timeout) => messages.ended(timeout),
        close: () => socket.destroy(),
      };
    }
  } catch {
    // as if there were none
  }
  socket.destroy();
  return undefined;
}

const OPEN_TO_OTHERS = 0o077;

function isOwnSocket(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && stats.isSocket() && stats.uid === process.geteuid?.() && !(stats.mode & OPEN_TO_OTHERS);
}

interface Messages {
  /** @returns undefined: the connection has ended, or nothing came in time */
  next(timeout: number): Promise<unknown>;
  ended(timeout: number): Promise<boolean>;
}

function messagesOf(socket: Socket): Messages {
  const reader = new FrameReader();
  const arrived: unknown[] = [];
  let wake = (): void => {};
  let hasEnded = false;
  const end = (): void => {
    hasEnded = true;
    wake();
  };
  socket.on('data', (bytes: Uint8Array) => {
    try {
      arrived.push(...reader.push(bytes));
    } catch {
      socket.destroy();
    }
    wake();
  });
  socket.on('error', end);
  socket.on('close', end);
  const until = async (timeout: number, isThere: () => boolean): Promise<boolean> => {
    if (isThere()) return true;
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = (): void => {
      if (isThere() || hasEnded) resolve();
    };
    const timer = setTimeout(resolve, timeout);
    wake();
    await promise;
    clearTimeout(timer);
    return isThere();
  };
  return {
    next: async (timeout) => ((await until(timeout, () => arrived.length > 0)) ? arrived.shift() : undefined),
    ended: (timeout) => until(timeout, () => hasEnded),
  };
}
