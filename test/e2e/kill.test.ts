import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { BIN, workplace, type Workplace } from './command.ts';

const ROUNDS = 220;

interface Acknowledged {
  readonly args: readonly string[];
  readonly answer: Record<string, unknown>;
}

/** Starts a command and kills it after a while; the answer counts only if it came out whole. */
function runAndKill(work: Workplace, args: readonly string[], afterMs: number): Promise<Acknowledged | undefined> {
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
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') return resolve(answered(args, stdout));
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

test(
  `killed ${ROUNDS} times at random instants: nothing acknowledged is lost, and nothing needs repair by hand`,
  { timeout: 300_000 },
  async () => {
    const work = await workplace();
    const done: Acknowledged[] = [];
    const keys = [(await work.json('create-key'))['KeyMetadata'] as { KeyId: string }].map(({ KeyId }) => KeyId);
    let killed = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const key = keys.at(-1)!;
      const commands = [
        ['create-key', '--description', `round ${round}`],
        ['encrypt', '--key-id', key, '--plaintext', 'aGVsbG8='],
        ['schedule-key-deletion', '--key-id', key, '--pending-window-in-days', '7'],
        ['cancel-key-deletion', '--key-id', key],
        ['generate-data-key', '--key-id', keys[0]!, '--number-of-bytes', '32'],
      ];
      const pair = [commands[round % 2 === 0 ? 0 : 1]!, commands[4]!];
      const delays = pair.map(() => 20 + Math.random() * 70);
      const results = await Promise.all(pair.map((args, index) => runAndKill(work, args, delays[index]!)));
      for (const result of results) {
        if (!result) {
          killed += 1;
          continue;
        }
        done.push(result);
        if (result.args[0] === 'create-key') keys.push(metadata(result).KeyId);
      }
    }
    expect(killed).toBeGreaterThan(20); // else the instants were no instants of danger
    expect(done.length).toBeGreaterThan(20);
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
  },
);
