/** What evaluate() is asked: who calls, with which action, on which resource, under which policies. */
import { type Home, kmsArn } from '../model/arn.ts';
import type { AttachedPolicy } from './document.ts';
import type { Grant, GrantTerms } from './grant.ts';
import type { Caller } from './principal.ts';

/** Condition key, lower-cased, to its values. A key without values is absent. */
export type ContextValues = ReadonlyMap<string, readonly string[]>;

export interface Resource {
  /** `none`: the operation names no key or alias (CreateKey, ListKeys ...); identity policies alone decide. */
  readonly kind: 'key' | 'alias' | 'none';
  readonly arn: string;
  readonly account: string;
  /** An AWS managed key: resource control policies pass it by. */
  readonly awsManaged?: boolean;
}

export interface AccessRequest {
  readonly caller: Caller;
  /** As printed in messages: `kms:Encrypt`. */
  readonly action: string;
  readonly resource: Resource;
  readonly keyPolicy?: AttachedPolicy;
  readonly grants?: readonly Grant[];
  readonly context: ContextValues;
  /** The encryption context as sent, which grant constraints look at. */
  readonly encryptionContext?: Readonly<Record<string, string>>;
  /** CreateGrant: what the new grant would give; a grant that permits CreateGrant bounds it. */
  readonly newGrant?: GrantTerms;
  /** RetireGrant: the grant to be retired. */
  readonly retiring?: Grant;
  /** The policy of the VPC endpoint that the request came through. */
  readonly endpointPolicy?: AttachedPolicy;
  /** Levels of the organization above the key's account; each must allow. */
  readonly resourceControlPolicies?: readonly (readonly AttachedPolicy[])[];
}

/** The resource of an operation that names neither key nor alias; `*` and account-wide patterns match it. */
export const noResource = (home: Home): Resource => ({
  kind: 'none',
  arn: kmsArn(home, '*'),
  account: home.account,
});

/** A key that is still to be made: kms:TagResource of CreateKey, in an identity policy for any key. */
export const newKeyResource = (home: Home): Resource => ({
  kind: 'none',
  arn: kmsArn(home, 'key/*'),
  account: home.account,
});
