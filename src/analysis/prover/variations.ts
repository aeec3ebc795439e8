/**
 * Variations: in what the calls of one action differ, as far as condition keys see it: attributes, members of the input,
 * facts of the key, the caller's session. The keys of one variation depend on each other, those of two do not.
 */
import { keySpec, keyUsage, multiRegionKeyType, origin } from '../../model/enumeration.ts';
import type { Shape, StringShape } from '../../model/shape.ts';
import { ATTRIBUTE_CONDITIONS, type AttributeCondition } from '../../policy/attribute-condition.ts';
import { conditionKey } from '../../policy/condition-keys.ts';
import { sets, type InputCondition, type OptionsAsked } from '../../policy/input-condition.ts';
import { readDate, readNumber } from '../../policy/operands.ts';
import type { KeyFacts, RequestFacts } from '../../policy/request-facts.ts';
import { CALLED_VIA, calledViaLists, VIA_SERVICE, withCalledVia } from './called-via.ts';

export type FactsChange = (facts: RequestFacts) => RequestFacts;

export interface Variation {
  readonly has: (key: string) => boolean;
  /** What calls can be, as far as the tests that are asked about tell them apart. */
  readonly options: (facts: RequestFacts, asked: OptionsAsked) => readonly FactsChange[];
  /** Whether there is no other call than the options, with regard to tests on these keys that are (or not) for presence. */
  readonly isComplete: (facts: RequestFacts, asksPresenceOnly: (key: string) => boolean) => boolean;
}

const among = (...keys: readonly string[]): ((key: string) => boolean) => {
  const all = new Set(keys.map((key) => key.toLowerCase()));
  return (key) => all.has(key);
};

const always = (): boolean => true;
const unchanged: FactsChange = (facts) => facts;

/** One option of each list, for all there are. */
const product = (lists: readonly (readonly FactsChange[])[]): readonly FactsChange[] =>
  lists.reduce<readonly FactsChange[]>(
    (all, list) =>
      all.flatMap((one) =>
        list.map(
          (other): FactsChange =>
            (facts) =>
              other(one(facts)),
        ),
      ),
    [unchanged],
  );

const attribute =
  (condition: AttributeCondition) =>
  (facts: RequestFacts, { valuesOf }: OptionsAsked): readonly FactsChange[] => {
    const options = condition.options(facts.attributes, valuesOf);
    if (options.length === 0) return [unchanged];
    return options.map((changed): FactsChange => {
      const differing = Object.entries(changed).filter(
        ([name, value]) => facts.attributes[name as keyof typeof changed] !== value,
      );
      return (now) => ({ ...now, attributes: { ...now.attributes, ...Object.fromEntries(differing) } });
    });
  };

const ofAttributes = (conditions: readonly AttributeCondition[]): Variation => ({
  has: among(...conditions.flatMap(({ keys }) => keys)),
  options: (facts, asked) => product(conditions.map((condition) => attribute(condition)(facts, asked))),
  isComplete: always,
});

/** Services that a call went through: of a call that no service makes there are none. */
function ofServices(viaService: AttributeCondition): Variation {
  return {
    has: among(...viaService.keys, ...CALLED_VIA),
    isComplete: (_, asksPresenceOnly) => CALLED_VIA.every(asksPresenceOnly),
    options(facts, asked) {
      const direct = attribute(viaService)(facts, asked);
      const named = calledViaLists(asked.valuesOf);
      if (named.length === 0) return direct;
      return direct.concat(
        direct.flatMap((change) =>
          named.map(
            (list): FactsChange =>
              (before) =>
                withCalledVia(change(before), list),
          ),
        ),
      );
    },
  };
}

/** Of the time at which temporary credentials were issued, and whether that took a device. */
const ofSession = (mfa: AttributeCondition): Variation => ({
  has: among(...mfa.keys, 'aws:TokenIssueTime'),
  isComplete: always,
  options: (facts, asked) =>
    product([
      attribute(mfa)(facts, asked),
      [
        unchanged,
        ...asked.valuesOf('aws:tokenissuetime').flatMap((text): FactsChange | readonly never[] => {
          const time = readDate(text) ?? readNumber(text);
          if (time === undefined) return [];
          const tokenIssueTime = new Date(time * 1000);
          return (now) => ({ ...now, caller: { ...now.caller, tokenIssueTime } });
        }),
      ],
    ]),
});

