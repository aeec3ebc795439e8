/** Replays what strace recorded on a disk that may lose its power: after every call there is a point at which it could. */
import { dirname, resolve } from 'node:path';
import { change, newFile, newFolder, sync, type Disk, type Node } from './disk.ts';
import { bytesOf, descriptorOf, type SystemCall } from './system-calls.ts';

export interface CrashPoint {
  /** The call after which this is; undefined: before the first. */
  readonly call: SystemCall | undefined;
  /** What has been answered by now: on standard output, or into sockets. */
  readonly answered: string;
  readonly hasEnded: boolean;
}

interface Descriptor {
  /** undefined: a file elsewhere, a pipe, a socket. */
  readonly node: Node | undefined;
  readonly path: string | undefined;
  offset: number;
  readonly appends: boolean;
}

const STANDARD_OUTPUT = 1;

export class Replay {
  readonly #disk: Disk;
  readonly #descriptors = new Map<number, Descriptor>();
  readonly #cwd: string;
  readonly #ignoring: 'syncs' | 'syncs of folders' | undefined;
  #answered = '';
  #hasEnded = false;

  constructor(disk: Disk, cwd: string, ignoring?: 'syncs' | 'syncs of folders') {
    this.#disk = disk;
    this.#cwd = cwd;
    this.#ignoring = ignoring;
  }

  /** Only those at which something is another way than at the one before. */
  *crashPoints(calls: readonly SystemCall[]): Generator<CrashPoint> {
    yield this.#crashPoint(undefined);
    for (const call of calls) {
      if (call.result < 0) continue;
      const take = CALLS[call.name];
      if (!take) throw new Error(`${call.name} is not known to the replay`);
      if (take(this, call.args, call.result)) yield this.#crashPoint(call);
    }
  }

  #crashPoint(call: SystemCall | undefined): CrashPoint {
    return { call, answered: this.#answered, hasEnded: this.#hasEnded };
  }

  open(path: string, flags: string, { fd, mode }: { fd: number; mode: number }): boolean {
    const has = (flag: string): boolean => flags.split('|').includes(flag);
    const appends = has('O_APPEND');
    const names = this.#disk.namesOf(path);
    if (!names) {
      this.#descriptors.set(fd, { node: undefined, path, offset: 0, appends });
      return false;
    }
    let node = has('O_TMPFILE') ? newFile(mode) : this.#disk.find(names);
    const isNew = !node;
    if (!node) {
      node = newFile(mode);
      this.#disk.name(names.slice(0, -1), [[names.at(-1)!, node]]);
    }
    if (node.type === 'link') throw new Error(`${path} is a link: the replay does not follow it`);
    if (has('O_TRUNC') && node.type === 'file' && node.now.length > 0) change(node, { kind: 'truncate', size: 0 });
    this.#descriptors.set(fd, { node, path, offset: 0, appends });
    return isNew || has('O_TRUNC');
  }

  close(fd: number): boolean {
    this.#descriptors.delete(fd);
    return false;
  }

  duplicate(from: number, to: number): boolean {
    const known = this.#descriptors.get(from);
    if (known) this.#descriptors.set(to, known);
    else this.#descriptors.delete(to);
    return false;
  }

  seek(fd: number, offset: number): boolean {
    const known = this.#descriptors.get(fd);
    if (known) known.offset = offset;
    return false;
  }

  /** @param at undefined: where the descriptor stands */
  write(arg: string, bytes: Buffer, at?: number): boolean {
    const { fd, path } = descriptorOf(arg);
    const known = this.#descriptors.get(fd);
    if (known?.node?.type === 'file') {
      const place = known.appends ? known.node.now.length : (at ?? known.offset);
      change(known.node, { kind: 'write', at: place, bytes });
      if (at === undefined) known.offset = place + bytes.length;
      return true;
    }
    if (fd !== STANDARD_OUTPUT && !path?.startsWith('socket:')) return false;
    this.#answered += bytes.toString();
    return true;
  }

  truncate(arg: string, size: number): boolean {
    const node = this.#descriptors.get(descriptorOf(arg).fd)?.node;
    if (node?.type === 'file') change(node, { kind: 'truncate', size });
    return node !== undefined;
  }

