/** Whatever readers and writers ask for, in whatever order, and however they end. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReadWriteLock } from '../../../src/key-managers/hsm/pkcs11/read-write-lock.ts';

const asked = fc.array(fc.record({ kind: fc.constantFrom('read', 'write'), turns: fc.nat(5), fails: fc.boolean() }), {
  maxLength: 30,
});

test('a writer is alone, those who ask before it come before it, and what one throws reaches its caller only', async () => {
  await fc.assert(
    fc.asyncProperty(asked, async (all) => {
      const lock = new ReadWriteLock();
      const running = new Set<number>();
      const ended: number[] = [];
      const calls = all.map(({ kind, turns, fails }, at) =>
        lock[kind](async () => {
          const writes = (other: number): boolean => all[other]!.kind === 'write';
          expect([...running].filter((other) => kind === 'write' || writes(other))).toEqual([]);
          const before = all.flatMap((_, other) => (other < at && (kind === 'write' || writes(other)) ? [other] : []));
          expect(before.filter((other) => !ended.includes(other))).toEqual([]);
          running.add(at);
          for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
          running.delete(at);
          ended.push(at);
          if (fails) throw new RangeError(String(at));
          return at;
        }),
      );
      const results = await Promise.allSettled(calls);
      expect(results.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).message))).toEqual(
        all.map(({ fails }, at) => (fails ? String(at) : at)),
      );
    }),
  );
});

test('readers do not wait for each other', async () => {
  const lock = new ReadWriteLock();
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = lock.read(() => promise);
  await lock.read(async () => resolve());
  await first;
});
