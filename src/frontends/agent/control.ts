/** What `kms unlock`, `kms lock` and `kms agent status` do: starting the process of an agent, and asking it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Agents, AgentStatus } from '../../commands/agent/agent.ts';
import { makeFolder } from '../../files/folder.ts';
import { placeAt, realKeyring, type KeyringPlace } from '../../keyring/place.ts';
import { EnvironmentError } from '../../model/error.ts';
import { isObject } from '../../model/json-object.ts';
import { namesMaterial } from '../../runtime/unlock-options.ts';
import type { StartReport } from './agent.ts';
import { agentFiles, isPrivateFolder, type AgentFile } from './agent-file.ts';
import { removeSocket } from './channel-files.ts';
import { NoAnswer, type AgentConnection } from './connection.ts';
import { connectTo } from './socket-transport.ts';
import { agentFolder } from './folder.ts';
import { encodeHandOver, wrapped } from './hand-over.ts';
import { unusable } from './unusable-folder.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { inode, removeDead } from './publish.ts';

export interface ControlDeps {
  readonly env: { readonly [name: string]: string | undefined };
  readonly version: string;
  /** Program and arguments of a process of this program. */
  readonly program: readonly [string, ...string[]];
  /** A line for the person at the terminal. */
  readonly say: (line: string) => void;
}

/** For opening a keyring in the new process, and for the calls in progress of the one before, in milliseconds. */
const START_TIMEOUT = 30_000;
const END_TIMEOUT = 40_000;

export function agents({ env, version, program, say }: ControlDeps): Agents {
  const folder = agentFolder(env);
  const fileFor = (place: KeyringPlace): AgentFile | undefined => {
    if (folder === undefined || !existsSync(folder) || !existsSync(place.keyring)) return undefined;
    const keyring = realKeyring(place);
    return agentFiles(folder).find((file) => file.keyring === keyring);
  };
  const end = async (file: AgentFile): Promise<boolean> => {
    const connection = await connectTo(file, version);
    if (!connection) {
      removeLeft(file);
      return false;
    }
    await asked(connection, 'lock', file);
    if (!(await connection.ended(END_TIMEOUT))) throw silent(file);
    return true;
  };
  const statusOf = async (file: AgentFile): Promise<AgentStatus | undefined> => {
    const connection = await connectTo(file, version);
    if (!connection) return undefined;
    const status = readStatus(await asked(connection, 'status', file));
    connection.close();
    return status;
  };
  const status: Agents['status'] = async (place) => {
    const file = fileFor(place);
    return file && statusOf(file);
  };
  return {
    async unlock(session, limits) {
      if (folder === undefined) {
        const why = env['XDG_RUNTIME_DIR'] ? 'is not an absolute path' : 'is not set';
        throw new EnvironmentError(`there is no folder for the socket of an agent: XDG_RUNTIME_DIR ${why}`, [
          'a login session on Linux has one, such as /run/user/1000',
          'set XDG_RUNTIME_DIR to a folder that only this user can access',
        ]);
      }
      makeAgentFolder(folder);
      const { place, random } = session;
      const keyring = await session.open();
      const given = {
        folder,
        place: placeAt(realKeyring(place)),
        owner: session.auditLog().owner,
        keyringId: keyring.id,
        fingerprint: keyring.fingerprint,
        limits: { idle: limits.idle ?? DEFAULT_LIMITS.idle, total: limits.total ?? DEFAULT_LIMITS.total },
        ...wrapped(keyring, random),
      };
      keyring.close();
      const other = agentFiles(folder).find(({ keyringId }) => keyringId === given.keyringId);
      if (other) await end(other);
      await start({ program, env }, encodeHandOver(given));
      const started = await status(place);
      if (!started) throw new EnvironmentError('the agent ended again');
      if (namesMaterial({ env })) {
        say('POCKET_KMS_KEY_FILE or POCKET_KMS_PASSPHRASE_FILE is set: calls use it, and not the agent');
      }
      return started;
    },
    async lock(place) {
      const file = fileFor(place);
      return file ? end(file) : false;
    },
    status,
  };
}

