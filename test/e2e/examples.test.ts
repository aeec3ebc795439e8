/** The files of examples/ as users run them: copied, with real shells and a real make. */
import { execa } from 'execa';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BIN, workplace, type Ran } from './command.ts';

interface Options {
  readonly input?: string;
  /** What comes before all else on PATH. */
  readonly path?: string;
}

interface Stage {
  readonly folder: string;
  readonly run: (command: readonly string[], options?: Options) => Promise<Ran>;
  /** The output of what must succeed. */
  readonly done: (command: readonly string[], options?: Options) => Promise<string>;
  readonly read: (name: string) => string;
  readonly write: (name: string, text: string) => void;
  /** All files below the home folder, keyrings, logs and temporary files included, in which a text stands. */
  readonly filesWith: (text: string) => readonly string[];
}

/** A home of its own with a copy of the examples, and kms on PATH. */
async function stage(): Promise<Stage> {
  const { folder: home, env } = await workplace({ init: false });
  const folder = join(home, 'project');
  const tools = join(home, 'tools');
  cpSync(join(import.meta.dirname, '../../examples'), folder, { recursive: true });
  for (const made of [tools, join(home, 'tmp')]) mkdirSync(made);
  writeFileSync(join(tools, 'kms'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`, { mode: 0o755 });
  const run: Stage['run'] = async ([file, ...words], { input = '', path = '' } = {}) => {
    const ran = await execa(file!, words, {
      cwd: folder,
      env: { PATH: `${path}${tools}:${env['PATH']}`, HOME: home, TZ: 'UTC', LC_ALL: 'C', TMPDIR: join(home, 'tmp') },
      extendEnv: false,
      reject: false,
      input,
    });
    return { stdout: ran.stdout, stderr: ran.stderr, exitCode: ran.exitCode, signal: ran.signal };
  };
  return {
    folder,
    run,
    done: async (command, options) => {
      const { stdout, stderr, exitCode } = await run(command, options);
      if (exitCode !== 0) throw new Error(`${command.join(' ')} exited ${exitCode}: ${stdout}${stderr}`);
      return stdout;
    },
    read: (name) => readFileSync(join(folder, name), 'utf8'),
    write: (name, text) => writeFileSync(join(folder, name), text),
    filesWith: (text) =>
      readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => {
        const path = join(home, name);
        return statSync(path).isFile() && readFileSync(path).includes(text);
      }),
  };
}

const SECRET = 'correct horse = "battery" staple';
const forms = (secret: string): readonly string[] => [secret, Buffer.from(secret).toString('base64').slice(0, -4)];

test('what looks for plaintext finds it', async () => {
  const { write, filesWith } = await stage();
  write('left', `x${SECRET}y`);
  expect(filesWith(SECRET)).toEqual(['project/left']);
});

test.each(['program', 'function'])('deploy-secrets.sh runs through the shim as a %s', async (kind) => {
  const { folder, run, done, read, filesWith } = await stage();
  if (kind === 'program') await done(['kms', 'shim', 'install', 'shim']);
  const deploy = (words: readonly string[], input?: string): Promise<Ran> =>
    run(
      kind === 'program'
        ? ['sh', './deploy-secrets.sh', ...words]
        : ['sh', '-c', 'eval "$(kms shim)"; . ./deploy-secrets.sh', 'deploy-secrets.sh', ...words],
      { ...(input !== undefined && { input }), path: kind === 'program' ? `${join(folder, 'shim')}:` : '' },
    );

  const early = await deploy(['seal', 'production', 'db-password'], SECRET);
  expect(early).toMatchObject({ exitCode: 1, stdout: '' });
  expect(early.stderr).toMatch(/\ndeploy-secrets: db-password was not encrypted$/);
  expect(existsSync(join(folder, 'secrets/production/db-password.enc'))).toBe(false);

  await done(['kms', 'init']);
  const setup = await deploy(['setup']);
  expect(setup).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^alias\/deploy is [0-9a-f-]{36}$/) });
  expect(await deploy(['setup'])).toMatchObject({
    exitCode: 1,
    stderr: 'deploy-secrets: alias/deploy is there already',
  });

  for (const [name, value] of [
    ['db-password', SECRET],
    ['token', 'line 1\nline 2\n'],
  ] as const) {
    expect(await deploy(['seal', 'production', name], value)).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  }
  expect(await deploy(['open', 'production', 'db-password'])).toMatchObject({ exitCode: 0, stdout: SECRET });
  for (const form of forms(SECRET)) expect(filesWith(form)).toEqual([]);

  expect(await deploy(['deploy', 'production', 'app'])).toMatchObject({ exitCode: 0, stderr: '' });
  expect(readdirSync(join(folder, 'app')).toSorted()).toEqual(['db-password', 'token']);
  expect(read('app/db-password')).toBe(SECRET);
  expect(read('app/token')).toBe('line 1\nline 2\n');
  expect(statSync(join(folder, 'app/token')).mode & 0o777).toBe(0o600);

  // a ciphertext under another name or in another stage does not open, and a deployment with one does not happen
  cpSync(join(folder, 'secrets/production'), join(folder, 'secrets/staging'), { recursive: true });
  const moved = await deploy(['open', 'staging', 'token']);
  expect(moved).toMatchObject({ exitCode: 254, stdout: '' });
  expect(moved.stderr).toContain('(InvalidCiphertextException) when calling the Decrypt operation');
  cpSync(join(folder, 'secrets/production/token.enc'), join(folder, 'secrets/production/user.enc'));
  const refused = await deploy(['deploy', 'production', 'again']);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain('deploy-secrets: user was not decrypted, nothing was deployed');
  expect(readdirSync(folder).filter((name) => name.startsWith('again'))).toEqual([]);

  expect((await deploy(['open', 'production', 'none'])).exitCode).toBe(252);
  expect((await deploy(['frob'])).exitCode).toBe(2);
});

test('the Makefile keeps secrets and artifacts encrypted', async () => {
  const { folder, run, done, read, write, filesWith } = await stage();
  await done(['make', 'setup']);
  expect(readdirSync(join(folder, '.kms')).toSorted()).toEqual(['audit.jsonl', 'audit.jsonl.head', 'keyring.db']);
  expect((await run(['make'])).exitCode).toBe(2); // nothing is set yet
  await done(['make', 'set', 'NAME=DB_PASSWORD'], { input: `${SECRET}\n` });
  expect(read('secrets.env')).toMatch(/^DB_PASSWORD=kms:[A-Za-z0-9+/]+=*\n$/);

  const made = await done(['make']);
  expect(made).toContain('\nno findings\n');
  expect(made).toMatch(/\nkms audit verify --output text\n\d+\tTrue$/);
  expect(await done(['make', 'show'])).toBe(`url = postgres://app:${SECRET}@db/app`);
  for (const text of [...forms(SECRET), 'postgres://app:correct']) expect(filesWith(text)).toEqual([]);

  // the policy that was linted is the one that holds
  const open = ['kms', 'envelope', 'decrypt', '--from', 'build/database.conf.enc', '--as'];
  const role = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;
  expect(await done([...open, role('release')])).toContain(SECRET);
  expect(await run([...open, role('other')])).toMatchObject({
    exitCode: 254,
    stdout: '',
    stderr: expect.stringContaining('(AccessDeniedException) when calling the Decrypt operation'),
  });

  // what fails in the middle of a pipe leaves no artifact
  write('secrets.env', read('secrets.env').replace('DB_PASSWORD=', 'OTHER='));
  const failed = await run(['make']);
  expect(failed.exitCode).toBe(2);
  expect(failed.stderr).toContain('(InvalidCiphertextException) when calling the Decrypt operation');
  expect(readdirSync(join(folder, 'build'))).toEqual([]);

  write('pipeline-policy.json', read('pipeline-policy.json').replace('kms:Decrypt', 'kms:Decrpyt'));
  const linted = await run(['make', 'lint']);
  expect(linted).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('did you mean "kms:Decrypt"?') });

  write('.kms/audit.jsonl', read('.kms/audit.jsonl').replace('"Encrypt"', '"Decrypt"'));
  const verified = await run(['make', 'verify']);
  expect(verified.exitCode).toBe(2);
  expect(verified.stdout).toContain('was changed, or the event before it was');
});

