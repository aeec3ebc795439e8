/**
 * The HTTP server: connections, limits, endpoints, responses, and a stop that completes running requests. node:http answers
 * errors of the connection itself (syntax, size, timeouts).
 */
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { KmsError } from '../../model/error.ts';
import type { Kms } from '../../pipeline/invoke.ts';
import type { Sts } from '../../runtime/sts.ts';
import type { HttpAnswer } from './answer.ts';
import type { CallerVerification } from './caller.ts';
import type { FailureLog } from './failure-log.ts';
import { faultOf } from './fault.ts';
import { checkHost, type HostRule } from './host.ts';
import { answerKms, refuseKms } from './kms-endpoint.ts';
import { notServed, refuseOther } from './other-service.ts';
import { readRequest, type HttpRequest } from './request.ts';
import { serviceOf, type AddressedService } from './service.ts';
import { answerSts, refuseSts } from './sts-endpoint.ts';
import type { TlsFiles } from './tls.ts';

export interface ServerDeps {
  readonly kms: Kms;
  readonly sts: Sts;
  readonly verification: CallerVerification;
  /** Which hosts requests may be addressed to; undefined: any. */
  readonly hosts: HostRule | undefined;
  readonly newId: () => string;
  /** For whoever runs the server. */
  readonly failures: FailureLog;
}

export interface ServerLimits {
  /** Milliseconds that a client may take. */
  readonly headers: number;
  readonly request: number;
  readonly idle: number;
  /** At once; further ones are closed. Each is a descriptor, and a process has few: the keyring needs some, too. */
  readonly connections: number;
}

export const SERVER_LIMITS: ServerLimits = { headers: 10_000, request: 30_000, idle: 65_000, connections: 4_000 };
const HEADER_LIMIT = 16 * 1024;

export interface Running {
  readonly server: Server;
  /** Accepts no more connections, completes running requests, also those of clients that have gone, then closes all connections. */
  stop(): Promise<void>;
}

export async function startServer(session: ServerDeps, tls?: TlsFiles, limits = SERVER_LIMITS): Promise<Running> {
  const options = {
    maxHeaderSize: HEADER_LIMIT,
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.idle,
    connectionsCheckingInterval: Math.min(5_000, limits.headers),
    noDelay: true,
  };
  const server: Server = tls
    ? (await import('node:https')).createServer({ ...options, ...tls })
    : createPlainServer(options);
  server.maxConnections = limits.connections;
  // A count, and no set of calls and responses: whatever is added to a set and removed again, for each request, keeps what was in it
  // alive beyond the collections of young garbage.
  let running = 0;
  let finished: (() => void) | undefined;
  const end = (): void => {
    running -= 1;
    if (running === 0) finished?.();
  };
  server.on('request', (message: IncomingMessage, response: ServerResponse) => {
    running += 2; // the call, which goes on also if the client disconnects, and the response
    response.on('close', end);
    void answer(session, { message, response, isLast: () => finished !== undefined }).finally(end);
  });
  return {
    server,
    async stop() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      await new Promise<void>((resolve) => {
        finished = resolve;
        if (running === 0) resolve();
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Exchange {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the connection ends with it. */
  readonly isLast: () => boolean;
}

async function answer(session: ServerDeps, { message, response, isLast }: Exchange): Promise<void> {
  const requestId = session.newId();
  let refuse: (thrown: unknown) => HttpAnswer = refuseKms;
  const write = (answered: HttpAnswer): void => {
    if (isLast()) response.shouldKeepAlive = false;
    send(response, requestId, answered);
  };
  try {
    const request = await readRequest(message);
    const service = serviceOf(request);
    refuse = (thrown) => REFUSE[service](request, thrown, requestId);
    write(await route(session, { request, service, requestId }));
  } catch (thrown) {
    if (message.errored) return; // the client has disconnected
    if (faultOf(thrown).status >= 500) session.failures.tell(requestId, thrown);
    if (!message.complete) response.shouldKeepAlive = false; // the rest of it is not read
    write(refuse(thrown));
  }
}

const REFUSE: {
  readonly [S in AddressedService]: (request: HttpRequest, thrown: unknown, requestId: string) => HttpAnswer;
} = {
  kms: (_, thrown) => refuseKms(thrown),
  sts: (_, thrown, requestId) => refuseSts(thrown, requestId),
  other: refuseOther,
};

interface Routed {
  readonly request: HttpRequest;
  readonly service: AddressedService;
  readonly requestId: string;
}

async function route(
  { kms, sts, verification, hosts }: ServerDeps,
  { request, service, requestId }: Routed,
): Promise<HttpAnswer> {
  const { method, path, headers } = request;
  checkHost(hosts, headers['host']);
  if (path === '/ping' && (method === 'GET' || method === 'HEAD')) return PONG;
  // Only a browser sends it. Web pages must not make calls to a server on this machine.
  if (headers['origin'] !== undefined) throw new KmsError('AccessDeniedException', 'Browsers are not served.');
  if (service === 'other') throw notServed();
  return service === 'sts'
    ? answerSts(request, { sts, verification, requestId })
    : answerKms(request, { kms, verification, requestId });
}

const PONG: HttpAnswer = { status: 200, headers: { 'content-type': 'text/plain' }, body: 'healthy\n' };

function send(response: ServerResponse, requestId: string, { status, headers, body }: HttpAnswer): void {
  const length = Buffer.byteLength(body);
  const isAscii = length === body.length;
  response.writeHead(status, {
    ...headers,
    'x-amzn-requestid': requestId,
    'content-length': length,
    'cache-control': 'no-cache, no-store, must-revalidate, private',
  });
  response.end(body, isAscii ? 'latin1' : 'utf8'); // the former needs no conversion
}
