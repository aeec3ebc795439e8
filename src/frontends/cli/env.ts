/**
 * `kms env`: secrets of programs, as ciphertexts in an env file that may be committed. `env exec` decrypts them for one
 * program and hands them over in its environment; plaintext is never written.
 */
import { constants } from 'node:os';
import { toBase64 } from '../../model/base64.ts';
import { EnvironmentError, KmsError } from '../../model/error.ts';
import { keyId } from '../../model/members.ts';
import { integer, required, string, structure } from '../../model/shape.ts';
import { readLimited, utf8 } from '../../files/limited-read.ts';
import { outputTo, type Output } from '../../files/output.ts';
import type { AnyLocalCommand } from '../../commands/command-deps.ts';
import type { OperationCalls, RandomSource, SecretPrompt } from '../../runtime/capabilities.ts';
import type { Notes, ProgramWords } from '../../commands/command/capabilities.ts';
import { localCommand } from '../../commands/command/local-command.ts';
import { ciphertextOf, CIPHERTEXT, mayBePlain, parseEnvFile, withEntry, type Entry } from './env-file.ts';
import { terminal } from './terminal.ts';

const file = string({ min: 1 });
const USUAL_FILE = '.env';
const MAX_FILE = 2 ** 20;
/** What Encrypt takes. */
const MAX_VALUE = 4096;

/** Binds a ciphertext to its name: moved to another name, it does not decrypt. */
const contextOf = (name: string): { readonly [key: string]: string } => ({ 'pocket-kms:env': name });

/** As a text; throws if no environment variable can have it. The value itself is never shown. */
function valueOf(bytes: Uint8Array, whose: string): string {
  const hint = 'kms encrypt and kms envelope keep bytes of any kind';
  if (bytes.includes(0)) throw new EnvironmentError(`${whose} holds NUL: no environment variable can`, [hint]);
  return utf8(bytes, whose, hint);
}

/** @param from a path, or an open descriptor */
function readEnvFile(from: string | number, name: string): string {
  const subject = `the env file ${name}`;
  return utf8(readLimited(from, { subject, limit: MAX_FILE }), subject);
}

/** From a prompt on a terminal; otherwise standard input without its last line end: what `echo secret |` means. */
async function valueFor(name: string, session: SecretPrompt): Promise<Uint8Array> {
  const whose = `the value of ${name}`;
  const bytes = (await session.askSecret(`Value of ${name}:`)) ?? valueFromInput(whose);
  if (bytes.length === 0) throw new EnvironmentError(`${whose} is empty`);
  if (bytes.length > MAX_VALUE) throw new EnvironmentError(`${whose} has more than 4,096 bytes`);
  valueOf(bytes, whose);
  return bytes;
}

function valueFromInput(whose: string): Uint8Array {
  if (terminal.isTerminal(0)) {
    // what is typed would be shown
    throw new EnvironmentError(`there is no terminal to ask for ${whose} on`, ['give it on standard input, by a pipe']);
  }
  const bytes = readLimited(0, { subject: `${whose} on standard input`, limit: MAX_VALUE + 1 });
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}

/** A pipe or device has no lines to keep. */
const currentText = ({ target }: Output): string =>
  target.kind === 'file' && target.stats ? readEnvFile(target.path, target.path) : '';

/** Of lines with the same name, the last counts, as in a shell; what stands in the others is not looked at. */
async function valuesIn(path: string, session: OperationCalls): Promise<ReadonlyMap<string, string>> {
  const entries = parseEnvFile(readEnvFile(path === '-' ? 0 : path, path), path);
  const values = new Map<string, string>();
  for (const entry of new Map(entries.map((one) => [one.name, one])).values()) {
    const isCiphertext = entry.value.startsWith(CIPHERTEXT);
    values.set(entry.name, isCiphertext ? await decrypted(entry, path, session) : plain(entry, path));
  }
  return values;
}

function plain({ name, value }: Entry, path: string): string {
  if (!mayBePlain(name)) {
    throw new EnvironmentError(`${path}: ${name} may not stand there unencrypted: it decides which code programs run`, [
      `encrypt it: kms env set ${name}`,
      `or give it yourself: ${name}=... kms env exec ...`,
    ]);
  }
  if (value.includes('\0')) throw new EnvironmentError(`${path}: the value of ${name} holds NUL`);
  return value;
}

