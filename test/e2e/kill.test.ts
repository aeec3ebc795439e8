/** Processes that are killed at random instants: those that make calls, and the agent that makes them for others. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BIN, workplace, type Workplace } from './command.ts';

const ROUNDS = 220;
const AGENT_ROUNDS = 60;
/** Calls of each kind. */
const AT_ONCE = 4;

interface Acknowledged {
  readonly args: readonly string[];
  readonly answer: Record<string, unknown>;
}

/** What a call says whose agent was killed before it answered. */
const UNANSWERED = /did not answer the call/;

/** Starts a command and kills it after a while; the answer counts only if it came out whole. */
function runAndKill(work: Workplace, args: readonly string[], afterMs?: number): Promise<Acknowledged | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: work.folder,
      env: work.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    const timer = afterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), afterMs);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') return resolve(answered(args, stdout));
      if (code !== 0 && UNANSWERED.test(stderr)) return resolve(undefined);
      if (code !== 0) return reject(new Error(`${args.join(' ')} exited ${code}: ${stderr}`));
      resolve(answered(args, stdout));
    });
  });
}

function answered(args: readonly string[], stdout: string): Acknowledged | undefined {
  try {
    return { args, answer: JSON.parse(stdout) as Record<string, unknown> };
  } catch {
    return undefined;
  }
}

const metadata = ({ answer }: Acknowledged): { KeyId: string; Description: string } =>
  answer['KeyMetadata'] as { KeyId: string; Description: string };

const commandsOf = (round: number, keys: readonly string[]): readonly (readonly string[])[] => {
  const key = keys.at(-1)!;
  const one = [
    ['create-key', '--description', `round ${round}`],
    ['encrypt', '--key-id', key, '--plaintext', 'aGVsbG8='],
  ];
  return [one[round % 2]!, ['generate-data-key', '--key-id', keys[0]!, '--number-of-bytes', '32']];
};

interface Run {
  readonly done: readonly Acknowledged[];
  /** Of every key that was acknowledged. */
  readonly keys: readonly string[];
}

interface Attempt {
  readonly rounds: number;
  /** One result for each command; undefined: not acknowledged. */
  readonly attempt: (commands: readonly (readonly string[])[]) => Promise<readonly (Acknowledged | undefined)[]>;
}

async function play(work: Workplace, { rounds, attempt }: Attempt): Promise<Run & { readonly lost: number }> {
  const done: Acknowledged[] = [];
  const keys = [(await work.json('create-key'))['KeyMetadata'] as { KeyId: string }].map(({ KeyId }) => KeyId);
  let lost = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const result of await attempt(commandsOf(round, keys))) {
      if (!result) {
        lost += 1;
        continue;
      }
      done.push(result);
      if (result.args[0] === 'create-key') keys.push(metadata(result).KeyId);
    }
  }
  return { done, keys, lost };
}

async function expectNothingLost(work: Workplace, { done, keys }: Run): Promise<void> {
  expect(await work.json('keyring', 'verify')).toMatchObject({ Valid: true });
  expect(await work.json('audit', 'verify')).toMatchObject({ Valid: true });

  const listed = ((await work.json('list-keys'))['Keys'] as { KeyId: string }[]).map(({ KeyId }) => KeyId);
  for (const id of keys) expect(listed).toContain(id);
  const logged = work.events();
  for (const { args, answer } of done) {
    if (args[0] !== 'encrypt' && args[0] !== 'generate-data-key') continue;
    const { CiphertextBlob: blob, Plaintext: plain = 'aGVsbG8=' } = answer as {
      CiphertextBlob: string;
      Plaintext?: string;
    };
    if (Math.random() < 0.15) {
      expect(await work.text('decrypt', '--ciphertext-blob', blob, '--query', 'Plaintext', '--output', 'text')).toBe(
        `${plain}\n`,
      );
    }
  }
  const count = (name: string): number => logged.filter(({ eventName }) => eventName === name).length;
  const acknowledged = (command: string): number => done.filter(({ args }) => args[0] === command).length;
  expect(count('CreateKey')).toBeGreaterThanOrEqual(acknowledged('create-key') + 1);
  expect(count('Encrypt')).toBeGreaterThanOrEqual(acknowledged('encrypt'));
  expect(count('GenerateDataKey')).toBeGreaterThanOrEqual(acknowledged('generate-data-key'));
  // fails if there is an event without its change, or a change without its event
  expect(count('CreateKey')).toBe(listed.length);
}

test(
  `calls that are killed ${ROUNDS} times at random instants: nothing acknowledged is lost, and nothing needs repair by hand`,
  { timeout: 300_000 },
  async () => {
    const work = await workplace();
    const attempt: Attempt['attempt'] = (commands) =>
      Promise.all(commands.map((args) => runAndKill(work, args, 20 + Math.random() * 70)));
    const { lost, ...run } = await play(work, { rounds: ROUNDS, attempt });
    expect(lost).toBeGreaterThan(20); // else the instants were no instants of danger
    expect(run.done.length).toBeGreaterThan(20);
    await expectNothingLost(work, run);
  },
);

test(
  `an agent that is killed ${AGENT_ROUNDS} times at random instants: the same, and no call is made twice`,
  { timeout: 300_000 },
  async () => {
    const plain = await workplace();
    const runtime = join(plain.folder, 'run');
    mkdirSync(runtime, { mode: 0o700 });
    const env = { ...plain.env, XDG_RUNTIME_DIR: runtime };
    const work = { ...plain, env };
    const agents = join(runtime, 'pocket-kms');
    const killAgent = (): void => {
      for (const name of readdirSync(agents).filter((file) => file.endsWith('.json'))) {
        const { pid } = JSON.parse(readFileSync(join(agents, name), 'utf8')) as { pid: number };
        process.kill(pid, 'SIGKILL');
      }
    };
    onTestFinished(killAgent);
    const unlock = (): Promise<unknown> => plain.kmsWith({ env }, 'unlock');
    const attempt: Attempt['attempt'] = async (commands) => {
      await unlock();
      const calls = Array.from({ length: AT_ONCE }, () => commands)
        .flat()
        .map((args) => runAndKill(work, args));
      await Promise.race(calls); // however slow the machine is: the others are being made now
      await new Promise((resolve) => void setTimeout(resolve, Math.random() * 10));
      killAgent();
      return Promise.all(calls);
    };
    const { lost, ...run } = await play(work, { rounds: AGENT_ROUNDS, attempt });
    await unlock();
    expect(lost).toBeGreaterThan(2);
    expect(run.done.length).toBeGreaterThan(AGENT_ROUNDS);
    await expectNothingLost(plain, run);
    const descriptions = plain
      .events()
      .filter(({ eventName }) => eventName === 'CreateKey')
      .map(({ requestParameters }) => (requestParameters as { description?: string } | null)?.description)
      .filter((description) => description !== undefined);
    for (const [description, made] of Map.groupBy(descriptions, (one) => one)) {
      expect([description, made.length <= AT_ONCE]).toEqual([description, true]); // as many as calls were started
    }
  },
);
