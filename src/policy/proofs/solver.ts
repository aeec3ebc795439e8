/**
 * The solver: whether some values of condition keys make one literal of every clause true. Keys do not depend on each
 * other, save for the encryption context and its list of names; so it is enough to find values key by key.
 */
import { conditionKey } from '../condition-keys.ts';
import { judge, meets, type Literal, type Test } from './test.ts';
import type { ValueClasses } from './values.ts';

/** Alternatives. */
export type Clause = readonly Literal[];

/** Condition key, lower-cased, to its values; undefined: the key is absent. */
export type Assignment = ReadonlyMap<string, readonly string[] | undefined>;

export type Verdict<T> =
  | { readonly kind: 'yes'; readonly found: T }
  | { readonly kind: 'no' }
  /** Outside of what can be proved, or too much work. */
  | { readonly kind: 'unknown' };

export const NO = { kind: 'no' } as const;
const UNKNOWN = { kind: 'unknown' } as const;

export interface Realm {
  /** All tests that a key has anywhere in the question. */
  readonly classesOf: (key: string) => ValueClasses;
  /** The only values that a key has for this caller and action; undefined: it is absent. */
  readonly fixed: Assignment;
  /** Keys that every request has. */
  readonly present: ReadonlySet<string>;
  /** Values that cannot be had. */
  readonly refuses?: (key: string, value: string) => boolean;
}

const MOST_STEPS = 20_000;

/** @param accept what a solution gives, if the engine agrees that it is one */
export function solve<T>(
  clauses: readonly Clause[],
  realm: Realm,
  accept: (assignment: Assignment) => T | undefined,
): Verdict<T> {
  const search = new Search(realm, accept);
  const found = search.run(clauses.toSorted((a, b) => a.length - b.length));
  if (found) return { kind: 'yes', found: found.value };
  return search.doubtful ? UNKNOWN : NO;
}

type Chosen = ReadonlyMap<string, readonly Literal[]>;

class Search<T> {
  /** Something was left out of account, so finding nothing proves nothing. */
  doubtful = false;
  readonly #realm: Realm;
  readonly #accept: (assignment: Assignment) => T | undefined;
  #steps = 0;

  constructor(realm: Realm, accept: (assignment: Assignment) => T | undefined) {
    this.#realm = realm;
    this.#accept = accept;
  }

  run(clauses: readonly Clause[], chosen: Chosen = new Map()): { readonly value: T } | undefined {
    const [clause, ...rest] = clauses;
    if (!clause) return this.#finish(chosen);
    for (const literal of clause) {
      if (++this.#steps > MOST_STEPS) {
        this.doubtful = true;
        return undefined;
      }
      const { key } = literal.test;
      const literals = [...(chosen.get(key) ?? []), literal];
      if (!this.#isPossible(key, literals)) continue;
      const found = this.run(rest, new Map([...chosen, [key, literals]]));
      if (found) return found;
    }
    return undefined;
  }

  /** What compares with another key's value may turn out either way. */
  #isPossible(key: string, literals: readonly Literal[]): boolean {
    const closed = literals.filter(({ test }) => !test.open);
    return valuesFor(key, closed, this.#realm) !== undefined || !this.#isComplete(key);
  }

  #isComplete(key: string): boolean {
    return this.#realm.fixed.has(key) || this.#realm.classesOf(key).complete;
  }

  #finish(chosen: Chosen): { readonly value: T } | undefined {
    for (const assignment of assignments(chosen, this.#realm)) {
      const value = this.#accept(assignment);
      if (value !== undefined) return { value };
    }
    this.doubtful = true; // possible key by key, but not seen to be so as a whole
    return undefined;
  }
}

/** Wrapped, since `undefined` is a value: the key is absent. */
interface Choice {
  readonly found: readonly string[] | undefined;
}

function valuesFor(key: string, literals: readonly Literal[], realm: Realm): Choice | undefined {
  return choices(key, literals, realm).next().value ?? undefined;
}

