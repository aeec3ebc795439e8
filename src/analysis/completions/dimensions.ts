/** The dimensions on which a decision may depend: attributes, members of the input, aliases, condition keys. */
import { withFacts } from '../../policy/access-request.ts';
import { ATTRIBUTE_CONDITIONS, type AttributeCondition } from '../../policy/attribute-condition.ts';
import type { Decision } from '../../policy/decision.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { sets, type Input, type InputCondition, type OptionsAsked } from '../../policy/input-condition.ts';
import type { AccessRequest } from '../../policy/request.ts';
import type { RequestFacts } from '../../policy/request-facts.ts';
import type { Budget } from '../prover/budget.ts';
import { VIA_SERVICE } from '../prover/called-via.ts';
import { unlimited } from '../prover/callers.ts';
import type { Test } from '../prover/condition-test.ts';
import { aliasDimensions } from './alias-dimension.ts';
import { calledViaDimensions, isCalledVia } from './called-via-dimension.ts';
import { conditionKeyName } from './condition-key-name.ts';
import { contextKeyDimensions } from './context-key-dimensions.ts';
import type { Dimension, Unknown } from './dimension.ts';
import { distinguishedValues } from './distinguished-values.ts';
import { evaluationCost } from './evaluation-cost.ts';
import { reachedTests } from './reached-tests.ts';

/** The dimensions on which a decision may depend. */
export function dimensionsOf(decision: Decision, unknown: Unknown, budget: Budget): readonly Dimension[] {
  const { request } = decision;
  const areSpecified = (keys: readonly string[]): boolean =>
    keys.some((key) => isSpecified(unknown.specifiedKeys, key));
  if (!request.facts) return [];
  const tests = Map.groupBy(testsFor(decision, unknown, budget), ({ key }) => key);
  const asked = { request, facts: request.facts, tests, values: distinguishedValues(request, request.facts, { tests, budget }) };
  const all = [
    ...attributeDimensions(asked, unknown),
    ...memberDimensions(asked),
    ...relationDimensions(asked),
    ...aliasDimensions(decision, budget),
    ...(unknown.isOwnCall ? [] : calledViaDimensions(request.facts, { tests, valuesOf: asked.values.valuesOf })),
    ...(unknown.isOwnCall ? [] : contextKeyDimensions(request.facts, { tests, budget })),
  ].filter(({ keys, affectedKeys = [] }) => !areSpecified(keys.filter((key) => !affectedKeys.includes(key))));
  return [...all, ...(unknown.isForeign ? [FOREIGN] : [])];
}

/** Through another VPC endpoint other statements are looked at. */
export function testsFor(decision: Decision, { isOwnCall }: Unknown, budget: Budget): readonly Test[] {
  const { request } = decision;
  const { facts, endpointPolicies = [] } = request;
  if (!facts || isOwnCall) return reachedTests(decision);
  const costOfTry = evaluationCost(decision);
  const through = endpointPolicies.map(({ name }) => {
    const other = withFacts(request, { ...facts, attributes: { ...facts.attributes, vpcEndpointId: name } });
    budget.spend(costOfTry(other));
    return evaluate(other);
  });
  return [decision, ...through].flatMap(reachedTests);
}

/** Of an encryption context, and of an attestation document, either all or nothing was told. */
function isSpecified(specifiedKeys: ReadonlySet<string>, key: string): boolean {
  const whole = WHOLES.find((beginning) => key.startsWith(beginning));
  return whole === undefined ? specifiedKeys.has(key) : [...specifiedKeys].some((name) => name.startsWith(whole));
}

const WHOLES = ['kms:encryptioncontext', 'kms:recipientattestation:'];

interface Asked {
  readonly request: AccessRequest;
  readonly facts: RequestFacts;
  readonly tests: ReadonlyMap<string, readonly Test[]>;
  readonly values: OptionsAsked;
}

function attributeDimensions(asked: Asked, { isOwnCall }: Unknown): readonly Dimension[] {
  const { request, tests } = asked;
  return ATTRIBUTE_CONDITIONS.filter(
    ({ keys, affectedKeys = [], isKnownOfOwnCall, hasPolicy }) =>
      !(isOwnCall && isKnownOfOwnCall) &&
      ([...keys, ...affectedKeys].some((key) => tests.has(key)) ||
        (hasPolicy === true && request.endpointPolicies !== undefined)),
  ).map((condition) => attributeDimension(condition, asked));
}

