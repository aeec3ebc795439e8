/** `kms wait`, over a keyring in memory whose clock the test moves. */
import { expect, test } from 'vitest';
import { wait } from '../../src/commands/wait/wait.ts';
import type { OperationCalls } from '../../src/runtime/capabilities.ts';
import { fixture, newKey, type Fixture } from '../support/fixture.ts';
import { sessionParts } from '../support/session-parts.ts';

/** @param meanwhile what happens at each look at the key */
function sessionOf(home: Fixture, meanwhile: (looks: number) => unknown) {
  let looks = 0;
  const { clock, invoke } = sessionParts(home);
  const calls: OperationCalls = {
    async invoke(...call) {
      looks += 1;
      await meanwhile(looks);
      return invoke(...call);
    },
  };
  return { ...calls, clock, looks: () => looks };
}

test('looks again until the key is in the state', async () => {
  const home = await fixture('wait');
  const { id } = await newKey(home);
  await home.call('DisableKey', { KeyId: id });
  const session = sessionOf(home, (looks) => looks === 3 && home.call('EnableKey', { KeyId: id }));
  await wait.run({ KeyId: id }, session);
  expect(session.looks()).toBe(3);
});

test('says what the key is when the time is over', async () => {
  const home = await fixture('wait');
  const { id } = await newKey(home);
  const session = sessionOf(home, () => (home.now += 4_000));
  await expect(wait.run({ KeyId: id, KeyState: 'Disabled', Timeout: 7 }, session)).rejects.toThrow(
    `Waiter KeyState failed: ${id} is Enabled and not Disabled after 7 seconds`,
  );
  expect(session.looks()).toBe(2);
});

test('a missing key is reported at once', async () => {
  const home = await fixture('wait');
  const session = sessionOf(home, () => {});
  await expect(wait.run({ KeyId: 'alias/none' }, session)).rejects.toThrow('alias/none');
  expect(session.looks()).toBe(1);
});
