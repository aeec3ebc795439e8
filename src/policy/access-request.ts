/**
 * The only builder of access requests. Enforcement and explanation give it the same facts: the caller, the request
 * attributes, the key, the input, and the condition keys of the operation's row.
 */
import { contextOf } from './context.ts';
import type { ContextValues } from './context-values.ts';
import type { AccessRequest } from './request.ts';
import { inRegion } from './resource.ts';
import type { RequestFacts, ResourcePolicies } from './request-facts.ts';

export function accessRequest(facts: RequestFacts, policies: ResourcePolicies = {}): AccessRequest {
  const { caller, action, resource, input, rules, attributes } = facts;
  const { keyPolicy, trustPolicy, grants, resourceControlPolicies, endpointPolicies } = policies;
  const context = rules.conditions.find((condition) => condition.isEncryptionContext);
  // most requests are about a key, and decided without a condition: then no value of a condition key is made
  let made: ContextValues | undefined;
  const values = (): ContextValues => (made ??= valuesOf(facts));
  return {
    caller,
    action,
    resource: resource.kind === 'none' ? inRegion(resource, values().get('aws:requestedregion')?.[0]) : resource,
    get context() {
      return values();
    },
    facts,
    keyPolicy,
    trustPolicy,
    grants,
    resourceControlPolicies,
    endpointPolicies,
    endpointPolicy: endpointPolicies?.find(({ name }) => name === attributes.vpcEndpointId),
    encryptionContext: context && (input[context.members[0]!] as Readonly<Record<string, string>> | undefined),
    newGrant: rules.newGrant?.(input),
    retiring: facts.retiring,
  };
}

/** The same request under the same policies, as these facts describe it. */
export const withFacts = (request: AccessRequest, facts: RequestFacts): AccessRequest => accessRequest(facts, request);

function valuesOf({ caller, attributes, key, input, rules, values = {} }: RequestFacts) {
  const of = key ? { ...attributes, resourceAccount: key.account, resourceTags: key.tags } : attributes;
  const builder = contextOf(caller, of);
  if (key) {
    builder
      .setResourceOrganization(key.organization)
      .set('kms:KeySpec', key.spec)
      .set('kms:CustomerMasterKeySpec', key.spec)
      .set('kms:KeyUsage', key.usage)
      .set('kms:CustomerMasterKeyUsage', key.usage)
      .set('kms:KeyOrigin', key.origin)
      .set('kms:MultiRegion', key.multiRegion)
      .set('kms:MultiRegionKeyType', key.multiRegionKeyType)
      .set('kms:RequestAlias', key.requestAlias)
      .set('kms:ResourceAliases', key.aliases);
  }
  for (const condition of rules.conditions)
    for (const [name, found] of condition.values(input)) builder.set(name, found);
  if (rules.aboutGrants) builder.set('kms:GrantIsForAWSResource', attributes.viaService !== undefined);
  for (const [name, found] of Object.entries(values)) builder.set(name, found);
  return builder.values();
}
