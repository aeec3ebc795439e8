/** Connections to external key store proxies, which are kept alive: an HTTPS agent for each host. */
import { lookup } from 'node:dns';
import { setMaxListeners } from 'node:events';
import { Agent } from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { XksHost } from './proxy-host.ts';
import { sharedLookup } from './shared-lookup.ts';
import { XksError } from './xks.ts';

/** AWS KMS Developer Guide, "External key store proxy": the versions of TLS and the cipher suites that KMS offers. */
const TLS = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers:
    'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384',
} as const;

/** At once to a host; further calls wait for one of them, as long as they may take. */
const MAX_SOCKETS = 128;

export class XksConnections {
  readonly #closing = new AbortController();
  readonly #agents = new Map<string, { readonly entry: string; readonly agent: Agent }>();

  constructor() {
    setMaxListeners(0, this.#closing.signal);
  }

  /** Aborted at the end. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Connections that another entry for the host has made are used no more, and closed when they have no request. */
  agentOf(host: XksHost): Agent {
    const entry = JSON.stringify(host);
    const known = this.#agents.get(host.host);
    if (known?.entry === entry) return known.agent;
    if (known) retire(known.agent);
    const agent = agentFor(host);
    this.#agents.set(host.host, { entry, agent });
    return agent;
  }

  close(): void {
    this.#closing.abort(
      new XksError('XksProxyUnreachable', 'the connections to external key store proxies are closed'),
    );
    for (const { agent } of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }
}

function retire(agent: Agent): void {
  agent.maxFreeSockets = 0;
  closeIdle(agent);
}

export function closeIdle({ freeSockets }: Agent): void {
  for (const socket of Object.values(freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy();
}

/** Milliseconds after which a connection without a request is closed. */
const MAX_IDLE = 60_000;

export const secureContextOf = ({ authorities }: XksHost): SecureContext =>
  createSecureContext({ ...TLS, ...(authorities === undefined ? {} : { ca: authorities }) });

function agentFor(host: XksHost): Agent {
  return new Agent({
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    timeout: MAX_IDLE,
    // a session that is resumed does not show its certificate again, which may have expired meanwhile
    maxCachedSessions: 0,
    secureContext: secureContextOf(host),
    rejectUnauthorized: true,
    autoSelectFamilyAttemptTimeout: 100,
    lookup: sharedLookup(lookup),
  });
}
