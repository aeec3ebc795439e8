/** How long a question and its answer may take together, and a question that the agent has not got whole. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AgentFile } from '../../../src/frontends/agent/agent-file.ts';
import { greet, NoAnswer, type AgentConnection, type Transport } from '../../../src/frontends/agent/connection.ts';

const FILE = { callerProof: 'a', agentProof: 'b' } as AgentFile;
const SECOND = 1_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Asked extends Pick<AgentConnection, 'ask'> {
  /** How long the answer was waited for. */
  readonly waited: number[];
  readonly closed: () => number;
}

/** A connection whose agent takes the question in `takes` milliseconds, wholly or not, and answers as given. */
async function connection(
  question: { readonly takes: number; readonly isSent: boolean },
  answer: unknown,
): Promise<Asked> {
  let closed = 0;
  const waited: number[] = [];
  let messages = 0;
  const transport: Transport = {
    write() {
      messages += 1;
      if (messages === 1) return true;
      vi.advanceTimersByTime(question.takes);
      return question.isSent;
    },
    async next(timeout) {
      if (messages === 1) return { proof: FILE.agentProof };
      waited.push(timeout);
      return answer;
    },
    close: () => void (closed += 1),
  };
  const greeted = await greet(transport, FILE, 'x/1');
  return { ask: (asked) => greeted!.ask(asked), waited, closed: () => closed };
}

test.each([
  [0, 120],
  [100, 20],
  [130, 0],
])('a question that took %i s: its answer is waited for %i s', async (takes, rest) => {
  const { ask, waited } = await connection({ takes: takes * SECOND, isSent: true }, { answer: 'value', value: 1 });
  expect(await ask({ ask: 'status' })).toEqual({ answer: 'value', value: 1 });
  expect(waited).toEqual([rest * SECOND]);
});

test('without an answer it is not known whether the call was made, if the question was sent whole', async () => {
  const { ask, closed } = await connection({ takes: 0, isSent: true }, undefined);
  await expect(ask({ ask: 'status' })).rejects.toThrow(NoAnswer);
  expect(closed()).toBe(1);
});

test('if it was not, the call was not made, and goes the usual way', async () => {
  const { ask, closed } = await connection({ takes: 120 * SECOND, isSent: false }, undefined);
  expect(await ask({ ask: 'status' })).toEqual({ answer: 'refused' });
  expect(closed()).toBe(1);
});

test('what an agent says before it has the whole question counts', async () => {
  const said = { answer: 'error', error: { kind: 'other', message: 'no' } };
  const { ask } = await connection({ takes: 0, isSent: false }, said);
  expect(await ask({ ask: 'status' })).toMatchObject({ answer: 'error' });
});
