/**
 * `kms env`: secrets of programs, as ciphertexts in an env file that may be committed. `env exec` decrypts them for one
 * program and hands them over in its environment; plaintext is never written.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { EnvironmentError } from '../api/error.ts';
import { keyId } from '../api/members.ts';
import { integer, required, string, structure } from '../api/shape.ts';
import { tool, type AnyTool, type House } from '../operations/tool.ts';
import { CIPHERTEXT, parseEnvFile, withEntry } from './env-file.ts';

const file = string({ min: 1 });
const USUAL_FILE = '.env';

/** Binds a ciphertext to its name: moved to another name, it does not decrypt. */
const contextOf = (name: string): { readonly [key: string]: string } => ({ 'pocket-kms:env': name });

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new EnvironmentError(`the env file ${path} cannot be read: ${(error as Error).message}`, [], {
      cause: error,
    });
  }
}

const readIfThere = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new EnvironmentError(`the env file ${path} cannot be read: ${(error as Error).message}`, [], {
      cause: error,
    });
  }
};

/** Standard input without its last line end: what `echo secret | kms env set` means. */
function valueFromInput(): Uint8Array {
  const bytes = readFileSync(0);
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}

async function decrypted(path: string, { invoke }: House): Promise<{ [name: string]: string }> {
  const values: { [name: string]: string } = {};
  for (const { name, value } of parseEnvFile(read(path), path)) {
    if (!value.startsWith(CIPHERTEXT)) {
      values[name] = value;
      continue;
    }
    const CiphertextBlob = Buffer.from(value.slice(CIPHERTEXT.length), 'base64');
    const { Plaintext } = await invoke('Decrypt', { CiphertextBlob, EncryptionContext: contextOf(name) });
    values[name] = Buffer.from(Plaintext as Uint8Array).toString('utf8');
  }
  return values;
}

/** What shells answer for a program that is not there. */
const NOT_FOUND = 127;

interface Started {
  readonly program: string;
  readonly args: readonly string[];
  readonly values: { readonly [name: string]: string };
}

/** Runs a program to its end; gives its exit status, 128 + the signal's number if one ended it. */
async function runProgram({ program, args, values }: Started): Promise<number> {
  const { spawn } = await import('node:child_process');
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...values } });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGTERM', pass).on('SIGINT', () => {}); // a terminal sends SIGINT to the child too
  return new Promise((settle, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') settle(NOT_FOUND);
      else reject(new EnvironmentError(`${program} cannot be started: ${error.message}`, [], { cause: error }));
    });
    child.on('close', (code, signal) => settle(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

export const envTools: readonly AnyTool[] = [
  tool({
    name: 'EnvSet',
    command: 'env set',
    input: structure({
      Name: required(string({ min: 1, pattern: '[A-Za-z_][A-Za-z0-9_]*' })),
      KeyId: required(keyId),
      File: file,
    }),
    output: structure({ File: string(), Name: string() }),
    words: ['Name'],
    async run({ Name, KeyId, File = USUAL_FILE }, { invoke }) {
      const Plaintext = valueFromInput();
      const { CiphertextBlob } = await invoke('Encrypt', { KeyId, Plaintext, EncryptionContext: contextOf(Name) });
      const value = CIPHERTEXT + Buffer.from(CiphertextBlob as Uint8Array).toString('base64');
      const draft = `${File}.${process.pid}`;
      writeFileSync(draft, withEntry(readIfThere(File), { name: Name, value }), { mode: 0o600, flush: true });
      renameSync(draft, File);
      return { File, Name };
    },
  }),
  tool({
    name: 'EnvExec',
    command: 'env exec',
    input: structure({ File: file }),
    output: structure({ ExitStatus: integer() }),
    verbatim: true,
    silent: true,
    async run({ File = USUAL_FILE }, house) {
      const [program, ...args] = house.verbatim;
      if (program === undefined) {
        throw new EnvironmentError('there is no program to run', ['kms env exec [--file FILE] -- PROGRAM [WORD]...']);
      }
      const status = await runProgram({ program, args, values: await decrypted(File, house) });
      if (status === NOT_FOUND) house.say(`${program}: not found`);
      return { ExitStatus: status };
    },
    exit: ({ ExitStatus }) => ExitStatus ?? 0,
  }),
];
