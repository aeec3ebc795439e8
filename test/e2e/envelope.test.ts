/** `kms envelope`: messages that the client of the AWS Encryption SDK for JavaScript reads, and those that it wrote. */
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildClient, CommitmentPolicy, KmsKeyringNode } from '@aws-crypto/client-node';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { fixture, type Fixture } from '../support/fixture.ts';
import { BIN, createKey, workplace, type Workplace } from './command.ts';

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('a file of some megabytes goes there and back, for two keys, with an encryption context', async () => {
  const work = await workplace();
  const [first, second] = [await createKey(work), await createKey(work)];
  const data = randomBytes(5 * 1024 * 1024 + 17);
  const path = (name: string): string => join(work.folder, name);
  writeFileSync(path('data'), data);
  await work.text('create-alias', '--alias-name', 'alias/e', '--target-key-id', first);
  const encrypted = await work.kms(
    'envelope',
    'encrypt',
    '--key-ids',
    'alias/e',
    second,
    '--encryption-context',
    'a=b',
    '--from',
    'data',
    '--to',
    'data.enc',
  );
  expect(encrypted).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  expect(readFileSync(path('data.enc'))[0]).toBe(2); // message format version 2: key commitment
  await work.text('envelope', 'decrypt', '--from', 'data.enc', '--to', 'again');
  expect(digest(readFileSync(path('again')))).toBe(digest(data));

  await work.text('disable-key', '--key-id', first);
  await work.text('envelope', 'decrypt', '--from', 'data.enc', '--to', 'by-second', '--encryption-context', 'a=b');
  expect(digest(readFileSync(path('by-second')))).toBe(digest(data));

  const wrong = await work.kms(
    'envelope',
    'decrypt',
    '--from',
    'data.enc',
    '--to',
    'wrong',
    '--encryption-context',
    'a=c',
  );
  expect(wrong.exitCode).toBe(254);
  await work.text('disable-key', '--key-id', second);
  const none = await work.kms('envelope', 'decrypt', '--from', 'data.enc', '--to', 'none');
  expect(none.exitCode).not.toBe(0);
  expect([existsSync(path('wrong')), existsSync(path('none'))]).toEqual([false, false]);
  expect(readdirSync(work.folder).filter((name) => name.startsWith('.kms-envelope'))).toEqual([]);
});

test('a message that was altered at its end releases nothing, neither to a file nor to stdout', async () => {
  const work = await workplace();
  const key = await createKey(work);
  writeFileSync(join(work.folder, 'data'), randomBytes(300_000));
  await work.text('envelope', 'encrypt', '--key-ids', key, '--from', 'data', '--to', 'data.enc');
  const message = readFileSync(join(work.folder, 'data.enc'));
  message[message.length - 200]! ^= 1;
  writeFileSync(join(work.folder, 'data.enc'), message);
  const toStdout = await work.kms('envelope', 'decrypt', '--from', 'data.enc');
  expect({ stdout: toStdout.stdout, ok: toStdout.exitCode === 0 }).toEqual({ stdout: '', ok: false });
  const toFile = await work.kms('envelope', 'decrypt', '--from', 'data.enc', '--to', 'out');
  expect({ ok: toFile.exitCode === 0, there: existsSync(join(work.folder, 'out')) }).toEqual({
    ok: false,
    there: false,
  });
  expect((await work.kms('envelope', 'decrypt', '--from', 'data')).exitCode).toBe(253);
});

test('stdin to stdout', async () => {
  const work = await workplace();
  const key = await createKey(work);
  const { stdout } = await work.kmsWith(
    { input: 'hello', encoding: 'buffer' },
    'envelope',
    'encrypt',
    '--key-ids',
    key,
    '--to',
    'm',
  );
  expect(stdout).toBe('');
  const input = readFileSync(join(work.folder, 'm'));
  expect((await work.kmsWith({ input }, 'envelope', 'decrypt')).stdout).toBe('hello');
});

