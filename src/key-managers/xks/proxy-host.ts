/** Hosts of external key store proxies: their names, and where to connect to. */
import { EnvironmentError } from '../../model/error.ts';
import { XksError } from './xks.ts';

/** What the operator has said about a host. */
export interface XksHost {
  /** In lower case. */
  readonly host: string;
  /** Instead of the addresses that DNS has for the name, and of port 443. */
  readonly connect?: { readonly address: string; readonly port: number } | undefined;
  /** Certificates (PEM) of the certificate authorities that are trusted for it, instead of those that Node.js trusts. */
  readonly authorities?: string | undefined;
  /** The VPC endpoint service whose private DNS name this is. */
  readonly vpcEndpointServiceName?: string | undefined;
}

/** Where it is connected to. */
export const connectedAddress = ({
  host,
  connect = { address: host, port: 443 },
}: XksHost): { readonly address: string; readonly port: number } => connect;

export interface XksHosts {
  /** undefined: the operator has no entry for it. */
  readonly findHost: (host: string) => XksHost | undefined;
  /** Those whose entries can be read. */
  readonly hosts: () => readonly XksHost[];
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';

/**
 * RFC 1123, section 2.1. A name whose last label is a number may be taken for an IPv4 address (inet_aton(3)). An endpoint
 * (`https://` and a host name) has at most 128 characters.
 */
export const HOST_NAME = new RegExp(`^(?=.{1,120}$)(?:${LABEL}\\.)*(?!(?:\\d+|0x[0-9a-f]*)$)${LABEL}$`);

/** Neither a name for this machine nor one that a search list completes (RFC 6761, section 6.3). */
export const isFullyQualified = (host: string): boolean =>
  HOST_NAME.test(host) && host.includes('.') && !host.endsWith('.localhost');

function hostIn(uriEndpoint: string): string | undefined {
  const host = /^https:\/\/([a-z0-9.-]+)$/.exec(uriEndpoint.toLowerCase())?.[1];
  return host !== undefined && HOST_NAME.test(host) ? host : undefined;
}

export function findEntry(uriEndpoint: string, { findHost }: Pick<XksHosts, 'findHost'>): XksHost | undefined {
  const host = hostIn(uriEndpoint);
  return host === undefined ? undefined : entryOf(host, findHost);
}

/**
 * No host is connected to without an entry: its name comes from a caller, or from a keyring that others can have written.
 * @throws XksError
 */
export function hostOf(uriEndpoint: string, { findHost }: Pick<XksHosts, 'findHost'>): XksHost {
  const host = hostIn(uriEndpoint);
  if (host === undefined) {
    const hint = 'The endpoint must be https:// and the name of a host.';
    throw notAllowed(`${uriEndpoint} is not https:// and a host name`, hint);
  }
  const found = entryOf(host, findHost);
  if (found) return found;
  throw notAllowed(`the operator has not allowed connections to ${host}`, hintFor(host));
}

const hintFor = (host: string): string =>
  isFullyQualified(host)
    ? `kms xks add ${host} allows it, with --connect ADDRESS:PORT at another address.`
    : `kms xks add ${host} --connect ADDRESS:PORT allows it.`;

/** What the connection itself has failed of is not for callers. */
export function withAdvice(error: unknown, host: string): unknown {
  if (!(error instanceof XksError) || !/^XksProxy(?:Unreachable|Tls)$/.test(error.errorName)) return error;
  return new XksError(error.errorName, error.message, [`The operator can find out why with kms xks status ${host}.`]);
}

const notAllowed = (message: string, hint: string): XksError => new XksError('XksProxyNotAllowed', message, [hint]);

/** An entry that others could have written, or that cannot be read, allows nothing. */
function entryOf(host: string, findHost: XksHosts['findHost']): XksHost | undefined {
  try {
    return findHost(host);
  } catch (error) {
    // its hints name files, which are nothing for callers of a server
    if (error instanceof EnvironmentError) throw notAllowed(error.message, 'kms xks list shows why');
    throw error;
  }
}
