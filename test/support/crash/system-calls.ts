/** The output of strace(1) for a process: the system calls that change files, with their data, in the order of their ends. */

export interface SystemCall {
  readonly name: string;
  /** As strace writes them: texts in quotes, all bytes as \xNN; file descriptors followed by their path in angles. */
  readonly args: readonly string[];
  readonly result: number;
  /** The first call is number 1; counted for each thread and name, failed ones too, as strace's `when=` counts them. */
  readonly ordinal: number;
}

/** Calls that change files or folders, or that a file descriptor is followed through. */
const TRACED = `
  open openat creat close dup dup2 dup3 lseek
  write pwrite64 writev pwritev pwritev2 ftruncate truncate fallocate copy_file_range sendfile splice
  fsync fdatasync sync syncfs sync_file_range msync
  rename renameat renameat2 link linkat unlink unlinkat symlink symlinkat mkdir mkdirat rmdir
  chmod fchmod fchmodat chown fchown lchown fchownat sendto sendmsg exit_group
  clone clone3 fork vfork`;

/** Long enough for everything that the commands here write in one call. */
const LONGEST_TEXT = 64 * 1024 * 1024;

export const straceArgs = (file: string): readonly string[] => {
  const trace = `trace=${TRACED.trim().split(/\s+/).join(',')}`;
  const how = ['-f', '--seccomp-bpf', '-q', '-y', '-xx', '-s', String(LONGEST_TEXT), '-e', 'signal=none'];
  return [...how, '-e', trace, '-o', file];
};

/**
 * The calls of the process that was started, not those of programs that it runs: an editor has files and an end of its
 * own.
 *
 * @param text of strace's file; the first process in it is the one that was started
 */
export function parseTrace(text: string): readonly SystemCall[] {
  const calls: (SystemCall & { readonly thread: string })[] = [];
  const others = new Set<string>();
  const unfinished = new Map<string, string>();
  const counts = new Map<string, number>();
  const add = (thread: string, whole: string): void => {
    const call = parseCall(whole, (name) => {
      const ordinal = (counts.get(`${thread} ${name}`) ?? 0) + 1;
      counts.set(`${thread} ${name}`, ordinal);
      return ordinal;
    });
    if (!call) return;
    if (!STARTS.has(call.name)) calls.push({ ...call, thread });
    else if (!whole.includes('CLONE_THREAD')) others.add(String(call.result));
  };
  for (const line of text.split('\n')) {
    const [, thread, rest] = /^(\d+)\s+(.*)$/s.exec(line) ?? [];
    if (thread === undefined || rest === undefined || /^[+-]{3} /.test(rest)) continue;
    if (rest.endsWith('<unfinished ...>')) {
      const begun = rest.slice(0, -'<unfinished ...>'.length).trimEnd();
      // the number of a closed file is free, for another thread, before close() has returned
      if (begun.startsWith('close(')) add(thread, `${begun}) = 0`);
      else unfinished.set(thread, begun);
      continue;
    }
    if (rest.startsWith('<... close resumed>')) continue;
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(rest);
    const whole = resumed ? (unfinished.get(thread) ?? '') + resumed[1]! : rest;
    add(thread, whole);
  }
  // a process may be seen before the call that started it has returned
  return calls.filter(({ thread }) => !others.has(thread));
}

/** Calls that start threads and processes. */
const STARTS: ReadonlySet<string> = new Set(['clone', 'clone3', 'fork', 'vfork']);

function parseCall(text: string, count: (name: string) => number): SystemCall | undefined {
  const found = /^(\w+)\((.*)\)\s+= (-?\d+|\?)/s.exec(text);
  if (!found) return undefined;
  const [, name, args, result] = found as unknown as [string, string, string, string];
  if (args.includes('"...')) throw new Error(`strace cut a text of ${name}`);
  return { name, args: splitArgs(args), result: result === '?' ? 0 : Number(result), ordinal: count(name) };
}

/** Commas within quotes, angles and brackets are no ends; with all bytes as \xNN none of these is data. */
function splitArgs(text: string): readonly string[] {
  const args: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '"') at = text.indexOf('"', at + 1);
    else if ('<[{('.includes(character)) depth += 1;
    else if ('>]})'.includes(character)) depth -= 1;
    else if (character === ',' && depth === 0) {
      args.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  if (text.trim() !== '') args.push(text.slice(start).trim());
  return args;
}

/** The bytes of a text in quotes. */
export function bytesOf(arg: string): Buffer {
  const hex = /^"((?:\\x[0-9a-f]{2})*)"$/.exec(arg)?.[1];
  if (hex === undefined) throw new Error(`no text of strace: ${arg.slice(0, 100)}`);
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}

/** The number of a file descriptor, and the path behind it where there is one. */
export function descriptorOf(arg: string): { readonly fd: number; readonly path: string | undefined } {
  const [, fd, path] = /^(AT_FDCWD|-?\d+)(?:<(.*)>(?:\(deleted\))?)?$/s.exec(arg) ?? [];
  if (fd === undefined) throw new Error(`no file descriptor of strace: ${arg.slice(0, 100)}`);
  const name = path === undefined ? undefined : Buffer.from(path.replaceAll('\\x', ''), 'hex').toString();
  return { fd: fd === 'AT_FDCWD' ? -100 : Number(fd), path: name };
}