test('a reader that takes its time gets the end of it too', async () => {
  const work = await workplace();
  const key = await createKey(work);
  writeFileSync(join(work.folder, 'data'), randomBytes(2 ** 21));
  const kms = `'${process.execPath}' '${BIN}' envelope`;
  const { exitCode } = await execa(
    'sh',
    ['-c', `${kms} encrypt --key-ids ${key} --from data | { sleep 1; ${kms} decrypt; } | cmp - data`],
    { cwd: work.folder, env: work.env, reject: false },
  );
  expect(exitCode).toBe(0);
});

/** The library as another program would use it, over the pipeline in memory. */
function clientOver(kms: Fixture) {
  const call = (operation: string) => async (input: object) => (await kms.call(operation, input)) as never;
  return { generateDataKey: call('GenerateDataKey'), encrypt: call('Encrypt'), decrypt: call('Decrypt') };
}

test.each([
  ['with key commitment', CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT, 2],
  ['of version 1, without', CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT, 1],
])('the library itself agrees with our pipeline, %s', async (_, policy, version) => {
  const kms = await fixture();
  const { KeyMetadata } = (await kms.call('CreateKey')) as { KeyMetadata: { Arn: string } };
  const { encrypt, decrypt } = buildClient(policy);
  const keyring = new KmsKeyringNode({ generatorKeyId: KeyMetadata.Arn, clientProvider: () => clientOver(kms) });
  const { result } = await encrypt(keyring, Buffer.from('hello'), { encryptionContext: { a: 'b' } });
  expect(result[0]).toBe(version);
  const { plaintext } = await decrypt(keyring, result);
  expect(plaintext.toString()).toBe('hello');
});

test('a denied call is reported as that call, with the exit status of a denial', async () => {
  const work = await workplace();
  const [first, second] = [await createKey(work), await createKey(work)];
  const other = ['--as', 'arn:aws:iam::111122223333:role/other'];
  const denied = (operation: string): object => ({
    exitCode: 254,
    stdout: '',
    stderr: expect.stringMatching(
      new RegExp(
        `^\\nkms: \\[ERROR\\]: An error occurred \\(AccessDeniedException\\) when calling the ${operation} [^\\n]*\\n$`,
      ),
    ),
  });
  const encrypt = ['envelope', 'encrypt', '--key-ids', first, second, '--to', 'data.enc'];
  expect(await work.kmsWith({ input: 'data' }, ...encrypt, ...other)).toMatchObject(denied('GenerateDataKey'));
  expect(existsSync(join(work.folder, 'data.enc'))).toBe(false);
  expect(await work.kmsWith({ input: 'data' }, ...encrypt)).toMatchObject({ exitCode: 0 });
  const decrypt = ['envelope', 'decrypt', '--from', 'data.enc'];
  expect(await work.kms(...decrypt, ...other)).toMatchObject(denied('Decrypt'));

  // a key that failed is not why a message is wrong that another key opened
  await work.text('disable-key', '--key-id', first);
  const path = join(work.folder, 'data.enc');
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
  expect(await work.kms(...decrypt)).toMatchObject({ exitCode: 253, stdout: '' });
});

interface Given {
  readonly KeyId?: unknown;
  readonly NumberOfBytes?: unknown;
  readonly Plaintext?: unknown;
  readonly EncryptionContext?: unknown;
}

