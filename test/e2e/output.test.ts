/** What every command that writes a file for people does with whatever its name may mean. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BIN, createKey, workplace, type Ran, type Workplace } from './command.ts';

const PLAINTEXT = 'canary-plaintext-8c1f '.repeat(5000);
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }],
});
const OTHER_USER = 54321;

interface Command {
  readonly name: string;
  readonly words: (to: string) => readonly string[];
  readonly input?: string;
  /** Of a new file, before the umask. */
  readonly mode: number;
  readonly failed: number;
  /** Whether this is all that it has to write, or ends with it. */
  readonly isWhole: (bytes: Buffer, work: Workplace) => Promise<boolean>;
}

const COMMANDS: readonly Command[] = [
  {
    name: 'envelope encrypt',
    words: (to) => ['envelope', 'encrypt', '--key-ids', 'alias/a', '--from', 'plaintext', '--to', to],
    mode: 0o666,
    failed: 253,
    isWhole: async (input, work) => (await work.kmsWith({ input }, 'envelope', 'decrypt')).stdout === PLAINTEXT,
  },
  {
    name: 'envelope decrypt',
    words: (to) => ['envelope', 'decrypt', '--from', 'message', '--to', to],
    mode: 0o600,
    failed: 253,
    isWhole: async (bytes) => bytes.equals(Buffer.from(PLAINTEXT)),
  },
  {
    name: 'env set',
    words: (to) => ['env', 'set', 'NAME', '--key-id', 'alias/a', '--file', to, '--output', 'off'],
    input: 'value',
    mode: 0o600,
    failed: 253,
    isWhole: async (bytes) => /^(?:OLD=1\n)?NAME=kms:[A-Za-z0-9+/]{100,}=*\n$/.test(bytes.toString()),
  },
  {
    name: 'lint',
    words: (to) => ['lint', 'policy.json', '--write-known-findings', to, '--format', 'concise'],
    mode: 0o666,
    failed: 2,
    isWhole: async (bytes) => /^\{\n[^]*"findings": \[[^]*\n\}\n/.test(bytes.toString()),
  },
];

async function prepared(): Promise<Workplace> {
  const work = await workplace();
  const key = await createKey(work);
  await work.text('create-alias', '--alias-name', 'alias/a', '--target-key-id', key);
  writeFileSync(join(work.folder, 'plaintext'), PLAINTEXT);
  writeFileSync(join(work.folder, 'policy.json'), POLICY);
  await work.text('envelope', 'encrypt', '--key-ids', key, '--from', 'plaintext', '--to', 'message');
  mkdirSync(join(work.folder, 'there'));
  return work;
}

/** In bash: `kms` is the command with its words, `OUT` the folder for what it writes. */
async function bash(work: Workplace, { words, input = '' }: Command, to: string, script = 'kms'): Promise<Ran> {
  const there = join(work.folder, 'there');
  const kms = `kms() { "$NODE" "$BIN" "\${WORDS[@]}"; }; WORDS=("$@"); OUT='${there}'`;
  const ran = await execa('bash', ['-c', `${kms}\n${script}`, 'bash', ...words(to)], {
    cwd: work.folder,
    env: { ...work.env, NODE: process.execPath, BIN },
    extendEnv: false,
    input,
    reject: false,
    stripFinalNewline: false,
  });
  return { stdout: ran.stdout, stderr: ran.stderr, exitCode: ran.exitCode, signal: ran.signal };
}

const umask = Number.parseInt(execFileSync('sh', ['-c', 'umask'], { encoding: 'utf8' }), 8);

describe.each(COMMANDS)('$name', (command) => {
  const run = async (to: string, script?: string, arrange: (there: string) => void = () => {}) => {
    const work = await prepared();
    const there = join(work.folder, 'there');
    arrange(there);
    const ran = await bash(work, command, to, script);
    return {
      ...ran,
      there,
      names: readdirSync(there).toSorted(),
      whole: (name: string): Promise<boolean> => command.isWhole(readFileSync(join(there, name)), work),
    };
  };
  const old = 'OLD=1\n';

  test('a file that is not there', async () => {
    const { exitCode, stderr, names, there, whole } = await run('there/f');
    expect({ exitCode, stderr, names }).toEqual({ exitCode: 0, stderr: '', names: ['f'] });
    expect(await whole('f')).toBe(true);
    expect(statSync(join(there, 'f')).mode & 0o777).toBe(command.mode & ~umask);
  });

  test('under another umask', async () => {
    const { there } = await run('there/f', 'umask 027; kms');
    expect(statSync(join(there, 'f')).mode & 0o777).toBe(command.mode & ~0o027);
  });

  test('a file that is there: it keeps its mode', async () => {
    const { exitCode, names, there, whole } = await run('there/f', 'kms', (folder) => {
      writeFileSync(join(folder, 'f'), old);
      chmodSync(join(folder, 'f'), 0o640);
    });
    expect({ exitCode, names }).toEqual({ exitCode: 0, names: ['f'] });
    expect(await whole('f')).toBe(true);
    expect(statSync(join(there, 'f')).mode & 0o777).toBe(0o640);
  });

  test('a device stays one', async () => {
    const { exitCode, there, names } = await run('there/null', 'kms', (folder) => {
      execFileSync('mknod', [join(folder, 'null'), 'c', '1', '3']);
    });
    expect({ exitCode, names }).toEqual({ exitCode: 0, names: ['null'] });
    expect(lstatSync(join(there, 'null')).isCharacterDevice()).toBe(true);
  });

  test('a pipe with a name: its reader gets all, and it stays', async () => {
    const script = 'cat "$OUT/pipe" > "$OUT/got" & kms; status=$?; wait; exit $status';
    const { exitCode, there, whole } = await run('there/pipe', script, (folder) => {
      execFileSync('mkfifo', [join(folder, 'pipe')]);
    });
    expect(exitCode).toBe(0);
    expect(await whole('got')).toBe(true);
    expect(lstatSync(join(there, 'pipe')).isFIFO()).toBe(true);
  });

  test.each([true, false])('a link: its target is written, if it is there (%s)', async (exists) => {
    const { exitCode, there, names, whole } = await run('there/link', 'kms', (folder) => {
      symlinkSync('target', join(folder, 'link'));
      if (exists) writeFileSync(join(folder, 'target'), old);
    });
    expect({ exitCode, names }).toEqual({ exitCode: 0, names: ['link', 'target'] });
    expect(await whole('target')).toBe(true);
    expect(lstatSync(join(there, 'link')).isSymbolicLink()).toBe(true);
  });

  test('a link that another user planted in a sticky folder is not followed', async () => {
    const { exitCode, stderr, there, names } = await run('there/sticky/link', 'kms', (folder) => {
      mkdirSync(join(folder, 'sticky'));
      chmodSync(join(folder, 'sticky'), 0o1777);
      writeFileSync(join(folder, 'victim'), 'precious');
      symlinkSync('../victim', join(folder, 'sticky/link'));
      execFileSync('chown', ['-h', `${OTHER_USER}`, join(folder, 'sticky/link')]);
    });
    expect({ exitCode, names }).toEqual({ exitCode: command.failed, names: ['sticky', 'victim'] });
    expect(stderr).toContain('is a symbolic link of another user');
    expect(readFileSync(join(there, 'victim'), 'utf8')).toBe('precious');
  });

  test.each(['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1', '-'])('%s is the standard output', async (to) => {
    const { exitCode, whole } = await run(to, 'kms | cat > "$OUT/got"; exit ${PIPESTATUS[0]}');
    expect(exitCode).toBe(0);
    expect(await whole('got')).toBe(true);
  });

  test('an open descriptor, behind what stands there', async () => {
    const { exitCode, there, whole } = await run(
      '/dev/fd/3',
      'echo before > "$OUT/got"; kms 3>>"$OUT/got" && tail -n +2 "$OUT/got" > "$OUT/rest"',
    );
    expect(exitCode).toBe(0);
    expect(readFileSync(join(there, 'got'), 'utf8').startsWith('before\n')).toBe(true);
    expect(await whole('rest')).toBe(true);
  });

  test('process substitution: >(command)', async () => {
    const script = 'exec 9> >(cat > "$OUT/got"); kms; status=$?; exec 9>&-; wait $!; exit $status';
    const { exitCode, whole } = await run('/dev/fd/9', script);
    expect(exitCode).toBe(0);
    expect(await whole('got')).toBe(true);
  });

  test('a folder is an error, and is reported before anything is done', async () => {
    const { exitCode, stderr, stdout, names } = await run('there');
    expect({ exitCode, stdout, names }).toEqual({ exitCode: command.failed, stdout: '', names: [] });
    expect(stderr).toMatch(/^\nkms: \[ERROR\]: there is a folder\nhint: specify a file\n$/);
  });

  test('a full device', async () => {
    const { exitCode, stderr } = await run('/dev/full');
    expect(exitCode).toBe(command.failed);
    expect(stderr).toContain('/dev/full cannot be written: the disk is full');
  });

  test('a full disk: the file stays as it was, and nothing else is left', async () => {
    const mount = (folder: string): void => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
      onTestFinished(() => void execFileSync('umount', [folder]));
      writeFileSync(join(folder, 'f'), old);
    };
    const full = await run('there/f', 'cat /dev/zero > "$OUT/ballast" 2>/dev/null; kms', mount);
    expect({ exitCode: full.exitCode, names: full.names }).toEqual({
      exitCode: command.failed,
      names: ['ballast', 'f'],
    });
    expect(full.stderr).toContain('the disk is full');
    expect(readFileSync(join(full.there, 'f'), 'utf8')).toBe(old);
  });

  test('a read-only file system', async () => {
    const mount = (folder: string): void => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
      onTestFinished(() => void execFileSync('umount', [folder]));
      writeFileSync(join(folder, 'f'), old);
      execFileSync('mount', ['-o', 'remount,ro', folder]);
    };
    const { exitCode, stderr, there, names } = await run('there/f', 'kms', mount);
    expect({ exitCode, names }).toEqual({ exitCode: command.failed, names: ['f'] });
    expect(stderr).toMatch(/is on a read-only file system\n/);
    expect(readFileSync(join(there, 'f'), 'utf8')).toBe(old);
  });
});

