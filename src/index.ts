/**
 * The library: AWS KMS in this process, over a keyring in a folder or in memory. `kmsClient()` takes the commands of the
 * AWS SDK. Calls go through the same pipeline as those of the command: policies, states, the audit log.
 */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { randomSource } from './crypto/random.ts';
import { isAccountId } from './model/account.ts';
import { EnvironmentError } from './model/error.ts';
import type { Keyring } from './keyring/keyring.ts';
import type { PocketKms } from './frontends/library/api.ts';
import { reachKeyManagers } from './runtime/key-managers.ts';
import { pocketKms } from './frontends/library/pocket-kms.ts';

export type { InputOf, OperationName, OutputOf } from './operations/index.ts';
export { KmsException } from './frontends/library/kms-exception.ts';
export type { AuditEvent, CallOptions, CallParameters, Methods, PocketKms } from './frontends/library/api.ts';
export { clientConfiguration, kmsClient } from './frontends/library/sdk-client.ts';
export type {
  SdkClient,
  SdkCommand,
  SdkConfiguration,
  SdkRequest,
  SdkResponse,
} from './frontends/library/sdk-client.ts';

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

const random = randomSource();
const USER_AGENT = `pocket-kms/${manifest.version}`;

export async function createKms(options: KmsOptions = {}): Promise<PocketKms> {
  const { clock: date = () => new Date() } = options;
  const clock = (): number => date().getTime();
  if (options.account !== undefined && !isAccountId(options.account)) {
    throw new EnvironmentError(`account must be 12 digits, not '${options.account}'`);
  }
  const { keyring, isTrusted } = await openKeyringOf(options, clock);
  const folders = { env: process.env, home: homedir() };
  // of key managers the real time, which their proxies compare with their own
  const managers = reachKeyManagers(isTrusted, { ...folders, clock: Date.now, inProcesses: false });
  const close = (): void => {
    keyring.close();
    // what cannot be made has nothing to be closed
    managers.close().catch(() => undefined);
  };
  const settings = { keyring, clock, random, keyManagers: managers.open, close };
  return pocketKms({ ...settings, region: options.region, userAgent: USER_AGENT });
}

interface OpenedKeyring {
  readonly keyring: Keyring;
  readonly isTrusted: () => boolean;
}

async function openKeyringOf(options: KmsOptions, clock: () => number): Promise<OpenedKeyring> {
  const { folder, account, region } = options;
  if (folder === undefined) {
    const { memoryKeyring } = await import('./runtime/memory-keyring.ts');
    const { keyring } = await memoryKeyring({ account, region, clock, random });
    return { keyring, isTrusted: () => true }; // nobody else has written into it
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
  const exists = isKeyringAt(session.place);
  const keyring = await (exists ? session.open() : session.create({ account, region, unlocking: {} }));
  return { keyring, isTrusted: () => session.trust.isTrusted(keyring) };
}
