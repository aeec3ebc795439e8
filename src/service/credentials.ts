/** Whose access key it is: from what a signed request presents to the caller that it is made as. */
import { KmsError } from '../api/error.ts';
import { findAccessKey, findSession, secretText } from '../keyring/access-key.ts';
import { keyringTime } from '../keyring/root.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { attachPolicy } from '../policy/document.ts';
import { callerOf, type Caller } from '../policy/principal.ts';

/** What a request says about its signer. */
export interface Presented {
  readonly accessKeyId: string;
  /** With the access key of a session. */
  readonly sessionToken: string | undefined;
}

export interface Credentials {
  readonly caller: Caller;
  /** What the request must be signed with. */
  readonly secretAccessKey: string;
}

/**
 * @param clock milliseconds since 1970, without what the keyring's own clock is ahead
 * @returns undefined if this is neither an access key of the keyring nor a session of its own
 * @throws UnrecognizedClientException, ExpiredTokenException
 */
export async function findCredentials(
  tx: Transaction,
  { accessKeyId, sessionToken }: Presented,
  clock: number,
): Promise<Credentials | undefined> {
  const session = sessionToken === undefined ? undefined : findSession(tx, accessKeyId, sessionToken);
  if (session) {
    if (session.expires <= keyringTime(tx.settings, clock)) {
      throw new KmsError('ExpiredTokenException', 'The security token included in the request is expired');
    }
    const { arn, roleArn, tags, policy } = session;
    const caller = callerOf(arn, {
      roleArn,
      ...(tags ? { tags } : {}),
      ...(policy === undefined ? {} : { sessionPolicies: [attachPolicy('session', policy)] }),
    });
    return { caller, secretAccessKey: secretText(session.secret) };
  }
  const key = sessionToken === undefined ? await findAccessKey(tx, accessKeyId) : undefined;
  if (!key) return undefined;
  if (!key.active) throw unrecognized();
  return { caller: callerOf(key.principal), secretAccessKey: secretText(key.secret) };
}

export const unrecognized = (): KmsError =>
  new KmsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
