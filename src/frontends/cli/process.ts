/** What a command line needs of the process it runs in. */
import { visibleLines } from '../../model/visible.ts';
import type { ServeOptions, ServeDeps } from '../../commands/serve/serve.ts';
import type { Trace } from '../../pipeline/trace.ts';
import type { Session } from '../../runtime/capabilities.ts';
import type { SessionOptions } from '../../runtime/session.ts';
import type { Terminal } from './terminal.ts';

/** What a composition root gives: the process as it is, or a test's. */
export interface Process {
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly home: () => string;
  readonly version: string;
  readonly terminal: Terminal;
  readonly clock: () => number;
  readonly random: (length: number) => Uint8Array;
  readonly write: (fd: number, text: string) => void;
  /** What calls and commands work in; tests compose one that answers by itself. */
  readonly openSession: (options: SessionOptions) => Session;
  /** `kms serve`, loaded when it is asked for. */
  readonly serve: (deps: ServeDeps, options: ServeOptions, trace: Trace | undefined) => Promise<void>;
}

/** What the parts of the frontend work in. */
export interface GuardedProcess extends Process {
  /** Texts of our own that move the cursor, on stderr. */
  readonly control: (text: string) => void;
  /** Runs another command line, in a process as it is given. */
  readonly run: (process: Process) => Promise<number>;
}

/** Whatever is written to stderr quotes data: nothing of it reaches a terminal as a control character. */
export const guarded = (process: Process, run: GuardedProcess['run']): GuardedProcess => ({
  ...process,
  run,
  write: (fd, text) => process.write(fd, fd === 2 ? visibleLines(text) : text),
  control: (text) => process.write(2, text),
});
