/** The folder of the agents of this user. This is all that a call needs to know where there is none. */
import { lstatSync } from 'node:fs';
import type { UserFolders } from '../../runtime/user-folders.ts';

/** @returns undefined: the environment has no folder for sockets (XDG Base Directory Specification) */
export const agentFolder = ({ XDG_RUNTIME_DIR: folder }: UserFolders['env']): string | undefined =>
  folder?.startsWith('/') ? `${folder}/pocket-kms` : undefined;

/** Whether there may be an agent; with the folder's last file, the folder goes. */
export function mayHaveAgent(env: UserFolders['env']): boolean {
  const folder = agentFolder(env);
  try {
    return folder !== undefined && lstatSync(folder, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
