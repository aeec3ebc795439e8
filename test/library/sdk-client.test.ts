/** The clients of the AWS SDK over a keyring of this process. */
import * as sdk from '@aws-sdk/client-kms';
import { join } from 'node:path';
import { execa } from 'execa';
import { build } from 'rolldown';
import { expect, test } from 'vitest';
import { EnvironmentError } from '../../src/model/error.ts';
import { clientConfiguration, createKms, kmsClient, type PocketKms } from '../../src/index.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();
const hello = new Uint8Array(Buffer.from('hello'));

type Client = Pick<sdk.KMSClient, 'send' | 'destroy'>;

const CLIENTS: readonly (readonly [name: string, clientOf: (kms: PocketKms) => Client])[] = [
  ['kmsClient()', (kms) => kmsClient(kms)],
  ['new KMSClient()', (kms) => new sdk.KMSClient(clientConfiguration(kms))],
];

test.each(CLIENTS)('%s: calls, with subclasses of commands too', async (_, clientOf) => {
  class DescribeMine extends sdk.DescribeKeyCommand {}
  const client = clientOf(await createKms({ region: 'eu-west-1' }));
  const { KeyMetadata } = await client.send(new sdk.CreateKeyCommand({}));
  const KeyId = KeyMetadata!.KeyId!;
  expect((await client.send(new DescribeMine({ KeyId }))).KeyMetadata).toEqual(KeyMetadata);
  expect(KeyMetadata!.Arn).toMatch(/^arn:aws:kms:eu-west-1:/);
  const EncryptionContext = { a: 'b' };
  const { CiphertextBlob } = await client.send(new sdk.EncryptCommand({ KeyId, Plaintext: hello, EncryptionContext }));
  const { Plaintext } = await client.send(new sdk.DecryptCommand({ CiphertextBlob, EncryptionContext }));
  expect(Buffer.from(Plaintext!).toString()).toBe('hello');
  const { $metadata, ...rest } = await client.send(new sdk.DisableKeyCommand({ KeyId }));
  expect({ status: $metadata.httpStatusCode, rest }).toEqual({ status: 200, rest: {} });
});

test.each(CLIENTS)('%s: refusals are the exceptions of the SDK', async (_, clientOf) => {
  const client = clientOf(await createKms());
  const error: unknown = await client
    .send(new sdk.DescribeKeyCommand({ KeyId: 'alias/none' }))
    .catch((thrown) => thrown);
  expect(error).toBeInstanceOf(sdk.NotFoundException);
  expect(error).toMatchObject({ message: expect.stringContaining('is not found'), $fault: 'client' });
  const invalid: unknown = await client.send(new sdk.DescribeKeyCommand({ KeyId: '' })).catch((thrown) => thrown);
  expect(invalid).toBeInstanceOf(sdk.KMSServiceException);
  expect(invalid).toMatchObject({ name: 'ValidationException' });
});

test.each(CLIENTS)('%s: paginators', async (_, clientOf) => {
  const kms = await createKms();
  for (let more = 0; more < 3; more += 1) await kms.createKey();
  const pages: number[] = [];
  const client = clientOf(kms) as sdk.KMSClient;
  for await (const { Keys } of sdk.paginateListKeys({ client, pageSize: 2 }, {})) pages.push(Keys!.length);
  expect(pages).toEqual([2, 1]);
});

// @smithy/node-http-handler, buildAbortError()
test.each(CLIENTS)('%s: an abort signal that was set before: the call is not made', async (_, clientOf) => {
  const kms = await createKms();
  const send = (abortSignal: AbortSignal): Promise<unknown> =>
    clientOf(kms).send(new sdk.CreateKeyCommand({}), { abortSignal });
  const error = { name: 'AbortError', message: 'Request aborted' };
  await expect(send(AbortSignal.abort())).rejects.toMatchObject(error);
  expect((await kms.listKeys()).Keys).toEqual([]);
  expect(await send(new AbortController().signal)).toMatchObject({ KeyMetadata: { Enabled: true } });
});

test.each(CLIENTS)('%s: an abort signal that is set during a call', async (_, clientOf) => {
  const pending = Promise.withResolvers<never>();
  const kms: PocketKms = { ...(await createKms()), call: () => pending.promise };
  const controller = new AbortController();
  const sent = clientOf(kms).send(new sdk.CreateKeyCommand({}), { abortSignal: controller.signal });
  setImmediate(() => controller.abort());
  await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
});

test('what is no refusal is thrown as it is', async () => {
  const kms: PocketKms = {
    ...(await createKms()),
    call: () => Promise.reject(new EnvironmentError('there is no keyring')),
  };
  const client = new sdk.KMSClient(clientConfiguration(kms));
  await expect(client.send(new sdk.ListKeysCommand({}))).rejects.toMatchObject({ name: 'EnvironmentError' });
});

test('in a bundle of one file, minified, with no SDK beside it', async () => {
  const file = join(folder(), 'program.mjs');
  await build({
    input: join(import.meta.dirname, 'bundled-program.ts'),
    platform: 'node',
    logLevel: 'silent',
    output: { file, format: 'esm', minify: true, codeSplitting: false },
  });
  const { stdout } = await execa(process.execPath, [file], { cwd: folder() });
  const refused = { name: 'NotFoundException' };
  expect(JSON.parse(stdout)).toEqual({
    names: expect.not.arrayContaining(['EncryptCommand']),
    without: { text: 'hello', refused: { ...refused, own: false }, aborted: 'AbortError' },
    configured: { text: 'hello', refused: { ...refused, own: true }, aborted: 'AbortError' },
  });
});
