/**
 * The solver: whether some values of condition keys make one literal of every clause true. It looks at one key after the
 * other; whether keys that depend on each other can have such values together, whoever makes a call of them says.
 */
import type { Budget } from './budget.ts';
import { conditionKey } from '../../policy/condition-keys.ts';
import { hasBit, type Bits, type Choice, type KeyChoices, type Truths } from './choices.ts';
import type { Literal, Test } from './condition-test.ts';

/** Alternatives. */
export type Clause = readonly Literal[];

/** What is asked of one condition key. */
export interface KeyLiterals {
  readonly literals: readonly Literal[];
  /** Those that do not compare with another key's value. */
  readonly closed: readonly Literal[];
  /** What the key could be for that, taken by itself. */
  readonly choices: () => Iterable<Choice>;
  /** Whether it can be nothing else. */
  readonly isComplete: () => boolean;
}

/** By condition key, lower-cased. */
export type LiteralsByKey = ReadonlyMap<string, KeyLiterals>;

export type Verdict<T> =
  | { readonly kind: 'yes'; readonly found: T }
  | { readonly kind: 'no' }
  /** Outside of what can be proved, or too much work. */
  | { readonly kind: 'unknown' };

export const NO = { kind: 'no' } as const;
const UNKNOWN = { kind: 'unknown' } as const;

export interface Domain {
  readonly budget: Budget;
  readonly truths: Truths;
  /** The choices of a key that the tests in the question distinguish. */
  readonly choicesOf: (key: string) => KeyChoices;
  /** Those of them that a request can have at all. */
  readonly possible: (key: string) => Bits;
  /** What a key always is for this caller and action. */
  readonly fixed: (key: string) => Choice | undefined;
}

/** One question takes at most this part of the budget, and is left open beyond it. */
const SHARE = 1 / 8;

/** @param accept what a solution gives, if there is a call like that and the engine agrees */
export function solve<T>(
  clauses: readonly Clause[],
  domain: Domain,
  accept: (wanted: LiteralsByKey) => Verdict<T>,
): Verdict<T> {
  const search = new Search(domain, accept);
  const found = search.run(clauses.toSorted((a, b) => a.length - b.length));
  if (found) return { kind: 'yes', found: found.value };
  return search.doubtful ? UNKNOWN : NO;
}

/** The requirements on one key so far. */
interface Asked {
  readonly literals: readonly Literal[];
  /** Literals that compare with another key's value are left out: they may turn out either way. */
  readonly closed: readonly Literal[];
  /** Single values that meet what is asked; undefined: none, or the key is fixed. */
  readonly bits: Bits | undefined;
}

class Search<T> {
  /** Something was not considered, so the absence of a solution proves nothing. */
  doubtful = false;
  readonly #domain: Domain;
  readonly #accept: (wanted: LiteralsByKey) => Verdict<T>;
  readonly #limit: number;
  readonly #chosen = new Map<string, Asked>();

  constructor(domain: Domain, accept: (wanted: LiteralsByKey) => Verdict<T>) {
    const { budget } = domain;
    this.#domain = domain;
    this.#accept = accept;
    this.#limit = budget.spent + budget.limit * SHARE;
  }

