/** A program of its own, for sdk-client.test.ts to bundle with the SDK and the library: both ways to a client. */
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  NotFoundException,
} from '@aws-sdk/client-kms';
import { clientConfiguration, createKms, kmsClient } from '../../src/index.ts';

async function use(client: Pick<KMSClient, 'send'>): Promise<object> {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
  const Plaintext = new TextEncoder().encode('hello');
  const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId: KeyMetadata!.KeyId, Plaintext }));
  const opened = await client.send(new DecryptCommand({ CiphertextBlob }));
  const error: unknown = await client.send(new DescribeKeyCommand({ KeyId: 'alias/none' })).catch((thrown) => thrown);
  const abortSignal = AbortSignal.abort();
  const aborted: unknown = await client.send(new CreateKeyCommand({}), { abortSignal }).catch((thrown) => thrown);
  return {
    text: new TextDecoder().decode(opened.Plaintext),
    refused: { name: error instanceof Error ? error.name : error, own: error instanceof NotFoundException },
    aborted: aborted instanceof Error ? aborted.name : aborted,
  };
}

const kms = await createKms();
const without = await use(kmsClient(kms));
const configured = await use(new KMSClient(clientConfiguration(kms)));
process.stdout.write(JSON.stringify({ names: [EncryptCommand.name, DecryptCommand.name], without, configured }));
