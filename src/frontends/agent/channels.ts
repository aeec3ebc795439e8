/** The channels of an agent: pairs of named pipes that wait for callers. Each serves one caller, and its names go with that. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { channelFiles, openPipe, type ChannelFiles } from './channel-files.ts';
import { writingTo, type Peer } from './peer.ts';

export interface ChannelOptions {
  /** They are beside it. */
  readonly socket: string;
  /** The program that makes named pipes: Node.js has no call for that. */
  readonly mkfifo: string;
  readonly serve: (peer: Peer) => void;
}

export interface Channels {
  /** Callers that have a channel open keep it; no other one gets any. */
  readonly close: () => void;
}

/** As many callers at once find one; any more use the socket, as do callers for which none can be made. */
const FREE = 32;
/** They are made together, as each time costs a process. */
const FEW = 8;
/** Free and in use: beyond that, callers use the socket, which has a limit of its own. */
const MAX = 256;
/** In milliseconds. Nothing is answered meanwhile, and callers wait for a hello three times as long. */
const MKFIFO_TIMEOUT = 1_000;

export function channels({ socket, mkfifo, serve }: ChannelOptions): Channels {
  const free = new Map<Peer, ChannelFiles>();
  let inUse = 0;
  let made = 0;
  let makesMore = true;
  const refill = (): void => {
    if (!makesMore || free.size >= FEW || inUse >= MAX) return;
    const files = Array.from({ length: FREE - free.size }, () => channelFiles(socket, (made += 1)));
    try {
      const paths = files.flatMap(({ question, answer }) => [answer, question]);
      execFileSync(mkfifo, ['-m', '600', ...paths], {
        stdio: 'ignore',
        timeout: MKFIFO_TIMEOUT,
        killSignal: 'SIGKILL',
      });
    } catch {
      for (const one of files) remove(one);
      makesMore = false; // a program that hangs would do so again, and the socket serves calls as well
      return;
    }
    for (const one of files) {
      const peer = openChannel(one);
      if (!peer) continue;
      free.set(peer, one);
      const { input } = peer;
      input.once('data', (bytes: Uint8Array) => {
        free.delete(peer);
        inUse += 1;
        input.once('close', () => {
          inUse -= 1;
          refill();
        });
        serve(peer);
        input.emit('data', bytes);
      });
      // nobody has written to it: a caller that was killed
      input.once('close', () => {
        if (!free.delete(peer)) return;
        remove(one);
        refill();
      });
    }
  };
  refill();
  return {
    close() {
      makesMore = false;
      for (const [peer, files] of free) {
        remove(files);
        free.delete(peer);
        peer.destroy();
      }
    },
  };
}

/** The agent has both ends of the answers: it can open them before there is a caller, who sees the end of the agent. */
function openChannel(files: ChannelFiles): Peer | undefined {
  const answer = openPipe(files.answer, constants.O_RDWR);
  const question = answer === undefined ? undefined : openPipe(files.question, constants.O_RDONLY);
  if (answer === undefined || question === undefined) {
    if (answer !== undefined) closeSync(answer);
    remove(files);
    return undefined;
  }
  const input = new Socket({ fd: question, readable: true, writable: false });
  const output = new Socket({ fd: answer, readable: false, writable: true });
  const destroy = (): void => {
    input.destroy();
    output.destroy();
  };
  for (const pipe of [input, output]) {
    pipe.on('error', destroy);
    pipe.once('close', destroy);
  }
  return {
    input,
    ...writingTo(output),
    end: () => void output.end(destroy),
    destroy,
  };
}

function remove({ question, answer }: ChannelFiles): void {
  for (const path of [question, answer]) rmSync(path, { force: true });
}
