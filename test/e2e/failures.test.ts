import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BIN, createKey, workplace, type Workplace } from './command.ts';

/** A failure of the environment: exit 253, nothing on stdout, one error line and hints on stderr. */
async function refused(work: Workplace, pattern: RegExp, ...args: string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await work.kms(...args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 253, stdout: '' });
  expect(stderr).toMatch(/^\nkms: \[ERROR\]: .+\n(?:hint: .+\n)*$/);
  expect(stderr).toMatch(pattern);
}

async function stillWorks(work: Workplace, key: string): Promise<void> {
  expect(await work.json('describe-key', '--key-id', key)).toMatchObject({ KeyMetadata: { KeyId: key } });
  expect(await work.json('keyring', 'verify')).toMatchObject({ Valid: true });
  expect(await work.json('audit', 'verify')).toMatchObject({ Valid: true });
}

test('the current folder was removed', async () => {
  const work = await workplace();
  const gone = join(work.folder, 'gone');
  const command = `mkdir ${gone} && cd ${gone} && rmdir ${gone} && exec ${process.execPath} ${BIN} list-keys`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { env: work.env, encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({
    status: 253,
    stdout: '',
    stderr: '\nkms: [ERROR]: the current folder was removed\nhint: cd to a folder that exists\n',
  });
});

describe('the keyring file', () => {
  test('a named place without a keyring is an error with a hint', async () => {
    const work = await workplace({ init: false });
    await refused(work, /there is no keyring at .*\nhint: kms init creates one/, 'create-key');
  });

  test('writable by others', async () => {
    const work = await workplace();
    const key = await createKey(work);
    chmodSync(work.keyring, 0o666);
    await refused(work, /is writable by other users\nhint: chmod 600/, 'list-keys');
    chmodSync(work.keyring, 0o600);
    chmodSync(join(work.keyring, '..'), 0o777);
    await refused(work, /folder .* is writable by other users\nhint: chmod go-w/, 'list-keys');
    chmodSync(join(work.keyring, '..'), 0o700);
    await stillWorks(work, key);
  });

  test('a symbolic link, for the keyring and for the log', async () => {
    const work = await workplace();
    const key = await createKey(work);
    for (const file of [work.keyring, work.log]) {
      renameSync(file, `${file}.real`);
      symlinkSync(`${file}.real`, file);
      await refused(work, /is a symbolic link/, 'list-keys');
      execFileSync('rm', [file]);
      renameSync(`${file}.real`, file);
    }
    await stillWorks(work, key);
  });

  test('truncated, foreign, or empty', async () => {
    const work = await workplace();
    await createKey(work);
    const whole = readFileSync(work.keyring);
    truncateSync(work.keyring, whole.length - 4096);
    await refused(work, /damaged|tampered|not a keyring/, 'list-keys');
    writeFileSync(work.keyring, 'this is a text file, not a database, and long enough to be read as one'.repeat(200));
    await refused(work, /is not a keyring/, 'list-keys');
    writeFileSync(work.keyring, '');
    await refused(work, /is not a keyring/, 'list-keys');
  });

  test('put back to an earlier state: the log is ahead of it', async () => {
    const work = await workplace();
    const key = await createKey(work);
    copyFileSync(work.keyring, `${work.keyring}.old`);
    await work.text('disable-key', '--key-id', key);
    copyFileSync(`${work.keyring}.old`, work.keyring);
    await refused(
      work,
      /ahead of the keyring: an earlier version of the keyring was restored/,
      'encrypt',
      '--key-id',
      key,
      '--plaintext',
      'aGVsbG8=',
    );
    const { stdout, exitCode } = await work.kms('audit', 'verify');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('rolled back');
  });

  test('the head of its log is missing or was changed: refused, verified as such, begun anew by audit restart', async () => {
    for (const damage of [rmSync, (head: string) => writeFileSync(head, 'x')]) {
      const work = await workplace();
      const key = await createKey(work);
      await work.text('list-keys');
      damage(`${work.log}.head`);
      await refused(
        work,
        /the head .*audit\.jsonl\.head of the audit log (?:is missing|was changed)\nhint: kms audit verify/,
        'list-keys',
      );
      const { stdout, exitCode } = await work.kms('audit', 'verify');
      expect(exitCode).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        Valid: false,
        Events: 2,
        Problems: [{ Line: 2, Kind: 'unknown end', Message: expect.stringContaining('the head') }],
      });
      await work.text('audit', 'restart');
      await stillWorks(work, key);
      expect(JSON.parse(await work.text('audit', 'verify'))).toMatchObject({ Valid: true });
    }
  });

  test('everything that is made is closed to others', async () => {
    const work = await workplace();
    await createKey(work);
    const key = execFileSync('find', [work.folder, '-name', '*.key'], { encoding: 'utf8' }).trim();
    expect([work.keyring, work.log, `${work.log}.head`, key].map((file) => statSync(file).mode & 0o777)).toEqual([
      0o600, 0o600, 0o600, 0o600,
    ]);
    expect(statSync(join(work.keyring, '..')).mode & 0o777).toBe(0o700);
  });
});

