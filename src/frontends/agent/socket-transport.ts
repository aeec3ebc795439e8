/** A connection to the socket of an agent. */
import { lstatSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { AgentFile } from './agent-file.ts';
import { greet, type AgentConnection, type Transport } from './connection.ts';
import { FrameReader } from './frame.ts';

export interface SocketConnection extends AgentConnection {
  /** Waits for the end of the agent's process, or of the connection. @returns whether it came in time */
  ended(timeout: number): Promise<boolean>;
}

/** @returns undefined: the process has ended, is of another user, does not answer, or has another proof */
export async function connectTo(file: AgentFile, version: string): Promise<SocketConnection | undefined> {
  if (!isOwnSocket(file.socket)) return undefined;
  // loaded for a connection: calls that find no agent of theirs need none
  const transport = transportOf(process.getBuiltinModule('node:net').connect(file.socket));
  const connection = await greet(transport, file, version);
  return connection && { ...connection, ended: (timeout) => transport.ended(timeout) };
}

const OPEN_TO_OTHERS = 0o077;

function isOwnSocket(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && stats.isSocket() && stats.uid === process.geteuid?.() && !(stats.mode & OPEN_TO_OTHERS);
}

interface SocketTransport extends Transport {
  ended(timeout: number): Promise<boolean>;
}

function transportOf(socket: Socket): SocketTransport {
  const reader = new FrameReader();
  const arrived: unknown[] = [];
  let wake = (): void => {};
  let hasEnded = false;
  const end = (): void => {
    hasEnded = true;
    wake();
  };
  socket.on('data', (bytes: Uint8Array) => {
    try {
      arrived.push(...reader.push(bytes));
    } catch {
      socket.destroy();
    }
    wake();
  });
  socket.on('error', end);
  socket.on('close', end);
  const until = async (timeout: number, isThere: () => boolean): Promise<boolean> => {
    if (isThere()) return true;
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = (): void => {
      if (isThere() || hasEnded) resolve();
    };
    const timer = setTimeout(resolve, timeout);
    wake();
    await promise;
    clearTimeout(timer);
    return isThere();
  };
  return {
    write(bytes) {
      socket.write(bytes);
      return true; // as far as is known
    },
    close: () => void socket.destroy(),
    next: async (timeout) => ((await until(timeout, () => arrived.length > 0)) ? arrived.shift() : undefined),
    ended: (timeout) => until(timeout, () => hasEnded),
  };
}
