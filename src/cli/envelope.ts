/**
 * `kms envelope`: data of any size in the AWS Encryption SDK's message format, written with AWS's own library over our
 * road. Plaintext is released only when the whole message is authenticated.
 */
import { createReadStream, createWriteStream, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { EnvironmentError, KmsError } from '../api/error.ts';
import { encryptionContext, keyId } from '../api/members.ts';
import { integer, list, required, string, structure } from '../api/shape.ts';
import { tool, type AnyTool, type House } from '../operations/tool.ts';

const STANDARD = '-';
const files = { From: string({ min: 1 }), To: string({ min: 1 }) };

/** What the library asks of a KMS client; a call of another Region is made there. `failures` gathers what they threw. */
const clientOf =
  ({ invoke }: House, failures: unknown[]) =>
  (region: string) => {
    const call =
      (operation: string) =>
      async (input: object): Promise<never> => {
        try {
          return (await invoke(operation, input, region === '' ? undefined : region)) as never;
        } catch (error) {
          failures.push(error);
          throw error;
        }
      };
    return { generateDataKey: call('GenerateDataKey'), encrypt: call('Encrypt'), decrypt: call('Decrypt') };
  };

const library = () => import('@aws-crypto/client-node');

interface Transfer {
  readonly from: string;
  readonly to: string;
  /** Bytes to come, where that is known: for the progress line. */
  readonly house: House;
  readonly through: NodeJS.ReadWriteStream;
  /** What calls to KMS threw meanwhile. */
  readonly failures: readonly unknown[];
}

/**
 * Reads all, writes beside the target, and moves it there when everything went well. For standard output the whole is
 * kept in a temporary file first, without a name: what is not authenticated must not leave, and nothing may stay behind.
 */
async function transfer({ from, to, house, through, failures }: Transfer): Promise<number> {
  const { pipeline } = await import('node:stream/promises');
  const folder = to === STANDARD ? tmpdir() : dirname(to);
  const draft = join(folder, `.kms-envelope-${Buffer.from(house.random(8)).toString('hex')}`);
  const source: Readable = from === STANDARD ? process.stdin : createReadStream(from);
  const total = from === STANDARD ? undefined : statSync(from, { throwIfNoEntry: false })?.size;
  const done = house.progress(total);
  source.on('data', (piece: Buffer) => done(piece.length));
  let kept: Readable | undefined;
  try {
    const target = createWriteStream(draft, { fd: openSync(draft, 'wx', 0o600), flush: true });
    if (to === STANDARD) {
      kept = createReadStream(draft, { fd: openSync(draft, 'r') });
      rmSync(draft);
    }
    await pipeline(source, through, target);
    if (kept) {
      await pipeline(kept, process.stdout, { end: false });
      // where stdout stays open, the pipeline does not wait for its last write
      await new Promise((resolve) => process.stdout.write('', resolve));
    } else renameSync(draft, to);
    return target.bytesWritten;
  } catch (error) {
    throw explain(error, { from, to, failures });
  } finally {
    kept?.destroy();
    rmSync(draft, { force: true });
    done(undefined);
  }
}

/** Failures of calls are told as such; what the library itself refuses says nothing about why a message is wrong. */
function explain(error: unknown, { from, to, failures }: Pick<Transfer, 'from' | 'to' | 'failures'>): unknown {
  if (error instanceof KmsError || error instanceof EnvironmentError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  // the library gathers what its calls threw in one text, by their stacks; the first of ours is the cause
  const refused = failures.find((failure) => message.includes((failure as Error).stack!));
  if (refused !== undefined) return refused;
  if (code !== undefined && /^E[A-Z]+$/.test(code)) {
    return new EnvironmentError(`${from} or ${to} cannot be used: ${message}`, [], { cause: error });
  }
  return new EnvironmentError(`${from} cannot be read as a message of the AWS Encryption SDK: ${message}`, [], {
    cause: error,
  });
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
      const failures: unknown[] = [];
      const clientProvider = clientOf(house, failures);
      const keyring = new KmsKeyringNode({ generatorKeyId: generatorKeyId!, keyIds, clientProvider });
      const through = encryptStream(keyring, { encryptionContext: EncryptionContext });
      return { Bytes: await transfer({ from: From, to: To, house, through, failures }) };
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
      const failures: unknown[] = [];
      const clientProvider = clientOf(house, failures);
      const keyring = new KmsKeyringNode(
        KeyIds ? { keyIds: [...KeyIds], clientProvider } : { discovery: true, clientProvider },
      );
      const through = decryptStream(keyring);
      through.on('MessageHeader', ({ encryptionContext: found }: { encryptionContext: { [key: string]: string } }) => {
        const differs = Object.entries(EncryptionContext).find(([key, value]) => found[key] !== value);
        if (differs) through.destroy(new KmsError('InvalidCiphertextException'));
      });
      return { Bytes: await transfer({ from: From, to: To, house, through, failures }) };
    },
  }),
];