describe('unlocking', () => {
  test('the wrong key file, a missing one, one open to others, and one that is none', async () => {
    const work = await workplace();
    const key = await createKey(work);
    const file = execFileSync('find', [work.folder, '-name', '*.key'], { encoding: 'utf8' }).trim();
    const other = await workplace();
    const wrong = execFileSync('find', [other.folder, '-name', '*.key'], { encoding: 'utf8' }).trim();
    await refused(work, /the key file does not unlock this keyring/, 'list-keys', '--key-file', wrong);
    await refused(work, /the key file .* does not exist/, 'list-keys', '--key-file', join(work.folder, 'nope'));
    const text = join(work.folder, 'text');
    writeFileSync(text, 'hello', { mode: 0o600 });
    await refused(work, /is not a pocket-kms key file/, 'list-keys', '--key-file', text);
    chmodSync(file, 0o644);
    await refused(work, /is locked\nhint: the key file .* is accessible to other users\nhint: chmod 600/, 'list-keys');
    renameSync(file, `${file}.away`);
    await refused(work, /the keyring is locked\nhint: slot 1 is opened by the key file/, 'list-keys');
    chmodSync(`${file}.away`, 0o600);
    renameSync(`${file}.away`, file);
    await stillWorks(work, key);
  });

  test('passphrases: from a file, from a descriptor, wrong, empty, changed; slots added and removed', async () => {
    const work = await workplace({ init: false });
    const first = join(work.folder, 'first');
    const second = join(work.folder, 'second');
    writeFileSync(first, 'correct horse\n', { mode: 0o600 });
    writeFileSync(second, 'battery staple', { mode: 0o600 });
    await work.text('init', '--passphrase-file', first);
    await refused(work, /the keyring is locked\nhint: slot 1 is opened by a passphrase/, 'list-keys');
    await refused(work, /the passphrase does not unlock this keyring/, 'list-keys', '--passphrase-file', second);
    const key = (
      await work.text('create-key', '--passphrase-file', first, '--query', 'KeyMetadata.KeyId', '--output', 'text')
    ).trim();
    const byDescriptor = spawnSync(
      'bash',
      ['-c', `"${process.execPath}" "${BIN}" list-keys --passphrase-fd 3 3< "${first}"`],
      { env: work.env },
    );
    expect(byDescriptor.status).toBe(0);
    await work.text('keyring', 'change-passphrase', '--passphrase-file', first, '--new-passphrase-file', second);
    await refused(work, /the passphrase does not unlock/, 'list-keys', '--passphrase-file', first);
    await work.text('keyring', 'add-slot', '--passphrase-file', second, '--new-key-file', join(work.folder, 'k'));
    await work.text('list-keys'); // the new key file is found by itself
    await work.text('keyring', 'remove-slot', '1');
    await refused(work, /the passphrase does not unlock/, 'list-keys', '--passphrase-file', second);
    await refused(work, /the last unlock slot cannot be removed/, 'keyring', 'remove-slot', '2');
    await stillWorks(work, key);
    writeFileSync(first, '\n');
    await refused(work, /the passphrase is empty/, 'list-keys', '--passphrase-file', first);
  });
});