function attributeDimension(condition: AttributeCondition, { facts, values }: Asked): Dimension {
  const { keys, affectedKeys = [], option, options } = condition;
  const isRequired = condition === VIA_SERVICE && isCalledVia(facts);
  const possible = options(facts.attributes, values.valuesOf).filter(
    ({ viaService }) => !isRequired || viaService !== undefined,
  );
  return {
    name: keys.join(),
    option,
    keys: [...keys, ...affectedKeys],
    affectedKeys,
    isRequired,
    options: possible.map(
      (attributes) => (request: AccessRequest) =>
        withFacts(request, {
          ...request.facts!,
          attributes: merge(request.facts!.attributes, facts.attributes, attributes),
        }),
    ),
  };
}

/** One attribute is changed, and those that other dimensions changed stay. */
function merge<T extends object>(now: T, base: T, changed: T): T {
  const result = { ...now };
  for (const name of new Set([...Object.keys(base), ...Object.keys(changed)]) as Set<keyof T>) {
    if (base[name] === changed[name]) continue;
    if (changed[name] === undefined) delete result[name];
    else result[name] = changed[name];
  }
  return result;
}

/** Conditions that are made of the same members are one dimension. */
function memberDimensions({ request, facts, tests, values }: Asked): readonly Dimension[] {
  const { conditions, members } = facts.rules;
  const groups = Map.groupBy(
    conditions.filter((one) => one.members.length > 0),
    (one) => one.members.join(),
  );
  return [...groups.values()].flatMap((group) => {
    const names = group[0]!.members;
    const isRelevant =
      group.some((one) => [...tests.keys()].some((key) => sets(one, key))) || isForGrants(group, request, values);
    const mustBe = names.some((name) => members[name]?.required && facts.input[name] === undefined);
    if (!isRelevant && !mustBe) return [];
    const inputs = group.flatMap((one) => one.options(values));
    return [
      {
        name: names.join(),
        option: optionFor(group),
        keys: group.flatMap(({ keys }) => keys),
        options: distinct(inputs).map((input) => withInput(names, input)),
        isRequired: mustBe,
      },
    ];
  });
}

/** What tells a member on the command line of the explanation. */
function optionFor(group: readonly InputCondition[]): string {
  if (group.some((one) => one.isEncryptionContext)) return '--encryption-context';
  const [key] = group.flatMap(({ keys }) => keys);
  return `--context ${conditionKeyName(key!, group)}=...`;
}

const withInput =
  (names: readonly string[], input: Input) =>
  (request: AccessRequest): AccessRequest => {
    const kept = Object.entries(request.facts!.input).filter(([name]) => !names.includes(name));
    return withFacts(request, { ...request.facts!, input: { ...Object.fromEntries(kept), ...input } });
  };

const distinct = (inputs: readonly Input[]): readonly Input[] => [
  ...new Map(inputs.map((input) => [JSON.stringify(input), input])).values(),
];

/** Grants look at the encryption context, and at what a child grant would give. */
const isForGrants = (
  group: readonly InputCondition[],
  { action, grants = [] }: AccessRequest,
  values: OptionsAsked,
): boolean =>
  (group.some((one) => one.isEncryptionContext) && values.contexts.length > 0) ||
  (action === 'kms:CreateGrant' &&
    grants.some(({ operations }) => operations.includes('CreateGrant')) &&
    group.some(({ members }) => members.includes('Operations') || members.includes('Constraints')));

/** What compares the keys of a request: the other key is not known. */
function relationDimensions({ facts, tests }: Asked): readonly Dimension[] {
  const key = 'kms:reencryptonsamekey';
  if (!tests.has(key) || facts.values?.[key]) return [];
  return [
    {
      name: key,
      option: '--context kms:ReEncryptOnSameKey=...',
      keys: [key],
      isRequired: true,
      options: ['true', 'false'].map(
        (value) => (request: AccessRequest) =>
          withFacts(request, { ...request.facts!, values: { ...request.facts!.values, [key]: [value] } }),
      ),
    },
  ];
}

const FOREIGN: Dimension = {
  name: 'foreign',
  option: 'the identity policies in its account',
  keys: [],
  words: 'an identity policy in its account that allows it',
  options: [
    (request) => request,
    (request) => {
      const caller = unlimited(request.caller);
      return withFacts({ ...request, caller }, { ...request.facts!, caller });
    },
  ],
};