  run(clauses: readonly Clause[], at = 0): { readonly value: T } | undefined {
    const clause = clauses[at];
    if (!clause) return this.#finish();
    const { budget } = this.#domain;
    for (const literal of clause) {
      budget.spend();
      if (budget.spent > this.#limit) {
        budget.cut();
        this.doubtful = true;
        return undefined;
      }
      const { key } = literal.test;
      const before = this.#chosen.get(key);
      const asked = askMore(key, before, { literal, domain: this.#domain });
      if (!asked) continue;
      this.#chosen.set(key, asked);
      const found = this.run(clauses, at + 1);
      if (found) return found;
      if (before) this.#chosen.set(key, before);
      else this.#chosen.delete(key);
    }
    return undefined;
  }

  #finish(): { readonly value: T } | undefined {
    const domain = this.#domain;
    domain.budget.spend(this.#chosen.size);
    const wanted = new Map<string, KeyLiterals>();
    for (const [key, asked] of this.#chosen) {
      const { literals, closed } = asked;
      wanted.set(key, {
        literals,
        closed,
        choices: () => choicesFor(key, asked, domain),
        isComplete: () => domain.choicesOf(key).complete,
      });
    }
    const verdict = this.#accept(wanted);
    if (verdict.kind === 'yes') return { value: verdict.found };
    this.doubtful ||= verdict.kind === 'unknown'; // possible key by key, but not seen to be so as a whole
    return undefined;
  }
}

interface More {
  readonly literal: Literal;
  readonly domain: Domain;
}

/** @returns undefined if nothing that the key can be meets it all */
function askMore(key: string, before: Asked | undefined, { literal, domain }: More): Asked | undefined {
  const literals = before ? [...before.literals, literal] : [literal];
  const isOpen = literal.test.open;
  const closed = isOpen ? (before?.closed ?? []) : before ? [...before.closed, literal] : [literal];
  domain.budget.spend(closed.length >>> 3);
  const fixed = domain.fixed(key);
  if (fixed) {
    const holds = isOpen || domain.truths.all([literal], fixed.found);
    return holds ? { literals, closed, bits: undefined } : undefined;
  }
  const choices = domain.choicesOf(key);
  const possible = before ? before.bits : domain.possible(key);
  const bits = possible && (isOpen ? possible : choices.and(possible, choices.bitsOf(literal)));
  const asked: Asked = { literals, closed, bits };
  if (bits?.some((word) => word !== 0) || !choices.complete) return asked;
  return severalFor(key, asked, domain) ? asked : undefined;
}

function* choicesFor(key: string, asked: Asked, domain: Domain): Generator<Choice, undefined> {
  const fixed = domain.fixed(key);
  if (fixed) {
    if (domain.truths.all(asked.closed, fixed.found)) yield fixed;
    return undefined;
  }
  const choices = domain.choicesOf(key);
  const { bits } = asked;
  domain.budget.spend(1 + (choices.values.length >>> 3));
  if (bits) for (let at = 0; at <= choices.values.length; at++) if (hasBit(bits, at)) yield choices.at(at);
  const several = severalFor(key, asked, domain);
  if (several) yield { found: several };
  return undefined;
}

/**
 * Several values at once, for the keys that can have them: every value must do for what is asked of all, and for each
 * thing that is asked of one there is a value that does.
 */
function severalFor(key: string, { closed }: Asked, domain: Domain): readonly string[] | undefined {
  if (!conditionKey(key)?.many) return undefined;
  const choices = domain.choicesOf(key);
  let fit: Bits | undefined = domain.possible(key);
  for (const literal of closed) if (fit && isOfAll(literal)) fit = choices.and(fit, choices.bitsOf(literal));
  if (!fit) return undefined;
  const picked = new Set<string>();
  const valueIn = (bits: Bits, isFree: (value: string) => boolean): string | undefined => {
    domain.budget.spend(1 + (choices.values.length >>> 3));
    return choices.values.find((value, index) => hasBit(bits, index + 1) && isFree(value));
  };
  for (const literal of closed) {
    if (!isOfOne(literal)) continue;
    const both = choices.and(fit, choices.bitsOf(literal));
    const one = both && valueIn(both, () => true);
    if (one === undefined) return undefined;
    picked.add(one);
  }
  // tests for one value cannot be evaluated on several: any two will do
  while (picked.size < 2) {
    const one = valueIn(fit, (value) => !picked.has(value));
    if (one === undefined) return undefined;
    picked.add(one);
  }
  const several = [...picked];
  return domain.truths.all(closed, several) ? several : undefined;
}

const SET_WANTS = {
  ForAllValues: { holds: true, 'not fails': true, fails: false, 'not holds': false },
  ForAnyValue: { holds: false, 'not fails': false, fails: true, 'not holds': true },
} as const;

const isOfAll = ({ test: { use }, want }: Literal): boolean => use?.set !== undefined && SET_WANTS[use.set][want];
const isOfOne = ({ test: { use }, want }: Literal): boolean => use?.set !== undefined && !SET_WANTS[use.set][want];

export const literals = (tests: readonly Test[], want: Literal['want']): readonly Literal[] =>
  tests.map((test) => ({ test, want }));