function* choices(key: string, literals: readonly Literal[], realm: Realm): Generator<Choice, undefined> {
  const holds = (found: readonly string[] | undefined): boolean =>
    literals.every(({ test, want }) => meets(judge(test, found), want));
  if (realm.fixed.has(key)) {
    const found = realm.fixed.get(key);
    if (holds(found)) yield { found };
    return undefined;
  }
  if (!realm.present.has(key) && holds(undefined)) yield { found: undefined };
  const values = realm.classesOf(key).values.filter((value) => !realm.refuses?.(key, value));
  for (const value of values) if (holds([value])) yield { found: [value] };
  if (!conditionKey(key)?.many) return undefined;
  const several = severalOf(values, literals);
  if (several && several.length > 1 && holds(several)) yield { found: several };
  return undefined;
}

/** Every value must do for what is asked of all, and for each thing that is asked of one there is a value that does. */
function severalOf(values: readonly string[], literals: readonly Literal[]): readonly string[] | undefined {
  const ofAll = literals.filter(isOfAll);
  const fit = values.filter((value) => ofAll.every(({ test, want }) => meets(judge(test, [value]), want)));
  const picked = new Set<string>();
  for (const { test, want } of literals.filter((literal) => isOfOne(literal))) {
    const one = fit.find((value) => meets(judge(test, [value]), want));
    if (one === undefined) return undefined;
    picked.add(one);
  }
  // tests for one value cannot be judged on several: any two will do
  for (const value of fit) if (picked.size < 2) picked.add(value);
  return [...picked];
}

const SET_WANTS = {
  ForAllValues: { holds: true, 'not fails': true, fails: false, 'not holds': false },
  ForAnyValue: { holds: false, 'not fails': false, fails: true, 'not holds': true },
} as const;

const isOfAll = ({ test: { use }, want }: Literal): boolean => use?.set !== undefined && SET_WANTS[use.set][want];
const isOfOne = ({ test: { use }, want }: Literal): boolean => use?.set !== undefined && !SET_WANTS[use.set][want];

const NAMES = 'kms:encryptioncontextkeys';
const PAIR = 'kms:encryptioncontext:';
const MOST_PAIRS = 6;

/** Solutions key by key; where names and pairs of the encryption context both matter, those in which they agree. */
function* assignments(chosen: Chosen, realm: Realm): Generator<Assignment> {
  const base = new Map<string, readonly string[] | undefined>();
  for (const [key, literals] of chosen) {
    const closed = literals.filter(({ test }) => !test.open);
    base.set(key, valuesFor(key, closed, realm)?.found);
  }
  const pairs = [...base.keys()].filter((key) => key.startsWith(PAIR));
  if (!base.has(NAMES) || pairs.length === 0 || pairs.length > MOST_PAIRS) {
    yield base;
    return;
  }
  for (const part of combine(pairs, chosen, realm)) {
    const present = pairs.filter((key) => part.get(key)).map((key) => nameIn(chosen.get(key)!));
    const missing = new Set(pairs.filter((key) => !part.get(key)).map((key) => key.slice(PAIR.length)));
    for (const { found } of choices(NAMES, chosen.get(NAMES)!, realm)) {
      const others = (found ?? []).filter((name) => !missing.has(name.toLowerCase()) && !present.includes(name));
      for (const names of [present, [...present, ...others]]) {
        const list = names.length > 0 ? names : undefined;
        if (chosen.get(NAMES)!.every(({ test, want }) => test.open || meets(judge(test, list), want))) {
          yield new Map([...base, ...part, [NAMES, list]]);
        }
      }
    }
  }
}

const nameIn = ([literal]: readonly Literal[]): string => literal!.test.name.slice(PAIR.length);

/** Every pair with one of its values, or absent. */
function* combine(
  keys: readonly string[],
  chosen: Chosen,
  realm: Realm,
): Generator<Map<string, readonly string[] | undefined>> {
  const [key, ...rest] = keys;
  if (key === undefined) {
    yield new Map();
    return;
  }
  const closed = chosen.get(key)!.filter(({ test }) => !test.open);
  const all = [...choices(key, closed, realm)];
  const kept = [all.find(({ found }) => !found), all.find(({ found }) => found)].filter(
    (choice) => choice !== undefined,
  );
  for (const more of combine(rest, chosen, realm)) for (const { found } of kept) yield new Map([[key, found], ...more]);
}

export const literals = (tests: readonly Test[], want: Literal['want']): readonly Literal[] =>
  tests.map((test) => ({ test, want }));
