/** Where the server listens: an address or a socket file, and what each of them asks for. */
import { chmodSync, existsSync, lstatSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect, isIP, type AddressInfo } from 'node:net';
import { EnvironmentError } from '../api/error.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `HOST:PORT`, `[::1]:PORT`. */
export function readAddress(text: string): Address {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (!host || Number(port) > 65_535) {
    throw new EnvironmentError(`${text} is no address to listen on`, ['HOST:PORT, like 127.0.0.1:4599']);
  }
  return { host, port: Number(port) };
}

/** Nobody but processes of this machine gets there. */
export const isLoopback = ({ host }: Address): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

export async function listenAt(server: Server, { host, port }: Address): Promise<string> {
  await started(server, `${host}:${port}`, () => server.listen(port, host));
  const { address, port: chosen, family } = server.address() as AddressInfo;
  return family === 'IPv6' ? `[${address}]:${chosen}` : `${address}:${chosen}`;
}

/** A socket file of mode 0600. What a server that was killed left behind is removed; anything else is not. */
export async function listenOn(server: Server, path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isSocket()) throw new EnvironmentError(`${path} exists and is no socket`);
  if (stats && (await isServed(path))) throw new EnvironmentError(`another process listens on ${path}`);
  if (stats) rmSync(path);
  await started(server, path, () => {
    server.listen(path);
    // bound by now, but nobody is taken before the next turn of the loop
    if (existsSync(path)) chmodSync(path, 0o600);
  });
}

const isServed = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

function started(server: Server, where: string, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new EnvironmentError(`cannot listen on ${where}: ${MEANINGS[error.code ?? ''] ?? error.message}`)),
    );
    server.once('listening', resolve);
    listen();
  });
}

const MEANINGS: { readonly [code: string]: string } = {
  EADDRINUSE: 'another process does',
  EACCES: 'not permitted',
  EADDRNOTAVAIL: 'this machine has no such address',
};
