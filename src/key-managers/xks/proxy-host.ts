/** Hosts of external key store proxies: their names, and where to connect to. */
import { EnvironmentError } from '../../model/error.ts';
import { XksError, type XksErrorName } from './xks.ts';

/** What the operator has said about a host. */
export interface XksHost {
  /** In lower case. */
  readonly host: string;
  /** Instead of the addresses that DNS has for the name, and of port 443. */
  readonly connect?: { readonly address: string; readonly port: number } | undefined;
  /** Certificates (PEM) of the certificate authorities that are trusted for it, instead of those that Node.js trusts. */
  readonly authorities?: string | undefined;
}

export interface XksHosts {
  /** undefined: the operator has no entry for it. */
  readonly findHost: (host: string) => XksHost | undefined;
  /** Whether a process that serves others asks: it connects to no host without an entry. */
  readonly onlyListed: boolean;
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

export function isListed(uriEndpoint: string, { findHost }: XksHosts): boolean {
  const host = hostIn(uriEndpoint);
  return host !== undefined && entryOf(host, findHost) !== undefined;
}

/** @throws XksError for a host that must not be connected to */
export function hostOf(uriEndpoint: string, { findHost, onlyListed }: XksHosts): XksHost {
  const host = hostIn(uriEndpoint);
  if (host === undefined) {
    throw new XksError('XksProxyNotAllowed', `${uriEndpoint} is not https:// and a host name`);
  }
  const found = entryOf(host, findHost);
  if (found) return found;
  if (!isFullyQualified(host)) {
    throw notAllowed(
      `${host} is not a fully qualified host name`,
      `kms xks add ${host} --connect ADDRESS:PORT allows it`,
    );
  }
  if (onlyListed) {
    throw notAllowed(`the operator has not allowed connections to ${host}`, `kms xks add ${host} allows it`);
  }
  return { host };
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

/** What may help where a host has no entry, since its name is not in DNS, or its authority not one that all trust. */
const ADVICE: { readonly [name in XksErrorName]?: (host: string) => string } = {
  XksProxyUnreachable: (host) => `kms xks add ${host} --connect ADDRESS:PORT connects to another address`,
  XksProxyTimedOut: (host) => `kms xks add ${host} --connect ADDRESS:PORT connects to another address`,
  XksProxyTls: (host) => `kms xks add ${host} --ca FILE trusts another certificate authority`,
};

export function advised(error: unknown, { host }: XksHost, { findHost }: XksHosts): unknown {
  const advice = error instanceof XksError ? ADVICE[error.errorName] : undefined;
  if (!(error instanceof XksError) || !advice || entryOf(host, findHost)) return error;
  return new XksError(error.errorName, error.message, [advice(host)]);
}
