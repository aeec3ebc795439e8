/** Condition keys that no attribute or member has: each is a dimension of its own. */
import { ATTRIBUTE_CONDITIONS } from '../../policy/attribute-condition.ts';
import { conditionKey } from '../../policy/condition-keys.ts';
import { sets } from '../../policy/input-condition.ts';
import type { AccessRequest } from '../../policy/request.ts';
import type { RequestFacts } from '../../policy/request-facts.ts';
import type { Budget } from '../prover/budget.ts';
import type { Test } from '../prover/condition-test.ts';
import { CALLED_VIA } from '../prover/called-via.ts';
import { valueClasses } from '../prover/values.ts';
import type { Dimension } from './dimension.ts';
import { writtenValues } from './distinguished-values.ts';

interface Asked {
  readonly tests: ReadonlyMap<string, readonly Test[]>;
  readonly budget: Budget;
}

/** Condition keys of requests that are no attribute here: only `--context` tells them. */
export function contextKeyDimensions({ values = {}, rules }: RequestFacts, {tests,budget}: Asked): readonly Dimension[] {
  return [...tests].flatMap(([key, own]) => {
    const isMade =
      ATTRIBUTE_CONDITIONS.some(({ keys }) => keys.includes(key)) ||
      rules.conditions.some((one) => sets(one, key)) ||
      key.startsWith('kms:') ||
      CALLED_VIA.includes(key) ||
      values[key] !== undefined;
    return isMade || !conditionKey(key) ? [] : (freeKey(key, { own, budget }) ?? []);
  });
}

/** Who a caller, a key or a time is, no caller can change for one call. */
const GIVEN = new Set(
  'aws:PrincipalArn aws:PrincipalAccount aws:PrincipalType aws:PrincipalIsAWSService aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalOrgID aws:PrincipalOrgPaths aws:userid aws:username aws:CurrentTime aws:EpochTime aws:RequestedRegion aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths aws:ViaAWSService aws:TokenIssueTime kms:CallerAccount kms:KeySpec kms:KeyUsage kms:KeyOrigin kms:MultiRegion kms:MultiRegionKeyType kms:CustomerMasterKeySpec kms:CustomerMasterKeyUsage kms:ResourceAliases kms:RequestAlias kms:GrantIsForAWSResource'
    .toLowerCase()
    .split(' '),
);

/** A condition key whose value does not follow from others. */
function freeKey(
  key: string,
  { own, budget }: { readonly own: readonly Test[]; readonly budget: Budget },
): Dimension | undefined {
  if (GIVEN.has(key) || conditionKey(key)?.identityOnly || key.startsWith('aws:principaltag/')) return undefined;
  const values = [
    ...new Set([...writtenValues(own), ...valueClasses(own, { key, budget }).values.filter((one) => one !== '')]),
  ];
  const set =
    (value: readonly string[] | undefined) =>
    (request: AccessRequest): AccessRequest => {
      const context = new Map(request.context);
      if (value) context.set(key, value);
      else context.delete(key);
      const facts = request.facts && { ...request.facts, values: withKey(request.facts.values, key, value) };
      return { ...request, context, ...(facts ? { facts } : {}) };
    };
  return {
    name: key,
    option: `--context ${own[0]!.name}=...`,
    keys: [key],
    options: [set(undefined), ...values.map((value) => set([value]))],
  };
}

function withKey(values: RequestFacts['values'], key: string, value: readonly string[] | undefined) {
  const { [key]: _, ...rest } = values ?? {};
  return value ? { ...rest, [key]: value } : rest;
}
