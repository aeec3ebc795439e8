/** Whether a TLS connection to the host of an external key store proxy can be made, as calls make it. No request is sent. */
import { connect, type TLSSocket } from 'node:tls';
import { TIMEOUT } from './client.ts';
import { secureContextOf } from './connections.ts';
import { connectedAddress, type XksHost } from './proxy-host.ts';

export interface HostStatus {
  /** READY, or the connection error code that an external key store would get. */
  readonly status: 'READY' | 'XKS_PROXY_NOT_REACHABLE' | 'XKS_PROXY_TIMED_OUT' | 'XKS_PROXY_INVALID_TLS_CONFIGURATION';
  readonly problem?: string;
  /** Of the connection. */
  readonly protocol?: string | undefined;
  readonly certificate?:
    | { readonly subject: string; readonly names: string | undefined; readonly notAfter: Date }
    | undefined;
  /** That the connection took. */
  readonly milliseconds?: number;
}

/** A connection that is too slow for a call has its reason too. */
const CONNECT_TIMEOUT = 5_000;

/** @param limit milliseconds that a call has for its connection and its answer */
export function hostStatus(host: XksHost, limit = TIMEOUT): Promise<HostStatus> {
  const begun = performance.now();
  const { address, port } = connectedAddress(host);
  const socket = connect({
    host: address,
    port,
    servername: host.host,
    secureContext: secureContextOf(host),
    // a certificate that is not trusted is shown, with the reason; nothing is sent to its owner
    rejectUnauthorized: false,
  });
  let isConnected = false;
  const made = new Promise<HostStatus>((resolve) => {
    socket.setTimeout(CONNECT_TIMEOUT, () =>
      resolve({ status: 'XKS_PROXY_TIMED_OUT', problem: `there is no connection after ${CONNECT_TIMEOUT} ms` }),
    );
    socket.once('connect', () => (isConnected = true));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(failed(error, isConnected)));
    socket.once('secureConnect', () =>
      resolve(connected(socket, { milliseconds: Math.round(performance.now() - begun), limit })),
    );
  });
  return made.finally(() => socket.destroy());
}

function failed({ code = '', message }: NodeJS.ErrnoException, isConnected: boolean): HostStatus {
  if (isConnected) return { status: 'XKS_PROXY_INVALID_TLS_CONFIGURATION', problem: message || code };
  const status = code === 'ETIMEDOUT' ? 'XKS_PROXY_TIMED_OUT' : 'XKS_PROXY_NOT_REACHABLE';
  return { status, problem: message || code };
}

function connected(
  socket: TLSSocket,
  { milliseconds, limit }: { readonly milliseconds: number; readonly limit: number },
): HostStatus {
  const certificate = socket.getPeerX509Certificate();
  const facts = {
    protocol: socket.getProtocol() ?? undefined,
    certificate: certificate && {
      subject: certificate.subject?.replaceAll('\n', ', ') ?? '',
      names: certificate.subjectAltName,
      notAfter: certificate.validToDate,
    },
    milliseconds,
  };
  const untrusted = socket.authorized ? undefined : String(socket.authorizationError);
  if (untrusted !== undefined) {
    const problem = `its certificate is not trusted for this host: ${untrusted}`;
    return { ...facts, status: 'XKS_PROXY_INVALID_TLS_CONFIGURATION', problem };
  }
  if (milliseconds <= limit) return { ...facts, status: 'READY' };
  const problem = `the connection took ${milliseconds} ms; a call has ${limit} ms for it and the answer`;
  return { ...facts, status: 'XKS_PROXY_TIMED_OUT', problem };
}
