/** Properties of the terminal, determined on demand without node:tty where possible, which takes milliseconds to load. */
import { existsSync, fstatSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

type Env = { readonly [name: string]: string | undefined };

export interface Terminal {
  isTerminal(fd: number): boolean;
  /** Undefined where it is no terminal; 80 for one that does not tell its size. @param fd default: stdout */
  columns(fd?: 1 | 2): number | undefined;
  color(fd: number, env: Env): boolean;
  /** Whether PATH has this program. */
  has(program: string, env: Env): boolean;
  readonly prompts: {
    passphrase(): Promise<Uint8Array>;
    newPassphrase(): Promise<Uint8Array>;
    secret(message: string): Promise<Uint8Array>;
  };
}

export const terminal: Terminal = {
  isTerminal,
  columns: (fd = 1) => (isTerminal(fd) ? process[fd === 1 ? 'stdout' : 'stderr'].columns || 80 : undefined),
  // https://no-color.org
  color: (fd, env) => !env['NO_COLOR'] && env['TERM'] !== 'dumb' && isTerminal(fd),
  has: (program, env) => (env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program))),
  prompts: {
    passphrase: async () => (await import('./prompt.ts')).secretPrompts.passphrase(),
    newPassphrase: async () => (await import('./prompt.ts')).secretPrompts.newPassphrase(),
    secret: async (message) => (await import('./prompt.ts')).secretPrompts.secret(message),
  },
};

/** Every terminal is a character device, and not the null device; node:tty is loaded only for those. */
function isTerminal(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    if (!stats.isCharacterDevice() || stats.rdev === nullDevice()) return false;
  } catch {
    return false; // closed
  }
  return process.getBuiltinModule('node:tty').isatty(fd);
}

/** As os.devNull has it: node:os is not loaded for it. */
const NULL_DEVICE = process.platform === 'win32' ? '\\\\.\\nul' : '/dev/null';
let nullDeviceNumber: number | undefined;
const nullDevice = (): number | undefined =>
  (nullDeviceNumber ??= statSync(NULL_DEVICE, { throwIfNoEntry: false })?.rdev);
