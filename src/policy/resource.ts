/** The resource of a request: a key, an alias, a role to be assumed, or none. */
import { kmsArn, type Home } from '../model/arn.ts';

export interface Resource {
  /** `none`: the operation names no key or alias (CreateKey, ListKeys ...); identity policies alone decide. */
  readonly kind: 'key' | 'alias' | 'role' | 'none';
  readonly arn: string;
  readonly account: string;
  /** An AWS managed key, to which resource control policies do not apply. */
  readonly awsManaged?: boolean;
}

/** The resource of an operation that names neither key nor alias; `*` and account-wide patterns match it. */
export const noResource = (home: Home): Resource => ({ kind: 'none', arn: kmsArn(home, '*'), account: home.account });

/** An operation that names neither is about the Region that it is called in, which may be unknown until then. */
export const inRegion = (resource: Resource, region: string | undefined): Resource =>
  region === undefined ? resource : { ...resource, arn: resource.arn.replace(/^((?:[^:]*:){3})[^:]*/, `$1${region}`) };

/** An alias that was not named, as a call that would make one has it: it stands for every name. */
export const isAnyAlias = ({ kind, arn }: Resource): boolean => kind === 'alias' && arn.endsWith(':alias/*');

/** A key that does not exist yet: kms:TagResource of CreateKey, in an identity policy for any key. */
export const newKeyResource = (home: Home): Resource => ({
  kind: 'none',
  arn: kmsArn(home, 'key/*'),
  account: home.account,
});
