/** The agent's side of a connection: the hello, then questions, one after the other. */
import { timingSafeEqual } from 'node:crypto';
import { utf8 } from '../../crypto/bytes.ts';
import { EnvironmentError } from '../../model/error.ts';
import type { Keyring } from '../../keyring/keyring.ts';
import { KeyringReplaced } from '../../keyring/replaced.ts';
import { findOperation } from '../../operations/index.ts';
import type { Kms } from '../../pipeline/invoke.ts';
import { callOrigin } from '../../runtime/call-origin.ts';
import { hasAlias } from '../../runtime/known-names.ts';
import type { AgentFile } from './agent-file.ts';
import type { Peer } from './peer.ts';
import { frame, FrameReader } from './frame.ts';
import { readHello, readQuestion, sentError, type AgentAnswer, type Hello, type AgentQuestion } from './message.ts';
import { NotAValue } from './value.ts';

export interface Answering {
  readonly file: AgentFile;
  readonly keyring: Keyring;
  readonly kms: Kms;
  /** Whether calls are still made; a call that is made is a use. */
  readonly admitCall: () => boolean;
  readonly status: () => unknown;
  /** Ends the agent; the connection that asked for it ends with the process. */
  readonly lock: () => void;
  readonly timeouts: { readonly hello: number; readonly question: number };
}

const REFUSED: AgentAnswer = { answer: 'refused' };
/** Of a hello, in bytes. */
const MAX_HELLO = 4096;

/** @returns waits until the question that is being answered is, and the answer on its way; answers no other */
export function answerOn(peer: Peer, answering: Answering): { readonly finish: () => Promise<void> } {
  const { file, timeouts } = answering;
  const { input } = peer;
  let reader = new FrameReader(MAX_HELLO);
  let hello: Hello | undefined;
  let answered: Promise<void> = Promise.resolve();
  let isFinishing = false;
  const send = (message: unknown): void => peer.write(frameOf(message));
  const onMessage = async (message: unknown): Promise<void> => {
    const question = readQuestion(message);
    if (!question) return peer.destroy();
    const isCurrent = hello?.version === file.version && !isFinishing;
    if (isCurrent || question.ask === 'lock' || question.ask === 'status') send(await answerTo(question, answering));
    else send(REFUSED);
  };
  input.setTimeout(timeouts.hello, () => (hello ? void finish().then(() => peer.end()) : peer.destroy()));
  input.on('error', () => peer.destroy());
  input.on('data', (bytes: Uint8Array) => {
    try {
      for (const message of reader.push(bytes)) {
        if (hello) {
          // one that asks without waiting for answers is none of ours
          if (input.isPaused()) return peer.destroy();
          input.pause();
          input.setTimeout(0);
          answered = onMessage(message).finally(() => {
            input.setTimeout(timeouts.question);
            input.resume();
          });
          continue;
        }
        hello = readHello(message);
        if (!hello || !isSame(hello.proof, file.callerProof)) return peer.destroy();
        reader = new FrameReader();
        input.setTimeout(timeouts.question);
        send({ proof: file.agentProof });
        return;
      }
    } catch {
      peer.destroy();
    }
  });
  const finish = async (): Promise<void> => {
    isFinishing = true;
    await answered;
    if (hello) send(REFUSED); // what arrives from now on is not done
    await peer.written();
  };
  return { finish };
}

/** An output that cannot be sent is an error as well: the call was made. */
function frameOf(message: unknown): Uint8Array {
  try {
    return frame(message);
  } catch (error) {
    if (!(error instanceof NotAValue)) throw error;
    return frame({ answer: 'error', error: { kind: 'other', message: `the output cannot be sent: ${error.message}` } });
  }
}

async function answerTo(
  question: AgentQuestion,
  { kms, keyring, admitCall, status, lock }: Answering,
): Promise<AgentAnswer> {
  try {
    switch (question.ask) {
      case 'call': {
        const operation = admitCall() ? await findOperation(question.operation) : undefined;
        if (!operation) return REFUSED;
        const { output, requestId } = await kms.invoke(operation, question.input, callOrigin(question.origin));
        return { answer: 'output', output, requestId };
      }
      case 'alias':
        if (!admitCall()) return REFUSED;
        return { answer: 'value', value: await hasAlias(keyring, question.region, question.name) };
      case 'status':
        return { answer: 'value', value: status() };
      case 'lock':
        lock();
        return { answer: 'value', value: true };
    }
  } catch (error) {
    return { answer: 'error', error: sentError(explained(error)) };
  }
}

/** The agent has seen a later state than that which is there now, and a call without it would not know. */
const explained = (error: unknown): unknown =>
  error instanceof KeyringReplaced
    ? new EnvironmentError(error.message, [...error.hints, 'the agent has it open: kms lock ends the agent'])
    : error;

function isSame(one: string, other: string): boolean {
  const [a, b] = [utf8(one), utf8(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
