/** A connection to an agent that has proved what it is. */
import type { AgentFile } from './agent-file.ts';
import { frame } from './frame.ts';
import { HELLO, readAnswer, readWelcome, type AgentAnswer, type AgentQuestion } from './message.ts';

/** In milliseconds. An agent that is busy with a long computation is not waited for: the call goes the usual way. */
const HELLO_TIMEOUT = 3_000;
/** For question and answer, in milliseconds: longer than a transaction waits for the lock of other processes. */
const ANSWER_TIMEOUT = 120_000;

/** A question was sent, and no answer came: whether it was done is not known. */
export class NoAnswer extends Error {}

/** What messages go through. */
export interface Transport {
  /** @returns false: the other side has not got all of it, and will not */
  write(bytes: Uint8Array, timeout: number): boolean | Promise<boolean>;
  /** @returns undefined: the connection has ended, or nothing came in time */
  next(timeout: number): Promise<unknown>;
  close(): void;
}

export interface AgentConnection {
  /** One at a time. @throws NotAValue if it cannot be sent, NoAnswer */
  ask(question: AgentQuestion): Promise<AgentAnswer>;
  close(): void;
}

/** @returns undefined: the process has ended, is of another user, does not answer, or has another proof */
export async function greet(
  transport: Transport,
  { callerProof, agentProof }: AgentFile,
  version: string,
): Promise<AgentConnection | undefined> {
  await transport.write(frame({ hello: HELLO, version, proof: callerProof }), HELLO_TIMEOUT);
  const welcome = readWelcome(await transport.next(HELLO_TIMEOUT));
  if (welcome?.proof !== agentProof) {
    transport.close();
    return undefined;
  }
  return {
    async ask(question) {
      const start = process.hrtime.bigint();
      const isSent = await transport.write(frame(question), ANSWER_TIMEOUT);
      const waited = Number(process.hrtime.bigint() - start) / 1e6;
      const answer = readAnswer(await transport.next(Math.max(0, ANSWER_TIMEOUT - waited)));
      if (answer) return answer;
      transport.close();
      if (!isSent) return { answer: 'refused' }; // a part of a question is not answered
      throw new NoAnswer('the agent did not answer');
    },
    close: () => transport.close(),
  };
}
