/** `kms xks`: the operator's entries for hosts of external key store proxies. They are this user's configuration: no keyring is opened. */
import type { EntryFolder } from '../../files/entry-folder.ts';
import { readLimited, utf8 } from '../../files/limited-read.ts';
import { certificatesIn, hostEntries, parseAddress } from '../../key-managers/xks/host-entry.ts';
import { connectedAddress, HOST_NAME, isFullyQualified, type XksHost } from '../../key-managers/xks/proxy-host.ts';
import { EnvironmentError } from '../../model/error.ts';
import { fileName } from '../../model/members.ts';
import { integer, list, required, string, structure, timestamp } from '../../model/shape.ts';
import { serviceName } from '../../operations/key-stores/xks-proxy.ts';
import { configFolder } from '../../runtime/user-folders.ts';
import { localCommand } from '../command/local-command.ts';
import type { ProfileAccess } from '../configure/profiles.ts';

const hostMembers = {
  Host: string(),
  Connect: string(),
  /** SHA-256 of each certificate. */
  CaFingerprints: list(string()),
  VpcEndpointServiceName: string(),
};

const host = string({ min: 1, max: 120 });
/** One that has an entry. */
const knownHost = { ...host, names: 'proxy host' } as const;

const entriesOf = ({ profiles }: ProfileAccess): EntryFolder<XksHost> => hostEntries(configFolder(profiles.folders));

const describe = ({ host, connect, authorities, vpcEndpointServiceName }: XksHost) => ({
  Host: host,
  Connect: connect && textOf(connect),
  CaFingerprints:
    authorities === undefined ? undefined : certificatesIn(authorities)?.map(({ fingerprint256 }) => fingerprint256),
  VpcEndpointServiceName: vpcEndpointServiceName,
});

const textOf = ({ address, port }: NonNullable<XksHost['connect']>): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;

export const xksAdd = localCommand({
  name: 'XksAdd',
  command: 'xks add',
  anyProfile: true,
  input: structure({
    Host: required(host),
    Connect: string({ min: 1, max: 255 }),
    Ca: fileName,
    VpcEndpointServiceName: serviceName,
  }),
  output: structure(hostMembers),
  positionals: ['Host'],
  async run({ Host, Connect, Ca, VpcEndpointServiceName: service }, deps: ProfileAccess) {
    const named = nameOf(Host);
    const entry: XksHost = {
      host: named,
      connect: Connect === undefined ? undefined : addressOf(Connect),
      authorities: Ca === undefined ? undefined : readAuthorities(Ca),
      vpcEndpointServiceName: service,
    };
    if (!entry.connect && !isFullyQualified(named)) {
      throw new EnvironmentError(`${named} is not a fully qualified host name`, [
        'to connect to it all the same: --connect ADDRESS:PORT',
      ]);
    }
    const entries = entriesOf(deps);
    if (entries.find(named)) {
      throw new EnvironmentError(`the host ${named} has an entry already`, [`kms xks remove ${named} removes it`]);
    }
    const other =
      service === undefined ? undefined : entries.all().find((one) => one.vpcEndpointServiceName === service);
    if (other) {
      throw new EnvironmentError(`${service} has a private DNS name already: ${other.host}`, [
        `kms xks remove ${other.host} removes it`,
      ]);
    }
    entries.write(entry);
    return describe(entry);
  },
});

function nameOf(text: string): string {
  const name = text.toLowerCase();
  if (HOST_NAME.test(name)) return name;
  throw new EnvironmentError(`${text} is not a host name`, [
    'specify the name in the endpoint of the proxy, without https:// and port: xks.example.com',
  ]);
}

function addressOf(text: string): NonNullable<XksHost['connect']> {
  const address = parseAddress(text);
  if (address) return address;
  throw new EnvironmentError(`${text} is not an address to connect to`, [
    'specify an IP address or a host name, and a port if it is not 443: 127.0.0.1:8443, [::1]:8443',
  ]);
}

const MAX_AUTHORITIES = 32_768;

/** Of a file that has a private key too, only the certificates are kept. */
function readAuthorities(path: string): string {
  const subject = `the certificate file ${path}`;
  const certificates = certificatesIn(utf8(readLimited(path, { subject, limit: MAX_AUTHORITIES }), subject));
  if (!certificates) throw new EnvironmentError(`${subject} does not contain certificates in PEM`);
  return certificates.map(String).join('');
}

export const xksList = localCommand({
  name: 'XksList',
  command: 'xks list',
  anyProfile: true,
  input: structure({}),
  output: structure({ Hosts: list(structure(hostMembers)) }),
  async run(_, deps: ProfileAccess) {
    return { Hosts: entriesOf(deps).all().map(describe) };
  },
});

export const xksStatus = localCommand({
  name: 'XksStatus',
  command: 'xks status',
  anyProfile: true,
  input: structure({ Host: knownHost }),
  output: structure({
    Hosts: list(
      structure({
        Host: string(),
        Connect: string(),
        Status: string(),
        Problem: string(),
        Protocol: string(),
        CertificateSubject: string(),
        /** `DNS:xks.example.com`, with commas between them. */
        CertificateNames: string(),
        CertificateNotAfter: timestamp,
        Milliseconds: integer(),
      }),
    ),
  }),
  positionals: ['Host'],
  async run({ Host }, deps: ProfileAccess) {
    const { hostStatus } = await import('../../key-managers/xks/host-status.ts');
    const asked = chosen(entriesOf(deps), Host).map(async (entry) => {
      const { status, problem, protocol, certificate, milliseconds } = await hostStatus(entry);
      return {
        Host: entry.host,
        Connect: textOf(connectedAddress(entry)),
        Status: status,
        Problem: problem,
        Protocol: protocol,
        CertificateSubject: certificate?.subject,
        CertificateNames: certificate?.names,
        CertificateNotAfter: certificate?.notAfter,
        Milliseconds: milliseconds,
      };
    });
    return { Hosts: await Promise.all(asked) };
  },
  exit: ({ Hosts }) => (Hosts.every(({ Status }) => Status === 'READY') ? 0 : 1),
});

function chosen(entries: EntryFolder<XksHost>, name: string | undefined): readonly XksHost[] {
  if (name === undefined) return entries.all();
  const named = nameOf(name);
  const entry = entries.find(named);
  if (entry) return [entry];
  throw noEntry(named);
}

const noEntry = (named: string): EnvironmentError =>
  new EnvironmentError(`the host ${named} has no entry`, ['kms xks list lists the entries']);

export const xksRemove = localCommand({
  name: 'XksRemove',
  command: 'xks remove',
  anyProfile: true,
  input: structure({ Host: required(knownHost) }),
  output: structure({}),
  positionals: ['Host'],
  async run({ Host }, deps: ProfileAccess) {
    const named = nameOf(Host);
    if (!entriesOf(deps).remove(named)) throw noEntry(named);
    return {};
  },
});
