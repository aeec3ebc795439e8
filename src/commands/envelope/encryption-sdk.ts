/** The AWS Encryption SDK, with keyrings that make calls in this one. */
import { parseArn } from '../../model/arn.ts';
import { EnvironmentError, KmsError } from '../../model/error.ts';
import { loadOperation } from '../../operations/index.ts';
import type { AnyOperation } from '../../operations/row/operation.ts';
import type { OperationCalls } from '../../runtime/capabilities.ts';

type Library = typeof import('@aws-crypto/client-node');

/** An optional dependency, with more packages than all others together. */
export async function library(): Promise<Library> {
  try {
    return await import('@aws-crypto/client-node');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && String(error.code).endsWith('MODULE_NOT_FOUND');
    if (!isMissing) throw error;
    throw new EnvironmentError(
      'messages of the AWS Encryption SDK need the package @aws-crypto/client-node, which is not installed',
      ['it is an optional dependency: npm install --include=optional installs it'],
      { cause: error },
    );
  }
}

/** @param keyIds the first of them generates the data key */
export function encryptKeyring(
  { KmsKeyringNode }: Library,
  keyIds: readonly string[],
  { invoke }: OperationCalls,
): InstanceType<Library['KmsKeyringNode']> {
  const clientProvider = (region: string) => {
    const call =
      (operation: 'GenerateDataKey' | 'Encrypt' | 'Decrypt') =>
      async (input: object): Promise<never> => {
        const row: AnyOperation = await loadOperation(operation);
        return (await invoke(row, { ...input }, region === '' ? undefined : region)) as never;
      };
    return { generateDataKey: call('GenerateDataKey'), encrypt: call('Encrypt'), decrypt: call('Decrypt') };
  };
  const [generatorKeyId, ...others] = keyIds;
  return new KmsKeyringNode({ generatorKeyId: generatorKeyId!, keyIds: others, clientProvider });
}

/** The encrypted data keys of AWS KMS have this name of a provider. */
const PROVIDER = 'aws-kms';

/** The keys that may decrypt a message. */
interface DecryptKeys {
  /** Their ARNs; undefined: any that the message names. */
  readonly given: readonly string[] | undefined;
  /** The message, as errors name it. */
  readonly subject: string;
}

/** One way to decrypt a data key; undefined: in the Region at hand. */
interface Attempt {
  readonly keyId: string;
  readonly region: string | undefined;
}

export function decryptKeyring(
  { KeyringNode, KeyringTraceFlag }: Library,
  { given, subject }: DecryptKeys,
  session: OperationCalls,
): InstanceType<Library['KeyringNode']> {
  const flags = KeyringTraceFlag.WRAPPING_KEY_DECRYPTED_DATA_KEY;
  type Decrypting = KeyringNodeMethod<'_onDecrypt'>;
  class DecryptKeyring extends KeyringNode {
    _onEncrypt(): Promise<never> {
      return Promise.reject(new Error('this keyring only decrypts'));
    }
    async _onDecrypt(...[material, dataKeys]: Parameters<Decrypting>): ReturnType<Decrypting> {
      const ours = dataKeys.filter(({ providerId }) => providerId === PROVIDER);
      const failures: KmsError[] = [];
      for (const { providerInfo: arn, encryptedDataKey: CiphertextBlob } of ours) {
        const { encryptionContext: EncryptionContext } = material;
        const input = { CiphertextBlob, EncryptionContext };
        const plaintext = await firstOf(attemptsFor(arn, given), { input, failures, subject, session });
        if (plaintext)
          return material.setUnencryptedDataKey(plaintext, { keyNamespace: PROVIDER, keyName: arn, flags });
      }
      throw failures[0] ?? noneOf(subject, { given, arns: ours.map(({ providerInfo }) => providerInfo) });
    }
  }
  return new DecryptKeyring();
}

type KeyringNodeMethod<N extends keyof InstanceType<Library['KeyringNode']>> = InstanceType<Library['KeyringNode']>[N];

/**
 * A multi-Region key of the message can be decrypted with a related key in another Region (AWS Encryption SDK Developer
 * Guide, "Using multi-Region AWS KMS keys"): the one that was given, or the one in the Region at hand, if there is one.
 */
function attemptsFor(arn: string, given: readonly string[] | undefined): readonly Attempt[] {
  const recorded = attemptAt(arn);
  const multiRegionId = multiRegionKeyId(arn);
  if (given === undefined) {
    return multiRegionId === undefined ? [recorded] : [{ keyId: multiRegionId, region: undefined }, recorded];
  }
  return given.filter((one) => one === arn || isRelated(one, arn)).map(attemptAt);
}

const attemptAt = (arn: string): Attempt => ({ keyId: arn, region: parseArn(arn)?.region });

const multiRegionKeyId = (arn: string): string | undefined =>
  /^key\/(mrk-.+)$/.exec(parseArn(arn)?.resource ?? '')?.[1];

function isRelated(one: string, other: string): boolean {
  const [a, b] = [parseArn(one), parseArn(other)];
  return multiRegionKeyId(one) !== undefined && a?.resource === b?.resource && a?.account === b?.account;
}

interface Tried {
  readonly input: {
    readonly CiphertextBlob: Uint8Array;
    readonly EncryptionContext: { readonly [name: string]: string };
  };
  /** Gets the error of each call that failed; a key that is not in the Region at hand is no failure. */
  readonly failures: KmsError[];
  readonly subject: string;
  readonly session: OperationCalls;
}

async function firstOf(
  attempts: readonly Attempt[],
  { input, failures, subject, session: { invoke } }: Tried,
): Promise<Uint8Array | undefined> {
  for (const { keyId: KeyId, region } of attempts) {
    try {
      return (await invoke(await loadOperation('Decrypt'), { KeyId, ...input }, region)).Plaintext;
    } catch (error) {
      if (!(error instanceof KmsError)) throw error;
      const isElsewhere = region === undefined && error.code === 'NotFoundException';
      if (!isElsewhere) failures.push(withSubject(error, subject));
    }
  }
  return undefined;
}

/** The error with the name of the message in front of its text. */
export function withSubject(error: KmsError, subject: string): KmsError {
  error.message = [subject, error.message].filter(Boolean).join(': ');
  return error;
}

const SHOWN_KEYS = 3;

function noneOf(
  subject: string,
  { given, arns }: { readonly given: readonly string[] | undefined; readonly arns: readonly string[] },
): EnvironmentError {
  if (arns.length === 0) {
    return new EnvironmentError(`${subject} is not encrypted under a KMS key`, [
      'the AWS Encryption SDK can use other wrapping keys too; they are not supported',
    ]);
  }
  const which = given === undefined ? 'none of its keys' : 'none of the keys given';
  const more = arns.length > SHOWN_KEYS ? ` and ${arns.length - SHOWN_KEYS} more` : '';
  return new EnvironmentError(`${subject}: ${which} can decrypt this message`, [
    `it is encrypted under ${arns.slice(0, SHOWN_KEYS).join(', ')}${more}`,
  ]);
}

/** The ARNs of keys: a message names its keys by them. A key ID or an alias is looked up in the Region at hand. */
export function keyArns(keyIds: readonly string[], { invoke }: OperationCalls): Promise<readonly string[]> {
  return Promise.all(
    keyIds.map(async (KeyId) => {
      const arn = parseArn(KeyId);
      if (arn?.resource.startsWith('key/')) return KeyId;
      const { KeyMetadata } = await invoke(await loadOperation('DescribeKey'), { KeyId }, arn?.region);
      return KeyMetadata!.Arn!;
    }),
  );
}
