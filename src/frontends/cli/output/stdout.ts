/** Standard output: whole texts written synchronously, to a file, a pipe or a terminal. */
import { writeSync } from 'node:fs';
import { CommandError } from '../../../commands/command/command-error.ts';
import { fileError } from '../../../files/file-error.ts';
import { EnvironmentError } from '../../../model/error.ts';

/**
 * Writes all of `text`. A closed pipe (`| head`) is not an error; neither is a failure to write to stderr, which would
 * change the exit status.
 * @returns false: it is closed, and what else is written goes nowhere
 */
export function write(fd: number, text: string): boolean {
  let bytes = Buffer.from(text, 'utf8');
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE' || fd === 2) return false;
      if (code !== 'EAGAIN') throw outputFailure(error);
      rest(); // a full non-blocking pipe: its reader is slow, not gone
    }
  }
  return true;
}

/** In the words for files, with the exit status that the AWS CLI has for a full disk. */
function outputFailure(error: unknown): unknown {
  const explained = fileError(error, 'standard output');
  return explained instanceof EnvironmentError ? new CommandError('other', explained.message) : explained;
}

const rest = (): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);

export interface Sink {
  readonly write: (text: string) => void;
  /** Ends the output; with a pager, shows it. */
  readonly close: () => Promise<void>;
}

interface SinkOptions {
  /** Of the pager; `''` is none. */
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
  readonly write?: (fd: number, text: string) => unknown;
}

/** The output: `fd`, or, on a terminal, the pager if there is one. */
export function openSink(fd: number, { write: put = write, ...pager }: SinkOptions): Sink {
  if (pager.command.trim() === '') return { write: (text) => void put(fd, text), close: async () => {} };
  const texts: string[] = [];
  return {
    write: (text) => void texts.push(text),
    close: async () => {
      const text = texts.join('');
      if (text !== '') await (await import('./pager.ts')).page(text, pager);
    },
  };
}
