/**
 * The file of an agent: which keyring it holds, where it listens, and two proofs. Only its user can read it, so a caller
 * that knows the one, and an agent that knows the other, are processes of this user.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { isObject } from '../../model/json-object.ts';

export interface AgentFile {
  /** Of the file itself. */
  readonly path: string;
  readonly socket: string;
  readonly keyringId: string;
  readonly fingerprint: string;
  /** The keyring file, whatever links lead there. */
  readonly keyring: string;
  /** Of the program. */
  readonly version: string;
  readonly pid: number;
  readonly callerProof: string;
  readonly agentProof: string;
}

/** An agent's file has some hundred bytes. */
const MAX_BYTES = 16_384;
const NAME = /^[0-9a-f]{32}\.json$/;
const OPEN_TO_OTHERS = 0o077;

/** The folder must be this user's alone: whoever can write to it could answer instead of an agent. */
export function isPrivateFolder(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  return stats !== undefined && stats.isDirectory() && isOwn(stats);
}

const isOwn = ({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean =>
  uid === process.geteuid?.() && (mode & OPEN_TO_OTHERS) === 0;

export const agentFilePath = (folder: string, keyringId: string): string => `${folder}/${keyringId}.json`;

/** Of all agents of this user; what is none, or that of another user, is left out. */
export function agentFiles(folder: string): readonly AgentFile[] {
  if (!isPrivateFolder(folder)) return [];
  return readdirSync(folder)
    .filter((name) => NAME.test(name))
    .flatMap((name) => readAgentFile(folder, name) ?? []);
}

export function readAgentFile(folder: string, name: string): AgentFile | undefined {
  const path = `${folder}/${name}`;
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile() || !isOwn(stats) || stats.size > MAX_BYTES) return undefined;
      return decode(readFileSync(fd, 'utf8'), folder, path);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined; // it has just ended, or cannot be read: then there is none for this call
  }
}

export const encodeAgentFile = ({ socket, ...members }: Omit<AgentFile, 'path'>): string =>
  JSON.stringify({ ...members, socket: socket.slice(socket.lastIndexOf('/') + 1) });

function decode(text: string, folder: string, path: string): AgentFile | undefined {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) return undefined;
  const { socket, keyringId, fingerprint, keyring, version, pid, callerProof, agentProof } = value;
  // the socket is beside the file, wherever the file says it is
  if (!isText(socket) || !/^[0-9a-f]{32}\.[0-9a-f]{8}$/.test(socket)) return undefined;
  if (!isText(keyringId) || path !== agentFilePath(folder, keyringId) || !isText(fingerprint)) return undefined;
  if (!isText(keyring) || !isText(version) || typeof pid !== 'number') return undefined;
  if (!isProof(callerProof) || !isProof(agentProof)) return undefined;
  return {
    path,
    socket: `${folder}/${socket}`,
    keyringId,
    fingerprint,
    keyring,
    version,
    pid,
    callerProof,
    agentProof,
  };
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isProof = (value: unknown): value is string => isText(value) && /^[0-9a-f]{64}$/.test(value);
