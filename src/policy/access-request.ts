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
  const { keyPolicy, trustPolicy, grants, resourceControlPolicies, endpointPolicies } = policies;
  return withFacts(
    {
      caller: facts.caller,
      action: facts.action,
      resource: facts.resource,
      context: new Map(),
      ...(keyPolicy ? { keyPolicy } : {}),
      ...(trustPolicy ? { trustPolicy } : {}),
      ...(grants ? { grants } : {}),
      ...(resourceControlPolicies ? { resourceControlPolicies } : {}),
      ...(endpointPolicies?.length ? { endpointPolicies } : {}),
    },
    facts,
  );
}

/** The same request under the same policies, as these facts describe it. */
export function withFacts(request: AccessRequest, facts: RequestFacts): AccessRequest {
  const { input, rules, retiring, attributes } = facts;
  const { encryptionContext: _, newGrant: __, retiring: ___, endpointPolicy: ____, ...rest } = request;
  const context = rules.conditions.find((condition) => condition.isEncryptionContext);
  const encryptionContext = context && (input[context.members[0]!] as Readonly<Record<string, string>> | undefined);
  const newGrant = rules.newGrant?.(input);
  const endpointPolicy = rest.endpointPolicies?.find(({ name }) => name === attributes.vpcEndpointId);
  // most requests are about a key, and decided without a condition: then no value of a condition key is made
  let made: ContextValues | undefined;
  const values = (): ContextValues => (made ??= valuesOf(facts));
  return {
    ...rest,
    resource:
      rest.resource.kind === 'none' ? inRegion(rest.resource, values().get('aws:requestedregion')?.[0]) : rest.resource,
    get context() {
      return values();
    },
    facts,
    ...(encryptionContext ? { encryptionContext } : {}),
    ...(newGrant ? { newGrant } : {}),
    ...(endpointPolicy ? { endpointPolicy } : {}),
    ...(retiring ? { retiring } : {}),
  };
}

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
