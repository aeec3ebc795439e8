/** The folder that a scenario plays in, always at the same path: it is set up, run in, and put back for every state. */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  accessSync,
  appendFileSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { rolldown } from 'rolldown';
import type { CheckRequest, CheckResult } from './check-main.ts';
import { Disk, readImage, writeImage, type Image } from './disk.ts';
import type { Scenario } from './scenarios.ts';
import { parseTrace, straceArgs, type SystemCall } from './system-calls.ts';

const ROOT = join(import.meta.dirname, '../../..');
const KMS = join(ROOT, 'bin/kms.js');
/** The bundled program that looks at what a crash left; one for each who asks, so that nobody replaces another's. */
interface CheckProgram {
  readonly path: string;
  remove(): void;
}

export async function buildCheck(): Promise<CheckProgram> {
  const caches = join(ROOT, 'node_modules/.cache/pocket-kms'); // packages are found from here
  mkdirSync(caches, { recursive: true });
  const folder = mkdtempSync(join(caches, 'crash-check-'));
  const bundle = await rolldown({
    input: { 'crash-check': join(import.meta.dirname, 'check-main.ts') },
    platform: 'node',
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
    logLevel: 'silent',
  });
  await bundle.write({ dir: folder, format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunk/[name].cjs' });
  await bundle.close();
  return { path: join(folder, 'crash-check.cjs'), remove: () => rmSync(folder, { recursive: true }) };
}

interface Ran {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** IDs of the requests that a server has answered. */
  readonly answered?: readonly string[];
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

/** Over a socket file that only we can open, nobody looks at how a request is signed. */
const SIGNED =
  'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/kms/aws4_request, SignedHeaders=host;x-amz-target, Signature=00';

/** @returns the request ID */
const post = (socketPath: string, operation: string, input: object): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = {
      authorization: SIGNED,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${operation}`,
    };
    const call = httpRequest({ socketPath, method: 'POST', path: '/', headers }, (response) => {
      response.resume();
      response.on('end', () => {
        if (response.statusCode === 200) resolve(String(response.headers['x-amzn-requestid']));
        else reject(new Error(`${operation} was answered with ${response.statusCode}`));
      });
    });
    call.on('error', reject);
    call.end(JSON.stringify(input));
  });

/** @param pid of a process that may have been killed meanwhile */
function terminate(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** In memory where the system has such a folder: a sync costs nothing there, and what is played is not lost power. */
function newFolder(): string {
  const shared = '/dev/shm';
  try {
    accessSync(shared, constants.W_OK);
    return mkdtempSync(join(shared, 'pocket-kms-crash-'));
  } catch {
    return mkdtempSync(join(tmpdir(), 'pocket-kms-crash-'));
  }
}

export class Stage {
  readonly folder: string;
  readonly #check: string;
  readonly #beside: string;
  readonly #facts = new Map<string, string>();
  /** Of the last run of the command: for a check no time has passed, so nothing has fallen due. */
  #time = 0;

  constructor({ path }: CheckProgram) {
    this.#check = path;
    this.#beside = newFolder();
    this.folder = join(this.#beside, 'stage');
  }

  remove(): void {
    rmSync(this.#beside, { recursive: true, force: true });
  }

  /** Makes what is there before the command. */
  async prepare(scenario: Scenario): Promise<Image> {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(join(this.folder, 'home'), { recursive: true, mode: 0o700 });
    this.#facts.set('folder', this.folder);
    if (scenario.base === 'ring') {
      await this.#must(scenario, ['init', '--account-id', '111122223333']);
      await this.#must(scenario, ['create-key']);
      this.#facts.set('key', this.#facts.get('last-key')!);
      await this.#must(scenario, ['create-alias', '--alias-name', 'alias/app', '--target-key-id', '{key}']);
      await this.#must(scenario, ['encrypt', '--key-id', '{key}', '--plaintext', 'aGVsbG8=']);
    }
    for (const [name, text] of Object.entries(scenario.files ?? {})) {
      writeFileSync(join(this.folder, name), text, { mode: 0o600 });
    }
    for (const args of scenario.before ?? []) await this.#must(scenario, args);
    if (scenario.cut !== undefined) {
      const path = join(this.folder, scenario.cut);
      writeFileSync(path, readFileSync(path).subarray(0, -20));
    }
    if (scenario.appended) appendFileSync(join(this.folder, scenario.appended.file), scenario.appended.text);
    return readImage(this.folder);
  }

  async #must(scenario: Scenario, args: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await this.#run([KMS, ...this.#words(args)], scenario);
    if (code !== 0) throw new Error(`kms ${args.join(' ')} exited ${code}: ${stderr}`);
    const [, key] = /"KeyId": "((?:mrk-)?[0-9a-f-]{32,36})"/.exec(stdout) ?? [];
    const [, id] = /"KeyringId": "([0-9a-f]{32})"/.exec(stdout) ?? [];
    if (id !== undefined) this.#facts.set('id', id);
    const [, blob] = /"CiphertextBlob": "([^"]+)"/.exec(stdout) ?? [];
    if (args[0] === 'create-key' && key !== undefined) this.#facts.set('last-key', key);
    if (blob !== undefined) this.#facts.set('blob', blob);
    const [, keyFile] = /"KeyFile": "([^"]+)"/.exec(stdout) ?? [];
    if (keyFile !== undefined) this.#facts.set('key-file', keyFile);
    const [, accessKey] = /"AccessKeyId": "(\w+)"/.exec(stdout) ?? [];
    if (accessKey !== undefined) this.#facts.set('access-key', accessKey);
  }

  readonly #words = (args: readonly string[]): readonly string[] =>
    args.map((word) => word.replace(/\{([a-z-]+)\}/g, (whole, name: string) => this.#facts.get(name) ?? whole));

  #env({ env = {} }: Scenario): { readonly [name: string]: string } {
    const all = {
      PATH: process.env['PATH'],
      HOME: join(this.folder, 'home'),
      TZ: 'UTC',
      POCKET_KMS_KEYRING: join(this.folder, 'ring'),
      POCKET_KMS_LINT: 'off',
      ...env,
    };
    return Object.fromEntries(
      Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  }

  #cwd = ({ cwd = '.' }: Scenario): string => join(this.folder, cwd);

  readonly #start = (args: readonly string[], scenario: Scenario, program = process.execPath): Started => {
    const child = spawn(program, args, { cwd: this.#cwd(scenario), env: this.#env(scenario) });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.stdin.on('error', () => undefined); // it may be killed before it reads
    child.stdin.end(scenario.input ?? '');
    const ended = new Promise<Ran>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
    return { child, ended };
  };

  readonly #run = (args: readonly string[], scenario: Scenario, program?: string): Promise<Ran> =>
    this.#start(args, scenario, program).ended;

  /** The process is a child of strace's. Where it may be killed, requests that are not answered are the last ones. */
  readonly #serve = async (
    args: readonly string[],
    scenario: Scenario,
    { program, mayBeKilled }: { readonly program: string; readonly mayBeKilled: boolean },
  ): Promise<Ran> => {
    const { child, ended } = this.#start(args, scenario, program);
    await Promise.race([new Promise((resolve) => child.stdout!.once('data', resolve)), ended]);
    const socket = join(this.folder, 'socket');
    const answered: string[] = [];
    for (const group of scenario.requests!) {
      const outcomes = await Promise.allSettled(group.map(([operation, input]) => post(socket, operation, input)));
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') answered.push(outcome.value);
        else if (!mayBeKilled) throw outcome.reason;
      }
      if (answered.length === 0) break;
    }
    const children = `/proc/${child.pid}/task/${child.pid}/children`;
    const traced = existsSync(children) ? readFileSync(children, 'utf8').trim() : '';
    if (traced !== '') terminate(Number(traced));
    const ran = await ended;
    rmSync(socket, { force: true });
    return { ...ran, answered };
  };

  #trace(
    args: readonly string[],
    scenario: Scenario,
    { mayBeKilled }: { readonly mayBeKilled: boolean },
  ): Promise<Ran> {
    const program = 'strace';
    return scenario.requests
      ? this.#serve(args, scenario, { program, mayBeKilled })
      : this.#run(args, scenario, program);
  }

  /** Runs the command to its end and tells its system calls. */
  async record(scenario: Scenario): Promise<{ readonly calls: readonly SystemCall[]; readonly stdout: string }> {
    const trace = join(this.#beside, 'trace');
    const command = [process.execPath, scenario.script ?? KMS, ...this.#words(scenario.args)];
    const { code, stdout, stderr } = await this.#trace([...straceArgs(trace), ...command], scenario, {
      mayBeKilled: false,
    });
    this.#time = Date.now();
    if (code !== (scenario.status ?? 0)) throw new Error(`${scenario.name} exited ${code}: ${stderr}`);
    return { calls: parseTrace(readFileSync(trace, 'latin1')), stdout };
  }

  /** Runs the command and kills it when it begins this system call. */
  killAt(scenario: Scenario, { name, ordinal }: Pick<SystemCall, 'name' | 'ordinal'>): Promise<Ran> {
    const inject = ['-f', '-q', '-o', '/dev/null', '-e', `trace=${name}`]; // --seccomp-bpf would not count all calls
    const how = ['-e', `inject=${name}:signal=KILL:when=${ordinal}`];
    const command = [process.execPath, scenario.script ?? KMS, ...this.#words(scenario.args)];
    this.#time = Date.now();
    return this.#trace([...inject, ...how, ...command], scenario, { mayBeKilled: true });
  }

  disk(): Disk {
    return new Disk(this.folder);
  }

  restore(image: Image): void {
    writeImage(image, this.folder);
    chmodSync(this.folder, 0o700);
  }

  keyringOf({ keyring = 'ring/keyring.db' }: Scenario): string {
    return keyring;
  }

  /** What is there now; afterwards it is another, since a check runs commands. */
  async check(scenario: Scenario): Promise<CheckResult> {
    const at = (name: string): string => join(this.folder, name);
    const request: CheckRequest = {
      folder: this.folder,
      cwd: this.#cwd(scenario),
      env: this.#env(scenario),
      keyring: at(this.keyringOf(scenario)),
      unlocking: (scenario.unlocking ?? [[]]).map(this.#words),
      next: ['list-keys'],
      first: this.#words(scenario.first ?? scenario.args),
      secrets: scenario.secrets ?? [],
      secretFiles: (scenario.secretFiles ?? []).map(at),
      time: this.#time,
    };
    const { code, stdout, stderr } = await this.#run([this.#check, JSON.stringify(request)], {
      ...scenario,
      input: '',
    });
    if (code !== 0) return { problems: [`the check exited ${code}: ${stderr.slice(0, 2000)}`] };
    return JSON.parse(stdout) as CheckResult;
  }
}
