/** Env files as commands read and write them, and the values in them. */
import { existsSync } from 'node:fs';
import { EnvironmentError } from '../../model/error.ts';
import { readLimited, utf8 } from '../../files/limited-read.ts';
import { outputTo, type OutputFile } from '../../files/output.ts';
import type { CallSeries, RandomSource } from '../../runtime/capabilities.ts';
import { mayBePlain } from './decisive-name.ts';
import { parseEnvFile, type EnvEntry } from './env-file.ts';
import { decrypted, isEncrypted } from './stored-value.ts';

export const DEFAULT_FILE = '.env';
/** In bytes. */
export const MAX_FILE = 2 ** 20;
/** execve(2), MAX_ARG_STRLEN of Linux: NAME=VALUE and a NUL. */
const MAX_VARIABLE = 131_072;

const maxLength = (name: string): number => MAX_VARIABLE - name.length - 2;

/** @param name as the user named it; `-` is standard input */
export function readEnvFile(name: string, from: string | number = name === '-' ? 0 : name): string {
  const subject = name === '-' ? inMessages(name) : `the env file ${name}`;
  return utf8(readLimited(from, { subject, limit: MAX_FILE }), subject);
}

/** The name of an env file as messages have it. */
export const inMessages = (file: string): string => (file === '-' ? 'standard input' : file);

export const envOutput = (file: string, { random }: RandomSource): OutputFile =>
  outputTo(file, { random, mode: 0o600, existing: 'replace' });

/** A pipe or device has no lines to keep. */
export const currentText = ({ target }: OutputFile, file: string): string =>
  target.kind === 'file' && existsSync(target.path) ? readEnvFile(file, target.path) : '';

/** The file is not what the change was made from. */
class ChangedMeanwhile extends EnvironmentError {}

interface NewText {
  readonly before: string;
  readonly after: string;
}

/** @throws if another process has changed the file since: its change must not be undone */
export async function writeEnvFile(output: OutputFile, file: string, { before, after }: NewText): Promise<void> {
  const bytes = Buffer.from(after);
  if (bytes.length > MAX_FILE) throw new EnvironmentError(`the env file ${file} would be larger than 1,048,576 bytes`);
  await output.write([bytes], () => {
    if (currentText(output, file) === before) return;
    throw new ChangedMeanwhile(`${file} was changed by another process meanwhile`, ['nothing was written: try again']);
  });
}

/** A change that can be made again, to what another process has written meanwhile. */
export async function changeEnvFile(
  file: string,
  { read, change }: { readonly read: (output: OutputFile) => string; readonly change: (text: string) => string },
  session: RandomSource,
): Promise<void> {
  for (;;) {
    const output = envOutput(file, session);
    const before = read(output);
    try {
      return await writeEnvFile(output, file, { before, after: change(before) });
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile)) throw error;
    }
  }
}

/** @throws for a value that no environment variable can have; the error does not contain it */
export function checkValue(bytes: Uint8Array, name: string): void {
  const whose = `the value of ${name}`;
  if (bytes.length === 0) throw new EnvironmentError(`${whose} is empty`);
  if (bytes.length > maxLength(name)) {
    throw new EnvironmentError(`${whose} has more than ${maxLength(name).toLocaleString('en')} bytes`);
  }
  textOf(bytes, whose);
}

export const readValue = (fd: number, name: string): Uint8Array =>
  readLimited(fd, { subject: `the value of ${name} on standard input`, limit: maxLength(name) + 1 });

/** The value as text; throws if an environment variable cannot have it. The error does not contain the value. */
function textOf(bytes: Uint8Array, whose: string): string {
  const hint = 'kms encrypt and kms envelope encrypt binary data';
  if (bytes.includes(0))
    throw new EnvironmentError(`${whose} contains NUL, which is not allowed in an environment variable`, [hint]);
  return utf8(bytes, whose, hint);
}

/** Of lines with the same name only the last is read, as in a shell. */
export async function valuesIn(file: string, session: CallSeries): Promise<ReadonlyMap<string, string>> {
  const path = inMessages(file);
  const byName = new Map(parseEnvFile(readEnvFile(file), path).map((one) => [one.name, one]));
  const entries = [...byName.values()];
  const values = await valuesOf(entries, path, session);
  return new Map(entries.map(({ name }, index) => [name, values[index]!.value]));
}

export function absent(path: string, name: string): never {
  throw new EnvironmentError(`${path} has no variable ${name}`, ['kms env list lists the variables of an env file']);
}

interface PlainValue {
  readonly value: string;
  /** The ARN of the key that it is encrypted under. */
  readonly keyId?: string;
}

/** In order. What is not encrypted is checked before the calls, which are made in one transaction. */
export async function valuesOf(
  entries: readonly EnvEntry[],
  path: string,
  session: CallSeries,
): Promise<readonly PlainValue[]> {
  const plainValues = entries.map((entry) => (isEncrypted(entry) ? undefined : { value: plain(entry, path) }));
  const decryptedValues = (await decrypted({ entries: entries.filter(isEncrypted), path }, session)).values();
  return entries.map(({ name }, index) => {
    const known = plainValues[index];
    if (known) return known;
    const { plaintext, keyId } = decryptedValues.next().value!;
    return { value: textOf(plaintext, `the value of ${name} in ${path}`), keyId };
  });
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
