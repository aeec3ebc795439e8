/** The input of evaluate(): caller, action, resource, condition values and policies. */
import type { AttachedPolicy } from './document.ts';
import type { GrantTerms } from '../model/grant-terms.ts';
import type { Grant } from './grant.ts';
import type { ContextValues } from './context-values.ts';
import type { Caller } from './principal.ts';
import type { RequestFacts } from './request-facts.ts';
import type { Resource } from './resource.ts';

export interface AccessRequest {
  readonly caller: Caller;
  /** As printed in messages: `kms:Encrypt`. */
  readonly action: string;
  readonly resource: Resource;
  readonly keyPolicy?: AttachedPolicy | undefined;
  /** Of a role that is to be assumed. */
  readonly trustPolicy?: AttachedPolicy | undefined;
  readonly grants?: readonly Grant[] | undefined;
  readonly context: ContextValues;
  /** The encryption context as sent, which grant constraints look at. */
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined;
  /** CreateGrant: what the new grant would give; a grant that permits CreateGrant bounds it. */
  readonly newGrant?: GrantTerms | undefined;
  /** RetireGrant: the grant to be retired. */
  readonly retiring?: Grant | undefined;
  /** The policy of the VPC endpoint that the request came through. */
  readonly endpointPolicy?: AttachedPolicy | undefined;
  /** Those that it could have come through, from which the builder took it. */
  readonly endpointPolicies?: readonly AttachedPolicy[] | undefined;
  /** The facts from which it was built (access-request.ts); absent in requests of proofs. */
  readonly facts?: RequestFacts | undefined;
  /** Levels of the organization above the key's account; each must allow. */
  readonly resourceControlPolicies?: readonly (readonly AttachedPolicy[])[] | undefined;
}
