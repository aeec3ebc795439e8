/** One HTTPS request to an external key store proxy: within a time limit, without redirects, with an answer of limited size. */
import type { IncomingMessage } from 'node:http';
import { request, type Agent, type RequestOptions } from 'node:https';
import { concat } from '../../crypto/bytes.ts';
import { invalid } from './answer.ts';
import { closeIdle } from './connections.ts';
import { XksError } from './xks.ts';

export interface HttpsRequest {
  readonly agent: Agent;
  readonly options: Pick<RequestOptions, 'host' | 'port' | 'servername' | 'path' | 'headers'>;
  readonly body: string;
}

export interface HttpsAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** The longest answer that the specification describes has 6 KB, but for names of vendors and models. */
export const MAX_ANSWER = 65_536;

/** Those that announce an answer (RFC 9110, section 15.2). */
const MAX_INFORMATIONAL = 8;

interface ExchangeLimits {
  /** In milliseconds, for all of it: connecting, TLS and the answer. */
  readonly timeout: number;
  /** Aborted when no answer is waited for any more, with an XksError. */
  readonly closing: AbortSignal;
}

/** @throws XksError */
export async function exchange(asked: HttpsRequest, { timeout, closing }: ExchangeLimits): Promise<HttpsAnswer> {
  const end = new AbortController();
  const close = (): void => end.abort(closing.reason);
  closing.addEventListener('abort', close);
  if (closing.aborted) close();
  // answers that have arrived while this process was busy are read before the time is up
  const timer = setTimeout(() => setImmediate(() => end.abort(timedOut(timeout))), timeout);
  try {
    return await send(asked, end.signal);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
    closeIdle(asked.agent); // the others are as old
    return await send(asked, end.signal);
  } finally {
    clearTimeout(timer);
    closing.removeEventListener('abort', close);
  }
}

const timedOut = (timeout: number): XksError =>
  new XksError('XksProxyTimedOut', `the external key store proxy has not answered within ${timeout} ms`);

/**
 * The proxy closed a connection that was kept alive just when the request was sent (RFC 9112, section 9.3.1). That does not
 * count as a try: the requests change nothing at the proxy, so a new connection may take it again.
 */
class StaleConnection extends XksError {
  constructor() {
    super('XksProxyUnreachable', 'the connection was closed');
  }
}

/** Where a request has got to, which tells what its failure means. */
type RequestPhase = 'connecting' | 'TLS' | 'sent' | 'answering';

function send({ agent, options, body }: HttpsRequest, end: AbortSignal): Promise<HttpsAnswer> {
  return new Promise((resolve, reject) => {
    if (end.aborted) return reject(end.reason as XksError);
    const sent = request({ ...options, agent, method: 'POST' });
    let phase: RequestPhase = 'connecting';
    const fail = (error: XksError): void => {
      reject(error);
      sent.destroy();
    };
    const stop = (): void => fail(end.reason as XksError);
    end.addEventListener('abort', stop);
    sent.on('close', () => end.removeEventListener('abort', stop));
    sent.on('error', (error) => fail(meaningOf(error, phase, sent.reusedSocket)));
    sent.on('socket', (socket) => {
      if (sent.reusedSocket) {
        phase = 'sent';
        return;
      }
      socket.once('connect', () => (phase = 'TLS'));
      socket.once('secureConnect', () => (phase = 'sent'));
    });
    let informational = 0;
    sent.on('information', () => {
      informational += 1;
      if (informational > MAX_INFORMATIONAL) fail(invalid('it has too many informational answers before it'));
    });
    sent.on('upgrade', (_, socket) => {
      socket.destroy(); // it is no longer that of the request
      fail(invalid('it changes the protocol'));
    });
    sent.on('response', (answer) => {
      phase = 'answering';
      readBody(answer, fail, (bytes) => resolve({ status: answer.statusCode!, body: bytes }));
    });
    sent.end(body);
  });
}

function readBody(answer: IncomingMessage, fail: (error: XksError) => void, done: (body: Uint8Array) => void): void {
  if (answer.httpVersion !== '1.1') return fail(invalid(`it is one of HTTP/${answer.httpVersion}`));
  const pieces: Uint8Array[] = [];
  let length = 0;
  answer.on('data', (piece: Uint8Array) => {
    length += piece.length;
    if (length > MAX_ANSWER) fail(invalid(`it is larger than ${MAX_ANSWER.toLocaleString('en')} bytes`));
    else pieces.push(piece);
  });
  answer.on('error', () => fail(invalid('it ends too early')));
  answer.on('end', () => done(concat(...pieces)));
}

function meaningOf(error: NodeJS.ErrnoException, phase: RequestPhase, isReused: boolean): XksError {
  const { code = error.message } = error;
  if (phase === 'answering' || code.startsWith('HPE_')) return invalid('it is not HTTP');
  // a proxy that wants a certificate of its client says so after the handshake (RFC 8446, section 4.4.2.4)
  if (phase === 'TLS' || /^ERR_SSL_|^EPROTO$/.test(code)) {
    return new XksError('XksProxyTls', `there is no TLS connection to the external key store proxy: ${code}`);
  }
  if (code === 'ETIMEDOUT') return new XksError('XksProxyTimedOut', 'the network has not answered in time');
  if (isReused && phase === 'sent') return new StaleConnection();
  // that of a connection names the address; several that have failed have none in common
  return new XksError(
    'XksProxyUnreachable',
    `the external key store proxy cannot be reached: ${error.message || code}`,
  );
}
