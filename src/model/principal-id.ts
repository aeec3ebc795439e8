/** The ID of a principal: the `principalId` of events, the UserId of `get-caller-identity`, aws:userid in policies. */

export interface IdentifiedPrincipal {
  readonly kind: 'root' | 'user' | 'session' | 'federated' | 'webIdentity' | 'service';
  readonly arn: string;
  readonly account?: string | undefined;
  /** Of a user, or of the role behind a session. */
  readonly uniqueId?: string | undefined;
  readonly roleArn?: string | undefined;
  /** Of a user of an OpenID Connect provider, whose ARN is that of the provider. */
  readonly webIdentity?: WebIdentity | undefined;
}

export interface WebIdentity {
  readonly subject: string;
  readonly audience: string;
}

/** Placeholder for the unique ID of a user or role that the keyring does not know. */
type UnknownId<T> = (prefix: 'AIDA' | 'AROA', arn: string) => T;

/**
 * The unique ID; with the session's name for sessions, the account for root and federated users (IAM User Guide, "IAM
 * JSON policy elements: Variables and tags", principal key values).
 */
export function principalIdOf<T extends string | undefined>(
  principal: IdentifiedPrincipal,
  unknownId: UnknownId<T>,
): string | T {
  const { kind, arn, account = '', uniqueId, roleArn = arn, webIdentity } = principal;
  switch (kind) {
    case 'root':
      return account;
    case 'user':
      return uniqueId ?? unknownId('AIDA', arn);
    case 'session': {
      const role = uniqueId ?? unknownId('AROA', roleArn);
      return role === undefined ? role : `${role}:${lastPart(arn)}`;
    }
    case 'federated':
      return `${account}:${lastPart(arn)}`;
    case 'webIdentity':
      return `${arn}:${webIdentity?.audience}:${webIdentity?.subject}`;
    case 'service':
      return arn;
  }
}

/** The name of a user or a role without its path, and of a session. */
export const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
