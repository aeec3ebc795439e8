/** The facts of an access request: everything that is not a policy, and the policies that are not the caller's. */
import type { Members } from '../model/shape.ts';
import type { OrganizationPosition, RequestAttributes } from './context.ts';
import type { AttachedPolicy } from './document.ts';
import type { GrantTerms } from '../model/grant-terms.ts';
import type { Grant } from './grant.ts';
import type { Input, InputCondition } from './input-condition.ts';
import type { Caller } from './principal.ts';
import type { Resource } from './resource.ts';

/** A KMS key, with the properties that decisions need. */
export interface KeyFacts {
  readonly spec: string;
  readonly usage: string;
  readonly origin: string;
  readonly multiRegion: boolean;
  readonly multiRegionKeyType: string | undefined;
  readonly account: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Of its account; undefined: it is in none. */
  readonly organization?: OrganizationPosition | undefined;
  /** Used by identity policies only; undefined: not read. */
  readonly aliases?: readonly string[] | undefined;
  /** The alias that the call names the key by. */
  readonly requestAlias?: string | undefined;
}

/** The condition keys of the operation's row. */
export interface InputRules {
  /** Of the input's shape. */
  readonly members: Members;
  readonly conditions: readonly InputCondition[];
  /** kms:GrantIsForAWSResource is about it. */
  readonly aboutGrants: boolean;
  /** The grant that the call would create. */
  readonly newGrant?: ((input: Input) => GrantTerms | undefined) | undefined;
}

/** All facts of a request that are not policies. */
export interface RequestFacts {
  readonly caller: Caller;
  readonly action: string;
  readonly resource: Resource;
  readonly attributes: RequestAttributes;
  readonly key: KeyFacts | undefined;
  readonly input: Input;
  readonly rules: InputRules;
  /** Values of condition keys that nothing else tells, or that were told by name. */
  readonly values?: { readonly [key: string]: readonly string[] };
  /** RetireGrant: the grant to be retired. */
  readonly retiring?: Grant | undefined;
}

/** The policies that are attached to the key and above it, and its grants. */
export interface ResourcePolicies {
  readonly keyPolicy?: AttachedPolicy | undefined;
  /** Of a role that is to be assumed. */
  readonly trustPolicy?: AttachedPolicy | undefined;
  readonly grants?: readonly Grant[] | undefined;
  readonly resourceControlPolicies?: readonly (readonly AttachedPolicy[])[] | undefined;
  /** Of VPC endpoints that the request may come through, each named by the ID of its endpoint. */
  readonly endpointPolicies?: readonly AttachedPolicy[] | undefined;
}
