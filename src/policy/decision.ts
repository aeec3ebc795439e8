/** Decision: the result of evaluate(), with all statements and grants that it evaluated, for enforcement and explanation. */
import type { Statement } from './document.ts';
import type { GrantResult } from './grant-match.ts';
import type { Grant } from './grant.ts';
import type { AccessRequest } from './request.ts';
import type { AttachedPolicy } from './document.ts';
import type { StatementResult } from './statement.ts';

export type PolicySource =
  | 'keyPolicy'
  | 'trustPolicy'
  | 'identityPolicy'
  | 'permissionsBoundary'
  | 'sessionPolicy'
  | 'serviceControlPolicy'
  | 'resourceControlPolicy'
  | 'endpointPolicy';

export interface StatementConsideration {
  readonly source: PolicySource;
  readonly policy: AttachedPolicy;
  /** Of an organization's policy: which level, from 0 at the root. */
  readonly level: number;
  readonly statement: Statement;
  readonly result: StatementResult;
}

export interface GrantConsideration {
  readonly source: 'grant';
  readonly grant: Grant;
  readonly result: GrantResult;
}

export type Consideration = StatementConsideration | GrantConsideration;

/** What was missing for an implicit denial. */
export type Missing =
  | PolicySource
  /** The action cannot be used by principals of another account. */
  | 'crossAccount'
  /** RetireGrant: neither named by the grant nor delegated by an account that may retire it. */
  | 'retiringRight'
  /** AssumeRole: root users cannot assume roles. */
  | 'notRootUser';

export type Reason =
  | {
      readonly outcome: 'allow';
      /** `rootUser`: an account's root user needs no identity policy. */
      readonly through: 'keyPolicy' | 'trustPolicy' | 'identityPolicy' | 'grant' | 'rootUser' | 'retiringRight';
      readonly because: readonly Consideration[];
    }
  | {
      readonly outcome: 'explicitDeny';
      readonly through: PolicySource;
      readonly because: readonly StatementConsideration[];
    }
  | {
      readonly outcome: 'implicitDeny';
      readonly missing: Missing;
      /** Statements and grants that matched but were not sufficient. */
      readonly because: readonly Consideration[];
    };

export interface Decision {
  readonly request: AccessRequest;
  readonly outcome: Reason['outcome'];
  readonly by: Reason;
  /** Every statement and grant that was evaluated, in a fixed order: policies by source, then grants. */
  readonly considered: readonly Consideration[];
}