test('a group that cannot be kept has the rights of everybody', async () => {
  const work = await workplace({ init: false });
  chmodSync(work.folder, 0o755);
  const there = join(work.folder, 'there');
  mkdirSync(there);
  chownSync(there, OTHER_USER, OTHER_USER);
  writeFileSync(join(work.folder, 'policy.json'), POLICY);
  writeFileSync(join(there, 'f'), 'old');
  chmodSync(join(there, 'f'), 0o672);
  const words = ['lint', 'policy.json', '--write-known-findings', 'there/f'];
  expect((await work.kmsWith({ uid: OTHER_USER, gid: OTHER_USER }, ...words)).exitCode).toBe(0);
  const { uid, gid, mode } = statSync(join(there, 'f'));
  expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: OTHER_USER, gid: OTHER_USER, mode: 0o622 });
});

test('a file that may be written in a folder that may not: an error that says so', async () => {
  const work = await workplace({ init: false });
  chmodSync(work.folder, 0o755);
  const there = join(work.folder, 'there');
  mkdirSync(there);
  writeFileSync(join(work.folder, 'policy.json'), POLICY);
  for (const [name, mode] of [
    ['open', 0o666],
    ['closed', 0o644],
  ] as const) {
    writeFileSync(join(there, name), 'old');
    chmodSync(join(there, name), mode);
  }
  chownSync(there, OTHER_USER, OTHER_USER);
  chmodSync(there, 0o555);
  const lint = (name: string) =>
    work.kmsWith({ uid: OTHER_USER }, 'lint', 'policy.json', '--write-known-findings', `there/${name}`);
  const [open, closed] = [await lint('open'), await lint('closed')];
  expect(open).toMatchObject({ exitCode: 2, stdout: '' });
  expect(open.stderr).toMatch(
    /there\/open cannot be written: its folder .*there cannot be accessed: permission denied\nhint: /,
  );
  expect(closed).toMatchObject({ exitCode: 2, stdout: '' });
  expect(closed.stderr).toMatch(/there\/closed cannot be accessed: permission denied\nhint: /);
  expect(readdirSync(there).map((name) => readFileSync(join(there, name), 'utf8'))).toEqual(['old', 'old']);
  expect(existsSync(join(there, 'new'))).toBe(false);
});
