/** The library: calls, clocks, folders, and a client that takes the commands of the AWS SDK. */
import * as sdk from '@aws-sdk/client-kms';
import { join } from 'node:path';
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createKms, kmsClient, KmsException } from '../../src/index.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();
afterEach(() => void vi.unstubAllEnvs());
const hello = new Uint8Array(Buffer.from('hello'));

/** As application code has it: it knows the SDK alone. */
async function roundTrip(client: Pick<sdk.KMSClient, 'send'>): Promise<string> {
  const { KeyMetadata } = await client.send(new sdk.CreateKeyCommand({}));
  const { CiphertextBlob } = await client.send(
    new sdk.EncryptCommand({ KeyId: KeyMetadata!.KeyId, Plaintext: hello, EncryptionContext: { a: 'b' } }),
  );
  const { Plaintext } = await client.send(new sdk.DecryptCommand({ CiphertextBlob, EncryptionContext: { a: 'b' } }));
  return Buffer.from(Plaintext!).toString();
}

test('in memory: calls, answers, events', async () => {
  const kms = await createKms({ account: '111122223333', region: 'eu-west-1' });
  const { KeyMetadata } = (await kms.call('CreateKey')) as { KeyMetadata: { Arn: string } };
  expect(KeyMetadata.Arn).toMatch(/^arn:aws:kms:eu-west-1:111122223333:key\//);
  expect((await kms.events()).map(({ eventName }) => eventName)).toEqual(['CreateKey']);
  kms.close();
});

test.each(['Describekey', 'constructor', '__proto__', 'Nothing'])('%s is no operation', async (name) => {
  const kms = await createKms();
  await expect(kms.call(name)).rejects.toMatchObject({
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
  const { KeyMetadata } = (await first.call('CreateKey', { Description: 'kept' })) as {
    KeyMetadata: { KeyId: string };
  };
  first.close();
  const second = await createKms(options);
  expect(await second.call('DescribeKey', { KeyId: KeyMetadata.KeyId })).toMatchObject({
    KeyMetadata: { Description: 'kept' },
  });
  second.close();
  expect(readdirSync(join(process.env['XDG_CONFIG_HOME']!, 'pocket-kms/trusted'))).toHaveLength(1);
});

describe('kmsClient', () => {
  test('stands in for the client of the SDK', async () => {
    expect(await roundTrip(kmsClient(await createKms()))).toBe('hello');
  });

  test('refusals have the names of AWS, and with its exceptions their classes', async () => {
    const kms = await createKms();
    const wrong = new sdk.DescribeKeyCommand({ KeyId: 'alias/none' });
    const plain = await kmsClient(kms)
      .send(wrong)
      .catch((error: unknown) => error);
    expect(plain).toBeInstanceOf(KmsException);
    expect(plain).toMatchObject({ name: 'NotFoundException', $fault: 'client', $metadata: { httpStatusCode: 400 } });
    const known = await kmsClient(kms, { exceptions: sdk })
      .send(wrong)
      .catch((error: unknown) => error);
    expect(known).toBeInstanceOf(sdk.NotFoundException);
  });

  test.each(['Alice', '', 'arn:aws:iam::111122223333:other/x'])(
    '%j is nobody, and not the root user',
    async (principal) => {
      const kms = await createKms({ account: '111122223333' });
      await expect(kms.call('ListKeys', {}, { principal })).rejects.toThrow('principal must be an ARN of a user');
      kms.close();
    },
  );

  test('an account has 12 digits', async () => {
    await expect(createKms({ account: '1' })).rejects.toThrow("account must be 12 digits, not '1'");
  });

  test('calls are made as a principal, with its tags', async () => {
    const kms = await createKms({ account: '111122223333' });
    const { KeyMetadata } = await kmsClient(kms).send(new sdk.CreateKeyCommand({}));
    const alice = kmsClient(kms, { principal: 'arn:aws:iam::111122223333:user/Alice' });
    const refused = alice.send(new sdk.DescribeKeyCommand({ KeyId: KeyMetadata!.KeyId }));
    await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
