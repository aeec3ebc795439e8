/** The addresses that a server listens on. */
import { lookup } from 'node:dns/promises';
import { isIP, type AddressInfo, type Server } from 'node:net';
import { EnvironmentError } from '../../model/error.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `HOST:PORT`, `[::1]:PORT`. */
export function readAddress(text: string): Address {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (!host || Number(port) > 65_535) {
    throw new EnvironmentError(`${text} is not a valid address to listen on`, [
      'specify HOST:PORT, such as 127.0.0.1:4599',
    ]);
  }
  return { host, port: Number(port) };
}

/** Whether only processes of this machine can connect. @param address one that resolveAddress() gave */
export const isLoopback = ({ host }: Address): boolean =>
  host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

export async function listenAt(server: Server, { host, port }: Address): Promise<string> {
  await started(server, `${host}:${port}`, () => server.listen(port, host));
  const { address, port: chosen, family } = server.address() as AddressInfo;
  return family === 'IPv6' ? `[${address}]:${chosen}` : `${address}:${chosen}`;
}

/** The address that a name stands for: it decides who can reach the server, whatever the name says. */
export async function resolveAddress({ host, port }: Address): Promise<Address> {
  if (isIP(host) !== 0) return { host, port };
  try {
    return { host: (await lookup(host)).address, port };
  } catch (error) {
    throw new EnvironmentError(`cannot listen on ${host}: the name cannot be resolved`, [], { cause: error });
  }
}

export function started(server: Server, where: string, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new EnvironmentError(`cannot listen on ${where}: ${MEANINGS[error.code ?? ''] ?? error.message}`)),
    );
    server.once('listening', resolve);
    listen();
  });
}

const MEANINGS: { readonly [code: string]: string } = {
  EADDRINUSE: 'the address is already in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'this machine has no such address',
  EINVAL: 'the name is too long',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'the name is too long',
};
