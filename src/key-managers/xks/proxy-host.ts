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
    throw notAllowed(`${host} is not a fully qualified host name`, `kms xks add ${host} --connect ADDRESS:PORT`);
  }
  if (onlyListed) {
    throw notAllowed(`the operator has not allowed connections to ${host}`, `kms xks add ${host}`);
  }
  return { host };
}

const notAllowed = (message: string, command: string): XksError =>
  new XksError('XksProxyNotAllowed', message, [`${command} allows it`]);

/** An entry that others could have written, or that cannot be read, allows nothing. */
function entryOf(host: string, findHost: XksHosts['findHost']): XksHost | undefined {
  try {
    return findHost(host);
  } catch (error) {
    if (error instanceof EnvironmentError) throw new XksError('XksProxyNotAllowed', error.message, error.hints);
    throw error;
  }
}
