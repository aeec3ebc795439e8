/** Requests and responses of a proxy over HTTP, and their lines in the access log. */
import type { ServerResponse } from 'node:http';
import { send } from '../http/answer.ts';
import type { Exchange } from '../http/connections.ts';
import type { FailureLog } from '../http/failure-log.ts';
import type { AccessLog } from './access-log.ts';
import { answer, type KnownFacts, type ProxyState } from './answer.ts';
import { answerOf, refusalOf } from './refusal.ts';

export interface RunningProxy {
  state: ProxyState;
  readonly newId: () => string;
  readonly log: AccessLog;
  readonly failures: FailureLog;
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
  let [status, body]: [number, object | undefined] = [200, undefined];
  let refused: { readonly errorName?: string; readonly reason?: string | undefined } = {};
  if (method === 'POST') {
    try {
      body = await answer(message, requestId, state, known);
    } catch (thrown) {
      if (message.errored) return; // the client has disconnected
      const refusal = refusalOf(thrown);
      ({ status, body } = answerOf(refusal));
      refused = { errorName: refusal.errorName, reason: refusal.reason ?? refusal.message };
      if (status === 500) failures.tell(requestId, thrown);
    }
  } else if (path === PING && (method === 'GET' || method === 'HEAD')) body = { status: 'healthy' };
  else [status, refused] = [405, { reason: 'only POST is served' }];
  if (!message.complete || isLast()) response.shouldKeepAlive = false; // the rest of it is not read
  const durationMs = Math.round((performance.now() - begun) * 1000) / 1000;
  const record = { time, requestId, sourceIp, method, path: path.slice(0, MAX_LOGGED_PATH), status, durationMs };
  log.write({ ...record, ...known, ...refused });
  write(response, requestId, { status, body });
}

/** Longer than any that is served: whoever has no credential does not fill the log. */
const MAX_LOGGED_PATH = 512;

/** For load balancers, which send no signatures. */
const PING = '/ping';

interface Response {
  readonly status: number;
  /** undefined: the method is not served. */
  readonly body: object | undefined;
}

function write(response: ServerResponse, requestId: string, { status, body }: Response): void {
  const headers = body ? { 'content-type': 'application/json' } : { allow: 'POST' };
  send(response, requestId, { status, headers, body: body ? JSON.stringify(body) : '' });
}
