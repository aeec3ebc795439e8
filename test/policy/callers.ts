/** The callers and principals that the policy tests name, in two accounts. */
import { callerOf, type Caller } from '../../src/policy/principal.ts';

export const ACCOUNT = '111122223333';
const OTHER = '444455556666';
export const KEY_ARN = `arn:aws:kms:us-west-2:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/App`;
export const ALIAS_ARN = `arn:aws:kms:us-west-2:${ACCOUNT}:alias/example`;

const iam = (account: string, resource: string): string => `arn:aws:iam::${account}:${resource}`;
const sts = (account: string, resource: string): string => `arn:aws:sts::${account}:${resource}`;

export const CALLERS: { readonly [name: string]: Caller } = {
  root: callerOf(iam(ACCOUNT, 'root')),
  alice: callerOf(iam(ACCOUNT, 'user/alice'), { uniqueId: 'AIDAALICE0000EXAMPLE' }),
  bob: callerOf(iam(ACCOUNT, 'user/bob'), { uniqueId: 'AIDABOB000000EXAMPLE' }),
  app: callerOf(sts(ACCOUNT, 'assumed-role/App/i-0abc'), { uniqueId: 'AROAAPP000000EXAMPLE' }),
  deep: callerOf(iam(ACCOUNT, 'role/team/Deep')),
  dan: callerOf(sts(ACCOUNT, 'federated-user/dan')),
  linked: callerOf(iam(ACCOUNT, 'role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS')),
  trail: callerOf('cloudtrail.amazonaws.com'),
  eve: callerOf(iam(OTHER, 'user/eve')),
  remote: callerOf(sts(OTHER, 'assumed-role/Engineering/bob')),
  'other-root': callerOf(iam(OTHER, 'root')),
};

/** What a policy or a grant writes for a name; a text that is no name stands for itself. */
const PRINCIPALS: { readonly [name: string]: string } = {
  account: iam(ACCOUNT, 'root'),
  other: iam(OTHER, 'root'),
  alice: iam(ACCOUNT, 'user/alice'),
  bob: iam(ACCOUNT, 'user/bob'),
  app: iam(ACCOUNT, 'role/App'),
  'app-session': sts(ACCOUNT, 'assumed-role/App/i-0abc'),
  deep: iam(ACCOUNT, 'role/team/Deep'),
  dan: sts(ACCOUNT, 'federated-user/dan'),
  linked: iam(ACCOUNT, 'role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS'),
  eve: iam(OTHER, 'user/eve'),
  remote: iam(OTHER, 'role/Engineering'),
};

export const principalOf = (name: string): string => PRINCIPALS[name] ?? name;
