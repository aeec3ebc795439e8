/**
 * Data of any size in the AWS Encryption SDK's message format, with the AWS Encryption SDK over the pipeline. Plaintext is
 * released only when the whole message is authenticated; until then it is stored encrypted.
 */
import type { Duplex } from 'node:stream';
import type { EncryptionContext } from '../../crypto/encryption-context.ts';
import { outputTo, type OutputFile } from '../../files/output.ts';
import { EnvironmentError, KmsError } from '../../model/error.ts';
import type { OperationCalls, RandomSource } from '../../runtime/capabilities.ts';
import type { Progress, StandardStreams } from '../command/capabilities.ts';
import { decryptKeyring, encryptKeyring, keyArns, library, withSubject } from './encryption-sdk.ts';
import { inputName, MAX_FRAME, STANDARD, transfer, transferAuthenticated } from './transfer.ts';

/** Each of them may cost a call. */
const MAX_DATA_KEYS = 64;

const NO_MESSAGE = 'is not a valid AWS Encryption SDK message';

export interface EnvelopeDeps extends OperationCalls, Progress, RandomSource, StandardStreams {}

interface Task {
  readonly from: string;
  readonly context: EncryptionContext;
  /** Whether a file that is there already is replaced; otherwise a hint for the error. */
  readonly existing: 'replace' | { readonly hint: string };
}

interface EncryptTask extends Task {
  readonly keyIds: readonly string[];
  /** Undefined: standard output, unless that is a terminal. */
  readonly to: string | undefined;
}

interface DecryptTask extends Task {
  /** Undefined: those that the message names. */
  readonly keyIds: readonly string[] | undefined;
  readonly to: string;
}

/** The characters of all three. */
const KEY_NAME = /^[\w:/-]+$/;

function checkKeyIds(keyIds: readonly string[]): void {
  const wrong = keyIds.find((id) => !KEY_NAME.test(id));
  if (wrong === undefined) return;
  throw new EnvironmentError(`--key-ids must be key IDs, alias names or ARNs of either, not ${wrong}`);
}

/** AWS Encryption SDK Developer Guide, "Encryption context": names with this beginning are its own. */
function checkContext(context: EncryptionContext): void {
  const reserved = Object.keys(context).find((name) => name.startsWith('aws-crypto-'));
  if (reserved === undefined) return;
  throw new EnvironmentError(`--encryption-context cannot have ${reserved}`, [
    'names that begin with aws-crypto- are reserved for the AWS Encryption SDK',
  ]);
}

const outputOf = (to: string, { existing }: Task, { random, mode }: RandomSource & { mode: number }): OutputFile =>
  outputTo(to, { random, mode, existing });

/** @returns how many bytes were written */
export async function encryptMessage(task: EncryptTask, session: EnvelopeDeps): Promise<number> {
  const { keyIds, context, from, to } = task;
  if (to === undefined && session.isTerminal('stdout')) {
    throw new EnvironmentError('the message is binary and is not written to a terminal', [
      'specify a file with --to, or --to - to write it anyway',
    ]);
  }
  checkKeyIds(keyIds);
  checkContext(context);
  const output = outputOf(to ?? STANDARD, task, { random: session.random, mode: 0o666 });
  const sdk = await library();
  const { encryptStream } = sdk.buildEncrypt(sdk.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const begin = (): Duplex => encryptStream(encryptKeyring(sdk, keyIds, session), { encryptionContext: context });
  const work = { from, meaning: 'cannot be encrypted', output, session, begin };
  return transfer(work, (pieces) => output.write(pieces));
}

/** @returns how many bytes were written */
export async function decryptMessage(task: DecryptTask, session: EnvelopeDeps): Promise<number> {
  const { keyIds, context, from, to } = task;
  if (keyIds) checkKeyIds(keyIds);
  const output = outputOf(to, task, { random: session.random, mode: 0o600 });
  const sdk = await library();
  // messages of version 1 have no key commitment; they are read, never written
  const { decryptStream } = sdk.buildDecrypt({
    commitmentPolicy: sdk.CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT,
    maxEncryptedDataKeys: MAX_DATA_KEYS,
  });
  const given = keyIds && (await keyArns(keyIds, session));
  const subject = inputName(from);
  const begin = (): Duplex => {
    const through = decryptStream(decryptKeyring(sdk, { given, subject }, session), { maxBodySize: MAX_FRAME });
    through.on('MessageHeader', ({ encryptionContext: found }: { encryptionContext: EncryptionContext }) => {
      const differs = Object.entries(context).find(([key, value]) => found[key] !== value);
      if (differs) through.destroy(withSubject(new KmsError('InvalidCiphertextException'), subject));
    });
    return through;
  };
  return transferAuthenticated({ from, meaning: NO_MESSAGE, to, output, session, begin });
}
