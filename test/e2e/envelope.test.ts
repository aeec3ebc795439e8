import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildClient, CommitmentPolicy, KmsKeyringNode } from '@aws-crypto/client-node';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { fixture, type Fixture } from '../support/fixture.ts';
import { BIN, createKey, workplace } from './command.ts';

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

/** The library as another program would use it, over the road in memory. */
function clientOver(kms: Fixture) {
  const call = (operation: string) => async (input: object) => (await kms.call(operation, input)) as never;
  return { generateDataKey: call('GenerateDataKey'), encrypt: call('Encrypt'), decrypt: call('Decrypt') };
}

test.each([
  ['with key commitment', CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT, 2],
  ['of version 1, without', CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT, 1],
])('the library itself agrees with our road, %s', async (_, policy, version) => {
  const kms = await fixture();
  const { KeyMetadata } = (await kms.call('CreateKey')) as { KeyMetadata: { Arn: string } };
  const { encrypt, decrypt } = buildClient(policy);
  const keyring = new KmsKeyringNode({ generatorKeyId: KeyMetadata.Arn, clientProvider: () => clientOver(kms) });
  const { result } = await encrypt(keyring, Buffer.from('hello'), { encryptionContext: { a: 'b' } });
  expect(result[0]).toBe(version);
  const { plaintext } = await decrypt(keyring, result);
  expect(plaintext.toString()).toBe('hello');
});

test('a refused call is told as that call, with the status of a refusal', async () => {
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