describe('a full disk and a read-only place', () => {
  test('a file size limit: the call fails, nothing is lost', async () => {
    const work = await workplace();
    const key = await createKey(work);
    const policy = join(work.folder, 'description');
    writeFileSync(policy, 'x'.repeat(8000));
    // 40 blocks of 1024 bytes: the keyring is at its limit after a few large descriptions
    const script = `ulimit -f 40; for i in 1 2 3 4 5 6 7 8; do "$0" "$1" create-key --description file://${policy} || exit $?; done`;
    const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath, BIN], {
      env: work.env,
      encoding: 'utf8',
    });
    expect({ status, stderr: stderr.split('\n')[1] }).toMatchObject({
      status: 253,
      stderr: expect.stringMatching(/full|limit|cannot be/),
    });
    await stillWorks(work, key);
  });

  test('a small file system that is full', async () => {
    const work = await workplace({ init: false });
    const disk = join(work.folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'tmpfs', disk]);
    try {
      const env = { ...work.env, POCKET_KMS_KEYRING: join(disk, 'ring') };
      const run = (...args: string[]) => work.kmsWith({ env }, ...args);
      expect((await run('init')).exitCode).toBe(0);
      expect((await run('create-key')).exitCode).toBe(0);
      writeFileSync(join(disk, 'ballast'), Buffer.alloc(1 << 20), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      const env = { ...work.env, POCKET_KMS_KEYRING: join(disk, 'ring') };
      const full = await work.kmsWith({ env }, 'create-key', '--description', 'x'.repeat(8000));
      execFileSync('rm', [join(disk, 'ballast')]);
      const verified = await work.kmsWith({ env }, 'keyring', 'verify');
      const audited = await work.kmsWith({ env }, 'audit', 'verify');
      const listed = await work.kmsWith({ env }, 'list-keys', '--query', 'length(Keys)');
      execFileSync('umount', [disk]);
      expect({ exitCode: full.exitCode, stdout: full.stdout }).toEqual({ exitCode: 253, stdout: '' });
      expect(full.stderr).toMatch(/disk is full|cannot be (?:read or )?written/);
      expect([verified.exitCode, audited.exitCode, listed.stdout]).toEqual([0, 0, '1\n']);
    }
  });

  test('a read-only file system', async () => {
    const work = await workplace({ init: false });
    const disk = join(work.folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', disk]);
    try {
      const env = { ...work.env, POCKET_KMS_KEYRING: join(disk, 'ring') };
      expect((await work.kmsWith({ env }, 'init')).exitCode).toBe(0);
      execFileSync('mount', ['-o', 'remount,ro', disk]);
      const ran = await work.kmsWith({ env }, 'list-keys');
      expect({ exitCode: ran.exitCode, stdout: ran.stdout }).toEqual({ exitCode: 253, stdout: '' });
      expect(ran.stderr).toMatch(/cannot be (?:opened|written)|read-only/);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

describe('what cannot be said', () => {
  const status = (work: Workplace, line: string): string =>
    execFileSync('bash', ['--norc', '-c', `kms() { "$NODE" "$BIN" "$@"; }; ${line}; echo " [$?]"`], {
      cwd: work.folder,
      env: { ...work.env, NODE: process.execPath, BIN },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  test('on stderr does not change how the command ends', async () => {
    const work = await workplace();
    expect(status(work, 'kms describe-key --key-id nope 2>/dev/full')).toBe(' [254]\n');
    expect(status(work, 'kms list-keys --keyring nowhere 2>/dev/full')).toBe(' [253]\n');
    expect(status(work, 'kms list-keys --output text 2>/dev/full')).toBe(' [0]\n');
  });

  test('on stdout is one line', async () => {
    const work = await workplace();
    const FULL = 'kms: [ERROR]: standard output cannot be written: the disk is full';
    expect(status(work, 'kms __complete list-k 2>&1 >/dev/full')).toBe(' [255]\n');
    const batch = `kms batch <<< '{"Operation":"ListKeys"}'`;
    for (const line of ['kms --version', 'kms list-keys', 'kms help', batch]) {
      expect(status(work, `${line} 2>&1 >/dev/full`)).toBe(`\n${FULL}\n [255]\n`);
      expect(status(work, `{ ${line}; echo "$?" >status; } | true; cat status`)).toBe('0\n [0]\n');
    }
  });
});

test('a secret that never ends is not waited for', async () => {
  const work = await workplace();
  const words = (how: string): string => `"${process.execPath}" "${BIN}" list-keys ${how}`;
  for (const how of ['--passphrase-fd 0 </dev/zero', '--passphrase-file endless']) {
    const line = `mkfifo -m 600 endless 2>/dev/null; cat /dev/zero >endless 2>/dev/null & ${words(how)}; echo "[$?]"; kill $!`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', line], {
      cwd: work.folder,
      env: work.env,
      encoding: 'utf8',
    });
    expect([stdout, stderr]).toEqual(['[253]\n', expect.stringContaining('is larger than 65,536 bytes')]);
  }
});

test('a keyring is not restored from itself', async () => {
  const work = await workplace();
  await refused(work, /ring\/keyring\.db is the keyring itself/, 'keyring', 'restore', 'ring/keyring.db');
});

test('no secret, and no name that people chose, is in any file', async () => {
  const work = await workplace({ init: false });
  const secrets = {
    passphrase: 'NEEDLE-passphrase-7f3a',
    plaintext: 'NEEDLE-plaintext-91bc',
    alias: 'NEEDLE-alias-2d',
    tag: 'NEEDLE-tag-55',
    description: 'NEEDLE-description-08',
    sid: 'NEEDLE-sid-c3',
  };
  const file = join(work.folder, 'passphrase');
  writeFileSync(file, secrets.passphrase, { mode: 0o600 });
  const unlock = ['--passphrase-file', file];
  await work.text('init', ...unlock);
  const made = await work.json(
    'create-key',
    ...unlock,
    '--description',
    secrets.description,
    '--tags',
    `TagKey=${secrets.tag},TagValue=${secrets.tag}`,
  );
  const key = (made['KeyMetadata'] as { KeyId: string }).KeyId;
  await work.text('create-alias', ...unlock, '--alias-name', `alias/${secrets.alias}`, '--target-key-id', key);
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: secrets.sid,
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::000000000000:root' },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  };
  await work.text('put-key-policy', ...unlock, '--key-id', key, '--policy', JSON.stringify(policy));
  const plaintext = Buffer.from(secrets.plaintext).toString('base64');
  const blob = await work.text(
    'encrypt',
    ...unlock,
    '--key-id',
    key,
    '--plaintext',
    plaintext,
    '--query',
    'CiphertextBlob',
    '--output',
    'text',
  );
  await work.text('decrypt', ...unlock, '--ciphertext-blob', blob.trim());
  renameSync(file, join(work.folder, '..', `outside-${process.pid}`));
  const found = (needle: string, where: string): boolean =>
    spawnSync('grep', ['-rqaF', '--', needle, where]).status === 0;
  const forms = (text: string): string[] => [
    text,
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    Buffer.from(text).toString('hex'),
  ];
  for (const [name, text] of Object.entries(secrets)) {
    for (const form of forms(text))
      expect({ name, form, found: found(form, work.keyring) }).toMatchObject({ found: false });
  }
  // names are in the log, as in CloudTrail; what is secret is not
  for (const text of [secrets.plaintext, secrets.passphrase]) {
    for (const form of [...forms(text), blob.trim()])
      expect({ form, found: found(form, work.folder) }).toMatchObject({ found: false });
  }
  expect(found(secrets.alias, work.log)).toBe(true); // the search itself works
  execFileSync('rm', [join(work.folder, '..', `outside-${process.pid}`)]);
});