async function decrypted(entry: Entry, path: string, { invoke }: OperationCalls): Promise<string> {
  const { name } = entry;
  const CiphertextBlob = ciphertextOf(entry, path);
  const { Plaintext } = await invoke('Decrypt', { CiphertextBlob, EncryptionContext: contextOf(name) }).catch(
    (error: unknown) => {
      if (error instanceof KmsError) error.message = [`${name} in ${path}`, error.message].filter(Boolean).join(': ');
      throw error;
    },
  );
  return valueOf(Plaintext as Uint8Array, `the value of ${name} in ${path}`);
}

/** What shells answer for a program that is not there. */
const NOT_FOUND = 127;

interface Started {
  readonly program: string;
  readonly args: readonly string[];
  readonly values: ReadonlyMap<string, string>;
}

/** Runs a program to its end; gives its exit status, 128 + the signal's number if one ended it. */
async function runProgram({ program, args, values }: Started): Promise<number> {
  const { spawn } = await import('node:child_process');
  const env = Object.assign(Object.create(null), process.env) as NodeJS.ProcessEnv;
  for (const [name, value] of values) env[name] = value;
  return new Promise((resolve, reject) => {
    const fail = ({ code, syscall }: NodeJS.ErrnoException): void => {
      // Node's own texts would quote what was given
      if (code === 'ENOENT') resolve(NOT_FOUND);
      else
        reject(new EnvironmentError(`${program} cannot be started: ${START_FAILURES[code ?? ''] ?? syscall ?? code}`));
    };
    try {
      const child = spawn(program, args, { stdio: 'inherit', env });
      const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
      process
        .on('SIGTERM', pass)
        .on('SIGHUP', pass)
        .on('SIGINT', () => {}); // a terminal sends SIGINT to the child too
      child.on('error', fail);
      child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    } catch (error) {
      fail(error as NodeJS.ErrnoException);
    }
  });
}

const START_FAILURES: { readonly [code: string]: string } = {
  E2BIG: 'its arguments and its environment are too large together',
  EACCES: 'it may not be executed',
  ENOEXEC: 'it is no program',
  EAGAIN: 'there are too many processes',
  ENOMEM: 'there is not enough memory',
};

export const envTools: readonly AnyLocalCommand[] = [
  localCommand({
    name: 'EnvSet',
    command: 'env set',
    input: structure({
      Name: required(string({ min: 1, pattern: '[A-Za-z_][A-Za-z0-9_]*' })),
      KeyId: required(keyId),
      File: file,
    }),
    output: structure({ File: string(), Name: string() }),
    positionals: ['Name'],
    async run({ Name, KeyId, File = USUAL_FILE }, session: RandomSource & SecretPrompt & OperationCalls) {
      const output = outputTo(File, { random: session.random, mode: 0o600, existing: 'replace' });
      currentText(output);
      const Plaintext = await valueFor(Name, session);
      const { CiphertextBlob } = await session.invoke('Encrypt', {
        KeyId,
        Plaintext,
        EncryptionContext: contextOf(Name),
      });
      const value = CIPHERTEXT + toBase64(CiphertextBlob as Uint8Array);
      // read only now: others may have set values while this one was asked for
      await output.write([Buffer.from(withEntry(currentText(output), { name: Name, value }))]);
      return { File, Name };
    },
  }),
  localCommand({
    name: 'EnvExec',
    command: 'env exec',
    input: structure({ File: file }),
    output: structure({ ExitStatus: integer() }),
    passthroughArgs: true,
    silent: true,
    async run({ File = USUAL_FILE }, session: ProgramWords & OperationCalls & Notes) {
      const [program, ...args] = session.passthroughArgs;
      if (program === undefined) {
        throw new EnvironmentError('there is no program to run', ['kms env exec [--file FILE] -- PROGRAM [WORD]...']);
      }
      const status = await runProgram({ program, args, values: await valuesIn(File, session) });
      if (status === NOT_FOUND) session.say(`${program}: not found`);
      return { ExitStatus: status };
    },
    exit: ({ ExitStatus }) => ExitStatus ?? 0,
  }),
];