const silent = ({ pid }: AgentFile): EnvironmentError =>
  new EnvironmentError(`the agent does not answer (process ${pid})`, [`kill ${pid} ends it`]);

async function asked(connection: AgentConnection, ask: 'lock' | 'status', file: AgentFile): Promise<unknown> {
  try {
    const answer = await connection.ask({ ask });
    return answer.answer === 'value' ? answer.value : undefined;
  } catch (error) {
    if (error instanceof NoAnswer) throw silent(file);
    throw error;
  }
}

/** Of a process that was killed. */
function removeLeft({ path, socket }: AgentFile): void {
  const left = inode(path);
  if (left !== undefined) removeDead(path, left);
  removeSocket(socket);
}

function readStatus(value: unknown): AgentStatus | undefined {
  if (!isObject(value)) return undefined;
  const { keyringId, pid, version, started, idleUntil, until, calls } = value;
  if (typeof keyringId !== 'string' || typeof version !== 'string') return undefined;
  if (typeof pid !== 'number' || typeof calls !== 'number') return undefined;
  if (!(started instanceof Date) || !(idleUntil instanceof Date) || !(until instanceof Date)) return undefined;
  return { keyringId, pid, version, started, idleUntil, until, calls };
}

function makeAgentFolder(folder: string): void {
  try {
    makeFolder(folder, 0o700);
  } catch (error) {
    throw unusable(folder, error);
  }
  if (isPrivateFolder(folder)) return;
  throw new EnvironmentError(
    `the folder ${folder} is accessible to other users, belongs to another user, or is no folder`,
    [`chmod 700 ${folder}`],
  );
}

/** Variables that the process needs; others may be secrets, and it lives long. */
const KEPT = [
  'PATH',
  'HOME',
  'TZ',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  // the clusters and proxies of custom key stores, and a library of tokens
  'XDG_CONFIG_HOME',
  'SOFTHSM2_CONF',
  // whose key stores reach them
  'POCKET_KMS_TRUST',
];

async function start({ program, env }: Pick<ControlDeps, 'program' | 'env'>, handOver: string): Promise<void> {
  const [file, ...words] = program;
  const child = spawn(file, [...words, '__agent'], {
    cwd: '/',
    detached: true, // a session of its own: signals of the terminal do not reach it
    stdio: ['pipe', 'pipe', 'ignore'],
    env: Object.fromEntries(KEPT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
  });
  try {
    const report = await reportOf(child, handOver);
    if (report?.report === 'failed') throw new EnvironmentError(report.message, report.hints);
    if (!report) throw new EnvironmentError('the agent did not start');
  } catch (error) {
    child.kill('SIGKILL'); // it has the root key, and nobody knows of it
    throw error;
  } finally {
    child.stdout?.destroy();
    child.unref();
  }
}

function reportOf(child: ChildProcess, handOver: string): Promise<StartReport | undefined> {
  const { promise, resolve } = Promise.withResolvers<StartReport | undefined>();
  const timer = setTimeout(() => resolve(undefined), START_TIMEOUT);
  let text = '';
  child.on('error', () => resolve(undefined));
  child.stdin?.on('error', () => {}); // it has ended: so does its output
  child.stdin?.end(handOver);
  child.stdout?.on('data', (bytes: Uint8Array) => {
    text += String(bytes);
    if (text.endsWith('\n')) resolve(readReport(text));
  });
  child.stdout?.on('close', () => resolve(undefined));
  return promise.finally(() => clearTimeout(timer));
}

function readReport(text: string): StartReport | undefined {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) return undefined;
  const { report, message, hints } = value;
  if (report === 'ready' || report === 'taken') return { report };
  if (report !== 'failed' || typeof message !== 'string' || !Array.isArray(hints)) return undefined;
  return { report, message, hints: hints.map(String) };
}