const changeKey =
  (change: Partial<KeyFacts>): FactsChange =>
  (facts) => ({ ...facts, key: { ...facts.key!, ...change } });

const ofKey = (keys: readonly string[], changes: readonly Partial<KeyFacts>[]): Variation => ({
  has: among(...keys),
  options: () => changes.map(changeKey),
  isComplete: always,
});

const valuesOf = ({ enum: values = [] }: StringShape): readonly string[] => values;

const KEY_VARIATIONS: readonly Variation[] = [
  ofKey(
    ['kms:KeySpec', 'kms:CustomerMasterKeySpec'],
    valuesOf(keySpec).map((spec) => ({ spec })),
  ),
  ofKey(
    ['kms:KeyUsage', 'kms:CustomerMasterKeyUsage'],
    valuesOf(keyUsage).map((usage) => ({ usage })),
  ),
  ofKey(
    ['kms:KeyOrigin'],
    valuesOf(origin).map((one) => ({ origin: one })),
  ),
  ofKey(
    ['kms:MultiRegion', 'kms:MultiRegionKeyType'],
    [
      { multiRegion: false },
      ...valuesOf(multiRegionKeyType).map((type) => ({ multiRegion: true, multiRegionKeyType: type })),
    ],
  ),
];

const [ORG_ID, ORG_PATHS] = ['aws:principalorgid', 'aws:principalorgpaths'] as const;

/** The organizations of the caller's account and of the key's. */
const ORGANIZATION: Variation = {
  has: among(ORG_ID, ORG_PATHS, 'aws:ResourceOrgID', 'aws:ResourceOrgPaths'),
  isComplete: (_, asksPresenceOnly) => [ORG_PATHS, 'aws:resourceorgpaths'].every(asksPresenceOnly),
  options(facts, { valuesOf }) {
    const positions = (id: string, paths: string): readonly ({ id: string; path?: string } | undefined)[] => {
      const known = valuesOf(paths);
      const ids = [...valuesOf(id), ...known.map((path) => path.slice(0, Math.max(0, path.indexOf('/'))))];
      const named = [...new Set([...ids.filter((one) => one !== ''), 'o-exampleorgid'])];
      return [
        undefined,
        ...named.map((one) => ({ id: one })),
        ...named.flatMap((one) => known.map((path) => ({ id: one, path }))),
      ];
    };
    const own = positions(ORG_ID, ORG_PATHS);
    const others = positions('aws:resourceorgid', 'aws:resourceorgpaths');
    const of = (caller: (typeof own)[number], key: (typeof own)[number]): FactsChange => {
      const position = caller && {
        organizationId: caller.id,
        ...(caller.path === undefined ? {} : { organizationPath: caller.path }),
      };
      return (now) => ({
        ...now,
        caller: { ...now.caller, ...position },
        key: { ...now.key!, organization: key },
      });
    };
    return facts.caller.account === facts.key!.account
      ? [...own, ...others].map((position) => of(position, position))
      : own.flatMap((caller) => others.map((key) => of(caller, key)));
  },
};

const TAG = 'aws:PrincipalTag/';

/** One key that is whatever it is: nothing else follows from it. */
const single = (key: string, change: (name: string, values: readonly string[]) => FactsChange): Variation => ({
  has: among(key),
  isComplete: always,
  options: (_, asked) => [
    unchanged,
    ...(conditionKey(key)?.many ? several(asked.valuesOf(key)) : asked.valuesOf(key).map((value) => [value])).map(
      (values) => change(key, values),
    ),
  ],
});

const several = (values: readonly string[]): readonly (readonly string[])[] => [...values.map((one) => [one]), values];

const tagged = (key: string, [value]: readonly string[]): FactsChange => {
  const tag = { [key.slice(TAG.length)]: value! };
  return (facts) => ({ ...facts, caller: { ...facts.caller, tags: { ...facts.caller.tags, ...tag } } });
};

const aliased = (_: string, [requestAlias]: readonly string[]): FactsChange => changeKey({ requestAlias });

const valued =
  (key: string, values: readonly string[]): FactsChange =>
  (facts) => ({ ...facts, values: { ...facts.values, [key]: values } });

const isEnumerated = (shape: Shape | undefined): boolean =>
  shape?.type === 'boolean' || (shape?.type === 'string' && shape.enum !== undefined);

