/** Assuming a role: what makes temporary credentials, for the command and for the STS endpoint. */
import { KmsError } from '../model/error.ts';
import { readPrincipalArn } from '../model/principal-arn.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { issueSession, secretText } from '../keyring/access-key.ts';
import { keyringTime } from '../keyring/root.ts';
import type { Transaction } from '../keyring/transaction.ts';
import type { ContextBuilder } from '../policy/context.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { Caller } from '../policy/principal.ts';
import { checkSessionPolicy } from './session-policy.ts';

export interface RoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  /** In seconds. */
  readonly duration: number;
  readonly policy?: string | undefined;
  readonly tags?: { readonly [key: string]: string } | undefined;
}

/** As a caller asks for it. */
export type RoleQuestion = Omit<RoleRequest, 'roleArn' | 'sessionName'> & {
  readonly roleArn: string | undefined;
  readonly sessionName: string | undefined;
};

export interface RoleCredentials {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  readonly Expiration: Date;
}

export interface AssumedRole {
  readonly arn: string;
  readonly credentials: RoleCredentials;
}

interface Deps {
  readonly clock: () => number;
  readonly random: RandomBytes;
}

const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
/** In seconds (STS, AssumeRole). */
const DURATION = { least: 900, most: 43_200 } as const;

/** @throws ValidationException, MalformedPolicyDocumentException */
export function checkRoleRequest(question: RoleQuestion): RoleRequest {
  const { roleArn, sessionName, duration, policy, tags } = question;
  if (roleArn === undefined) throw absent('roleArn');
  if (sessionName === undefined) throw absent('roleSessionName');
  if (roleArn.length > MAX_ROLE_ARN || readPrincipalArn(roleArn)?.form !== 'role')
    throw refused(`${roleArn} is invalid`);
  if (!SESSION_NAME.test(sessionName)) throw refused(`${sessionName} is not a valid session name`);
  if (!(duration >= DURATION.least && duration <= DURATION.most)) {
    throw refused(`The duration must be between ${DURATION.least} and ${DURATION.most} seconds`);
  }
  if (policy !== undefined) checkSessionPolicy(policy);
  return { roleArn, sessionName, duration, policy, tags };
}

/** AWS STS API reference, AssumeRole. */
const MAX_ROLE_ARN = 2_048;

const absent = (member: string): KmsError =>
  refused(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );

/** @param request has passed checkRoleRequest() */
export function assumeRole(tx: Transaction, request: RoleRequest, { clock, random }: Deps): AssumedRole {
  const { roleArn, sessionName, duration, policy, tags } = request;
  const { partition, account, name } = readPrincipalArn(roleArn)!;
  const arn = `arn:${partition}:sts::${account}:assumed-role/${name}/${sessionName}`;
  const now = Math.floor(keyringTime(tx.settings, clock()) / 1000); // in seconds, as STS tells them
  const expires = Math.floor(now + duration) * 1000;
  const issued = issueSession(tx, { arn, roleArn, issued: now * 1000, expires, policy, tags }, random);
  return {
    arn,
    credentials: {
      AccessKeyId: issued.id,
      SecretAccessKey: secretText(issued.secret),
      SessionToken: issued.token,
      Expiration: new Date(expires),
    },
  };
}

const refused = (text: string): KmsError => new KmsError('ValidationException', text);

/**
 * Whether a caller may assume a role: its identity policies must allow sts:AssumeRole on it, and sts:TagSession for tags;
 * the account's root user needs none. A role's trust policy is not looked at.
 * @param context what is known of the caller and where it calls from
 * @throws AccessDeniedException
 */
export function authorizeAssumeRole(
  caller: Caller,
  { roleArn, sessionName, tags }: RoleRequest,
  context: ContextBuilder,
): void {
  const { account } = readPrincipalArn(roleArn)!;
  context.set('aws:ResourceAccount', account).set('sts:RoleSessionName', sessionName);
  if (tags) context.setEach('aws:RequestTag/', tags).set('aws:TagKeys', Object.keys(tags));
  for (const action of ['sts:AssumeRole', ...(tags ? ['sts:TagSession'] : [])]) {
    const resource = { kind: 'none', arn: roleArn, account } as const;
    if (evaluate({ caller, action, resource, context: context.values() }).outcome === 'allow') continue;
    throw new KmsError(
      'AccessDeniedException',
      `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${roleArn}`,
    );
  }
}
