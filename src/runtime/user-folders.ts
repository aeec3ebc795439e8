/** The user's own folders, by the XDG Base Directory Specification. */
import { isAbsolute } from 'node:path';

export interface UserFolders {
  readonly env: { readonly [name: string]: string | undefined };
  readonly home: string;
}

/** Profiles, key files, trusted keyrings. */
export const configFolder = ({ env, home }: UserFolders): string =>
  `${absolute(env['XDG_CONFIG_HOME']) ?? `${home}/.config`}/pocket-kms`;

/** The user's own keyring. */
export const dataFolder = ({ env, home }: UserFolders): string =>
  `${absolute(env['XDG_DATA_HOME']) ?? `${home}/.local/share`}/pocket-kms`;

/** "If an implementation encounters a relative path [...] it should consider the path invalid and ignore it." */
const absolute = (path: string | undefined): string | undefined =>
  path !== undefined && isAbsolute(path) ? path : undefined;
