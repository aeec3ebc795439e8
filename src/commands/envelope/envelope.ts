/**
 * `kms envelope`: data of any size in the AWS Encryption SDK's message format, written with AWS's own library over our
 * pipeline. Plaintext is released only when the whole message is authenticated; until then nobody else can read it.
 */
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { EnvironmentError, KmsError } from '../../model/error.ts';
import { encryptionContext, keyId } from '../../model/members.ts';
import { integer, list, required, string, structure } from '../../model/shape.ts';
import { fileError } from '../../files/file-error.ts';
import { outputTo, type OutputFile } from '../../files/output.ts';
import { loadOperation } from '../../operations/index.ts';
import type { AnyOperation } from '../../operations/row/operation.ts';
import type { OperationCalls, RandomSource } from '../../runtime/capabilities.ts';
import type { Progress, StandardStreams } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';

const STANDARD = '-';
const files = { From: string({ min: 1 }), To: string({ min: 1 }) };

/** What the library asks of a KMS client; a call of another Region is made there. `failures` gathers what they threw. */
const clientOf =
  ({ invoke }: OperationCalls, failures: unknown[]) =>
  (region: string) => {
    const call =
      (operation: 'GenerateDataKey' | 'Encrypt' | 'Decrypt') =>
      async (input: object): Promise<never> => {
        try {
          const row: AnyOperation = await loadOperation(operation);
          return (await invoke(row, { ...input }, region === '' ? undefined : region)) as never;
        } catch (error) {
          failures.push(error);
          throw error;
        }
      };
    return { generateDataKey: call('GenerateDataKey'), encrypt: call('Encrypt'), decrypt: call('Decrypt') };
  };

/** An optional dependency, which brings more packages along than all others together. */
async function library() {
  try {
    return await import('@aws-crypto/client-node');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && String(error.code).endsWith('MODULE_NOT_FOUND');
    if (!isMissing) throw error;
    throw new EnvironmentError(
      'kms envelope needs the package @aws-crypto/client-node, which is not installed',
      ['it is an optional dependency: npm install --include=optional installs it'],
      { cause: error },
    );
  }
}

const MEBIBYTE = 2 ** 20;
/** Each frame is kept in memory until its tag has authenticated it; the SDKs make frames of 4 KiB. */
const MAX_FRAME = 16 * MEBIBYTE;
/** Header and signature. */
const MAX_REST = MEBIBYTE;
/** Each of them may cost a call. */
const MAX_DATA_KEYS = 64;

const NO_MESSAGE = 'cannot be read as a message of the AWS Encryption SDK';

type Pieces = AsyncIterable<Uint8Array>;

interface Transfer {
  readonly from: string;
  /** What the library's refusals mean: `cannot be encrypted`. */
  readonly meaning: string;
  readonly output: OutputFile;
  readonly session: Progress & RandomSource & StandardStreams;
  /** Begins the library's work; what it throws later must find a listener. */
  readonly begin: () => Duplex;
  /** What calls to KMS threw meanwhile. */
  readonly failures: readonly unknown[];
  /** Told how many bytes were read; throws where that is enough. */
  readonly onRead?: (length: number) => void;
}

interface EnvelopeDeps extends OperationCalls, Progress, RandomSource, StandardStreams {}

const outputOf = (to: string, { random }: RandomSource, mode: number): OutputFile =>
  outputTo(to, { random, mode, existing: 'replace' });

/**
 * Reads all of it through the library; `take` gets what comes out, and its end only when nothing failed. Shows how far
 * it is.
 */
async function transfer<T>(
  { from, meaning, session, begin, failures, onRead }: Transfer,
  take: (pieces: Pieces) => Promise<T>,
): Promise<T> {
  const { finished } = await import('node:stream/promises');
  const { once } = await import('node:events');
  const { PassThrough } = await import('node:stream');
  const { stream: source, size } = await sourceOf(from, session);
  const done = session.progress(size);
  try {
    const through = begin();
    through.on('error', () => {}); // it may fail once more when all is over
    const out = new PassThrough({ highWaterMark: MEBIBYTE });
    // nobody destroys the library's streams before they end: what is inside them throws then, where nobody can catch it
    through.pipe(out);
    const feed = async (): Promise<void> => {
      for await (const piece of source as AsyncIterable<Buffer>) {
        done(piece.length);
        onRead?.(piece.length);
        if (!through.write(piece)) await Promise.race([once(through, 'drain'), ended]);
      }
      through.end();
    };
    const ended = finished(through);
    const all = Promise.all([feed(), ended]);
    let hasFailed = false;
    out.on('error', () => {});
    all.catch((error: unknown) => {
      hasFailed = true;
      out.destroy(error as Error);
    });
    async function* whole(): Pieces {
      try {
        yield* out;
      } finally {
        if (hasFailed || out.readableEnded) await all; // the cause, whatever the end looked like
      }
    }
    return await take(whole());
  } catch (error) {
    throw explain(error, { from, meaning, failures });
  } finally {
    source.destroy();
    done(undefined);
  }
}

async function sourceOf(
  from: string,
  { stdin }: StandardStreams,
): Promise<{ readonly stream: Readable; readonly size: number | undefined }> {
  if (from === STANDARD) return { stream: stdin(), size: undefined };
  const { open } = await import('node:fs/promises');
  try {
    const handle = await open(from);
    const stats = await handle.stat();
    if (!stats.isDirectory())
      return { stream: handle.createReadStream(), size: stats.isFile() ? stats.size : undefined };
    await handle.close();
  } catch (error) {
    throw fileError(error, from);
  }
  throw new EnvironmentError(`${from} is a folder`);
}

/** The plaintext is kept in a temporary file until the end of the message has authenticated it. */
async function decrypt(work: Transfer): Promise<number> {
  const { temporaryFile } = await import('../../files/temporary-file.ts');
  const { target } = work.output;
  const kept = await temporaryFile(target.kind === 'file' ? dirname(target.path) : tmpdir(), work.session.random);
  let silent = 0;
  async function* heard(pieces: Pieces): Pieces {
    for await (const piece of pieces) {
      silent = 0;
      yield piece;
    }
  }
  const onRead = (length: number): void => {
    silent += length;
    // the library would gather it in memory
    if (silent > MAX_FRAME + MAX_REST) throw new Error('more than data stands in it');
  };
  try {
    await transfer({ ...work, onRead }, (pieces) => kept.write(heard(pieces)));
    return await work.output.write(kept.read());
  } finally {
    await kept.close();
  }
}

/** Failures of calls are told as such; what the library itself refuses says nothing about why a message is wrong. */
function explain(
  error: unknown,
  { from, meaning, failures }: Pick<Transfer, 'from' | 'meaning' | 'failures'>,
): unknown {
  if (error instanceof KmsError || error instanceof EnvironmentError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  // the library gathers what its calls threw in one text, by their stacks; the first of ours is the cause
  const refused = failures.find((failure) => message.includes((failure as Error).stack!));
  if (refused !== undefined) return refused;
  const subject = from === STANDARD ? 'standard input' : from;
  if (code !== undefined && /^E[A-Z0-9]+$/.test(code)) return fileError(error, subject);
  return new EnvironmentError(`${subject} ${meaning}: ${message}`, [], { cause: error });
}

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
    'names that begin with aws-crypto- are those of the AWS Encryption SDK',
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
      throw new EnvironmentError('a message is no text, and is not written to a terminal', [
        'name a file with --to, or --to - if you want to see it',
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
    return { Bytes: await decrypt({ from: From, meaning: NO_MESSAGE, output, session, begin, failures }) };
  },
});
