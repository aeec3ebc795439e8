/**
 * Commands that write, killed as they begin a system call that writes: the next command works by itself, both
 * verifications find nothing, what was answered is there, and nothing is half under a name that stays. A few calls of
 * each command; `npm run crash -- kill` takes all of them.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { killEverywhere } from '../support/crash/kill.ts';
import { SCENARIOS, type Scenario } from '../support/crash/scenarios.ts';
import { buildCheck, Stage } from '../support/crash/stage.ts';

const MAX = 5;

let check: Awaited<ReturnType<typeof buildCheck>>;
let stage: Stage;
beforeAll(async () => {
  check = await buildCheck();
  stage = new Stage(check);
});
afterAll(() => {
  stage.remove();
  check.remove();
});

test.each(SCENARIOS.filter(({ isByHand }) => !isByHand).map((scenario) => [scenario.name, scenario] as const))(
  '%s',
  async (_, scenario) => {
    const { problems, checked } = await killEverywhere(stage, scenario, { max: MAX });
    expect(problems).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  },
);

describe('what is careless is found out', () => {
  const script = (name: string): string => join(import.meta.dirname, '../support/crash', name);
  const careless: readonly [scenario: Scenario, problem: string][] = [
    [
      { name: 'answers first', base: 'ring', script: script('answers-first.cjs'), args: ['create-key'] },
      'what was answered is not in the keyring',
    ],
    [
      { name: 'writes in place', base: 'ring', script: script('writes-in-place.cjs'), args: [] },
      'result is neither as before nor as afterwards',
    ],
  ];
  test.each(careless)('$name', async (scenario, problem) => {
    const { problems } = await killEverywhere(stage, scenario, {});
    expect(problems).toContainEqual(expect.stringContaining(problem));
  });
});
