/**
 * `kms envelope`: data of any size in the AWS Encryption SDK's message format, with the AWS Encryption SDK over the
 * pipeline. Plaintext is released only when the whole message is authenticated; until then it is stored encrypted.
 */
import type { Duplex } from 'node:stream';
import { EnvironmentError, KmsError } from '../../model/error.ts';
import { encryptionContext, fileName, keyId } from '../../model/members.ts';
import { integer, list, required, structure } from '../../model/shape.ts';
import { outputTo, type OutputFile } from '../../files/output.ts';
import type { OperationCalls, RandomSource } from '../../runtime/capabilities.ts';
import type { Progress, StandardStreams } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { clientOf, library } from './encryption-sdk.ts';
import { MAX_FRAME, STANDARD, transfer, transferAuthenticated } from './transfer.ts';

const files = { From: fileName, To: fileName };

/** Each of them may cost a call. */
const MAX_DATA_KEYS = 64;

const NO_MESSAGE = 'is not a valid AWS Encryption SDK message';

interface EnvelopeDeps extends OperationCalls, Progress, RandomSource, StandardStreams {}

const outputOf = (to: string, { random }: RandomSource, mode: number): OutputFile =>
  outputTo(to, { random, mode, existing: 'replace' });

/** The characters of all three. */
const KEY_NAME = /^[\w:/-]+$/;

function checkKeyIds(keyIds: readonly string[]): void {
  const wrong = keyIds.find((id) => !KEY_NAME.test(id));
  if (wrong === undefined) return;
  throw new EnvironmentError(`--key-ids must be key IDs, alias names or ARNs of either, not ${wrong}`);
}

/** AWS Encryption SDK Developer Guide, "Encryption context": names with this beginning are its own. */
function checkContext(context: { readonly [name: string]: string }): void {
  const reserved = Object.keys(context).find((name) => name.startsWith('aws-crypto-'));
  if (reserved === undefined) return;
  throw new EnvironmentError(`--encryption-context cannot have ${reserved}`, [
    'names that begin with aws-crypto- are reserved for the AWS Encryption SDK',
  ]);
}

export const envelopeEncrypt = localCommand({
  name: 'EnvelopeEncrypt',
  command: 'envelope encrypt',
  input: structure({ KeyIds: required(list(keyId, { min: 1 })), EncryptionContext: encryptionContext, ...files }),
  output: structure({ Bytes: integer() }),
  silent: true,
  async run({ KeyIds, EncryptionContext = {}, From = STANDARD, To }, session: EnvelopeDeps) {
    if (To === undefined && session.isTerminal('stdout')) {
      throw new EnvironmentError('the message is binary and is not written to a terminal', [
        'specify a file with --to, or --to - to write it anyway',
      ]);
    }
    checkKeyIds(KeyIds);
    checkContext(EncryptionContext);
    const output = outputOf(To ?? STANDARD, session, 0o666);
    const { buildEncrypt, CommitmentPolicy, KmsKeyringNode } = await library();
    const { encryptStream } = buildEncrypt(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
    const [generatorKeyId, ...keyIds] = KeyIds;
    const failures: unknown[] = [];
    const clientProvider = clientOf(session, failures);
    const begin = (): Duplex => {
      const keyring = new KmsKeyringNode({ generatorKeyId: generatorKeyId!, keyIds, clientProvider });
      return encryptStream(keyring, { encryptionContext: EncryptionContext });
    };
    const work = { from: From, meaning: 'cannot be encrypted', output, session, begin, failures };
    return { Bytes: await transfer(work, (pieces) => output.write(pieces)) };
  },
});

export const envelopeDecrypt = localCommand({
  name: 'EnvelopeDecrypt',
  command: 'envelope decrypt',
  input: structure({ KeyIds: list(keyId, { min: 1 }), EncryptionContext: encryptionContext, ...files }),
  output: structure({ Bytes: integer() }),
  silent: true,
  async run({ KeyIds, EncryptionContext: context = {}, From = STANDARD, To = STANDARD }, session: EnvelopeDeps) {
    if (KeyIds) checkKeyIds(KeyIds);
    const output = outputOf(To, session, 0o600);
    const { buildDecrypt, CommitmentPolicy, KmsKeyringNode } = await library();
    // messages of version 1 have no key commitment; they are read, never written
    const { decryptStream } = buildDecrypt({
      commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT,
      maxEncryptedDataKeys: MAX_DATA_KEYS,
    });
    const failures: unknown[] = [];
    const clientProvider = clientOf(session, failures);
    const begin = (): Duplex => {
      const keyring = new KmsKeyringNode(
        KeyIds ? { keyIds: [...KeyIds], clientProvider } : { discovery: true, clientProvider },
      );
      const through = decryptStream(keyring, { maxBodySize: MAX_FRAME });
      through.on('MessageHeader', ({ encryptionContext: found }: { encryptionContext: { [key: string]: string } }) => {
        const differs = Object.entries(context).find(([key, value]) => found[key] !== value);
        if (differs) through.destroy(new KmsError('InvalidCiphertextException'));
      });
      return through;
    };
    return {
      Bytes: await transferAuthenticated({ from: From, meaning: NO_MESSAGE, output, session, begin, failures }),
    };
  },
});
