/** Who an agent talks to: a caller behind a socket, or behind the two pipes of a channel. */
import type { Socket } from 'node:net';

export interface Peer {
  /** What comes from the caller. */
  readonly input: Socket;
  readonly write: (bytes: Uint8Array) => void;
  /** Ends the connection when everything is written. */
  readonly end: () => void;
  readonly destroy: () => void;
}

export const socketPeer = (socket: Socket): Peer => ({
  input: socket,
  write: (bytes) => void (socket.writable && socket.write(bytes)),
  end: () => void socket.end(),
  destroy: () => void socket.destroy(),
});
