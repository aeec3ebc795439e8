/** Makes an agent known: its file appears whole, and takes the place of that of a dead agent, never of a living one. */
import { linkSync, lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { encodeAgentFile, readAgentFile, type AgentFile } from './agent-file.ts';
import { removeSocket } from './channel-files.ts';
import { connectTo } from './socket-transport.ts';

/** @returns false: another agent has this keyring open */
export async function publish(file: AgentFile, version: string): Promise<boolean> {
  const draft = `${file.socket}.new`;
  try {
    writeFileSync(draft, encodeAgentFile(file), { flag: 'wx', mode: 0o600 });
    for (;;) {
      try {
        linkSync(draft, file.path); // unlike a rename, a link replaces nothing
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const before = inode(file.path);
      const other = readAgentFile(dirname(file.path), basename(file.path));
      if (other && (await isAlive(other, version))) return false;
      if (before !== undefined) removeDead(file.path, before);
      if (other) removeSocket(other.socket);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** One that lives and does not answer finds that its file is gone, and ends. */
async function isAlive(file: AgentFile, version: string): Promise<boolean> {
  const connection = await connectTo(file, version);
  connection?.close();
  return connection !== undefined;
}

/** Taken away before it is looked at again: by now it may be that of an agent that has just started. */
export function removeDead(path: string, dead: bigint): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (inode(aside) !== dead) linkSync(aside, path);
  rmSync(aside);
}

export const inode = (path: string): bigint | undefined =>
  lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
