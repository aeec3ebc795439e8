/**
 * Calls of tokens in a process for each cluster. The library of a maker that hangs or crashes takes down that process, not
 * the server and its keyring: a thread could not be ended while it is in a C function.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { isSea } from 'node:sea';
import { extname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ClusterEntry } from '../cluster-entry.ts';
import { HsmError } from '../hsm.ts';
import { MAX_SESSIONS } from './session-pool.ts';
import type { TokenCallName, TokenCalls, Tokens } from './token-call.ts';
import { GRACE, type ProcessAnswer, type ProcessCall } from './process-message.ts';

/** Of a call, since it is the one that waits longest. */
const TIMEOUT = 30_000;
/** Calls of one token that run, or wait for a session. */
const MAX_WAITING = 1_000;

export interface ProcessOptions {
  /** In milliseconds. */
  readonly timeout?: number;
  readonly maxWaiting?: number;
}

export function tokensInProcesses({ timeout = TIMEOUT, maxWaiting = MAX_WAITING }: ProcessOptions = {}): Tokens {
  const processes = new Map<string, TokenProcess>();
  const processOf = (entry: ClusterEntry): TokenProcess => {
    const known = processes.get(entry.clusterId);
    if (known?.serves(entry)) return known;
    known?.end();
    const made = new TokenProcess(entry, { timeout, maxWaiting });
    processes.set(entry.clusterId, made);
    return made;
  };
  return {
    call: async (entry, name, input) => processOf(entry).call(name, input),
    async close() {
      await Promise.all(Array.from(processes.values(), (one) => one.close()));
      processes.clear();
    },
  };
}

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: HsmError) => void;
}

class TokenProcess {
  readonly #entry: ClusterEntry;
  readonly #options: Required<ProcessOptions>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(entry: ClusterEntry, options: Required<ProcessOptions>) {
    this.#entry = entry;
    this.#options = options;
    this.#child = startProcess();
    this.#child
      .on('message', (answer: ProcessAnswer) => this.#complete(answer))
      .on('error', (error) => this.#fail(`its process cannot be started: ${error.message}`))
      .on('exit', (code, signal) => this.#fail(`its process ended: ${signal ?? `exit ${code}`}`));
    this.#child.unref();
    this.#child.channel?.unref();
  }

  serves(entry: ClusterEntry): boolean {
    return !this.#isOver && isDeepStrictEqual(this.#entry, entry);
  }

  call<N extends TokenCallName>(name: N, input: TokenCalls[N]['input']): Promise<TokenCalls[N]['output']> {
    return new Promise((resolve, reject) => {
      const { clusterId } = this.#entry;
      if (this.#waiting.size >= this.#options.maxWaiting) {
        reject(new HsmError('NO_FREE_SESSION', `${clusterId}: ${this.#waiting.size} calls wait for the token`));
        return;
      }
      const id = (this.#count += 1);
      // a process answers with the output of the call that it was sent
      this.#waiting.set(id, { resolve: resolve as (output: unknown) => void, reject });
      this.#timer ??= this.#startTimer();
      const message: ProcessCall = { id, entry: this.#entry, name, input };
      this.#child.channel?.ref();
      this.#child.send(message, (error) => error && this.#fail(`its process cannot be reached: ${error.message}`));
    });
  }

  #startTimer(): NodeJS.Timeout {
    const { timeout } = this.#options;
    return setTimeout(() => this.#fail(`the token did not answer within ${timeout} milliseconds`), timeout);
  }

  #complete(answer: ProcessAnswer): void {
    const [longest] = this.#waiting.keys();
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.id === longest) {
      clearTimeout(this.#timer);
      this.#timer = this.#waiting.size > 0 ? this.#startTimer() : undefined;
    }
    if (this.#waiting.size === 0) this.#child.channel?.unref();
    if (this.#isOver) this.end();
    if ('error' in answer) waiting?.reject(new HsmError(answer.error.code, answer.error.message));
    else waiting?.resolve(answer.output);
  }

  /** All calls that wait fail: what became of the first is not known. */
  #fail(why: string): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#child.kill('SIGKILL');
    for (const { reject } of this.#waiting.values()) {
      reject(new HsmError('NETWORK_ERRORS', `${this.#entry.clusterId}: ${why}`));
    }
    this.#waiting.clear();
  }

  /** It ends when it has answered what it was sent. */
  end(): void {
    this.#isOver = true;
    if (this.#waiting.size === 0 && this.#child.connected) this.#child.disconnect();
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = new Promise((resolve) => void this.#child.once('exit', resolve));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), GRACE);
    this.#child.ref();
    this.end();
    await exit;
    clearTimeout(timer);
  }
}

/** Its code is beside this file: token-process.ts, or a file of the build. */
function startProcess(): ChildProcess {
  if (isSea()) {
    throw new HsmError(
      'INTERNAL_ERROR',
      'this executable has no native packages: keys of CloudHSM key stores need the package of npm',
    );
  }
  const file = new URL(`./token-process${extname(import.meta.filename)}`, import.meta.url);
  return fork(file, {
    serialization: 'advanced',
    execArgv: [],
    env: { ...process.env, UV_THREADPOOL_SIZE: String(MAX_SESSIONS + 1) },
    // libraries write what they like; stdout is not theirs
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}
