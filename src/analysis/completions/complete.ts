/**
 * The search for completions: whether every completion of a call is decided alike. Values are those that the policies
 * distinguish, and the builder of access requests makes the requests, so that all of them are possible requests.
 */
import type { Decision } from '../../policy/decision.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { AccessRequest } from '../../policy/request.ts';
import { within, type Budget } from '../prover/budget.ts';
import { completionOf, type Completion } from './completion.ts';
import type { Dimension, Unknown } from './dimension.ts';
import { dimensionsOfCall } from './dimensions-of-call.ts';
import { evaluationCost } from './evaluation-cost.ts';

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
  const costs = first.map(evaluationCost);
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
