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
      throw new EnvironmentError(
        'other machines may call only with access keys: --no-verify-signatures is for this one',
        ['--listen 127.0.0.1:4599, or --socket FILE'],
      );
    }
    if (credentialsFile !== undefined) {
      throw new EnvironmentError('either --credentials-file or --no-verify-signatures, not both');
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
    '--credentials-file FILE writes an access key there that is good until the server ends',
    ephemeral ? 'the file of --seed can have AccessKeys' : 'kms identity create-access-key ARN makes one that stays',
    '--socket FILE is reached by you alone, and takes any credentials',
    reach === 'this user'
      ? '--no-verify-signatures takes any credentials of whoever may open the socket: you'
      : '--no-verify-signatures lets every user and every program of this machine call',
  ];
  if (reach === 'other machines') {
    return new EnvironmentError('other machines may call only with access keys, and the keyring has none', [
      file,
      stays,
    ]);
  }
  return new EnvironmentError(
    'signatures are asked for, but the keyring has no access keys, and there is no terminal to show one on',
    reach === 'this user' || keyringAsks ? [file, stays, unsigned] : [file, stays, socket, unsigned],
  );
}

/** For whoever starts the server. @param caller ARN of the default caller */
export function whoIsLetIn(
  { required, processKey }: ServerAccess,
  { reach, accessKeys, keyringAsks }: Situation,
  caller: string,
): string {
  const own = processKey && `the access key of this server, which is good until it ends (calls are made as ${caller})`;
  const kept = accessKeys > 0 ? `an access key of the keyring (${accessKeys})` : undefined;
  if (required !== 'never' && (required === 'always' || keyringAsks)) {
    return `requests must be signed with ${[own, kept].filter((way) => way !== undefined).join(', or ')}`;
  }
  const whoever =
    reach === 'this user'
      ? 'you alone can open the socket'
      : 'every user and every program of this machine can call: signatures are not asked for';
  const others = kept ? ', except those that an access key of the keyring signed' : '';
  return `${whoever}; calls are made as ${caller}${others}`;
}
