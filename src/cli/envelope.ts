/**
 * `kms envelope`: data of any size in the AWS Encryption SDK's message format, written with AWS's own library over our
 * road. Plaintext is released only when the whole message is authenticated.
 */
import { createReadStream, createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { EnvironmentError, KmsError } from '../api/error.ts';
import { encryptionContext, keyId } from '../api/members.ts';
import { integer, list, required, string, structure } from '../api/shape.ts';
import { tool, type AnyTool, type House } from '../operations/tool.ts';

const STANDARD = '-';
const files = { From: string({ min: 1 }), To: string({ min: 1 }) };

/** What the library asks of a KMS client; a call of another Region is made there. */
const clientOf =
  ({ invoke }: House) =>
  (region: string) => {
    const call =
      (operation: string) =>
      async (input: object): Promise<never> =>
        (await invoke(operation, input, region === '' ? undefined : region)) as never;
    return { generateDataKey: call('GenerateDataKey'), encrypt: call('Encrypt'), decrypt: call('Decrypt') };
  };

const library = () => import('@aws-crypto/client-node');

interface Transfer {
  readonly from: string;
  readonly to: string;
  /** Bytes to come, where that is known: for the progress line. */
  readonly house: House;
  readonly through: NodeJS.ReadWriteStream;
}

/**
 * Reads all, writes beside the target, and moves it there when everything went well. For standard output the whole is
 * kept in a temporary file first: what is not authenticated must not leave.
 */
async function transfer({ from, to, house, through }: Transfer): Promise<number> {
  const { pipeline } = await import('node:stream/promises');
  const folder = to === STANDARD ? tmpdir() : dirname(to);
  const draft = join(folder, `.kms-envelope-${Buffer.from(house.random(8)).toString('hex')}`);
  const source: Readable = from === STANDARD ? process.stdin : createReadStream(from);
  const total = from === STANDARD ? undefined : statSync(from, { throwIfNoEntry: false })?.size;
  const done = house.progress(total);
  source.on('data', (piece: Buffer) => done(piece.length));
  try {
    const target = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true });
    await pipeline(source, through, target);
    const { size } = statSync(draft);
    if (to === STANDARD) await pipeline(createReadStream(draft), process.stdout, { end: false });
    else renameSync(draft, to);
    return size;
  } catch (error) {
    throw explain(error, { from, to });
  } finally {
    rmSync(draft, { force: true });
    done(undefined);
  }
}

/** Failures of calls are told as such; what the library itself refuses says nothing about why a message is wrong. */
function explain(error: unknown, { from, to }: { from: string; to: string }): unknown {
  if (error instanceof KmsError || error instanceof EnvironmentError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const refused = findKmsError(error);
  if (refused) return refused;
  if (code !== undefined && /^E[A-Z]+$/.test(code)) {
    return new EnvironmentError(`${from} or ${to} cannot be used: ${message}`, [], { cause: error });
  }
  return new EnvironmentError(`${from} cannot be read as a message of the AWS Encryption SDK: ${message}`, [], {
    cause: error,
  });
}

/** The library gathers what its calls threw in one text; the first of ours is the cause. */
function findKmsError(error: unknown): KmsError | undefined {
  const { cause } = error as { cause?: unknown };
  if (cause instanceof KmsError) return cause;
  const found = /\b([A-Z]\w+Exception): ?([^\n]*)/.exec((error as Error).message ?? '');
  return found ? new KmsError(found[1]!, found[2]) : undefined;
}

export const envelopeTools: readonly AnyTool[] = [
  tool({
    name: 'EnvelopeEncrypt',
    command: 'envelope encrypt',
    input: structure({ KeyIds: required(list(keyId, { min: 1 })), EncryptionContext: encryptionContext, ...files }),
    output: structure({ Bytes: integer() }),
    silent: true,
    async run({ KeyIds, EncryptionContext = {}, From = STANDARD, To = STANDARD }, house) {
      const { buildEncrypt, CommitmentPolicy, KmsKeyringNode } = await library();
      const { encryptStream } = buildEncrypt(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
      const [generatorKeyId, ...keyIds] = KeyIds;
      const keyring = new KmsKeyringNode({ generatorKeyId: generatorKeyId!, keyIds, clientProvider: clientOf(house) });
      const through = encryptStream(keyring, { encryptionContext: EncryptionContext });
      return { Bytes: await transfer({ from: From, to: To, house, through }) };
    },
  }),
  tool({
    name: 'EnvelopeDecrypt',
    command: 'envelope decrypt',
    input: structure({ KeyIds: list(keyId, { min: 1 }), EncryptionContext: encryptionContext, ...files }),
    output: structure({ Bytes: integer() }),
    silent: true,
    async run({ KeyIds, EncryptionContext = {}, From = STANDARD, To = STANDARD }, house) {
      const { buildDecrypt, CommitmentPolicy, KmsKeyringNode } = await library();
      // messages of version 1 have no key commitment; they are read, never written
      const { decryptStream } = buildDecrypt(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT);
      const clientProvider = clientOf(house);
      const keyring = new KmsKeyringNode(
        KeyIds ? { keyIds: [...KeyIds], clientProvider } : { discovery: true, clientProvider },
      );
      const through = decryptStream(keyring);
      through.on('MessageHeader', ({ encryptionContext: found }: { encryptionContext: { [key: string]: string } }) => {
        const differs = Object.entries(EncryptionContext).find(([key, value]) => found[key] !== value);
        if (differs) through.destroy(new KmsError('InvalidCiphertextException'));
      });
      return { Bytes: await transfer({ from: From, to: To, house, through }) };
    },
  }),
];
