/** The process of an agent: opens the keyring that was handed to it, answers calls, and ends when it must. */
import { homedir } from 'node:os';
import { closeSync, lstatSync, openSync, readFileSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { hex } from '../../crypto/bytes.ts';
import type { RandomBytes } from '../../crypto/seal.ts';
import type { Compute } from '../../crypto/task.ts';
import { makeFolder } from '../../files/folder.ts';
import { EnvironmentError } from '../../model/error.ts';
import { openPlace } from '../../keyring/open-place.ts';
import type { Keyring } from '../../keyring/keyring.ts';
import { createKms, type KmsDeps } from '../../pipeline/invoke.ts';
import { reachKeyManagers } from '../../runtime/key-managers.ts';
import { trustDecisions } from '../../runtime/trust.ts';
import { WorkerPool } from '../../runtime/worker-pool.ts';
import { listenOn } from '../http/socket.ts';
import { agentFilePath, type AgentFile } from './agent-file.ts';
import { answerOn, type Answering } from './answer.ts';
import { channels } from './channels.ts';
import { removeSocket } from './channel-files.ts';
import { decodeHandOver, openWrapped, type HandOver } from './hand-over.ts';
import { closeInherited } from './inherited-files.ts';
import { limiter, type Limiter } from './limits.ts';
import { socketPeer, type Peer } from './peer.ts';
import { programOnPath } from './program-on-path.ts';
import { publish } from './publish.ts';
import { unusable } from './unusable-folder.ts';
import { watchScreen } from './screen-lock.ts';

export interface AgentDeps {
  readonly version: string;
  readonly clock: () => number;
  readonly random: RandomBytes;
  readonly env: { readonly [name: string]: string | undefined };
}

/** In milliseconds. */
const TIMEOUTS = { hello: 2_000, question: 10_000 };
/** How long the end waits for calls in progress, in milliseconds. */
const FINISH_TIMEOUT = 30_000;
/** How often the limits, the file and the socket are looked at, in milliseconds. */
const CHECK_EVERY = 1_000;
const MAX_CONNECTIONS = 256;

/** What the process says on its stdout, once. */
export type StartReport =
  | { readonly report: 'ready' }
  /** Another agent of this keyring was faster. */
  | { readonly report: 'taken' }
  | { readonly report: 'failed'; readonly message: string; readonly hints: readonly string[] };

/** @returns the exit status, when the agent ends */
export async function runAgent(deps: AgentDeps): Promise<number> {
  let report: StartReport = { report: 'ready' };
  let running: RunningAgent | undefined;
  closeInherited();
  try {
    running = await start(decodeHandOver(readFileSync(0, 'utf8')), deps);
    if (!running) report = { report: 'taken' };
  } catch (error) {
    const { message } = error instanceof Error ? error : { message: String(error) };
    report = { report: 'failed', message, hints: error instanceof EnvironmentError ? error.hints : [] };
  }
  writeSync(1, `${JSON.stringify(report)}\n`);
  leaveStdio();
  await running?.end;
  return report.report === 'failed' ? 1 : 0;
}

/** Whoever waits for the end of the output of `kms unlock` does not wait for this process. */
function leaveStdio(): void {
  for (const fd of [0, 1]) {
    closeSync(fd);
    openSync('/dev/null', 'r+'); // takes the lowest free number
  }
}

interface RunningAgent {
  readonly end: Promise<void>;
}

async function start(
  handOver: HandOver,
  { version, clock, random, env }: AgentDeps,
): Promise<RunningAgent | undefined> {
  const { folder, place, owner, keyringId, fingerprint, limits } = handOver;
  process.umask(0o077);
  const keyring = openWrapped({ ...openPlace(place, { owner }), random, clock }, handOver);
  if (keyring.fingerprint !== fingerprint) throw new EnvironmentError('another keyring was handed over');
  await keyring.transact(async () => {}); // what is wrong with it is told now
  const file: AgentFile = {
    path: agentFilePath(folder, keyringId),
    socket: `${folder}/${keyringId}.${hex(random(4))}`,
    keyringId,
    fingerprint,
    keyring: place.keyring,
    version,
    pid: process.pid,
    callerProof: hex(random(32)),
    agentProof: hex(random(32)),
  };
  const { promise: locked, resolve: lock } = Promise.withResolvers<void>();
  const limit = limiter(limits, { wall: clock, steady: () => Number(process.hrtime.bigint() / 1_000_000n) });
  const pool = new WorkerPool(); // its threads start when a call needs one
  const folders = { env, home: homedir() };
  const trust = trustDecisions({ ...folders, clock, note: () => undefined });
  const reached = reachKeyManagers(() => trust.isTrusted(keyring), { ...folders, clock, inProcesses: true });
  const { compute } = pool;
  const served = serveOn({ file, keyring, limit, lock, clock, random, compute, keyManagers: reached.open });
  try {
    makeFolder(folder, 0o700); // that of another agent, which has just ended, went with it
    await listenOn(served.server, file.socket);
    if (!(await publish(file, version))) {
      served.server.close();
      keyring.close();
      return undefined;
    }
  } catch (error) {
    served.server.close();
    keyring.close();
    removeSocket(file.socket);
    removeIfEmpty(folder);
    throw unusable(folder, error);
  }
  // elsewhere, pipes that nobody has opened yet behave in other ways
  const mkfifo = process.platform === 'linux' ? programOnPath('mkfifo', env['PATH']) : undefined;
  const ready = mkfifo === undefined ? undefined : channels({ socket: file.socket, mkfifo, serve: served.serve });
  const unwatch = watchScreen(env, lock);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, lock);
  const there = fileOf(file);
  const checks = setInterval(() => {
    // a folder that is cleared at the end of the login session ends the agent too
    if (limit.hasExpired || fileOf(file) !== there) lock();
  }, CHECK_EVERY);
  const end = locked.then(async () => {
    clearInterval(checks);
    unwatch();
    // whoever asked for the end sees it when the process ends: nothing of it is there then
    if (fileOf(file) === there) rmSync(file.path, { force: true });
    ready?.close();
    removeSocket(file.socket);
    removeIfEmpty(folder);
    await served.finish();
    await pool.close();
    await reached.close();
    await keyring.anchor().catch(() => {}); // what it would save is in the log
    keyring.close();
  });
  return { end };
}

