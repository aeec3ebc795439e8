/**
 * `kms env`: secrets of programs, as ciphertexts in an env file that may be committed. `env exec` decrypts them into
 * the environment of one program; plaintext is never written.
 */
import { toBase64 } from '../../model/base64.ts';
import { EnvironmentError, KmsError } from '../../model/error.ts';
import { fileName, namedKey } from '../../model/members.ts';
import { integer, required, string, structure } from '../../model/shape.ts';
import { readLimited, utf8 } from '../../files/limited-read.ts';
import { outputTo, type OutputFile } from '../../files/output.ts';
import { loadOperation } from '../../operations/index.ts';
import type { OperationCalls, RandomSource, SecretPrompt } from '../../runtime/capabilities.ts';
import type { Environment, Notes, ProgramWords, StandardStreams } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { NOT_FOUND, runProgram } from './run-program.ts';
import { ciphertextOf, CIPHERTEXT, mayBePlain, parseEnvFile, withEntry, type EnvEntry } from './env-file.ts';

const DEFAULT_FILE = '.env';
const MAX_FILE = 2 ** 20;
/** What Encrypt takes. */
const MAX_VALUE = 4096;

/** Binds a ciphertext to its name: moved to another name, it does not decrypt. */
const contextOf = (name: string): { readonly [key: string]: string } => ({ 'pocket-kms:env': name });

/** The value as text; throws if an environment variable cannot have it. The error does not contain the value. */
function valueOf(bytes: Uint8Array, whose: string): string {
  const hint = 'kms encrypt and kms envelope encrypt binary data';
  if (bytes.includes(0))
    throw new EnvironmentError(`${whose} contains NUL, which is not allowed in an environment variable`, [hint]);
  return utf8(bytes, whose, hint);
}

/** @param from a path, or an open descriptor */
function readEnvFile(from: string | number, name: string): string {
  const subject = `the env file ${name}`;
  return utf8(readLimited(from, { subject, limit: MAX_FILE }), subject);
}

/** From a prompt on a terminal; otherwise standard input without its last line end: what `echo secret |` means. */
async function valueFor(name: string, session: SecretPrompt & StandardStreams): Promise<Uint8Array> {
  const whose = `the value of ${name}`;
  const bytes = (await session.askSecret(`Value of ${name}:`)) ?? valueFromInput(whose, session);
  if (bytes.length === 0) throw new EnvironmentError(`${whose} is empty`);
  if (bytes.length > MAX_VALUE) throw new EnvironmentError(`${whose} has more than 4,096 bytes`);
  valueOf(bytes, whose);
  return bytes;
}

function valueFromInput(whose: string, { isTerminal }: StandardStreams): Uint8Array {
  if (isTerminal('stdin')) {
    // the input would be echoed
    throw new EnvironmentError(`there is no terminal to prompt for ${whose}`, ['provide it on standard input']);
  }
  const bytes = readLimited(0, { subject: `${whose} on standard input`, limit: MAX_VALUE + 1 });
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}

/** A pipe or device has no lines to keep. */
const currentText = ({ target }: OutputFile): string =>
  target.kind === 'file' && target.stats ? readEnvFile(target.path, target.path) : '';

/** Of lines with the same name only the last is read, as in a shell. */
async function valuesIn(path: string, session: OperationCalls): Promise<ReadonlyMap<string, string>> {
  const entries = parseEnvFile(readEnvFile(path === '-' ? 0 : path, path), path);
  const values = new Map<string, string>();
  for (const entry of new Map(entries.map((one) => [one.name, one])).values()) {
    const isCiphertext = entry.value.startsWith(CIPHERTEXT);
    values.set(entry.name, isCiphertext ? await decrypted(entry, path, session) : plain(entry, path));
  }
  return values;
}

function plain({ name, value }: EnvEntry, path: string): string {
  if (!mayBePlain(name)) {
    throw new EnvironmentError(`${path}: ${name} must be encrypted, because it determines which code programs run`, [
      `encrypt it: kms env set ${name}`,
      `or set it in the environment: ${name}=... kms env exec ...`,
    ]);
  }
  if (value.includes('\0')) throw new EnvironmentError(`${path}: the value of ${name} contains NUL`);
  return value;
}

async function decrypted(entry: EnvEntry, path: string, { invoke }: OperationCalls): Promise<string> {
  const { name } = entry;
  const CiphertextBlob = ciphertextOf(entry, path);
  const { Plaintext } = await invoke(await loadOperation('Decrypt'), {
    CiphertextBlob,
    EncryptionContext: contextOf(name),
  }).catch((error: unknown) => {
    if (error instanceof KmsError) error.message = [`${name} in ${path}`, error.message].filter(Boolean).join(': ');
    throw error;
  });
  return valueOf(Plaintext!, `the value of ${name} in ${path}`);
}

export const envSet = localCommand({
  name: 'EnvSet',
  command: 'env set',
  input: structure({
    Name: required(string({ min: 1, pattern: '[A-Za-z_][A-Za-z0-9_]*' })),
    KeyId: required(namedKey),
    File: fileName,
  }),
  output: structure({ File: string(), Name: string() }),
  positionals: ['Name'],
  async run(
    { Name, KeyId, File = DEFAULT_FILE },
    session: RandomSource & SecretPrompt & StandardStreams & OperationCalls,
  ) {
    const output = outputTo(File, { random: session.random, mode: 0o600, existing: 'replace' });
    currentText(output);
    const Plaintext = await valueFor(Name, session);
    const { CiphertextBlob } = await session.invoke(await loadOperation('Encrypt'), {
      KeyId,
      Plaintext,
      EncryptionContext: contextOf(Name),
    });
    const value = CIPHERTEXT + toBase64(CiphertextBlob!);
    // read only now: another process may have changed the file during the prompt
    await output.write([Buffer.from(withEntry(currentText(output), { name: Name, value }))]);
    return { File, Name };
  },
});

export const envExec = localCommand({
  name: 'EnvExec',
  command: 'env exec',
  input: structure({ File: fileName }),
  output: structure({ ExitStatus: integer() }),
  passthroughArgs: true,
  silent: true,
  async run({ File = DEFAULT_FILE }, session: ProgramWords & Environment & OperationCalls & Notes) {
    const [program, ...args] = session.passthroughArgs;
    if (program === undefined) {
      throw new EnvironmentError('no program to run', ['kms env exec [--file FILE] -- PROGRAM [WORD]...']);
    }
    const status = await runProgram({ program, args, values: await valuesIn(File, session), env: session.env });
    if (status === NOT_FOUND) session.say(`${program}: not found`);
    return { ExitStatus: status };
  },
  exit: ({ ExitStatus }) => ExitStatus ?? 0,
});
