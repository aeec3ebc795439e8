/** Sessions that a token has, or has not, whoever asks. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pkcs11Error } from '../../../src/key-managers/hsm/pkcs11/return-value.ts';
import { SessionPool } from '../../../src/key-managers/hsm/pkcs11/session-pool.ts';

const SESSION_COUNT = 0xb1;
const DEVICE_MEMORY = 0x31;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Of a token that has so many sessions. */
function poolOf(token: { sessions: number; value?: number }): SessionPool {
  let opened = 1;
  return new SessionPool(1n, async () => {
    await Promise.resolve();
    if (opened >= token.sessions) throw new Pkcs11Error('C_OpenSession', token.value ?? SESSION_COUNT);
    return BigInt((opened += 1));
  });
}

/** @returns how many of so many calls had sessions at once; none goes on before all have one or wait for one */
async function runTogether(pool: SessionPool, calls: number): Promise<number> {
  const { promise: go, resolve } = Promise.withResolvers<void>();
  const running = new Set<bigint>();
  let most = 0;
  const all = Array.from({ length: calls }, () =>
    pool.use(async (session) => {
      expect(running.has(session)).toBe(false);
      most = Math.max(most, running.add(session).size);
      await go;
      running.delete(session);
    }),
  );
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  resolve();
  await Promise.all(all);
  return most;
}

test.each([SESSION_COUNT, DEVICE_MEMORY])('value %i: calls wait for the sessions that there are', async (value) => {
  expect(await runTogether(poolOf({ sessions: 2, value }), 10)).toBe(2);
});

test('a token that had no more gets another chance', async () => {
  vi.stubEnv('UV_THREADPOOL_SIZE', '51');
  const token = { sessions: 1 };
  const pool = poolOf(token);
  expect(await runTogether(pool, 10)).toBe(1);
  token.sessions = 60;
  expect(await runTogether(pool, 10)).toBe(1);
  vi.advanceTimersByTime(1_000);
  expect(await runTogether(pool, 60)).toBe(50);
  vi.unstubAllEnvs();
});

test.each([
  [undefined, 3],
  ['1', 1],
  ['2', 1],
  ['9', 8],
  ['1024', 50],
  ['none', 1],
])('of UV_THREADPOOL_SIZE=%s threads, calls leave one', async (threads, sessions) => {
  vi.stubEnv('UV_THREADPOOL_SIZE', threads);
  expect(await runTogether(poolOf({ sessions: 100 }), 60)).toBe(sessions);
  vi.unstubAllEnvs();
});

test('whatever fails and whenever, each call gets a session or the error, and none is lost', async () => {
  const calls = fc.array(
    fc.record({ opens: fc.constantFrom('opens', 'none', 'error'), turns: fc.nat(3), fails: fc.boolean() }),
  );
  await fc.assert(
    fc.asyncProperty(calls, async (all) => {
      let opened = 1;
      const kinds = all.map(({ opens }) => opens);
      const pool = new SessionPool(1n, async () => {
        const kind = kinds.shift();
        await Promise.resolve();
        if (kind === 'error') throw new RangeError('not of the token');
        if (kind === 'none') throw new Pkcs11Error('C_OpenSession', SESSION_COUNT);
        return BigInt((opened += 1));
      });
      const running = new Set<bigint>();
      const results = all.map(async ({ turns, fails }) =>
        pool.use(async (session) => {
          expect(running.has(session)).toBe(false);
          running.add(session);
          for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
          running.delete(session);
          if (fails) throw new TypeError('of the call');
        }),
      );
      const errors = (await Promise.allSettled(results)).flatMap((one) =>
        one.status === 'rejected' ? [(one.reason as Error).message] : [],
      );
      expect(errors.filter((text) => text !== 'not of the token' && text !== 'of the call')).toEqual([]);
      const closed: bigint[] = [];
      await pool.close(async (session) => void closed.push(session));
      expect(closed.toSorted((a, b) => Number(a - b))).toEqual(
        Array.from({ length: opened }, (_, at) => BigInt(at + 1)),
      );
    }),
  );
});
