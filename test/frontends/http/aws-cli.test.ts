/** The AWS CLI itself, as Debian packages it, over a real socket. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { REGION } from '../../support/fixture.ts';
import { temporaryFolders } from '../../support/folder.ts';
import { service, USER, type Credentials } from './service.ts';

/** Debian's, not another one that comes first on the path. */
const AWS = ['/usr/bin', 'aws'].join('/');

const temporaryFolder = temporaryFolders();

const caller = (url: string, folder: string, { accessKeyId, secretAccessKey }: Credentials) => {
  const env = {
    HOME: folder,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
  };
  return (...words: string[]) =>
    execa(AWS, [...words, '--endpoint-url', url], { cwd: folder, env, extendEnv: false, reject: false });
};

test('keys, data, lists and refusals', { timeout: 120_000 }, async () => {
  const { url } = await service();
  const folder = temporaryFolder();
  const aws = caller(url, folder, { accessKeyId: 'any', secretAccessKey: 'thing' });
  const text = async (...words: string[]): Promise<string> => {
    const { stdout, stderr, exitCode } = await aws(...words, '--output', 'text');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return stdout;
  };
  const id = await text('kms', 'create-key', '--query', 'KeyMetadata.KeyId');
  expect(await text('kms', 'describe-key', '--key-id', id, '--query', 'KeyMetadata.KeyState')).toBe('Enabled');
  await text('kms', 'create-alias', '--alias-name', 'alias/app', '--target-key-id', id);
  writeFileSync(join(folder, 'secret'), 'the secret');
  const context = ['--encryption-context', 'purpose=test'];
  const encrypt = ['--key-id', 'alias/app', '--plaintext', 'fileb://secret', '--query', 'CiphertextBlob', ...context];
  writeFileSync(join(folder, 'blob'), Buffer.from(await text('kms', 'encrypt', ...encrypt), 'base64'));
  const decrypt = ['kms', 'decrypt', '--ciphertext-blob', 'fileb://blob'];
  const opened = await text(...decrypt, ...context, '--query', 'Plaintext');
  expect(Buffer.from(opened, 'base64').toString()).toBe('the secret');
  await text('kms', 'create-key', '--query', 'KeyMetadata.KeyId');
  // its own paging, one key a request
  expect((await text('kms', 'list-keys', '--page-size', '1', '--query', 'Keys[].KeyId')).split(/\s+/)).toContain(id);
  const refused = await aws(...decrypt);
  expect(refused.exitCode).toBe(254);
  expect(refused.stderr).toContain('An error occurred (InvalidCiphertextException) when calling the Decrypt operation');
});

test('signed by an access key, or refused', { timeout: 120_000 }, async () => {
  const made = await service();
  const credentials = await made.accessKey(USER);
  const folder = temporaryFolder();
  const identity = ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text'];
  expect((await caller(made.url, folder, credentials)(...identity)).stdout).toBe(USER);
  const wrong = { ...credentials, secretAccessKey: 'wrong' };
  const refused = await caller(made.url, folder, wrong)('kms', 'list-keys');
  expect(refused.exitCode).toBe(254);
  expect(refused.stderr).toContain('InvalidSignatureException');
});
