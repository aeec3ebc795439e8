/**
 * The connections of an HTTP server: their limits, and a stop that completes running requests. node:http answers errors of the
 * connection itself (syntax, size, timeouts).
 */
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { TlsFiles } from './tls.ts';

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
  /** For connections that are made from now on. */
  renewTls(tls: TlsFiles): void;
  /** Accepts no more connections, completes running requests, also those of clients that have gone, then closes all connections. */
  stop(): Promise<void>;
}

/** @param answer sends the response of an exchange, whatever happens */
export async function startConnections(
  answer: (exchange: Exchange) => Promise<void>,
  tls?: TlsFiles,
  limits = SERVER_LIMITS,
): Promise<Running> {
  const options = {
    maxHeaderSize: HEADER_LIMIT,
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.idle,
    connectionsCheckingInterval: Math.min(5_000, limits.headers),
    noDelay: true,
  };
  const secure =
    tls && (await import('node:https')).createServer({ ...options, handshakeTimeout: limits.headers, ...tls });
  const server: Server = secure ?? createPlainServer(options);
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
    void answer({ message, response, isLast: () => finished !== undefined }).finally(end);
  });
  return {
    server,
    renewTls: (renewed) => secure?.setSecureContext(renewed),
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

export interface Exchange {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the connection ends with it. */
  readonly isLast: () => boolean;
}
