/**
 * The choices for a condition key in a request: absent, or one of the values that its tests distinguish; and those that
 * make a literal true. Sets of choices are bits: the first is absence, the others are the values in their order.
 */
import type { Budget } from './budget.ts';
import type { Truth } from '../../policy/condition.ts';
import { costOf, truthOf, meets, type Literal, type Test, type Want } from './condition-test.ts';
import type { ValueClasses } from './values.ts';

export type Bits = Uint32Array;

export const hasBit = (bits: Bits, index: number): boolean => ((bits[index >>> 5]! >>> (index & 31)) & 1) === 1;

/** Wrapped, since `undefined` is a value: the key is absent. */
export interface Choice {
  readonly found: readonly string[] | undefined;
}

/** What the engine says of tests, asked once for every value. */
export class Truths {
  readonly #budget: Budget;
  readonly #known = new Map<Test, Map<string, Truth>>();

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  of(test: Test, found: readonly string[] | undefined): Truth {
    let known = this.#known.get(test);
    if (!known) this.#known.set(test, (known = new Map()));
    const name = found ? found.join('\0') + String(found.length) : '';
    let truth = known.get(name);
    if (truth === undefined) {
      this.#budget.spend(costOf(test, found));
      known.set(name, (truth = truthOf(test, found)));
    }
    return truth;
  }

  all(literals: readonly Literal[], found: readonly string[] | undefined): boolean {
    return literals.every(({ test, want }) => meets(this.of(test, found), want));
  }
}

export class KeyChoices {
  readonly values: readonly string[];
  /** False: there may be values unlike all of these. */
  readonly complete: boolean;
  readonly #budget: Budget;
  readonly #truths = new Map<Test, readonly Truth[]>();
  readonly #bits = new Map<Test, Map<Want, Bits>>();

  constructor({ values, complete }: ValueClasses, budget: Budget) {
    this.values = values;
    this.complete = complete;
    this.#budget = budget;
  }

  at(index: number): Choice {
    return { found: index === 0 ? undefined : [this.values[index - 1]!] };
  }

  /** @param isIn whether a choice belongs to the set; undefined: absence */
  select(isIn: (found: string | undefined) => boolean): Bits {
    return this.#collect((index) => isIn(index === 0 ? undefined : this.values[index - 1]));
  }

  #collect(isIn: (index: number) => boolean): Bits {
    this.#budget.spend(1 + this.values.length);
    const bits = new Uint32Array((this.values.length >>> 5) + 1);
    for (let index = 0; index <= this.values.length; index++) if (isIn(index)) bits[index >>> 5]! |= 1 << (index & 31);
    return bits;
  }

  /** The choices that make the literal true. */
  bitsOf({ test, want }: Literal): Bits {
    let known = this.#bits.get(test);
    if (!known) this.#bits.set(test, (known = new Map()));
    let bits = known.get(want);
    if (!bits) {
      const truths = this.#truthsOf(test);
      known.set(want, (bits = this.#collect((index) => meets(truths[index]!, want))));
    }
    return bits;
  }

  #truthsOf(test: Test): readonly Truth[] {
    let truths = this.#truths.get(test);
    if (!truths) {
      const all: (readonly string[] | undefined)[] = [undefined, ...this.values.map((value) => [value])];
      truths = all.map((found) => {
        this.#budget.spend(costOf(test, found));
        return truthOf(test, found);
      });
      this.#truths.set(test, truths);
    }
    return truths;
  }

  /** @returns undefined if nothing is left */
  and(one: Bits, other: Bits): Bits | undefined {
    this.#budget.spend(1 + (one.length >>> 2));
    const both = new Uint32Array(one.length);
    let any = 0;
    for (let at = 0; at < both.length; at++) any |= both[at] = one[at]! & other[at]!;
    return any === 0 ? undefined : both;
  }
}
