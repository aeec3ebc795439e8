/**
 * Checks of the parent folders of a file: the owner of one of them, a user who can write one, and the owner of a symbolic
 * link among them can replace the file. Checks of the file itself are in private-file.ts.
 */
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { EnvironmentError } from '../model/error.ts';

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
/** Sticky folders such as /tmp: others can create files there, but not replace those of this user. */
const STICKY = 0o1000;
/** path_resolution(7): the maximum number of links. */
const MAX_LINKS = 40;

/** Owned neither by this user nor by root. */
export const isOfOthers = ({ uid }: Pick<Stats, 'uid'>): boolean =>
  process.geteuid !== undefined && uid !== process.geteuid() && uid !== 0;

export interface FolderRules {
  /** The folder of the file itself must not be writable by the user's group either. */
  readonly closed?: boolean | undefined;
  /** Another user whose folders are accepted: the owner of a trusted project keyring. */
  readonly owner?: number | undefined;
}

/** @throws EnvironmentError for a folder on the way to this file that others own or can write */
export function checkFolders(file: string, what: string, { closed = false, owner }: FolderRules = {}): void {
  if (!process.geteuid) return;
  const last = walk(dirname(absolute(file)), (path, stats) => {
    if (isOfOthers(stats) && stats.uid !== owner) throw foreign(what, file, path, stats);
    if (isWritableByOthers(stats)) throw writable(what, file, path);
  });
  if (closed && last.stats.mode & WRITABLE_BY_GROUP && !(last.stats.mode & STICKY))
    throw writable(what, file, last.path);
}

/** Where the folder of this file really is, and every folder and link on the way there. */
export function realFolder(file: string): { readonly folder: string; readonly through: readonly string[] } {
  const through: string[] = [];
  const { path } = walk(dirname(absolute(file)), (step) => void through.push(step));
  return { folder: path, through };
}

const foreign = (what: string, file: string, path: string, stats: Stats): EnvironmentError =>
  new EnvironmentError(
    `${what} ${file} is not safe: the ${stats.isSymbolicLink() ? 'link' : 'folder'} ${path} belongs to another user`,
    ['the owner of a folder in the path can replace the file'],
  );

const writable = (what: string, file: string, folder: string): EnvironmentError =>
  new EnvironmentError(`${what} ${file} is not safe: the folder ${folder} is writable by other users`, [
    `chmod go-w ${folder}`,
  ]);

function isWritableByOthers(stats: Stats): boolean {
  const { mode, uid, gid } = stats;
  if (mode & STICKY || stats.isSymbolicLink()) return false; // a link is protected by the folder that it is in
  if (mode & WRITABLE_BY_ALL) return true;
  return (mode & WRITABLE_BY_GROUP) !== 0 && gid !== primaryGroup(uid);
}

/**
 * Where every user has a group of their own, a umask of 002 makes folders that this group can write. Our own group is
 * looked up, since newgrp(1) changes that of the process; that of another user has, where it is theirs alone, their number.
 */
function primaryGroup(uid: number): number {
  if (uid !== process.geteuid!()) return uid;
  try {
    return process.getBuiltinModule('node:os').userInfo().gid;
  } catch {
    return process.getgid!(); // a user without a name
  }
}

/** Not normalized: behind a link, `..` is not the folder before it. */
const absolute = (path: string): string => (isAbsolute(path) ? path : `${process.cwd()}/${path}`);

interface PathStep {
  readonly path: string;
  readonly stats: Stats;
}

/** Visits every folder and symbolic link that is gone through from `/` to this folder; gives the folder itself. */
function walk(folder: string, visit: (path: string, stats: Stats) => void): PathStep {
  const rest = folder.split('/');
  const root: PathStep = { path: '/', stats: lstatSync('/') };
  let last = root;
  visit(last.path, last.stats);
  let links = 0;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '' || name === '.') continue;
    const path = name === '..' ? dirname(last.path) : `${last.path === '/' ? '' : last.path}/${name}`;
    const stats = lstatSync(path);
    visit(path, stats);
    if (!stats.isSymbolicLink()) {
      last = { path, stats };
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
    const target = readlinkSync(path);
    rest.unshift(...target.split('/'));
    if (isAbsolute(target)) last = root;
  }
  return last;
}