test('experiment.sh comes to its end, and every refusal in it happened', async () => {
  const { folder, run, done, filesWith } = await stage();
  const { exitCode, stdout, stderr } = await run(['bash', './experiment.sh', 'experiment']);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(Array.from(stderr.matchAll(/An error occurred \((\w+)\)/g), ([, code]) => code)).toEqual([
    'AccessDeniedException',
    'AccessDeniedException',
    'KMSInvalidStateException',
    'NotFoundException',
  ]);
  expect(stderr).toContain(' Changes that would allow it'); // --why
  expect(stdout.split('\n').filter((line) => line === 'the payroll password')).toHaveLength(2);
  expect(stdout).toContain('does not apply: the encryption context constraint is not satisfied');
  expect(stdout).toMatch(/\nAdvanceClock\troot\nDeleteKey\t\w+\nDescribeKey\troot$/);
  for (const text of forms('the payroll password')) {
    expect(filesWith(text).filter((name) => !name.endsWith('.sh'))).toEqual([]);
  }
  expect(await done(['kms', 'audit', 'verify', '--keyring', 'experiment/keyring', '--query', 'Valid'])).toBe('true');

  // a folder that is in use is not removed
  expect((await run(['bash', './experiment.sh', 'experiment'])).exitCode).toBe(253);
  // without a folder nothing stays: no keyring, no key file, no trust in either
  const everything = (): string[] => readdirSync(join(folder, '..'), { recursive: true }).map(String).toSorted();
  const before = everything();
  await done(['bash', './experiment.sh']);
  expect(readdirSync(join(folder, '../tmp'))).toEqual([]);
  expect(everything()).toEqual(before);
});

test('enclave.sh: only the enclave with the right image opens the secret', async () => {
  const { folder, run } = await stage();
  const before = readdirSync(join(folder, '..'), { recursive: true }).map(String).toSorted();
  const { exitCode, stdout, stderr } = await run(['bash', './enclave.sh']);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(Array.from(stderr.matchAll(/An error occurred \((\w+)\)/g), ([, code]) => code)).toEqual([
    'AccessDeniedException',
    'ValidationException',
    'AccessDeniedException',
  ]);
  expect(stdout.split('\n').filter((line) => line === 'the payroll password')).toHaveLength(1);
  expect(stdout).toMatch(/AccessDenied\t-\nValidationException\t-\nallowed\tabababab\nAccessDenied\tcdcdcdcd$/);
  expect(readdirSync(join(folder, '..'), { recursive: true }).map(String).toSorted()).toEqual(before);
});
