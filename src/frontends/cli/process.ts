/** The process of a command line, as an interface. */
import { visibleLines } from '../../model/visible.ts';
import type { ServeOptions, ServeDeps } from '../../commands/serve/serve.ts';
import type { XksProxyDeps, XksProxyOptions } from '../../commands/xks-proxy/xks-proxy.ts';
import type { Trace } from '../../pipeline/trace.ts';
import type { Agents } from '../../commands/agent/agent.ts';
import type { Session, ShapeCalls } from '../../runtime/capabilities.ts';
import type { SessionOptions } from '../../runtime/session.ts';
import type { Terminal } from './terminal.ts';

/** The randomness of a session is that of its composition root. */
export type CliSessionOptions = Omit<SessionOptions, 'random'>;

/** Given by a composition root: the real process, or that of a test. */
export interface Process {
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly home: () => string;
  readonly version: string;
  readonly terminal: Terminal;
  readonly clock: () => number;
  /** @returns false: nobody reads it */
  readonly write: (fd: number, text: string) => boolean;
  /** What calls and commands work in, loaded when it is needed; tests compose one that answers by itself. */
  readonly openSession: (options: CliSessionOptions) => Promise<Session>;
  /** `kms serve`, loaded when it is asked for. */
  readonly serve: (deps: ServeDeps, options: ServeOptions, trace: Trace | undefined) => Promise<void>;
  /** `kms xks-proxy`, loaded when it is asked for. */
  readonly serveXksProxy: (deps: XksProxyDeps, options: XksProxyOptions, trace: Trace | undefined) => Promise<void>;
  /** undefined: a composition without agents. */
  readonly agent: AgentFrontend | undefined;
}

/** Agents hold a keyring open; loaded when there is one, or one is asked for. */
export interface AgentFrontend {
  /** Calls through the agent of the keyring; undefined: there is none. @param usual opens the same calls without one */
  readonly calls: (options: CliSessionOptions, usual: () => Promise<ShapeCalls>) => Promise<ShapeCalls | undefined>;
  readonly control: (say: (line: string) => void) => Promise<Agents>;
  /** The process of an agent. @returns its exit status */
  readonly run: () => Promise<number>;
}

/** The dependencies of the parts of the frontend. */
export interface GuardedProcess extends Process {
  /** Texts of our own that move the cursor, on stderr. */
  readonly control: (text: string) => void;
  /** Runs another command line, in a process as it is given. */
  readonly run: (process: Process) => Promise<number>;
}

/** Escapes control characters in texts for stderr, which quote data. */
export const guarded = (process: Process, run: GuardedProcess['run']): GuardedProcess => ({
  ...process,
  run,
  write: (fd, text) => process.write(fd, fd === 2 ? visibleLines(text) : text),
  control: (text) => void process.write(2, text),
});
