/** `file://` and `fileb://`: a value that is read from a file. */
import { repr } from '../values/python-value.ts';

/** The files and environment that reading a parameter file needs. */
export interface Files {
  /** 0 is standard input, and failures carry Node's `code`; more than the limit is given if there is more. */
  readonly readFile: (path: string | 0, limit: number) => Uint8Array;
  readonly env: { readonly [name: string]: string | undefined };
  /** The caller's home directory, for `~`. */
  readonly home: () => string;
}

/** Maximum size of a file in bytes, above that of any member. */
const MAX_FILE = 16 * 2 ** 20;

export class ParamfileError extends Error {
  override readonly name = 'ParamfileError';
}

/** Undefined if the word names no file. `file://` gives text, `fileb://` bytes. */
export function loadParamfile(word: string, files: Files): string | Uint8Array | undefined {
  if (word.startsWith('fileb://')) return read(word, 'fileb://', files).bytes;
  if (!word.startsWith('file://')) return undefined;
  const { path, bytes } = read(word, 'file://', files);
  try {
    // a byte-order mark stays a character, as in Python; line ends become \n
    const decoder = new TextDecoder(encoding(files.env), { fatal: true, ignoreBOM: true });
    return decoder.decode(bytes).replace(/\r\n?/g, '\n');
  } catch (error) {
    if (error instanceof RangeError)
      throw new ParamfileError(`unknown encoding: ${files.env['AWS_CLI_FILE_ENCODING']}`);
    const advice = 'If this is a binary file, please use the fileb:// prefix instead of the file:// prefix.';
    throw new ParamfileError(`Unable to load paramfile (${path}), text contents could not be decoded.  ${advice}`);
  }
}

const encoding = (env: Files['env']): string => (env['AWS_CLI_FILE_ENCODING'] || 'utf-8').replaceAll('_', '-');

function read(word: string, prefix: string, files: Files): { path: string; bytes: Uint8Array } {
  const path = expandVariables(expandHome(word.slice(prefix.length), files), files.env);
  let bytes: Uint8Array;
  try {
    // not opened by its name: where standard input is a socket, /dev/stdin cannot be opened
    bytes = files.readFile(path === '-' || path === '/dev/stdin' ? 0 : path, MAX_FILE);
  } catch (error) {
    throw new ParamfileError(`Unable to load paramfile ${word}: ${reason(error, path)}`, { cause: error });
  }
  if (bytes.length > MAX_FILE)
    throw new ParamfileError(`Unable to load paramfile ${word}: it is larger than ${MAX_FILE} bytes`);
  return { path, bytes };
}

/** `~` and `~user`, as Python's expanduser: an unknown user's stays as it is. */
function expandHome(path: string, files: Files): string {
  if (!path.startsWith('~')) return path;
  const [, user, rest] = /^~([^/]*)(.*)$/s.exec(path) ?? [];
  if (user === undefined || rest === undefined) return path;
  const home = user === '' ? files.home() : homeOf(user, files);
  return home === undefined ? path : home.replace(/\/+$/, '') + rest || '/';
}

function homeOf(user: string, { readFile }: Files): string | undefined {
  try {
    const lines = new TextDecoder().decode(readFile('/etc/passwd', MAX_FILE)).split('\n');
    return lines.map((line) => line.split(':')).find((fields) => fields[0] === user)?.[5];
  } catch {
    return undefined;
  }
}

/** `$VAR` and `${VAR}`; unset ones stay as they are. */
const expandVariables = (path: string, env: Files['env']): string =>
  path.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (all, bare?: string, braced?: string) => env[bare ?? braced ?? ''] ?? all);

/** Errors of the operating system as Python prints them (errno numbers of Linux). */
const ERRNO: { readonly [code: string]: readonly [number, string] } = {
  EPERM: [1, 'Operation not permitted'],
  ENOENT: [2, 'No such file or directory'],
  EIO: [5, 'Input/output error'],
  ENXIO: [6, 'No such device or address'],
  EBADF: [9, 'Bad file descriptor'],
  EACCES: [13, 'Permission denied'],
  ENOTDIR: [20, 'Not a directory'],
  EISDIR: [21, 'Is a directory'],
  EMFILE: [24, 'Too many open files'],
  ENAMETOOLONG: [36, 'File name too long'],
  ELOOP: [40, 'Too many levels of symbolic links'],
};

function reason(error: unknown, path: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const row = ERRNO[code];
  if (row) return `[Errno ${row[0]}] ${row[1]}: ${repr(path)}`;
  return error instanceof Error ? error.message : String(error);
}
