/**
 * Files that the shell had open when it started `kms unlock`: a lock of flock(1), the pipe of another command. Who waits for
 * their end does not wait for the agent. Node.js opens its own with O_CLOEXEC, which those cannot have had.
 */
import { closeSync, readdirSync, readFileSync } from 'node:fs';

const FOLDER = '/proc/self/fdinfo';
const O_CLOEXEC = 0o2000000;

/** On Linux; all but stdin, stdout and stderr. */
export function closeInherited(): void {
  for (const name of process.platform === 'linux' ? readdirSync(FOLDER) : []) {
    const fd = Number(name);
    if (fd > 2 && isInherited(name)) closeSync(fd);
  }
}

function isInherited(name: string): boolean {
  try {
    const [, flags] = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`${FOLDER}/${name}`, 'utf8')) ?? [];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    return false; // that of the list itself
  }
}
