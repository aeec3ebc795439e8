/** Hosts of external key store proxies: their names, and where to connect to. */
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

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** RFC 1123, section 2.1; a name whose last label is a number would be an IPv4 address. */
function isHostName(host: string): boolean {
  const labels = host.split('.');
  return host.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1)!);
}

/** Neither a name for this machine nor one that a search list completes (RFC 6761, section 6.3). */
const isFullyQualified = (host: string): boolean =>
  isHostName(host) && host.includes('.') && !host.endsWith('.localhost');

/** @throws XksError for a host that must not be connected to */
export function hostOf(uriEndpoint: string, { findHost, onlyListed }: XksHosts): XksHost {
  const host = /^https:\/\/([a-z0-9.-]+)$/.exec(uriEndpoint.toLowerCase())?.[1];
  if (host === undefined || !isHostName(host)) {
    throw new XksError('XksProxyNotAllowed', `${uriEndpoint} is not https:// and a host name`);
  }
  const found = findHost(host);
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
