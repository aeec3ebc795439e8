/**
 * Commands that write, and the power cut after any of their system calls: what was answered is there, and the next
 * command works, whatever of the unsynced has survived. A few of the states that a cut can leave; `npm run crash -- power`
 * looks at all of them.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cutPower, type PowerOptions } from '../support/crash/power.ts';
import { SCENARIOS } from '../support/crash/scenarios.ts';
import { buildCheck, Stage } from '../support/crash/stage.ts';

const OPTIONS: PowerOptions = { seed: 1, subsets: 2, max: 12 };

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
    const { problems, checked } = await cutPower(stage, scenario, OPTIONS);
    expect(problems).toEqual([]);
    expect(checked).toBeGreaterThan(2);
  },
);

describe('without syncs, the loss is found', () => {
  const encrypt = SCENARIOS.find(({ name }) => name === 'encrypt')!;
  const createAlias = SCENARIOS.find(({ name }) => name === 'create-alias')!; // a change: its journal has a name
  const serve = SCENARIOS.find(({ name }) => name === 'serve')!;

  test.each([
    ['none at all', encrypt, 'syncs', 0, 'what was answered is not in the keyring'],
    ['none of folders', createAlias, 'syncs of folders', 4, 'answered): the next command does not work'],
    ['a server', serve, 'syncs', 0, 'was answered and is not there'],
  ] as const)('%s', async (_, scenario, ignoring, subsets, problem) => {
    const { problems } = await cutPower(stage, scenario, { seed: 1, subsets, max: 8 + 10 * subsets, ignoring });
    expect(problems).toContainEqual(expect.stringContaining(problem));
  });
});
