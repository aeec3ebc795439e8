/** The built command as a real process in a folder of its own: what a user's shell would run. */
import { execa, type Options } from 'execa';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const BIN = join(import.meta.dirname, '../../bin/kms.js');

/** util-linux's: runs a command on a pseudo-terminal. */
export const SCRIPT = ['/usr/bin', 'script'].join('/');

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

export interface Workplace {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly keyring: string;
  readonly log: string;
  kms(...args: string[]): Promise<Ran>;
  kmsWith(options: Options, ...args: string[]): Promise<Ran>;
  /** The answer of a call that must succeed. */
  json(...args: string[]): Promise<Record<string, unknown>>;
  text(...args: string[]): Promise<string>;
  events(): Record<string, unknown>[];
}

interface Wanted {
  /** Whether to make a keyring at once. */
  readonly init?: boolean;
  /** When its folder goes: with the test. In `beforeAll` no hook can be registered: keep the function for an `afterAll`. */
  readonly until?: (remove: () => void) => void;
}

export async function workplace({ init = true, until = onTestFinished }: Wanted = {}): Promise<Workplace> {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-e2e-'));
  until(() => rmSync(folder, { recursive: true, force: true }));
  const place = join(folder, 'ring');
  const env = { PATH: process.env['PATH'], HOME: folder, TZ: 'UTC', POCKET_KMS_KEYRING: place };
  const kmsWith = async (options: Options, ...args: string[]): Promise<Ran> => {
    const ran = await execa(process.execPath, [BIN, ...args], {
      cwd: folder,
      env,
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
      ...options,
    });
    return {
      stdout: String(ran.stdout ?? ''),
      stderr: String(ran.stderr ?? ''),
      exitCode: ran.exitCode,
      signal: ran.signal,
    };
  };
  const work: Workplace = {
    folder,
    env,
    keyring: join(place, 'keyring.db'),
    log: join(place, 'audit.jsonl'),
    kmsWith,
    kms: (...args) => kmsWith({}, ...args),
    async json(...args) {
      return JSON.parse(await work.text(...args)) as Record<string, unknown>;
    },
    async text(...args) {
      const { stdout, stderr, exitCode } = await kmsWith({}, ...args);
      if (exitCode !== 0) throw new Error(`kms ${args.join(' ')} exited ${exitCode}: ${stderr}`);
      return stdout;
    },
    events: () =>
      readFileSync(work.log, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
  if (init) await work.text('init', '--account-id', '111122223333');
  return work;
}

export const createKey = async (work: Workplace): Promise<string> =>
  (await work.text('create-key', '--query', 'KeyMetadata.KeyId', '--output', 'text')).trim();
