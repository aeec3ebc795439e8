/**
 * Completions: a request with values for its unknown members and attributes. The values are those that the policies
 * distinguish, and requests are built by the builder of calls, so that all of them are possible requests.
 */
import { withFacts } from '../policy/access-request.ts';
import { ATTRIBUTE_CONDITIONS } from '../policy/attribute-condition.ts';
import { matchesGlob, type Glob } from '../policy/glob.ts';
import type { ContextValues } from '../policy/context-values.ts';
import { conditionKey } from '../policy/condition-keys.ts';
import type { Decision } from '../policy/decision.ts';
import { evaluate } from '../policy/evaluate.ts';
import { matchGrant } from '../policy/grant-match.ts';
import { matchGrantee } from '../policy/grant.ts';
import { isAnyAlias, type Resource } from '../policy/resource.ts';
import { resourcePatterns } from '../policy/statement.ts';
import { sets, type Input, type InputCondition, type OptionsAsked } from '../policy/input-condition.ts';
import type { AccessRequest } from '../policy/request.ts';
import type { RequestFacts } from '../policy/request-facts.ts';
import { textClasses } from './prover/automaton.ts';
import { Budget, within } from './prover/budget.ts';
import { costOf, truthOf, type Test } from './prover/condition-test.ts';
import { valueClasses } from './prover/values.ts';
import { unlimited } from './prover/callers.ts';
import { reachedTests } from './reached-tests.ts';

/** The unknown parts of a request. */
export interface Unknown {
  /** Condition keys that were specified, lower-cased. */
  readonly specifiedKeys: ReadonlySet<string>;
  /** Whether the call is the process's own: then its time, transport and network are known. */
  readonly isOwnCall: boolean;
  /** Whether nothing is known of the policies that the caller's own account has for it. */
  readonly isForeign: boolean;
}

/** An unknown part, and its possible values. */
export interface Dimension {
  /** Requests of one call that have a dimension of one name have it in common. */
  readonly name: string;
  /** What specifies it on the command line. */
  readonly option: string;
  /** Lower-cased. */
  readonly keys: readonly string[];
  /** Those of them that do not specify it. */
  readonly affectedKeys?: readonly string[];
  readonly options: readonly ((request: AccessRequest) => AccessRequest)[];
  /** Words where no condition key differs. */
  readonly words?: string;
  /** Every call has one of the options: without it there is no request. */
  readonly isRequired?: boolean;
}

interface Asked {
  readonly request: AccessRequest;
  readonly facts: RequestFacts;
  readonly tests: ReadonlyMap<string, readonly Test[]>;
  readonly values: OptionsAsked;
}

/** Those of all requests of a call: what is not known of it is not known of each of them, and is the same in all. */
function dimensionsOfCall(call: readonly Decision[], unknown: Unknown, budget: Budget): readonly Dimension[] {
  const all = call.flatMap((decision) => dimensionsOf(decision, unknown, budget));
  const tests = call.map((decision) => testsFor(decision, unknown, budget));
  return [...Map.groupBy(all, ({ name }) => name).values()].map((same) =>
    Object.assign({}, same[0]!, {
      options: oneEach(
        same.flatMap(({ options }) => options),
        call,
        tests,
      ),
      isRequired: same.some(({ isRequired }) => isRequired),
    }),
  );
}

/** From here on most options of a dimension are alike, as the Regions are. */
const MANY_OPTIONS = 12;

/** Of many options one of each class that the statements and grants tell apart. */
function oneEach(
  options: Dimension['options'],
  call: readonly Decision[],
  tests: readonly (readonly Test[])[],
): Dimension['options'] {
  if (options.length < MANY_OPTIONS) return options;
  const classes = new Map<string, Dimension['options'][number]>();
  for (const option of options) {
    const name = call.map((decision, at) => classOf(decision, option(decision.request), tests[at]!)).join(';');
    if (!classes.has(name)) classes.set(name, option);
  }
  return [...classes.values()];
}

function classOf({ considered }: Decision, changed: AccessRequest, tests: readonly Test[]): string {
  const { context, resource, caller, endpointPolicy, grants = [] } = changed;
  return [
    ...tests.map((test) => truthOf(test, context.get(test.key), false)),
    ...patternsOf(considered, context).map((glob) => matchesGlob(glob, resource.arn)),
    ...grants.map((grant) => matchGrant(grant, changed).applies),
    endpointPolicy?.name,
    caller.identityPolicies?.length,
  ].join();
}

