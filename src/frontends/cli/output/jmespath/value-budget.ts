/** Limits of the number of values that an expression creates and returns: nested lists multiply. */
import { isList, isMap, type Printable } from '../../../../model/printable.ts';

/** Maximum number of values that an expression creates, and of values in its result. */
const MAX_VALUES = 10_000_000;
/** Maximum depth of a result, which is printed recursively. */
const MAX_DEPTH = 500;

export class ValueBudget {
  #values = 0;

  reset(): void {
    this.#values = 0;
  }

  /** Before they are made. */
  spend(values: number): void {
    this.#values += values;
    if (this.#values > MAX_VALUES) throw tooMany();
  }
}

const tooMany = (): RangeError => new RangeError(`The query makes more than ${MAX_VALUES} values`);

/** @throws RangeError if there are too many; what occurs twice is printed twice, and counts twice */
export function checkAnswer(answer: Printable): Printable {
  let values = 0;
  count(answer, 0);
  return answer;

  function count(value: Printable, depth: number): void {
    if (++values > MAX_VALUES) throw tooMany();
    if (depth > MAX_DEPTH) throw new RangeError(`The query returns more than ${MAX_DEPTH} levels`);
    if (isList(value)) for (const item of value) count(item, depth + 1);
    else if (isMap(value)) for (const name in value) count(value[name]!, depth + 1);
  }
}
