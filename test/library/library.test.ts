/** The library: calls, clocks, folders, and a client that takes the commands of the AWS SDK. */
import * as sdk from '@aws-sdk/client-kms';
import { join } from 'node:path';
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { camel } from '../../src/model/spelling.ts';
import { OPERATION_NAMES } from '../../src/operations/index.ts';
import { createKms, kmsClient, KmsException } from '../../src/index.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();
afterEach(() => void vi.unstubAllEnvs());
const hello = new Uint8Array(Buffer.from('hello'));

test('in memory: calls, answers, events', async () => {
  const kms = await createKms({ account: '111122223333', region: 'eu-west-1' });
  const { KeyMetadata } = await kms.createKey();
  expect(KeyMetadata!.Arn).toMatch(/^arn:aws:kms:eu-west-1:111122223333:key\//);
  expect((await kms.events()).map(({ eventName }) => eventName)).toEqual(['CreateKey']);
  kms.close();
});

test.each(['Describekey', 'constructor', '__proto__', 'Nothing'])('%s is no operation', async (name) => {
  const kms = await createKms();
  const call: (operation: never) => Promise<unknown> = kms.call;
  await expect(call(name as never)).rejects.toMatchObject({
    name: 'UnsupportedOperationException',
    message: `The operation ${name} is not supported.`,
  });
  kms.close();
});

test('the clock is the one that is given', async () => {
  let now = new Date('2026-01-02T03:04:05Z');
  const kms = await createKms({ clock: () => now });
  const client = kmsClient(kms);
  const { KeyMetadata } = await client.send(new sdk.CreateKeyCommand({}));
  expect(KeyMetadata!.CreationDate).toEqual(now);
  await client.send(new sdk.ScheduleKeyDeletionCommand({ KeyId: KeyMetadata!.KeyId, PendingWindowInDays: 7 }));
  now = new Date('2026-01-09T03:04:06Z');
  await expect(client.send(new sdk.DescribeKeyCommand({ KeyId: KeyMetadata!.KeyId }))).rejects.toThrow(
    'does not exist',
  );
});

test('in a folder: what is made stays there', async () => {
  vi.stubEnv('XDG_CONFIG_HOME', folder()); // where it is recorded that this user made the keyring
  const options = { folder: join(folder(), 'ring'), keyFile: join(folder(), 'ring.key') };
  const first = await createKms(options);
  const { KeyMetadata } = await first.call('CreateKey', { Description: 'kept' });
  first.close();
  const second = await createKms(options);
  expect(await second.describeKey({ KeyId: KeyMetadata!.KeyId! })).toMatchObject({
    KeyMetadata: { Description: 'kept' },
  });
  second.close();
  expect(readdirSync(join(process.env['XDG_CONFIG_HOME']!, 'pocket-kms/trusted'))).toHaveLength(1);
});

test('every operation has a method', async () => {
  const kms = await createKms();
  const methods = new Map(Object.entries(kms));
  expect(OPERATION_NAMES.filter((name) => typeof methods.get(camel(name)) !== 'function')).toEqual([]);
  const { KeyMetadata } = await kms.createKey();
  const { CiphertextBlob } = await kms.encrypt({ KeyId: KeyMetadata!.KeyId!, Plaintext: hello });
  const { Plaintext } = await kms.call('Decrypt', { CiphertextBlob });
  expect(Plaintext).toEqual(hello);
  await expect(kms.describeKey({ KeyId: 'alias/none' })).rejects.toMatchObject({
    name: 'NotFoundException',
    $fault: 'client',
    $metadata: { httpStatusCode: 400 },
  });
  await expect(kms.describeKey({ KeyId: 'alias/none' })).rejects.toBeInstanceOf(KmsException);
  kms.close();
});

describe('callers', () => {
  test.each(['Alice', '', 'arn:aws:iam::111122223333:other/x'])(
    '%j is nobody, and not the root user',
    async (principal) => {
      const kms = await createKms({ account: '111122223333' });
      await expect(kms.call('ListKeys', {}, { principal })).rejects.toThrow('principal must be an ARN of a user');
      kms.close();
    },
  );

  test('an account ID has 12 digits', async () => {
    await expect(createKms({ account: '1' })).rejects.toThrow("account must be 12 digits, not '1'");
  });

  test('calls are made as a principal, with its tags', async () => {
    const kms = await createKms({ account: '111122223333' });
    const { KeyMetadata } = await kms.createKey();
    const alice = kmsClient(kms, { principal: 'arn:aws:iam::111122223333:user/Alice' });
    const refused = alice.send(new sdk.DescribeKeyCommand({ KeyId: KeyMetadata!.KeyId }));
    await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