const patternsOf = (considered: Decision['considered'], context: ContextValues): readonly Glob[] =>
  considered.flatMap((item) =>
    item.source === 'grant' ? [] : resourcePatterns(item.statement, item.policy.document, context),
  );

/** The dimensions on which a decision may depend. */
export function dimensionsOf(decision: Decision, unknown: Unknown, budget: Budget): readonly Dimension[] {
  const { request } = decision;
  const areSpecified = (keys: readonly string[]): boolean =>
    keys.some((key) => isSpecified(unknown.specifiedKeys, key));
  if (!request.facts) return [];
  const tests = Map.groupBy(testsFor(decision, unknown, budget), ({ key }) => key);
  const asked = { request, facts: request.facts, tests, values: valuesFor(request, request.facts, { tests, budget }) };
  const all = [
    ...attributeDimensions(asked, unknown),
    ...memberDimensions(asked),
    ...relationDimensions(asked),
    ...aliasDimensions(aliasesFor(decision, budget)),
    ...(unknown.isOwnCall ? [] : otherDimensions(asked, budget)),
  ].filter(({ keys, affectedKeys = [] }) => !areSpecified(keys.filter((key) => !affectedKeys.includes(key))));
  return [...all, ...(unknown.isForeign ? [FOREIGN] : [])];
}

/** Through another VPC endpoint other statements are looked at. */
function testsFor(decision: Decision, { isOwnCall }: Unknown, budget: Budget): readonly Test[] {
  const { request } = decision;
  const { facts, endpointPolicies = [] } = request;
  if (!facts || isOwnCall) return reachedTests(decision);
  const costOfTry = counting(decision);
  const through = endpointPolicies.map(({ name }) => {
    const other = withFacts(request, { ...facts, attributes: { ...facts.attributes, vpcEndpointId: name } });
    budget.spend(costOfTry(other));
    return evaluate(other);
  });
  return [decision, ...through].flatMap(reachedTests);
}

/** Of an encryption context either all or nothing was told. */
const isSpecified = (specifiedKeys: ReadonlySet<string>, key: string): boolean =>
  key.startsWith(CONTEXT) ? [...specifiedKeys].some((name) => name.startsWith(CONTEXT)) : specifiedKeys.has(key);

const CONTEXT = 'kms:encryptioncontext';

