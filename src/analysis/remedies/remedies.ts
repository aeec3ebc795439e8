/**
 * Remedies: the fewest changes of the request, the policies or the grants after which access is allowed. Each
 * is verified by evaluate() with its changes made.
 */
import { within, type ProofResult, type Budget } from '../prover/budget.ts';
import type { Decision } from '../../policy/decision.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { evaluationCost } from '../completions/evaluation-cost.ts';
import type { AccessRequest } from '../../policy/request.ts';
import type { Change, CandidateChange, Remedy } from './remedy.ts';
import { candidates } from './candidates.ts';

const MAX_CHANGES = 3;
const MAX_REMEDIES = 6;

type Remedies = ProofResult<readonly Remedy[]>;

/** @param call which is allowed if each of its requests is */
export function remediesFor(call: readonly Decision[], budget: Budget): Remedies {
  if (call.every(({ outcome }) => outcome === 'allow')) return { found: [], finished: true };
  return within<Remedy>(budget, (found) => {
    search(call, { edits: editsOf(call, budget), budget }, found);
  });
}

/** A change that could be made because of one of the requests; it is made in all of them. */
interface CallChange {
  readonly change: CandidateChange;
  /** Which of the requests. */
  readonly at: number;
}

/** What two requests of a call have in common is changed once. */
function editsOf(call: readonly Decision[], budget: Budget): readonly CallChange[] {
  const edits = new Map<string, CallChange>();
  for (const [at, decision] of call.entries()) {
    for (const change of decision.outcome === 'allow' ? [] : candidates(decision, budget)) {
      const name = `${change.kind} ${change.text}`;
      if (!edits.has(name)) edits.set(name, { change, at });
    }
  }
  return [...edits.values()];
}

interface Search {
  readonly edits: readonly CallChange[];
  readonly budget: Budget;
}

const made = (requests: readonly AccessRequest[], { change }: CallChange): readonly AccessRequest[] =>
  requests.map((request) => change.apply(request));

function search(call: readonly Decision[], { edits, budget }: Search, found: Remedy[]): void {
  const requests = call.map(({ request }) => request);
  const seen = new Set<string>();
  const costs = call.map(evaluationCost);
  for (let size = 1; size <= MAX_CHANGES && found.length === 0; size++) {
    for (const chosen of combinations(edits, size)) {
      if (found.length >= MAX_REMEDIES) return;
      budget.spend();
      // two values of one key, or the same step with other values, are no other way
      const name = chosen.map(({ change: { kind, group, text } }) => group ?? `${kind} ${text}`).join(';');
      const groups = new Set(chosen.map(({ change: { group, text } }) => group ?? text));
      if (seen.has(name) || groups.size < size) continue;
      const changed = chosen.reduce(made, requests);
      for (const [at, request] of changed.entries()) budget.spend(costs[at]!(request));
      if (changed.some((request) => evaluate(request).outcome !== 'allow')) continue;
      seen.add(name);
      found.push(remedyOf(requests, chosen));
    }
  }
}

/** Two changes of one policy: the command of the second writes the policy with both. */
function remedyOf(requests: readonly AccessRequest[], chosen: readonly CallChange[]): Remedy {
  let before = requests;
  const changes = chosen.map((edit): Change => {
    const { apply: _, means, group: __, ...change } = edit.change;
    const after = made(before, edit);
    const { command, callOptions } = means(before[edit.at]!, after[edit.at]!);
    before = after;
    return {
      ...change,
      ...(command === undefined ? {} : { command }),
      ...(callOptions === undefined ? {} : { callOptions }),
    };
  });
  return { changes, request: before[chosen[0]!.at]! };
}

function* combinations<T>(items: readonly T[], size: number, from = 0): Generator<readonly T[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let at = from; at < items.length; at++) {
    for (const rest of combinations(items, size - 1, at + 1)) yield [items[at]!, ...rest];
  }
}