/** The library as another program would use it, over the command line. */
function clientOverCommands(work: Workplace) {
  const blob = (text: unknown): Uint8Array => Buffer.from(text as string, 'base64');
  const answers = new Map<string, Promise<Record<string, unknown>>>();
  const call = (...words: readonly string[]): Promise<Record<string, unknown>> => {
    const name = words.join(' ');
    if (!answers.has(name)) answers.set(name, work.json(...words));
    return answers.get(name)!;
  };
  const context = (pairs: unknown): readonly string[] => ['--encryption-context', JSON.stringify(pairs)];
  return {
    async generateDataKey({ KeyId, NumberOfBytes, EncryptionContext }: Given) {
      const words = ['--key-id', String(KeyId), '--number-of-bytes', String(NumberOfBytes)];
      const made = await call('generate-data-key', ...words, ...context(EncryptionContext));
      return { ...made, Plaintext: blob(made['Plaintext']), CiphertextBlob: blob(made['CiphertextBlob']) } as never;
    },
    async encrypt({ KeyId, Plaintext, EncryptionContext }: Given) {
      const words = ['--key-id', String(KeyId), '--plaintext', Buffer.from(Plaintext as Uint8Array).toString('base64')];
      const made = await call('encrypt', ...words, ...context(EncryptionContext));
      return { ...made, CiphertextBlob: blob(made['CiphertextBlob']) } as never;
    },
    decrypt: async () => Promise.reject(new Error('nothing is decrypted here')),
  };
}

interface Hostile {
  readonly frameLength?: number;
  readonly keys?: number;
  readonly size: number;
  readonly behind?: number;
}

