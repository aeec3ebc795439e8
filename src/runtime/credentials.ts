/** From the credentials of a signed request to its caller. */
import { KmsError } from '../model/error.ts';
import type { Secret } from '../crypto/secret.ts';
import { canOwnAccessKeys, findAccessKey, findSession } from '../keyring/access-key.ts';
import { keyringTime } from '../keyring/root.ts';
import { hasPassed } from '../keyring/time.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { identify } from '../operations/principals/known-callers.ts';
import { attachPolicy, type AttachedPolicy } from '../policy/document.ts';
import { callerOf, type Caller } from '../policy/principal.ts';

/** The credentials in a request. */
export interface Presented {
  readonly accessKeyId: string;
  /** With the access key of a session. */
  readonly sessionToken: string | undefined;
}

export interface Credentials {
  readonly caller: Caller;
  /** The secret access key, with which the request must be signed. */
  readonly secret: Secret;
}

/**
 * @param clock milliseconds since 1970, without the offset of the keyring's clock
 * @returns undefined if this is neither an access key of the keyring nor a session of its own
 * @throws UnrecognizedClientException, ExpiredTokenException
 */
export async function findCredentials(
  tx: Transaction,
  { accessKeyId, sessionToken }: Presented,
  clock: number,
): Promise<Credentials | undefined> {
  return sessionToken === undefined
    ? ofAccessKey(tx, accessKeyId)
    : ofSession(tx, { accessKeyId, sessionToken }, keyringTime(tx.settings, clock));
}

async function ofAccessKey(tx: Transaction, accessKeyId: string): Promise<Credentials | undefined> {
  const key = await findAccessKey(tx, accessKeyId);
  if (!key) return undefined;
  if (!key.active || !canOwnAccessKeys(key.principal)) throw unrecognized();
  return { caller: callerOf(key.principal), secret: key.secret };
}

async function ofSession(
  tx: Transaction,
  { accessKeyId, sessionToken }: { readonly accessKeyId: string; readonly sessionToken: string },
  now: number,
): Promise<Credentials | undefined> {
  const session = findSession(tx, accessKeyId, sessionToken);
  if (!session) return undefined;
  if (hasPassed(session.expires, now)) {
    throw new KmsError('ExpiredTokenException', 'The security token included in the request is expired');
  }
  const { arn, roleArn, issuer, issued, tags, policy } = session;
  const more: Partial<Caller> = {
    tokenIssueTime: new Date(issued),
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(tags ? { tags } : {}),
    ...(policy === undefined ? {} : { sessionPolicies: [attachPolicy('session', policy)] }),
  };
  const caller = callerOf(arn, issuer === undefined ? more : { ...(await permissionsOf(tx, issuer)), ...more });
  return { caller, secret: session.secret };
}

/**
 * What a federated user has of the user who asked for the session: what both this user's policies and the session policy
 * allow. Without a session policy it has what policies of resources give it by name (STS, GetFederationToken).
 */
async function permissionsOf(tx: Transaction, issuer: string): Promise<Partial<Caller>> {
  const { kind, identityPolicies, boundary } = await identify(tx, callerOf(issuer));
  return {
    identityPolicies: kind === 'root' ? [allPermissions()] : (identityPolicies ?? []),
    ...(boundary ? { boundary } : {}),
    sessionPolicies: [noPermissions()],
  };
}

const noPermissions = (): AttachedPolicy => attachPolicy('session', '{"Version":"2012-10-17","Statement":[]}');
const allPermissions = (): AttachedPolicy =>
  attachPolicy('root', '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}');

export const unrecognized = (): KmsError =>
  new KmsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
