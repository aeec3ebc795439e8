/** The values that policies and grants tell apart: of condition keys, of names, of encryption contexts. */
import { matchGrantee } from '../../policy/grant.ts';
import type { OptionsAsked } from '../../policy/input-condition.ts';
import type { AccessRequest } from '../../policy/request.ts';
import type { RequestFacts } from '../../policy/request-facts.ts';
import type { Budget } from '../prover/budget.ts';
import type { Test } from '../prover/condition-test.ts';
import { valueClasses } from '../prover/values.ts';

export function distinguishedValues(
  request: AccessRequest,
  { rules, key }: RequestFacts,
  { tests, budget }: { readonly tests: ReadonlyMap<string, readonly Test[]>; readonly budget: Budget },
): OptionsAsked {
  const grants = (request.grants ?? []).filter((grant) => matchGrantee(grant, request.caller) !== undefined);
  const parents =
    request.action === 'kms:CreateGrant' ? grants.filter(({ operations }) => operations.includes('CreateGrant')) : [];
  return {
    valuesOf(key) {
      const own = tests.get(key) ?? [];
      const given = key === 'kms:grantoperations' ? parents.flatMap(({ operations }) => operations) : [];
      const endpoints = key === 'aws:sourcevpce' ? (request.endpointPolicies ?? []).map(({ name }) => name) : [];
      return [
        ...new Set([
          ...endpoints,
          ...writtenValues(own),
          ...given,
          ...(own.length > 0 ? valueClasses(own, { key, budget }).values : []),
        ]),
      ];
    },
    namesBelow: (beginning) => [
      ...new Set(
        [...tests.values()].flatMap(([first]) =>
          first!.key.startsWith(beginning.toLowerCase()) ? [first!.name.slice(beginning.length)] : [],
        ),
      ),
    ],
    contexts: grants.flatMap(({ constraints = {} }) => {
      const context = constraints.encryptionContextEquals ?? constraints.encryptionContextSubset;
      return context ? [context] : [];
    }),
    memberOf: (name) => rules.members[name],
    keySpec: key?.spec,
  };
}

/** What policies write in full, before what was made up to fit them. */
export const writtenValues = (tests: readonly Test[]): readonly string[] =>
  tests
    .flatMap(({ wanted, use, open }) => (use && !open && use.operator.family !== 'Null' ? wanted : []))
    .filter((value) => !/[*?$]/.test(value));
