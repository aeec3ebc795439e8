/** Which requests a server accepts, from its reach, its options and the keyring. */
import { EnvironmentError } from '../../model/error.ts';
import type { CallerVerification } from './caller.ts';

/** Through a socket, a loopback address, or another address. */
export type Reach = 'this user' | 'this machine' | 'other machines';

export interface Situation {
  readonly reach: Reach;
  /** Of `--verify-signatures` and `--no-verify-signatures`. */
  readonly verifySignatures: boolean | undefined;
  readonly credentialsFile: string | undefined;
  /** Whether stderr is a terminal. */
  readonly terminal: boolean;
  readonly ephemeral: boolean;
  /** Access keys in the keyring. */
  readonly accessKeys: number;
  /** Whether the keyring requires signatures, where its setting applies. */
  readonly keyringAsks: boolean;
}

export interface ServerAccess {
  readonly required: CallerVerification['required'];
  /** Where the access key of this process goes; undefined: there is none. */
  readonly processKey: 'file' | 'terminal' | undefined;
}

/** @throws EnvironmentError if the options would give access to too many callers, or to none */
export function accessTo(situation: Situation): ServerAccess {
  const { reach, verifySignatures, credentialsFile, terminal, ephemeral, accessKeys, keyringAsks } = situation;
  if (verifySignatures === false) {
    if (reach === 'other machines') {
      throw new EnvironmentError('--no-verify-signatures requires a loopback address or a socket', [
        '--listen 127.0.0.1:4599, or --socket FILE',
      ]);
    }
    if (credentialsFile !== undefined) {
      throw new EnvironmentError('--credentials-file and --no-verify-signatures cannot be combined');
    }
    return { required: 'never', processKey: undefined };
  }
  const always =
    verifySignatures === true ||
    credentialsFile !== undefined ||
    reach === 'other machines' ||
    (reach === 'this machine' && !ephemeral);
  const required = always ? 'always' : 'by the keyring';
  if (credentialsFile !== undefined) return { required, processKey: 'file' };
  if (accessKeys > 0 || !(always || keyringAsks)) return { required, processKey: undefined };
  if (terminal && reach !== 'other machines') return { required, processKey: 'terminal' };
  throw nobody(situation);
}

function nobody({ reach, ephemeral, keyringAsks }: Situation): EnvironmentError {
  const [file, stays, socket, unsigned] = [
    '--credentials-file FILE writes a temporary access key to FILE, valid until the server stops',
    ephemeral
      ? 'the seed file can define access keys: AccessKeys'
      : 'kms identity create-access-key ARN creates a long-term access key',
    '--socket FILE is accessible only to you, and accepts any credentials',
    reach === 'this user'
      ? '--no-verify-signatures accepts any credentials; only you can open the socket'
      : '--no-verify-signatures accepts requests from every user and program on this machine',
  ];
  if (reach === 'other machines') {
    return new EnvironmentError('requests from other machines must be signed, but the keyring has no access keys', [
      file,
      stays,
    ]);
  }
  return new EnvironmentError(
    'requests must be signed, but the keyring has no access keys, and there is no terminal to show a temporary one on',
    reach === 'this user' || keyringAsks ? [file, stays, unsigned] : [file, stays, socket, unsigned],
  );
}

/** For whoever starts the server. @param caller ARN of the default caller */
export function whoIsLetIn(
  { required, processKey }: ServerAccess,
  { reach, accessKeys, keyringAsks }: Situation,
  caller: string,
): string {
  const own = processKey && `the temporary access key of this server (calls are made as ${caller})`;
  const kept = accessKeys > 0 ? `an access key of the keyring (${accessKeys})` : undefined;
  if (required !== 'never' && (required === 'always' || keyringAsks)) {
    return `requests must be signed with ${[own, kept].filter((way) => way !== undefined).join(', or ')}`;
  }
  const whoever =
    reach === 'this user'
      ? 'only you can open the socket'
      : 'signatures are not verified: every user and program on this machine can send requests';
  const others = kept ? ', except those signed with an access key of the keyring' : '';
  return `${whoever}; calls are made as ${caller}${others}`;
}
