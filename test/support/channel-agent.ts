/**
 * An agent that has channels and nothing else: `node test/support/channel-agent.ts SOCKET WHAT`. It says when it is ready,
 * closes the channels at a line on stdin, and ends with stdin. A process, since a thread of a test closes files that are
 * handed to a socket once more.
 */
import { execFileSync } from 'node:child_process';
import { channels } from '../../src/frontends/agent/channels.ts';
import { frame, FrameReader } from '../../src/frontends/agent/frame.ts';
import type { Peer } from '../../src/frontends/agent/peer.ts';

const WHATS: { readonly [what: string]: (peer: Peer) => void } = {
  echo(peer) {
    const reader = new FrameReader();
    peer.input.on('data', (bytes: Uint8Array) => {
      for (const message of reader.push(bytes)) peer.write(frame(message));
    });
  },
  destroy: (peer) => peer.destroy(),
  /** Says much, and ends when that is written. */
  end(peer) {
    peer.write(frame({ text: 'a'.repeat(1_000_000) }));
    peer.write(frame({ answer: 'refused' }));
    void peer.written().then(() => process.exit(0));
  },
  refuse(peer) {
    peer.write(frame({ answer: 'refused' }));
    peer.end();
  },
};

const [, , socket, what] = process.argv;
const mkfifo = execFileSync('sh', ['-c', 'command -v mkfifo'], { encoding: 'utf8' }).trim();
const { close } = channels({ socket: socket!, mkfifo, serve: WHATS[what!]! });
process.stdin.on('data', () => {
  close();
  process.stdout.write('closed\n');
});
process.stdin.on('end', () => process.exit(0));
process.stdout.write('ready\n');