/** Conditions that are made of the same members. */
const ofMembers = (group: readonly InputCondition[]): Variation => ({
  has: (key) => group.some((condition) => sets(condition, key)),
  options: (_, asked) => group.flatMap((one) => one.options(asked)).map(withInput),
  isComplete: ({ rules }, asksPresenceOnly) =>
    group.every(({ keys, members: [member] }) => {
      if (isEnumerated(rules.members[member!]?.shape)) return true;
      // a name may be written in another case than in the key that has it
      const [beginning, names] = keys;
      return names !== undefined && beginning!.endsWith(':') && asksPresenceOnly(names);
    }),
});

export const withInput =
  (input: RequestFacts['input']): FactsChange =>
  (facts) => ({ ...facts, input: { ...facts.input, ...input } });

export const membersOf = (conditions: readonly InputCondition[]): readonly (readonly InputCondition[])[] => [
  ...Map.groupBy(
    conditions.filter(({ members }) => members.length > 0),
    ({ members }) => members.join(),
  ).values(),
];

const attributeOf = (key: string): AttributeCondition => ATTRIBUTE_CONDITIONS.find(({ keys }) => keys[0] === key)!;
const MFA = attributeOf('aws:multifactorauthpresent');

/** Rows that give the same key depend on each other. */
const NETWORK = ATTRIBUTE_CONDITIONS.filter(({ keys }) => keys.includes('aws:sourceip'));

/** The address of a call is under another key where it comes through a VPC endpoint. */
function ofNetwork(): Variation {
  const { has, isComplete, options } = ofAttributes(NETWORK);
  const addresses = ['aws:sourceip', 'aws:vpcsourceip'];
  return {
    has,
    isComplete,
    options: (facts, asked) =>
      options(facts, {
        ...asked,
        valuesOf: (key) => (key === addresses[0] ? addresses.flatMap(asked.valuesOf) : asked.valuesOf(key)),
      }),
  };
}

const SERVICES = ofServices(VIA_SERVICE);

const FIXED_ROWS: readonly Variation[] = [
  SERVICES,
  ofSession(MFA),
  ofNetwork(),
  ...ATTRIBUTE_CONDITIONS.filter((one) => one !== VIA_SERVICE && one !== MFA && !NETWORK.includes(one)).map((one) =>
    ofAttributes([one]),
  ),
  ...KEY_VARIATIONS,
  ORGANIZATION,
];

/** @returns the variation that the key is of; undefined: it is the same in every call */
export function variationsOf(
  { input, rules, caller }: RequestFacts,
  {
    isDirect,
    isGivenElsewhere,
  }: {
    /** No service makes the call. */
    readonly isDirect: boolean;
    /** Whether other operations than this one have members for a key. */
    readonly isGivenElsewhere: (key: string) => boolean;
  },
): (key: string) => Variation | undefined {
  const members = membersOf(rules.conditions)
    .filter(([one]) => one!.members.every((member) => input[member] === undefined))
    .map(ofMembers);
  const rows = [...members, ...(isDirect ? FIXED_ROWS.filter((one) => one !== SERVICES) : FIXED_ROWS)];
  const made = new Map<string, Variation | undefined>();
  return (key) => {
    if (!made.has(key)) made.set(key, rows.find(({ has }) => has(key)) ?? loneVariation(key));
    return made.get(key);
  };

  function loneVariation(key: string): Variation | undefined {
    if (conditionKey(key)?.identityOnly || CALLER_KEYS.has(key)) return undefined;
    if (isDirect && SERVICES.has(key)) return undefined;
    if (rules.conditions.some((one) => sets(one, key)) || isGivenElsewhere(key)) return undefined;
    if (key === 'kms:requestalias') return single(key, aliased);
    if (!key.startsWith(TAG.toLowerCase())) return single(key, valued);
    return caller.tags?.[key.slice(TAG.length)] === undefined ? single(key, tagged) : undefined;
  }
}

/** Who a caller is, and where: the same in all of its calls. */
const CALLER_KEYS = new Set(
  'aws:PrincipalArn aws:PrincipalAccount aws:PrincipalType aws:PrincipalIsAWSService aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:userid aws:username aws:RequestedRegion aws:ResourceAccount kms:CallerAccount'
    .toLowerCase()
    .split(' '),
);
