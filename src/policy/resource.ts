/** What a request is about: a key, an alias, a role that is to be assumed, or none of these. */
import { kmsArn, type Home } from '../model/arn.ts';

export interface Resource {
  /** `none`: the operation names no key or alias (CreateKey, ListKeys ...); identity policies alone decide. */
  readonly kind: 'key' | 'alias' | 'role' | 'none';
  readonly arn: string;
  readonly account: string;
  /** An AWS managed key: resource control policies pass it by. */
  readonly awsManaged?: boolean;
}

/** The resource of an operation that names neither key nor alias; `*` and account-wide patterns match it. */
export const noResource = (home: Home): Resource => ({ kind: 'none', arn: kmsArn(home, '*'), account: home.account });

/** A key that is still to be made: kms:TagResource of CreateKey, in an identity policy for any key. */
export const newKeyResource = (home: Home): Resource => ({
  kind: 'none',
  arn: kmsArn(home, 'key/*'),
  account: home.account,
});
