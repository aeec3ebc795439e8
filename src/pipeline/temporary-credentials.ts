/** Temporary credentials of a user: its own (GetSessionToken), and those of a federated user (GetFederationToken). */
import { KmsError } from '../model/error.ts';
import { readPrincipalArn } from '../model/principal-arn.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { issueSession, secretText, type StsSession } from '../keyring/access-key.ts';
import { keyringTime } from '../keyring/root.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { accessRequest } from '../policy/access-request.ts';
import type { RequestAttributes } from '../policy/context.ts';
import { requireAllowed } from '../policy/denial.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { Caller } from '../policy/principal.ts';
import { checkSessionPolicy } from './session-policy.ts';
import { checkSessionTags } from './session-tags.ts';

export interface TemporaryCredentials {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  readonly Expiration: Date;
}

interface IssueDeps {
  readonly clock: () => number;
  readonly random: RandomBytes;
}

export function issueCredentials(
  tx: Transaction,
  session: Omit<StsSession, 'issued' | 'expires'>,
  { clock, random, duration }: IssueDeps & { readonly duration: number },
): TemporaryCredentials {
  const now = Math.floor(keyringTime(tx.settings, clock()) / 1000); // in seconds, as STS tells them
  const expires = Math.floor(now + duration) * 1000;
  const issued = issueSession(tx, { ...session, issued: now * 1000, expires }, random);
  return {
    AccessKeyId: issued.id,
    SecretAccessKey: secretText(issued.secret),
    SessionToken: issued.token,
    Expiration: new Date(expires),
  };
}

/** In seconds (STS, GetSessionToken and GetFederationToken). */
const DURATION = { min: 900, max: 129_600, default: 43_200, root: 3_600 } as const;

export interface SessionQuestion {
  /** In seconds. */
  readonly duration: number | undefined;
  /** Of an MFA device. */
  readonly serialNumber: string | undefined;
  readonly tokenCode: string | undefined;
}

/** "You cannot use policies to control authentication operations": it needs no permission (STS, GetSessionToken). */
export function sessionToken(
  tx: Transaction,
  { caller, question, deps }: { readonly caller: Caller; readonly question: SessionQuestion; readonly deps: IssueDeps },
): TemporaryCredentials {
  requireLongTerm(caller, 'GetSessionToken');
  const { serialNumber, tokenCode } = question;
  if (serialNumber !== undefined || tokenCode !== undefined) {
    throw new KmsError(
      'AccessDeniedException',
      'MFA devices are not known here: SerialNumber and TokenCode are refused',
    );
  }
  return issueCredentials(tx, { arn: caller.arn }, { ...deps, duration: durationFor(caller, question.duration) });
}

export interface FederationQuestion {
  readonly name: string | undefined;
  readonly duration: number | undefined;
  readonly policy: string | undefined;
  readonly tags: { readonly [key: string]: string } | undefined;
}

export interface FederatedUser {
  readonly arn: string;
  /** `111122223333:Bob` */
  readonly userId: string;
  readonly credentials: TemporaryCredentials;
}

interface Federation {
  readonly caller: Caller;
  readonly question: FederationQuestion;
  readonly attributes: RequestAttributes;
  readonly deps: IssueDeps;
}

const NAME = /^[\w+=,.@-]{2,32}$/;

export function federationToken(tx: Transaction, { caller, question, attributes, deps }: Federation): FederatedUser {
  requireLongTerm(caller, 'GetFederationToken');
  const { name, policy, tags } = question;
  if (name === undefined || !NAME.test(name))
    throw constraint(name, 'name', 'satisfy regular expression pattern: [\\w+=,.@-]*');
  const duration = durationFor(caller, question.duration);
  if (policy !== undefined) checkSessionPolicy(policy);
  if (tags) checkSessionTags(tags);
  const { partition, account } = readPrincipalArn(caller.arn)!;
  const arn = `arn:${partition}:sts::${account}:federated-user/${name}`;
  for (const action of ['sts:GetFederationToken', ...(tags ? ['sts:TagSession'] : [])]) {
    const resource = { kind: 'none', arn, account } as const;
    const facts = { caller, action, resource, attributes, key: undefined, input: {}, rules: NO_RULES };
    requireAllowed([evaluate(accessRequest(facts, {}))]);
  }
  const credentials = issueCredentials(tx, { arn, issuer: caller.arn, policy, tags }, { ...deps, duration });
  return { arn, userId: `${account}:${name}`, credentials };
}

const NO_RULES = { members: {}, conditions: [], aboutGrants: false } as const;

/** A user or the root user, with an access key: not a session, and not temporary credentials. */
function requireLongTerm({ kind, tokenIssueTime }: Caller, operation: string): void {
  if ((kind === 'user' || kind === 'root') && tokenIssueTime === undefined) return;
  throw new KmsError('AccessDeniedException', `Cannot call ${operation} with session credentials`);
}

function durationFor({ kind }: Caller, asked: number | undefined): number {
  if (asked !== undefined && !(asked >= DURATION.min)) {
    throw constraint(asked, 'durationSeconds', `have value greater than or equal to ${DURATION.min}`);
  }
  if (asked !== undefined && asked > DURATION.max) {
    throw constraint(asked, 'durationSeconds', `have value less than or equal to ${DURATION.max}`);
  }
  // "If the duration is longer than one hour, the session for AWS account owners defaults to one hour."
  return kind === 'root' ? Math.min(asked ?? DURATION.root, DURATION.root) : (asked ?? DURATION.default);
}

const constraint = (value: string | number | undefined, member: string, text: string): KmsError =>
  new KmsError(
    'ValidationException',
    value === undefined
      ? `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`
      : `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${text}`,
  );
