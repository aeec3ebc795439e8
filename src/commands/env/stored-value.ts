/**
 * Encrypted values of env files (docs/formats.md, "Values of env files"):
 *
 *     kms:BASE64            the ciphertext blob of the value
 *     kms:BASE64:BASE64     the ciphertext blob of a data key, and the value sealed under it: more than Encrypt takes
 *
 * The name is in the encryption context: a value that was moved to another name does not decrypt.
 */
import { parseBlob } from '../../crypto/ciphertext-blob.ts';
import { encryptionContextBytes, type EncryptionContext } from '../../crypto/encryption-context.ts';
import { open, seal, type RandomBytes, type Sealing } from '../../crypto/seal.ts';
import { Secret } from '../../crypto/secret.ts';
import { fromBase64, toBase64 } from '../../model/base64.ts';
import { EnvironmentError } from '../../model/error.ts';
import type { Members, StructureShape, ValueOf } from '../../model/shape.ts';
import { loadOperation } from '../../operations/index.ts';
import { seriesCall, type SeriesCall } from '../../pipeline/invoke.ts';
import type { CallSeries, OperationCalls, RandomSource } from '../../runtime/capabilities.ts';
import type { EnvEntry } from './env-file.ts';

const BEGINNING = 'kms:';
/** What Encrypt takes. */
const MAX_PLAINTEXT = 4096;

const contextOf = (name: string): EncryptionContext => ({ 'pocket-kms:env': name });

/** A value as it is written. */
interface StoredValue {
  /** Of the value, or of the data key that it is sealed under. */
  readonly blob: Uint8Array;
  readonly sealed: Uint8Array | undefined;
}

export const isEncrypted = ({ value }: EnvEntry): boolean => value.startsWith(BEGINNING);

const written = ({ blob, sealed }: StoredValue): string =>
  BEGINNING + [blob, ...(sealed ? [sealed] : [])].map(toBase64).join(':');

function storedValue({ name, value }: EnvEntry, path: string): StoredValue {
  const parts = value.slice(BEGINNING.length).split(':').map(paddedBase64);
  const [blob, sealed] = parts;
  if (!blob || parts.length > 2 || parts.includes(undefined)) {
    throw new EnvironmentError(`${path}: the value of ${name} is not ${BEGINNING} and base64`, [
      `set the value again: kms env set ${name}`,
    ]);
  }
  return { blob, sealed };
}

/** A truncated value is invalid: values are padded. */
function paddedBase64(text: string): Uint8Array | undefined {
  const bytes = text.length % 4 === 0 ? fromBase64(text) : undefined;
  return bytes?.length ? bytes : undefined;
}

/** A value that is larger than what Encrypt takes. */
export function sealedUnder(
  dataKey: Uint8Array,
  { name, plaintext }: Pick<NewValue, 'name' | 'plaintext'>,
  random: RandomBytes,
): Uint8Array {
  const sealing = sealingOf(dataKey, name);
  const sealed = seal(plaintext, sealing, random);
  sealing.key.wipe();
  return sealed;
}

const sealingOf = (dataKey: Uint8Array, name: string): Sealing => ({
  key: new Secret(dataKey),
  kind: 'envValue',
  aad: encryptionContextBytes(contextOf(name)),
});

export interface NewValue {
  readonly name: string;
  /** At least one byte. */
  readonly plaintext: Uint8Array;
  readonly keyId: string;
}

/** @returns the value as it is written */
export async function encrypted(
  { name, plaintext, keyId: KeyId }: NewValue,
  { invoke, random }: OperationCalls & RandomSource,
): Promise<string> {
  const EncryptionContext = contextOf(name);
  if (plaintext.length <= MAX_PLAINTEXT) {
    const input = { KeyId, Plaintext: plaintext, EncryptionContext };
    const { CiphertextBlob } = await invoke(await loadOperation('Encrypt'), input);
    return written({ blob: CiphertextBlob!, sealed: undefined });
  }
  const input = { KeyId, KeySpec: 'AES_256', EncryptionContext } as const;
  const { CiphertextBlob, Plaintext } = await invoke(await loadOperation('GenerateDataKey'), input);
  return written({ blob: CiphertextBlob!, sealed: sealedUnder(Plaintext!, { name, plaintext }, random) });
}

export interface DecryptedValue {
  readonly plaintext: Uint8Array;
  /** The ARN of its key. */
  readonly keyId: string;
}

/** Where values are, for messages. */
interface ValuePlaces {
  readonly entries: readonly EnvEntry[];
  /** The env file. */
  readonly path: string;
}

/** The values of these entries, in order. */
export async function decrypted(
  { entries, path }: ValuePlaces,
  session: CallSeries,
): Promise<readonly DecryptedValue[]> {
  const decrypt = await loadOperation('Decrypt');
  const stored = entries.map((entry) => storedValue(entry, path));
  const calls = stored.map(({ blob }, index) =>
    seriesCall(decrypt, { CiphertextBlob: blob, EncryptionContext: contextOf(entries[index]!.name) }),
  );
  const outputs = await outputsOf(calls, { entries, path }, session);
  return outputs.map(({ Plaintext, KeyId }, index) => {
    const { sealed } = stored[index]!;
    if (!sealed) return { plaintext: Plaintext!, keyId: KeyId! };
    const { name } = entries[index]!;
    const plaintext = open(sealed, sealingOf(Plaintext!, name));
    if (!plaintext) throw new EnvironmentError(`the value of ${name} in ${path} was altered, or is of another name`);
    return { plaintext, keyId: KeyId! };
  });
}

/**
 * The values under another key; of values that are sealed under a data key, the data key.
 * @returns them as they are written, in order
 */
export async function rewrapped(
  { entries, path, keyId }: ValuePlaces & { readonly keyId: string },
  session: CallSeries,
): Promise<readonly string[]> {
  const reEncrypt = await loadOperation('ReEncrypt');
  const stored = entries.map((entry) => storedValue(entry, path));
  const calls = stored.map(({ blob }, index) => {
    const context = contextOf(entries[index]!.name);
    return seriesCall(reEncrypt, {
      CiphertextBlob: blob,
      SourceEncryptionContext: context,
      DestinationKeyId: keyId,
      DestinationEncryptionContext: context,
    });
  });
  const outputs = await outputsOf(calls, { entries, path }, session);
  return outputs.map(({ CiphertextBlob }, index) => written({ blob: CiphertextBlob!, sealed: stored[index]!.sealed }));
}

/** Of a call for each entry. @throws the error of the first that is refused, with the name of its value */
async function outputsOf<O extends Members>(
  calls: readonly SeriesCall<O>[],
  { entries, path }: ValuePlaces,
  { invokeSeries }: CallSeries,
): Promise<readonly ValueOf<StructureShape<O>>[]> {
  const outputs: ValueOf<StructureShape<O>>[] = [];
  for await (const answers of invokeSeries(calls, { stopsAtRefusal: true })) {
    for (const answer of answers) {
      if ('error' in answer) {
        const { error } = answer;
        error.message = [`${entries[outputs.length]!.name} in ${path}`, error.message].filter(Boolean).join(': ');
        throw error;
      }
      outputs.push(answer.output);
    }
  }
  return outputs;
}

/** The key ID that the value names, which nothing has authenticated; undefined if it names none. */
export const keyIdOf = (entry: EnvEntry, path: string): string | undefined =>
  parseBlob(storedValue(entry, path).blob)?.keyId;
