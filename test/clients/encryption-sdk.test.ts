/** The AWS Encryption SDK with a client of the AWS SDK: multi-Region keys that are discovered, and cached data keys. */
import {
  AwsKmsMrkAwareSymmetricDiscoveryKeyringNode,
  buildAwsKmsMrkAwareStrictMultiKeyringNode,
  buildClient,
  CommitmentPolicy,
  getLocalCryptographicMaterialsCache,
  NodeCachingMaterialsManager,
} from '@aws-crypto/client-node';
import { KMS } from '@aws-sdk/client-kms';
import { expect, test } from 'vitest';
import { clientConfiguration, createKms } from '../../src/index.ts';

const [ACCOUNT, HOME, AWAY] = ['111122223333', 'us-east-1', 'eu-west-1'];
const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
const context = { purpose: 'test' };

/** The types of the library are not made for `exactOptionalPropertyTypes`. */
const asClient = (client: KMS) =>
  client as KMS & ConstructorParameters<typeof AwsKmsMrkAwareSymmetricDiscoveryKeyringNode>[0]['client'];

/** A multi-Region key with a replica. */
async function keyring() {
  let now = new Date('2026-01-02T00:00:00Z');
  const kms = await createKms({ account: ACCOUNT, region: HOME, clock: () => now });
  const clientIn = (region: string): KMS => new KMS(clientConfiguration(kms, { region }));
  const { KeyMetadata } = await clientIn(HOME).createKey({ MultiRegion: true });
  const primary = KeyMetadata!.Arn!;
  await clientIn(HOME).replicateKey({ KeyId: primary, ReplicaRegion: AWAY });
  now = new Date('2026-01-02T00:01:00Z'); // a replica is Creating for some seconds
  const clientProvider = (region: string) => asClient(clientIn(region));
  const strict = buildAwsKmsMrkAwareStrictMultiKeyringNode({ generatorKeyId: primary, clientProvider });
  const events = async () =>
    (await kms.events()).map(({ eventName, awsRegion }) => `${String(eventName)} ${String(awsRegion)}`);
  return { clientIn, strict, events };
}

const discovery = (client: KMS, accountIDs: string[]) =>
  new AwsKmsMrkAwareSymmetricDiscoveryKeyringNode({
    client: asClient(client),
    discoveryFilter: { accountIDs, partition: 'aws' },
  });

test('a message is decrypted in the other Region by the replica, which was not specified', async () => {
  const { clientIn, strict, events } = await keyring();
  const { result } = await encrypt(strict, 'hello', { encryptionContext: context });
  const { plaintext, messageHeader } = await decrypt(discovery(clientIn(AWAY), [ACCOUNT]), result);
  expect(plaintext.toString()).toBe('hello');
  expect((await events()).slice(-2)).toEqual([`GenerateDataKey ${HOME}`, `Decrypt ${AWAY}`]);
  // the data key is bound to the context of the message, which holds a public key of the library besides
  const { encryptionContext, encryptedDataKeys } = messageHeader;
  expect(encryptionContext).toMatchObject({ ...context, 'aws-crypto-public-key': expect.any(String) });
  const CiphertextBlob = encryptedDataKeys[0]!.encryptedDataKey;
  await clientIn(AWAY).decrypt({ CiphertextBlob, EncryptionContext: encryptionContext });
  for (const other of [context, {}, { ...encryptionContext, purpose: 'other' }]) {
    const call = clientIn(AWAY).decrypt({ CiphertextBlob, EncryptionContext: other });
    await expect(call).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  }
});

test('a key of an account that the filter lacks, and a Region without a replica', async () => {
  const { clientIn, strict, events } = await keyring();
  const { result } = await encrypt(strict, 'hello', { encryptionContext: context });
  await expect(decrypt(discovery(clientIn(AWAY), ['444455556666']), result)).rejects.toThrow('Unable to decrypt');
  expect((await events()).at(-1)).toBe(`GenerateDataKey ${HOME}`);
  await expect(decrypt(discovery(clientIn('ap-south-1'), [ACCOUNT]), result)).rejects.toThrow('NotFoundException');
});

test('a cache of data keys: one call for several messages, each way', async () => {
  const { clientIn, strict, events } = await keyring();
  const cache = getLocalCryptographicMaterialsCache(10);
  const cached = (backingMaterials: typeof strict | ReturnType<typeof discovery>) =>
    new NodeCachingMaterialsManager({
      backingMaterials,
      cache,
      maxAge: 60_000,
      maxMessagesEncrypted: 10,
      partition: 'test',
    });
  const [writer, reader] = [cached(strict), cached(discovery(clientIn(AWAY), [ACCOUNT]))];
  for (const text of ['one', 'two', 'three']) {
    const { result } = await encrypt(writer, text, { encryptionContext: context, plaintextLength: text.length });
    expect((await decrypt(reader, result)).plaintext.toString()).toBe(text);
  }
  const calls = (await events()).filter((event) => /^(?:GenerateDataKey|Decrypt) /.test(event));
  expect(calls).toEqual([`GenerateDataKey ${HOME}`, `Decrypt ${AWAY}`]);
});
