/** The dimensions of a call: what is unknown of all of its requests. */
import type { Decision } from '../../policy/decision.ts';
import { matchesGlob } from '../../policy/glob.ts';
import { matchGrant } from '../../policy/grant-match.ts';
import type { AccessRequest } from '../../policy/request.ts';
import type { Budget } from '../prover/budget.ts';
import { truthOf, type Test } from '../prover/condition-test.ts';
import { consideredPatterns } from './considered-patterns.ts';
import type { Dimension, Unknown } from './dimension.ts';
import { dimensionsOf, testsFor } from './dimensions.ts';

/** Those of all requests of a call: what is not known of it is not known of each of them, and is the same in all. */
export function dimensionsOfCall(call: readonly Decision[], unknown: Unknown, budget: Budget): readonly Dimension[] {
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
    ...consideredPatterns(considered, context).map((glob) => matchesGlob(glob, resource.arn)),
    ...grants.map((grant) => matchGrant(grant, changed).applies),
    endpointPolicy?.name,
    caller.identityPolicies?.length,
  ].join();
}
