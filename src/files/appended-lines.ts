/** A file that a user names, to which lines are appended: a log for people and programs, not one that has to be durable. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { fileError } from './file-error.ts';
import { outputTarget } from './output-target.ts';

export interface AppendedLines {
  /** @throws EnvironmentError where it cannot be written, also for a pipe whose reader does not keep up */
  append(line: string): void;
  close(): void;
}

/** @param name a file, which is created with mode 0600; a device or pipe; `-` is standard output */
export function appendLines(name: string, subject: string): AppendedLines {
  const { fd, close } = open(name, subject);
  return {
    append(line) {
      attempt(subject, () => writeSync(fd, `${line}\n`));
    },
    close,
  };
}

function open(name: string, subject: string): { readonly fd: number; readonly close: () => void } {
  const target = outputTarget(name);
  if (target.kind === 'descriptor') return { fd: target.fd, close: () => {} };
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const flags = target.kind === 'file' ? O_CREAT | O_NOFOLLOW : O_NOFOLLOW | O_NONBLOCK;
  const fd = attempt(subject, () => openSync(target.path, O_WRONLY | O_APPEND | flags, 0o600));
  return { fd, close: () => closeSync(fd) };
}

function attempt<T>(subject: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileError(error, subject);
  }
}
