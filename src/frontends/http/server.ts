/** The server of the KMS API: the endpoints of its services, and their responses. */
import { KmsError } from '../../model/error.ts';
import type { Kms } from '../../pipeline/invoke.ts';
import type { Sts } from '../../runtime/sts.ts';
import { send, type HttpAnswer } from './answer.ts';
import type { CallerVerification } from './caller.ts';
import { SERVER_LIMITS, startConnections, type Exchange, type Running } from './connections.ts';
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

/** @param limits others only for tests */
export const startServer = (session: ServerDeps, tls?: TlsFiles, limits = SERVER_LIMITS): Promise<Running> =>
  startConnections((exchange) => answer(session, exchange), tls, limits);

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
