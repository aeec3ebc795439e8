/**
 * Secrets as credstash keeps them: a data key of 64 bytes under an encryption context, half of it for AES in counter mode and
 * half for an HMAC; readers have a grant for the context of their role ("Using grants" in the developer guide).
 */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import {
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  GenerateDataKeyCommand,
  RevokeGrantCommand,
} from '@aws-sdk/client-kms';
import { expect, test } from 'vitest';
import { createKms, kmsClient } from '../../src/index.ts';

type Client = ReturnType<typeof kmsClient>;
type Context = Record<string, string>;

interface Stored {
  readonly key: Uint8Array;
  readonly contents: Uint8Array;
  readonly hmac: Uint8Array;
}

/** What credstash has: the data key is used once, so the counter begins with 1. */
const COUNTER = Buffer.from('00000000000000000000000000000001', 'hex');

function halves(key: Uint8Array) {
  if (key.length !== 64) throw new Error(`a data key of ${key.length} bytes`); // HMAC takes an empty key too
  return { encryption: key.subarray(0, 32), authentication: key.subarray(32) };
}
const hmacOf = (key: Uint8Array, contents: Uint8Array): Uint8Array =>
  createHmac('sha256', key).update(contents).digest();

async function put(
  client: Client,
  { KeyId, text, context }: { KeyId: string; text: string; context: Context },
): Promise<Stored> {
  const answer = await client.send(
    new GenerateDataKeyCommand({ KeyId, NumberOfBytes: 64, EncryptionContext: context }),
  );
  const { encryption, authentication } = halves(answer.Plaintext!);
  const cipher = createCipheriv('aes-256-ctr', encryption, COUNTER);
  const contents = Buffer.concat([cipher.update(text), cipher.final()]);
  return { key: answer.CiphertextBlob!, contents, hmac: hmacOf(authentication, contents) };
}

async function get(client: Client, { key, contents, hmac }: Stored, context: Context): Promise<string> {
  const { Plaintext } = await client.send(new DecryptCommand({ CiphertextBlob: key, EncryptionContext: context }));
  const { encryption, authentication } = halves(Plaintext!);
  if (!timingSafeEqual(hmacOf(authentication, contents), hmac)) throw new Error('the contents were changed');
  const decipher = createDecipheriv('aes-256-ctr', encryption, COUNTER);
  return Buffer.concat([decipher.update(contents), decipher.final()]).toString();
}

test('readers get the secrets of the context that their grant is for, until it is revoked', async () => {
  const kms = await createKms({ account: '111122223333' });
  const admin = kmsClient(kms);
  const reader = 'arn:aws:iam::111122223333:role/Reader';
  const client = kmsClient(kms, { principal: reader });
  const { KeyMetadata } = await admin.send(new CreateKeyCommand({}));
  const KeyId = KeyMetadata!.KeyId!;
  const own = await put(admin, { KeyId, text: 'the password', context: { role: 'web', stage: 'test' } });
  const others = await put(admin, { KeyId, text: 'another', context: { role: 'batch' } });

  const denied = { name: 'AccessDeniedException' };
  await expect(get(client, own, { role: 'web', stage: 'test' })).rejects.toMatchObject(denied);
  const { GrantId } = await admin.send(
    new CreateGrantCommand({
      KeyId,
      GranteePrincipal: reader,
      Operations: ['Decrypt'],
      Constraints: { EncryptionContextSubset: { role: 'web' } },
    }),
  );
  // a context is a set: clients write it in the order of their own maps
  for (const context of [
    { role: 'web', stage: 'test' },
    { stage: 'test', role: 'web' },
  ]) {
    expect(await get(client, own, context)).toBe('the password');
  }
  const bystander = kmsClient(kms, { principal: 'arn:aws:iam::111122223333:role/Bystander' });
  await expect(get(bystander, own, { role: 'web', stage: 'test' })).rejects.toMatchObject(denied);
  await expect(get(client, others, { role: 'batch' })).rejects.toMatchObject(denied);
  // credstash tells its user to give a context where it gets this exception
  await expect(get(client, own, { role: 'web' })).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  await expect(put(client, { KeyId, text: 'new', context: { role: 'web' } })).rejects.toMatchObject(denied);
  const altered = { ...own, key: own.key.with(own.key.length - 20, own.key.at(-20)! ^ 1) };
  await expect(get(client, altered, { role: 'web', stage: 'test' })).rejects.toMatchObject({
    name: 'InvalidCiphertextException',
  });
  await admin.send(new RevokeGrantCommand({ KeyId, GrantId }));
  await expect(get(client, own, { role: 'web', stage: 'test' })).rejects.toMatchObject(denied);
});