function valuesFor(
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
          ...written(own),
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
const written = (tests: readonly Test[]): readonly string[] =>
  tests
    .flatMap(({ wanted, use, open }) => (use && !open && use.operator.family !== 'Null' ? wanted : []))
    .filter((value) => !/[*?$]/.test(value));

function attributeDimensions({ request, facts, tests, values }: Asked, { isOwnCall }: Unknown): readonly Dimension[] {
  return ATTRIBUTE_CONDITIONS.filter(
    ({ keys, affectedKeys = [], isKnownOfOwnCall, hasPolicy }) =>
      !(isOwnCall && isKnownOfOwnCall) &&
      ([...keys, ...affectedKeys].some((key) => tests.has(key)) ||
        (hasPolicy === true && request.endpointPolicies !== undefined)),
  ).map(({ keys, affectedKeys = [], option, options }) => ({
    name: keys.join(),
    option,
    keys: [...keys, ...affectedKeys],
    affectedKeys,
    options: options(facts.attributes, values.valuesOf).map(
      (attributes) => (request: AccessRequest) =>
        withFacts(request, {
          ...request.facts!,
          attributes: merge(request.facts!.attributes, facts.attributes, attributes),
        }),
    ),
  }));
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
  return `--context ${exactName(key!, group)}=...`;
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

/** Of an alias that was not named one of every name that the policies tell apart. */
function aliasesFor({ request, considered }: Decision, budget: Budget): readonly Resource[] {
  const { resource, context } = request;
  if (!isAnyAlias(resource)) return [];
  const beginning = resource.arn.slice(0, -1);
  const domain = { positions: [...Array.from(beginning), ALIAS_CHARACTERS], repeats: true };
  const { texts } = textClasses(
    patternsOf(considered, context).map((glob) => ({ kind: 'glob', glob })),
    { budget, domain },
  );
  const isOwn = (arn: string): boolean => !arn.slice(beginning.length).startsWith('aws/');
  return texts.filter(isOwn).map((arn) => Object.assign({}, resource, { arn }));
}

const aliasDimensions = (aliases: readonly Resource[]): readonly Dimension[] =>
  aliases.length === 0
    ? []
    : [
        {
          name: 'alias',
          option: '--alias-name',
          keys: [],
          isRequired: true,
          options: aliases.map(
            (alias) => (before: AccessRequest) =>
              before.resource.kind === 'alias' ? onResource(before, alias) : before,
          ),
        },
      ];

const ALIAS_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-';

const onResource = (request: AccessRequest, resource: Resource): AccessRequest => ({
  ...request,
  resource,
  ...(request.facts ? { facts: { ...request.facts, resource } } : {}),
});

/** Condition keys of requests that are no attribute here: only `--context` tells them. */
function otherDimensions({ facts, tests }: Asked, budget: Budget): readonly Dimension[] {
  return [...tests].flatMap(([key, own]) => {
    const isMade =
      ATTRIBUTE_CONDITIONS.some(({ keys }) => keys.includes(key)) ||
      facts.rules.conditions.some((one) => sets(one, key)) ||
      key.startsWith('kms:') ||
      facts.values?.[key] !== undefined;
    return isMade || !conditionKey(key) ? [] : (freeKey(key, { own, budget }) ?? []);
  });
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
    ...new Set([...written(own), ...valueClasses(own, { key, budget }).values.filter((one) => one !== '')]),
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

/** A completion under which the decision is another than under the first one. */
export interface Completion {
  /** Of the call the request that decides. */
  readonly request: AccessRequest;
  /** What is otherwise than in the first one. */
  readonly states: readonly string[];
  readonly keys: readonly string[];
  readonly options: readonly string[];
}

export interface Completed {
  /** Of the requests as far as they are known, with the first option of what must be told. */
  readonly decisions: readonly Decision[];
  /** With the fewest differences; none: every completion is decided alike, if it is finished. */
  readonly others: readonly Completion[];
  readonly finished: boolean;
}

/** Of the ways to the other answer. */
export const MAX_LISTED = 6;

const isAllowed = ({ outcome }: Decision): boolean => outcome === 'allow';

/** The one that decides a call, which is allowed if each of its requests is. */
export const decidingAt = (call: readonly Decision[]): number =>
  Math.max(
    0,
    call.findIndex((decision) => !isAllowed(decision)),
  );

/** Whether every completion of a call is decided alike, within the budget. */
export function complete(call: readonly Decision[], unknown: Unknown, budget: Budget): Completed {
  const { found: dimensions } = within<Dimension>(budget, (all) => {
    all.push(...dimensionsOfCall(call, unknown, budget));
  });
  const first = withRequired(call, dimensions);
  const requests = first.map(({ request }) => request);
  const was = first.every(isAllowed);
  const costs = first.map(counting);
  const { found, finished } = within<Completion>(budget, (others) => {
    for (let size = 1; size <= dimensions.length && others.length === 0; size += 1) {
      for (const { requests: changed, chosen } of changes(requests, dimensions, size)) {
        budget.spend(costs.reduce((sum, costOfOne, at) => sum + costOfOne(changed[at]!), 0));
        const after = changed.map(evaluate);
        if (after.every(isAllowed) === was) continue;
        const completion = completionOf(requests, changed, { chosen, at: decidingAt(was ? after : first) });
        if (!others.some((other) => isSame(other, completion))) others.push(completion);
        if (others.length >= MAX_LISTED) return;
      }
    }
  });
  return { decisions: first, others: found, finished: finished || found.length > 0 };
}

const isSame = (one: Completion, other: Completion): boolean =>
  one.keys.join() === other.keys.join() && one.options.join() === other.options.join();

/** What every call has is not left out: the first of its options takes its place. */
function withRequired(call: readonly Decision[], dimensions: readonly Dimension[]): readonly Decision[] {
  const missing = dimensions.filter(({ isRequired }) => isRequired);
  if (missing.length === 0) return call;
  return call.map(({ request }) =>
    evaluate(missing.reduce((before, { options }) => options[0]?.(before) ?? before, request)),
  );
}

interface Changed {
  readonly requests: readonly AccessRequest[];
  readonly chosen: readonly Dimension[];
}

/** Every way to change so many dimensions. */
function* changes(
  requests: readonly AccessRequest[],
  dimensions: readonly Dimension[],
  size: number,
  from = 0,
): Generator<Changed> {
  if (size === 0) {
    yield { requests, chosen: [] };
    return;
  }
  for (let at = from; at <= dimensions.length - size; at += 1) {
    const dimension = dimensions[at]!;
    for (const option of dimension.options) {
      for (const rest of changes(requests.map(option), dimensions, size - 1, at + 1)) {
        yield { requests: rest.requests, chosen: [dimension, ...rest.chosen] };
      }
    }
  }
}

/** @param at the request that shows it */
export function completionOf(
  call: readonly AccessRequest[],
  changed: readonly AccessRequest[],
  { chosen, at }: { readonly chosen: readonly Dimension[]; readonly at: number },
): Completion {
  const differing = new Map(
    call.flatMap((before, index) =>
      differences(before, changed[index]!, chosen).map((one) => [`${one.key} ${one.state}`, one] as const),
    ),
  );
  const all = [...differing.values()];
  const saying = all.filter(({ key }) => !IMPLIED.has(key) && !(IN_ENDPOINT.has(key) && all.some(isEndpoint)));
  const shown = saying.length > 0 ? saying : all;
  const names = call.flatMap(({ resource }, index) => {
    const { kind, arn } = changed[index]!.resource;
    return kind !== 'alias' || arn === resource.arn ? [] : [arn.slice(arn.lastIndexOf(':') + 1)];
  });
  const states = [...shown.map(({ state }) => state), ...names, ...chosen.flatMap(({ words }) => words ?? [])];
  return {
    request: changed[at]!,
    states: states.length > 0 ? states : ['another request'],
    keys: shown.map(({ key }) => key),
    options: chosen.map(({ option }) => option),
  };
}

interface ChangedKey {
  readonly key: string;
  readonly state: string;
}

function differences(before: AccessRequest, after: AccessRequest, chosen: readonly Dimension[]): readonly ChangedKey[] {
  return [...new Set([...before.context.keys(), ...after.context.keys()])].flatMap((key) => {
    const [was, is] = [before.context.get(key), after.context.get(key)];
    if (was?.join('\n') === is?.join('\n') || !isOf(chosen, key)) return [];
    const name = nameOf(key, is ? after : before);
    return [{ key, state: is ? `${name} = ${is.join(', ')}` : `no ${name}` }];
  });
}

/** Condition keys that say nothing beside those that they follow from. */
const IMPLIED = new Set(['kms:encryptioncontextkeys', 'aws:tagkeys', 'aws:viaawsservice']);

/** Where a request comes through a VPC endpoint, that tells how its address is given. */
const IN_ENDPOINT = new Set(['aws:sourceip', 'aws:vpcsourceip']);
const isEndpoint = ({ key }: ChangedKey): boolean => key === 'aws:sourcevpce';

const isOf = (chosen: readonly Dimension[], key: string): boolean =>
  chosen.some(({ keys }) => keys.some((own) => own === key || (/[:/]$/.test(own) && key.startsWith(own))));

const PAIR = 'kms:encryptioncontext:';
/** Pairs of an encryption context as they are written, and not as condition keys are compared. */
function nameOf(key: string, { encryptionContext = {}, facts }: AccessRequest): string {
  if (!key.startsWith(PAIR)) return exactName(key, facts?.rules.conditions);
  const name = key.slice(PAIR.length);
  return `encryption context ${Object.keys(encryptionContext).find((one) => one.toLowerCase() === name) ?? name}`;
}

/** Those of other services than AWS KMS are written as the input's conditions have them. */
function exactName(key: string, conditions: readonly InputCondition[] = []): string {
  const row = conditionKey(key);
  if (!row) return conditions.find(({ name, keys }) => name !== undefined && keys[0] === key)?.name ?? key;
  return row.open ? row.name + key.slice(row.name.length) : row.name;
}

/** What putting a changed request to the engine is counted as: all statements, and the conditions it gets to. */
export function counting(decision: Decision): (request: AccessRequest) => number {
  const tests = reachedTests(decision);
  const statements = decision.considered.reduce((sum, item) => {
    if (item.source === 'grant') return sum + 1;
    const { principals, notPrincipals, actions, notActions } = item.statement;
    const named = (principals?.length ?? 0) + (notPrincipals?.length ?? 0);
    const patterns = item.result.miss === 'principal' ? 0 : (actions?.length ?? 0) + (notActions?.length ?? 0);
    return sum + 1 + (named >>> 2) + patterns;
  }, 0);
  return ({ context }) =>
    tests.reduce((sum, test) => sum + costOf(test, context.get(test.key)), statements + (context.size >>> 1));
}
