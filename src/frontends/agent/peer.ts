/** Who an agent talks to: a caller behind a socket, or behind the two pipes of a channel. */
import type { Socket } from 'node:net';

export interface Peer {
  /** What comes from the caller. */
  readonly input: Socket;
  readonly write: (bytes: Uint8Array) => void;
  /** When the caller's end has taken all that was written, or is gone. What has not got that far ends with the process. */
  readonly written: () => Promise<void>;
  /** Ends the connection when everything is written. */
  readonly end: () => void;
  readonly destroy: () => void;
}

export function writingTo(output: Socket): Pick<Peer, 'write' | 'written'> {
  let last = Promise.resolve();
  return {
    write(bytes) {
      if (!output.writable) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      last = promise;
      output.write(bytes, () => resolve()); // also with the error of one that is destroyed
    },
    written: () => last,
  };
}

export const socketPeer = (socket: Socket): Peer => ({
  input: socket,
  ...writingTo(socket),
  end: () => void socket.end(),
  destroy: () => void socket.destroy(),
});