  sync(arg: string): boolean {
    const node = this.#descriptors.get(descriptorOf(arg).fd)?.node;
    if (!node || this.#ignoring === 'syncs') return false;
    if (this.#ignoring === undefined || node.type !== 'folder') sync(node);
    return true;
  }

  mode(node: Node | undefined, mode: number): boolean {
    if (node && node.type !== 'link') node.mode = mode;
    return node !== undefined;
  }

  nodeOf(arg: string): Node | undefined {
    return this.#descriptors.get(descriptorOf(arg).fd)?.node;
  }

  find(path: string): Node | undefined {
    const descriptor = /^\/proc\/self\/fd\/(\d+)$/.exec(path);
    if (descriptor) return this.#descriptors.get(Number(descriptor[1]))?.node;
    const names = this.#disk.namesOf(path);
    return names && this.#disk.find(names);
  }

  /** Gives names: those of one folder at once. @param node undefined: the name goes */
  name(...changes: readonly (readonly [path: string, node: Node | undefined])[]): boolean {
    const byFolder = Map.groupBy(changes, ([path]) => dirname(path));
    let isOurs = false;
    for (const [folder, named] of byFolder) {
      const names = this.#disk.namesOf(folder);
      if (!names) continue;
      isOurs = true;
      this.#disk.name(
        names,
        named.map(([path, node]) => [path.slice(folder.length + 1), node]),
      );
    }
    return isOurs;
  }

  end(): boolean {
    this.#hasEnded = true;
    return true;
  }

  pathOf(text: string, folder?: string): string {
    const base = folder === undefined ? undefined : descriptorOf(folder).path;
    return resolve(base ?? this.#cwd, bytesOf(text).toString());
  }
}

/** What a call does; true if the disk, or what was answered, is another by it. */
type Take = (replay: Replay, args: readonly string[], result: number) => boolean;

const octal = (text: string | undefined): number => (text === undefined ? 0o600 : Number.parseInt(text, 8));
/** Of what is made: the commands are run with our own umask. */
const masked = (text: string | undefined): number => octal(text) & ~process.umask();

const unnamed = (path: string): readonly [string, undefined] => [path, undefined];

function rename(replay: Replay, from: string, to: string): boolean {
  return replay.name([to, replay.find(from)], unnamed(from));
}

const CALLS: { readonly [name: string]: Take } = {
  open: (replay, [path, flags, mode], fd) => replay.open(replay.pathOf(path!), flags!, { fd, mode: masked(mode) }),
  openat: (replay, [folder, path, flags, mode], fd) =>
    replay.open(replay.pathOf(path!, folder), flags!, { fd, mode: masked(mode) }),
  close: (replay, [fd]) => replay.close(descriptorOf(fd!).fd),
  dup: (replay, [fd], to) => replay.duplicate(descriptorOf(fd!).fd, to),
  dup2: (replay, [fd], to) => replay.duplicate(descriptorOf(fd!).fd, to),
  dup3: (replay, [fd], to) => replay.duplicate(descriptorOf(fd!).fd, to),
  lseek: (replay, [fd], offset) => replay.seek(descriptorOf(fd!).fd, offset),
  write: (replay, [fd, bytes], length) => replay.write(fd!, bytesOf(bytes!).subarray(0, length)),
  pwrite64: (replay, [fd, bytes, , at], length) => replay.write(fd!, bytesOf(bytes!).subarray(0, length), Number(at)),
  writev: (replay, [fd, pieces], length) => replay.write(fd!, piecesOf(pieces!).subarray(0, length)),
  pwritev: (replay, [fd, pieces, , at], length) => replay.write(fd!, piecesOf(pieces!).subarray(0, length), Number(at)),
  sendto: (replay, [fd, bytes], length) => replay.write(fd!, bytesOf(bytes!).subarray(0, length)),
  sendmsg: (replay, [fd, message], length) => replay.write(fd!, piecesOf(message!).subarray(0, length)),
  ftruncate: (replay, [fd, size]) => replay.truncate(fd!, Number(size)),
  fsync: (replay, [fd]) => replay.sync(fd!),
  fdatasync: (replay, [fd]) => replay.sync(fd!),
  rename: (replay, [from, to]) => rename(replay, replay.pathOf(from!), replay.pathOf(to!)),
  renameat: (replay, [at, from, to, target]) => rename(replay, replay.pathOf(from!, at), replay.pathOf(target!, to)),
  renameat2: (replay, [at, from, to, target]) => rename(replay, replay.pathOf(from!, at), replay.pathOf(target!, to)),
  link: (replay, [from, to]) => replay.name([replay.pathOf(to!), replay.find(replay.pathOf(from!))]),
  linkat: (replay, [at, from, to, target]) =>
    replay.name([replay.pathOf(target!, to), replay.find(replay.pathOf(from!, at))]),
  symlink: (replay, [target, path]) =>
    replay.name([replay.pathOf(path!), { type: 'link', target: bytesOf(target!).toString() }]),
  unlink: (replay, [path]) => replay.name(unnamed(replay.pathOf(path!))),
  unlinkat: (replay, [at, path]) => replay.name(unnamed(replay.pathOf(path!, at))),
  rmdir: (replay, [path]) => replay.name(unnamed(replay.pathOf(path!))),
  mkdir: (replay, [path, mode]) => replay.name([replay.pathOf(path!), newFolder(masked(mode))]),
  mkdirat: (replay, [at, path, mode]) => replay.name([replay.pathOf(path!, at), newFolder(masked(mode))]),
  chmod: (replay, [path, mode]) => replay.mode(replay.find(replay.pathOf(path!)), octal(mode)),
  fchmod: (replay, [fd, mode]) => replay.mode(replay.nodeOf(fd!), octal(mode)),
  chown: () => false,
  fchown: () => false,
  lchown: () => false,
  exit_group: (replay) => replay.end(),
};

/** The texts of an array of buffers. */
const piecesOf = (arg: string): Buffer =>
  Buffer.concat([...arg.matchAll(/"(?:\\x[0-9a-f]{2})*"/g)].map(([text]) => bytesOf(text)));
