/** Requests and responses of a proxy over HTTP, and their lines in the access log. */
import { send } from '../http/answer.ts';
import type { Exchange } from '../http/connections.ts';
import type { FailureLog } from '../http/failure-log.ts';
import type { AccessLog } from './access-log.ts';
import { answer, type KnownFacts, type ProxyState } from './answer.ts';
import { answerOf, refusalOf, type XksRefusal } from './refusal.ts';

export interface RunningProxy {
  state: ProxyState;
  readonly newId: () => string;
  readonly log: AccessLog;
  readonly failures: FailureLog;
}

interface Outcome {
  readonly status: number;
  /** undefined: the method is not served. */
  readonly body?: object;
  /** Of a refusal, for the log. */
  readonly errorName?: string;
  readonly reason?: string;
}

/** @param proxy whose state is that of the moment */
export async function respond(
  { state, newId, log, failures }: RunningProxy,
  { message, response, isLast }: Exchange,
): Promise<void> {
  const [requestId, begun] = [newId(), performance.now()];
  const [time, sourceIp] = [new Date(state.clock()).toISOString(), message.socket.remoteAddress ?? ''];
  const { method = '', url: path = '' } = message;
  const known: KnownFacts = {};
  const isPing = path === PING && (method === 'GET' || method === 'HEAD');
  let outcome: Outcome = isPing ? HEALTHY : NOT_SERVED;
  if (method === 'POST') {
    try {
      outcome = { status: 200, body: await answer(message, requestId, state, known) };
    } catch (thrown) {
      if (message.errored) return; // the client has disconnected
      outcome = refusedWith(refusalOf(thrown));
      if (outcome.status === 500) failures.tell(requestId, thrown);
    }
  }
  if (!message.complete || isLast()) response.shouldKeepAlive = false; // the rest of it is not read
  const { status, body, ...refused } = outcome;
  const durationMs = Math.round((performance.now() - begun) * 1000) / 1000;
  const record = { time, requestId, sourceIp, method, path: path.slice(0, MAX_LOGGED_PATH), status, durationMs };
  if (!isPing) log.write({ ...record, ...known, ...refused });
  const headers = body ? { 'content-type': 'application/json' } : { allow: 'POST' };
  send(response, requestId, { status, headers, body: body ? JSON.stringify(body) : '' });
}

function refusedWith(refusal: XksRefusal): Outcome {
  const { errorName, reason = refusal.message } = refusal;
  return { ...answerOf(refusal), errorName, reason };
}

/** For load balancers, which send no signatures; so often that it is not logged. */
const PING = '/ping';
const HEALTHY: Outcome = { status: 200, body: { status: 'healthy' } };
const NOT_SERVED: Outcome = { status: 405, reason: 'only POST is served' };

/** Longer than any that is served: whoever has no credential does not fill the log. */
const MAX_LOGGED_PATH = 512;