/** Without the folder, a call knows at once that there is no agent. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // there are other agents
  }
}

const fileOf = ({ path }: AgentFile): bigint | undefined =>
  lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino;

interface ServedKeyring {
  readonly file: AgentFile;
  readonly keyring: Keyring;
  readonly limit: Limiter;
  readonly lock: () => void;
  readonly clock: () => number;
  readonly random: RandomBytes;
  /** What takes long is computed there, and other calls are answered meanwhile. */
  readonly compute: Compute;
  readonly keyManagers?: KmsDeps['keyManagers'];
}

/** A server over the keyring; it listens nowhere yet. */
export function serveOn({ file, keyring, limit, lock, clock, random, compute, keyManagers }: ServedKeyring): {
  readonly server: Server;
  /** Serves a caller that has come another way. */
  readonly serve: (peer: Peer) => void;
  /** Answers what is being answered, and nothing more. */
  readonly finish: () => Promise<void>;
} {
  const kms = createKms({ keyring, clock, random, compute, keyManagers });
  const connections = new Map<Peer, { readonly finish: () => Promise<void> }>();
  const { keyringId, pid, version } = file;
  const started = clock();
  let calls = 0;
  let isLocked = false;
  const lockNow = (): void => {
    isLocked = true;
    lock();
  };
  const answering: Answering = {
    file,
    keyring,
    kms,
    admitCall() {
      if (limit.hasExpired) lockNow();
      if (isLocked) return false;
      limit.use();
      calls += 1;
      return true;
    },
    status: () => ({
      keyringId,
      pid,
      version,
      started: new Date(started),
      idleUntil: new Date(limit.idleUntil),
      until: new Date(limit.until),
      calls,
    }),
    lock: lockNow,
    timeouts: TIMEOUTS,
  };
  const serve = (peer: Peer): void => {
    const connection = answerOn(peer, answering);
    connections.set(peer, connection);
    // a call goes on also if its client disconnects
    peer.input.once('close', () => void connection.finish().then(() => connections.delete(peer)));
  };
  const server = createServer((socket) => serve(socketPeer(socket)));
  server.maxConnections = MAX_CONNECTIONS;
  return {
    server,
    serve,
    async finish() {
      isLocked = true;
      server.close();
      const all = Promise.all([...connections.values()].map(({ finish }) => finish()));
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, FINISH_TIMEOUT);
      await Promise.race([all, promise]);
      clearTimeout(timer);
    },
  };
}
