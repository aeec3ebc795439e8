/**
 * The library: AWS KMS in this process, over a keyring in a folder or in memory. `kmsClient()` takes the commands of the
 * AWS SDK. Calls go through the same pipeline as those of the command: policies, states, the audit log.
 */
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { linesIn } from './model/lines.ts';
import { isAccountId } from './model/account.ts';
import { EnvironmentError, KmsError } from './model/error.ts';
import { checkPrincipal, rootArn } from './model/principal-arn.ts';
import type { Keyring } from './keyring/keyring.ts';
import { findOperation } from './operations/index.ts';
import { callerOf } from './policy/principal.ts';
import { createKms as createPipeline } from './pipeline/invoke.ts';

export interface KmsOptions {
  /**
   * The folder of a keyring; one is made there if there is none. Absent: a keyring in memory, gone with the process.
   */
  readonly folder?: string;
  /** The key file that unlocks the keyring, or that a new one gets. Default: beside the user's configuration. */
  readonly keyFile?: string;
  /** A file with the passphrase instead; mode 0600. */
  readonly passphraseFile?: string;
  /** Account of a new keyring, 12 digits. Default: `000000000000`. */
  readonly account?: string;
  /** Region of a new keyring, and of calls that name none. Default: `us-east-1`, or the keyring's own. */
  readonly region?: string;
  /** The time; tests move it. Default: the machine's. */
  readonly clock?: () => Date;
}

export interface CallOptions {
  /** ARN of who calls: a user, a role, a session, the account's root. Default: the root user of the account. */
  readonly principal?: string;
  /** Tags of the principal, for conditions on `aws:PrincipalTag`. */
  readonly tags?: { readonly [key: string]: string };
  readonly region?: string;
}

export interface Members {
  readonly [member: string]: unknown;
}

export interface PocketKms {
  /** The account of the keyring. */
  readonly account: string;
  /**
   * A call of the KMS API. Blobs are `Uint8Array`, timestamps `Date`.
   * @param operation as in the API: `Encrypt`
   * @throws KmsException
   */
  call(operation: string, input?: Members, options?: CallOptions): Promise<Members>;
  /** The audit log so far, as CloudTrail records. */
  events(): Promise<readonly Members[]>;
  close(): void;
}

/** A refusal, as the AWS SDK throws it: its name is AWS's, `NotFoundException`. */
export class KmsException extends Error {
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode: number; readonly attempts: number };
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
    this.$fault = name === 'KMSInternalException' ? 'server' : 'client';
    this.$metadata = { httpStatusCode: this.$fault === 'server' ? 500 : 400, attempts: 1 };
  }
}

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const USER_AGENT = `pocket-kms/${manifest.version}`;

export async function createKms(options: KmsOptions = {}): Promise<PocketKms> {
  const { clock: date = () => new Date() } = options;
  const clock = (): number => date().getTime();
  if (options.account !== undefined && !isAccountId(options.account)) {
    throw new EnvironmentError(`account must be 12 digits, not '${options.account}'`);
  }
  const keyring = await openKeyringOf(options, clock);
  const { account } = await keyring.transact(async ({ settings }) => settings);
  const pipeline = createPipeline({ keyring, clock, random });
  return {
    account,
    async call(operation, input = {}, { principal, tags, region } = {}) {
      const arn = principal === undefined ? rootArn(account) : checkPrincipal(principal, 'principal');
      const caller = callerOf(arn, tags ? { tags } : {});
      try {
        const row = await findOperation(operation);
        if (!row) {
          throw new KmsError('UnsupportedOperationException', `The operation ${operation} is not supported.`);
        }
        const answer = await pipeline.invoke(row, input, {
          caller,
          region: region ?? options.region,
          sourceIp: '127.0.0.1',
          userAgent: USER_AGENT,
        });
        return answer.output;
      } catch (error) {
        if (error instanceof KmsError) throw new KmsException(error.code, error.message);
        throw error;
      }
    },
    events: () =>
      keyring.inspect(async ({ log }) =>
        Array.from(
          linesIn(log.read(), Number.POSITIVE_INFINITY),
          (line) => JSON.parse(Buffer.from(line).toString()) as Members,
        ),
      ),
    close: () => keyring.close(),
  };
}

async function openKeyringOf(options: KmsOptions, clock: () => number): Promise<Keyring> {
  const { folder, account, region } = options;
  if (folder === undefined) {
    const { memoryKeyring } = await import('./runtime/memory-keyring.ts');
    return (await memoryKeyring({ account, region, clock, random })).keyring;
  }
  const { openSession } = await import('./runtime/session.ts');
  const { isKeyringAt } = await import('./keyring/place.ts');
  const session = openSession({
    cwd: process.cwd(),
    home: homedir(),
    env: process.env,
    named: resolve(folder),
    keyFile: options.keyFile,
    passphraseFile: options.passphraseFile,
    region: options.region,
    userAgent: USER_AGENT,
    clock,
    random,
    ask: () => undefined,
    note: () => undefined,
  });
  return isKeyringAt(session.place) ? session.open() : session.create({ account, region, unlocking: {} });
}

/** A command of the AWS SDK, as far as it matters here. */
export interface SdkCommand<Input extends object, Output extends object> {
  readonly input: Input;
  resolveMiddleware(stack: never, configuration: never, options: never): (args: never) => Promise<{ output: Output }>;
}

export interface SdkClient {
  send<Input extends object, Output extends object>(command: SdkCommand<Input, Output>): Promise<Output>;
  destroy(): void;
}

export interface ClientOptions extends CallOptions {
  /** The SDK's own exceptions, for `instanceof`: the module `@aws-sdk/client-kms` itself. */
  readonly exceptions?: object;
}

type ExceptionClass = new (options: { message: string; $metadata: KmsException['$metadata'] }) => Error;

/** A client that answers the commands of `@aws-sdk/client-kms` from this keyring. */
export function kmsClient(kms: PocketKms, { exceptions, ...options }: ClientOptions = {}): SdkClient {
  return {
    async send<Input extends object, Output extends object>(command: SdkCommand<Input, Output>): Promise<Output> {
      const operation = command.constructor.name.replace(/Command$/, '');
      try {
        const output = await kms.call(operation, command.input as Members, options);
        return { ...output, $metadata: { httpStatusCode: 200, attempts: 1 } } as unknown as Output;
      } catch (error) {
        const known = error instanceof KmsException ? (exceptions as Members | undefined)?.[error.name] : undefined;
        if (!known) throw error;
        const { message, $metadata } = error as KmsException;
        throw new (known as ExceptionClass)({ message, $metadata });
      }
    },
    destroy: () => undefined,
  };
}
