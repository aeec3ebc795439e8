/**
 * Remedies: the fewest changes of the request, the policies or the grants after which access is allowed. Every way
 * was put to evaluate() with its changes made; one that is only likely is not told.
 */
import { within, type ProofResult, type Budget } from './prover/budget.ts';
import type { Decision } from '../policy/decision.ts';
import { evaluate } from '../policy/evaluate.ts';
import { counting } from './completions.ts';
import type { AccessRequest } from '../policy/request.ts';
import type { Change, CandidateChange, Remedy } from './remedy.ts';
import { candidates } from './candidates.ts';

const MAX_CHANGES = 3;
const MAX_REMEDIES = 6;

type Remedies = ProofResult<readonly Remedy[]>;

export function remediesFor(decision: Decision, budget: Budget): Remedies {
  if (decision.outcome === 'allow') return { found: [], finished: true };
  return within<Remedy>(budget, (found) => {
    search(decision, { edits: candidates(decision, budget), budget }, found);
  });
}

interface Search {
  readonly edits: readonly CandidateChange[];
  readonly budget: Budget;
}

function search(decision: Decision, { edits, budget }: Search, found: Remedy[]): void {
  const { request } = decision;
  const seen = new Set<string>();
  const costOfTry = counting(decision);
  for (let size = 1; size <= MAX_CHANGES && found.length === 0; size++) {
    for (const chosen of combinations(edits, size)) {
      if (found.length >= MAX_REMEDIES) return;
      budget.spend();
      // two values of one key, or the same step with other values, are no other way
      const name = chosen.map(({ kind, group, text }) => group ?? `${kind} ${text}`).join(';');
      if (seen.has(name) || new Set(chosen.map(({ group, text }) => group ?? text)).size < size) continue;
      const changed = chosen.reduce((before, edit) => edit.apply(before), request);
      budget.spend(costOfTry(changed));
      if (evaluate(changed).outcome !== 'allow') continue;
      seen.add(name);
      found.push(remedyOf(request, chosen));
    }
  }
}

/** Two changes of one policy: the command of the second writes the policy with both. */
function remedyOf(request: AccessRequest, chosen: readonly CandidateChange[]): Remedy {
  let before = request;
  const changes = chosen.map((edit): Change => {
    const { apply, means, group: _, ...change } = edit;
    const after = apply(before);
    const { command, callOptions } = means(before, after);
    before = after;
    return {
      ...change,
      ...(command === undefined ? {} : { command }),
      ...(callOptions === undefined ? {} : { callOptions }),
    };
  });
  return { changes, request: before };
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
