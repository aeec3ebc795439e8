/** Calls of one action by one caller: what their condition keys can be, and a call in which tests turn out as they are asked to. */
import { parseArn } from '../../model/arn.ts';
import { accessRequest } from '../../policy/access-request.ts';
import type { ContextValues } from '../../policy/context-values.ts';
import type { Input, OptionsAsked } from '../../policy/input-condition.ts';
import type { Caller } from '../../policy/principal.ts';
import type { InputRules, KeyFacts, RequestFacts } from '../../policy/request-facts.ts';
import type { Budget } from './budget.ts';
import type { Choice, Truths } from './choices.ts';
import type { Literal } from './condition-test.ts';
import { NO, type Verdict, type LiteralsByKey } from './solver.ts';
import { membersOf, variationsOf, withInput, type FactsChange, type Variation } from './variations.ts';

/** What is said of the calls beforehand. */
export interface GivenCall {
  readonly input: Input;
  /** No service makes it. */
  readonly isDirect: boolean;
}

export interface CallsScope {
  readonly caller: Caller;
  /** `kms:Decrypt` */
  readonly action: string;
  readonly keyArn: string;
  readonly account: string;
  readonly rules: InputRules;
  readonly isGivenElsewhere: (key: string) => boolean;
  readonly given?: GivenCall | undefined;
  readonly truths: Truths;
  readonly budget: Budget;
}

export interface Calls {
  /** What a key is in all of them. */
  readonly fixed: (key: string) => Choice | undefined;
  /** Whether all of them have a value for it. */
  readonly isAlwaysPresent: (key: string) => boolean;
  /** Of the calls in which everything turns out as it is wanted, one; `no`: there is none. */
  readonly find: (wanted: LiteralsByKey) => Verdict<RequestFacts>;
}

const SOME_DAY = new Date(Date.UTC(2026, 0, 1));

const SOME_KEY: Omit<KeyFacts, 'account'> = {
  spec: 'SYMMETRIC_DEFAULT',
  usage: 'ENCRYPT_DECRYPT',
  origin: 'AWS_KMS',
  multiRegion: false,
  multiRegionKeyType: undefined,
  tags: {},
};

/** What making a request is counted as. */
const REQUEST = 40;
/** Of keys that depend on each other so many values are tried, and so many keys. */
const MAX_VALUES = 16;
const MAX_KEYS = 6;

export function callsOf(scope: CallsScope): Calls {
  const { budget, truths, rules, given } = scope;
  const plain = plainCall(scope);
  const base = withRequired(plain);
  const variationOf = variationsOf(plain, {
    isDirect: given?.isDirect ?? false,
    isGivenElsewhere: scope.isGivenElsewhere,
  });
  budget.spend(REQUEST);
  const context = contextOf(base);
  return {
    fixed: (key) => (variationOf(key) ? undefined : { found: context.get(key) }),
    isAlwaysPresent: (key) => context.has(key),
    find,
  };

  function byVariation(wanted: LiteralsByKey): readonly Part[] {
    const parts = new Map<Variation, string[]>();
    for (const key of wanted.keys()) {
      const variation = variationOf(key);
      if (!variation) continue;
      const keys = parts.get(variation);
      if (keys) keys.push(key);
      else parts.set(variation, [key]);
    }
    return Array.from(parts, ([variation, keys]) => ({ variation, keys }));
  }

  function find(wanted: LiteralsByKey): Verdict<RequestFacts> {
    const tries = byVariation(wanted).map((part) => tryOut(part, wanted));
    while (tries.every(({ left }) => left > 0)) {
      const facts = tries.reduce((before, { options, at }) => options[at]!(before), base);
      budget.spend(REQUEST);
      const values = contextOf(facts);
      const failing = tries.filter(
        ({ keys }) => !keys.every((key) => truths.all(wanted.get(key)!.closed, values.get(key))),
      );
      if (failing.length === 0) return { kind: 'yes', found: facts };
      for (const one of failing) {
        one.at = (one.at + 1) % one.options.length;
        one.left -= 1;
      }
    }
    return tries.some(({ left, isComplete }) => left === 0 && isComplete) ? NO : { kind: 'unknown' };
  }

  function tryOut({ variation, keys }: Part, wanted: LiteralsByKey): Try {
    const most = keys.length > 1 ? MAX_VALUES : 1;
    let isCut = keys.length > MAX_KEYS || !keys.every((key) => wanted.get(key)!.isComplete());
    const values = new Map<string, readonly string[]>();
    let present = 0;
    for (const key of keys) {
      const found = new Set<string>();
      let isAbsent = false;
      for (const choice of wanted.get(key)!.choices()) {
        if (!choice.found) isAbsent = true;
        else if (found.size >= most) {
          isCut ||= most > 1;
          break;
        } else for (const value of choice.found) found.add(value);
      }
      if (!isAbsent) present += 1;
      values.set(key, [...found]);
    }
    const asked: OptionsAsked = {
      valuesOf: (key) => values.get(key) ?? [],
      namesBelow: (beginning) => keys.flatMap((key) => nameBelow(beginning, key, wanted.get(key)!.literals)),
      contexts: [],
      memberOf: (name) => rules.members[name],
    };
    const options = variation.options(base, asked);
    const asksPresenceOnly = (key: string): boolean =>
      (wanted.get(key)?.closed ?? []).every(({ test: { use } }) => use?.operator.family === 'Null');
    budget.spend(options.length);
    return {
      keys,
      options,
      at: Math.min(2 ** present, options.length) - 1,
      left: options.length,
      isComplete: !isCut && variation.isComplete(base, asksPresenceOnly),
    };
  }
}

interface Part {
  readonly variation: Variation;
  readonly keys: readonly string[];
}

interface Try {
  readonly keys: readonly string[];
  readonly options: readonly FactsChange[];
  at: number;
  left: number;
  readonly isComplete: boolean;
}

const contextOf = (facts: RequestFacts): ContextValues => accessRequest(facts).context;

/** As it is written. */
function nameBelow(beginning: string, key: string, [literal]: readonly Literal[]): readonly string[] {
  return key.startsWith(beginning.toLowerCase()) && literal ? [literal.test.name.slice(beginning.length)] : [];
}

const plainCall = ({ caller, action, keyArn: arn, account, rules, given }: CallsScope): RequestFacts => ({
  caller,
  action,
  resource: { kind: 'key', arn, account },
  attributes: { time: SOME_DAY, region: parseArn(arn)?.region ?? '', resourceAccount: account },
  key: { ...SOME_KEY, account },
  input: given?.input ?? {},
  rules,
});

const NOTHING_ASKED: Pick<OptionsAsked, 'valuesOf' | 'namesBelow' | 'contexts'> = {
  valuesOf: () => [],
  namesBelow: () => [],
  contexts: [],
};

/** With the first that comes of every member that no call leaves out. */
function withRequired(facts: RequestFacts): RequestFacts {
  const { conditions, members } = facts.rules;
  const asked = { ...NOTHING_ASKED, memberOf: (name: string) => members[name] };
  return membersOf(conditions).reduce((before, [condition]) => {
    const [member] = condition!.members;
    if (!members[member!]?.required || before.input[member!] !== undefined) return before;
    const [first] = condition!.options(asked);
    return first ? withInput(first)(before) : before;
  }, facts);
}
