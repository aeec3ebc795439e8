/**
 * The files of channels: pairs of named pipes beside the socket of an agent, through which calls are made as through the
 * socket. Opening them takes a tenth of the time of node:net, which a call then does not load.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, rmSync } from 'node:fs';

export interface ChannelFiles {
  /** From callers to the agent, and back. */
  readonly question: string;
  readonly answer: string;
}

const QUESTION = '.question';
const ANSWER = '.answer';

/** Numbers are not used again: a caller that has opened the pipes of one cannot take the next one's. */
export const channelFiles = (socket: string, number: number): ChannelFiles => ({
  question: `${socket}.${number}${QUESTION}`,
  answer: `${socket}.${number}${ANSWER}`,
});

/** Those that no caller has, or that were left by an agent that was killed. */
export const freeChannels = (socket: string): readonly ChannelFiles[] =>
  besides(socket)
    .filter((path) => path.endsWith(QUESTION))
    .map((path) => path.slice(0, -QUESTION.length))
    .map((path) => ({ question: path + QUESTION, answer: path + ANSWER }));

/** What there is of an agent that has ended. */
export function removeSocket(socket: string): void {
  for (const path of [socket, ...besides(socket)]) rmSync(path, { force: true });
}

function besides(socket: string): readonly string[] {
  const at = socket.lastIndexOf('/');
  const [folder, start] = [socket.slice(0, at), `${socket.slice(at + 1)}.`];
  try {
    return readdirSync(folder).flatMap((name) => (name.startsWith(start) ? [`${folder}/${name}`] : []));
  } catch {
    return []; // it went with the last file
  }
}

/** @returns undefined: it is no pipe of this user alone, or there is none, or nobody has its other end */
export function openPipe(path: string, access: number): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, access | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
  const stats = fstatSync(fd);
  if (stats.isFIFO() && stats.uid === process.geteuid?.() && (stats.mode & 0o077) === 0) return fd;
  closeSync(fd);
  return undefined;
}