describe('messages that would take all memory, or many calls', () => {
  const MEBIBYTE = 2 ** 20;

  async function decrypted({ frameLength = 4096, keys = 0, size, behind = 0 }: Hostile) {
    const work = await workplace();
    const { KeyMetadata } = (await work.json('create-key')) as { KeyMetadata: { Arn: string } };
    const keyring = new KmsKeyringNode({
      generatorKeyId: KeyMetadata.Arn,
      keyIds: Array.from({ length: keys }, () => KeyMetadata.Arn),
      clientProvider: () => clientOverCommands(work),
    });
    const { encrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
    const data = Buffer.alloc(size, 'x');
    const { result } = await encrypt(keyring, data, { frameLength });
    writeFileSync(join(work.folder, 'message'), Buffer.concat([result, Buffer.alloc(behind)]));
    const before = work.events().length;
    const { stdout, ...ran } = await work.kms('envelope', 'decrypt', '--from', 'message');
    return { ...ran, isWhole: stdout === data.toString(), bytes: stdout.length, calls: work.events().length - before };
  }

  test.each<readonly [string, Hostile]>([
    ['frames of 16 MiB', { frameLength: 16 * MEBIBYTE, size: 17 * MEBIBYTE }],
    ['64 data keys', { keys: 63, size: 10 }],
  ])('%s are read', async (_, hostile) => {
    expect(await decrypted(hostile)).toMatchObject({ exitCode: 0, stderr: '', isWhole: true, calls: 1 });
  });

  test.each<readonly [string, Hostile, string, number]>([
    ['larger frames', { frameLength: 17 * MEBIBYTE, size: 17 * MEBIBYTE }, 'maxBodySize exceeded', 1],
    ['more data keys', { keys: 64, size: 10 }, 'maxEncryptedDataKeys exceeded', 0],
    ['much behind the end', { size: 10, behind: 20 * MEBIBYTE }, 'the file has data after the end of the message', 1],
  ])('%s: refused, and nothing is released', async (_, hostile, message, calls) => {
    const ran = await decrypted(hostile);
    expect(ran).toMatchObject({ exitCode: 253, bytes: 0, calls });
    expect(ran.stderr).toContain(message);
  });
});

test('without a keyring there is one error line, and no file', async () => {
  const work = await workplace({ init: false });
  for (const words of [
    ['encrypt', '--key-ids', 'alias/a'],
    ['decrypt', '--encryption-context', 'a=b'],
  ]) {
    const { exitCode, stdout, stderr } = await work.kmsWith({ input: 'x' }, 'envelope', ...words, '--to', 'out');
    expect({ exitCode, stdout }).toEqual({ exitCode: 253, stdout: '' });
    expect(stderr).toMatch(/^\nkms: \[ERROR\]: .*\n(?:hint: .*\n)*$/);
  }
  expect(readdirSync(work.folder)).toEqual([]);
});

test('data that cannot be read is reported in one line and leaves no file', async () => {
  const work = await workplace();
  const key = await createKey(work);
  mkdirSync(join(work.folder, 'folder'));
  for (const [from, says] of [
    ['none', 'none does not exist'],
    ['folder', 'folder is a folder'],
    ['none/below', 'none/below does not exist'],
    ['/proc/self/mem', '/proc/self/mem cannot be used: EIO'], // opens, and fails when it is read
  ] as const) {
    for (const words of [['encrypt', '--key-ids', key], ['decrypt']]) {
      const { exitCode, stdout, stderr } = await work.kms('envelope', ...words, '--from', from, '--to', 'out');
      expect({ exitCode, stdout }).toEqual({ exitCode: 253, stdout: '' });
      expect(stderr).toMatch(/^\nkms: \[ERROR\]: .*\n(?:hint: .*\n)*$/);
      expect(stderr).toContain(says);
    }
  }
  expect(readdirSync(work.folder).filter((name) => name.startsWith('out') || name.startsWith('.kms-'))).toEqual([]);
});

test('an output that cannot be written is reported at once, however much data follows', async () => {
  const work = await workplace();
  const key = await createKey(work);
  const input = Buffer.alloc(20_000_000);
  const words = ['envelope', 'encrypt', '--key-ids', key];
  const full = await work.kmsWith({ input }, ...words, '--to', '/dev/full');
  expect(full).toMatchObject({
    exitCode: 253,
    stderr: expect.stringContaining('/dev/full cannot be written: the disk is full'),
  });
  const message = join(work.folder, 'message');
  expect(await work.kmsWith({ input }, ...words, '--to', message)).toMatchObject({ exitCode: 0 });
  expect(await work.kms('envelope', 'decrypt', '--from', message, '--to', '/dev/full')).toMatchObject({
    exitCode: 253,
    stderr: full.stderr,
  });
});

test('a command that ends without an answer does not end as if all were well', async () => {
  const work = await workplace();
  const key = await createKey(work);
  const never = '{ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }), destroy() {} }';
  writeFileSync(join(work.folder, 'never.cjs'), `Object.defineProperty(process, 'stdin', { value: ${never} });`);
  const env = { ...work.env, NODE_OPTIONS: '--require ./never.cjs' };
  const { exitCode, stderr } = await work.kmsWith({ env }, 'envelope', 'encrypt', '--key-ids', key, '--to', 'out');
  expect({ exitCode, stderr }).toEqual({
    exitCode: 255,
    stderr: '\nkms: [ERROR]: the command ended without an answer\nhint: this is a defect of kms itself\n',
  });
});

test('where the library was left out of the installation, it says what is missing; everything else works', async () => {
  const work = await workplace();
  const key = await createKey(work);
  const installed = join(work.folder, 'installed');
  for (const part of ['bin', 'dist', 'package.json'])
    cpSync(join(BIN, '../..', part), join(installed, part), { recursive: true });
  const kms = (...args: string[]) =>
    execa(process.execPath, [join(installed, 'bin/kms.js'), ...args], {
      env: work.env,
      extendEnv: false,
      reject: false,
    });
  writeFileSync(join(work.folder, 'data'), 'x');
  const from = join(work.folder, 'data');
  for (const words of [
    ['envelope', 'encrypt', '--key-ids', key, '--from', from],
    ['envelope', 'decrypt', '--from', from],
    ['seal', from, '--key-id', key],
    ['open', from],
  ]) {
    const to = join(work.folder, 'out');
    const ran = await kms(...words, '--to', to);
    expect(ran).toMatchObject({ exitCode: 253, stdout: '' });
    expect(ran.stderr.trim()).toBe(
      `kms: [ERROR]: messages of the AWS Encryption SDK need the package @aws-crypto/client-node, which is not installed
hint: it is an optional dependency: npm install --include=optional installs it`,
    );
    expect(existsSync(to)).toBe(false);
  }
  expect(await kms('encrypt', '--key-id', key, '--plaintext', 'aGVsbG8=')).toMatchObject({ exitCode: 0 });
});
