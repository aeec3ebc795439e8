/**
 * The `Host` of requests to a server that only this machine reaches. A page on the web can give its own name the address
 * 127.0.0.1 and have a browser here call it (DNS rebinding): such a request has the other name in `Host`.
 */
import { isIP } from 'node:net';
import { EnvironmentError, KmsError } from '../../model/error.ts';

/** Whether a request may have this host. */
export type HostRule = (host: string) => boolean;

/** Letters, digits, hyphens and dots (RFC 1123 2.1), underscores as container networks have them; or an IPv6 address. */
const NAME = /^(?:[\w.-]{1,253}|[0-9a-f:.]{2,45})$/i;

/**
 * @param names further names that lead here: the one that it listens on, those of `--allow-host`
 * @throws EnvironmentError where one of them cannot be a name
 */
export function loopbackHosts(names: readonly string[]): HostRule {
  for (const name of names) if (!NAME.test(name)) throw new EnvironmentError(`${name} is not a valid host name`);
  const known = new Set(['localhost', '::1', ...names.map((name) => name.toLowerCase())]);
  let last: string | undefined; // most clients have one
  return (host) => {
    if (host === last) return true;
    const name = hostName(host.toLowerCase());
    const isAllowed = name !== undefined && (known.has(name) || (isIP(name) === 4 && name.startsWith('127.')));
    if (isAllowed) last = host;
    return isAllowed;
  };
}

/** Without the port, which a forwarded one changes, and without the brackets of an IPv6 address. */
function hostName(host: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/.exec(host) ?? [];
  return bracketed ?? plain;
}

/** @throws AccessDeniedException */
export function checkHost(rule: HostRule | undefined, host: string | undefined): void {
  if (!rule || (host !== undefined && rule(host))) return;
  throw new KmsError(
    'AccessDeniedException',
    `The host ${JSON.stringify(host ?? '')} is not allowed; kms serve --allow-host allows more hosts.`,
  );
}
