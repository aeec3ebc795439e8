/** The types of the library: calls and methods have the inputs and outputs of the operations. */
import { KMSClient, paginateListKeys } from '@aws-sdk/client-kms';
import { expectTypeOf, test } from 'vitest';
import { clientConfiguration, createKms, kmsClient, type InputOf, type OutputOf } from '../../src/index.ts';

const kms = await createKms();
const Plaintext = new Uint8Array();

test('call() and the methods take and give the same', async () => {
  expectTypeOf(kms.call('Encrypt', { KeyId: 'alias/a', Plaintext })).resolves.toEqualTypeOf<OutputOf<'Encrypt'>>();
  expectTypeOf(kms.encrypt).parameter(0).toEqualTypeOf<InputOf<'Encrypt'>>();
  expectTypeOf(kms.encrypt).returns.resolves.toEqualTypeOf<OutputOf<'Encrypt'>>();
  expectTypeOf((await kms.describeKey({ KeyId: 'alias/a' })).KeyMetadata?.CreationDate).toEqualTypeOf<
    Date | undefined
  >();
  expectTypeOf((await kms.listGrants({ KeyId: 'a' })).Grants?.[0]?.Name).toEqualTypeOf<string | undefined>();
});

test('an input without required members may be left out', () => {
  void kms.createKey();
  void kms.call('ListKeys');
  void kms.listKeys({}, { principal: 'arn:aws:iam::111122223333:user/Alice' });
  // @ts-expect-error -- KeyId is required
  void kms.describeKey();
  // @ts-expect-error -- the same
  void kms.call('DescribeKey');
});

test('what is wrong is an error', async () => {
  // @ts-expect-error -- no operation
  void kms.call('Encypt', { KeyId: 'a', Plaintext });
  // @ts-expect-error -- no member
  void kms.encrypt({ KeyId: 'a', Plaintext, EncryptionContex: {} });
  // @ts-expect-error -- a required member is missing
  void kms.call('Encrypt', { KeyId: 'a' });
  // @ts-expect-error -- a blob is bytes
  void kms.encrypt({ KeyId: 'a', Plaintext: 'text' });
  // @ts-expect-error -- no value of the enumeration
  void kms.createKey({ KeySpec: 'AES_256' });
  // @ts-expect-error -- no member of the output
  void (await kms.encrypt({ KeyId: 'a', Plaintext })).Ciphertext;
});

test('the configuration is one of the client of the SDK', () => {
  const client = new KMSClient(clientConfiguration(kms));
  void paginateListKeys({ client }, {});
  expectTypeOf(kmsClient(kms)).toExtend<Pick<KMSClient, 'send' | 'destroy'>>();
});
