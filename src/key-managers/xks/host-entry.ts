/** The operator's entries for hosts of external key store proxies: which are connected to, where, and whom they trust. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { EntryFolder } from '../../files/entry-folder.ts';
import { isObject } from '../../model/json-object.ts';
import { isText, isTextOrAbsent, operatorEntries } from '../operator-entries.ts';
import { HOST_NAME, type XksHost } from './proxy-host.ts';

/** @param configFolder of this user; absolute */
export const hostEntries = (configFolder: string): EntryFolder<XksHost> =>
  operatorEntries(configFolder, 'xks', {
    what: 'the entry of the host',
    name: { pattern: HOST_NAME, explanation: 'a host has a name such as xks.example.com, not an IP address' },
    nameOf: ({ host }) => host,
    encode: ({ host, connect, authorities, vpcEndpointServiceName }) => ({
      Host: host,
      Address: connect?.address,
      Port: connect?.port,
      Authorities: authorities,
      VpcEndpointServiceName: vpcEndpointServiceName,
    }),
    decode,
    removal: (host) => `kms xks remove ${host}`,
  });

function decode(value: unknown): XksHost | undefined {
  if (!isObject(value)) return undefined;
  const { Host, Address, Port, Authorities: authorities, VpcEndpointServiceName: vpcEndpointServiceName } = value;
  if (typeof Host !== 'string' || !isTextOrAbsent(authorities) || !isTextOrAbsent(vpcEndpointServiceName))
    return undefined;
  const common = { host: Host, authorities, vpcEndpointServiceName };
  if (Address === undefined && Port === undefined) return common;
  if (!isText(Address) || !isAddress(Address) || !isPort(Port)) return undefined;
  return { ...common, connect: { address: Address, port: Port } };
}

const isAddress = (text: string): boolean => isIP(text) !== 0 || HOST_NAME.test(text);
const isPort = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) < 65536;

/** @param text an IP address or a host name, and a port after a colon; IPv6 addresses are in brackets if there is a port */
export function parseAddress(text: string): XksHost['connect'] {
  const [, bracketed, plain, digits] = /^(?:\[([^[\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = (bracketed ?? plain ?? text).toLowerCase();
  const port = Number(digits ?? 443);
  const isRead = bracketed === undefined ? isAddress(address) : isIP(address) === 6;
  return isRead && isPort(port) ? { address, port } : undefined;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The certificates in a text in PEM, and nothing else of it; undefined: there are none, or one is malformed. */
export function certificatesIn(pem: string): readonly X509Certificate[] | undefined {
  const found = pem.match(CERTIFICATE) ?? [];
  try {
    return found.length === 0 ? undefined : found.map((text) => new X509Certificate(text));
  } catch {
    return undefined;
  }
}
