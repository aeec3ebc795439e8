import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SortedPaths } from '../../src/keyring/sorted-paths.ts';

const path = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 4 });

test('are what a sorted set of them has, at each moment', () => {
  const steps = fc.array(fc.tuple(fc.boolean(), path), { maxLength: 30 });
  fc.assert(
    fc.property(fc.array(path), steps, path, fc.option(path, { nil: undefined }), (given, changes, prefix, after) => {
      const [paths, model] = [new SortedPaths(), new Set(given)];
      for (const path of given) paths.add(path);
      for (const [isAdded, one] of changes) {
        if (isAdded) paths.add(one);
        else paths.delete(one);
        if (isAdded) model.add(one);
        else model.delete(one);
      }
      const wanted = [...model]
        .filter((one) => one.startsWith(prefix) && (after === undefined || one > after))
        .toSorted((a, b) => (a < b ? -1 : 1));
      expect(paths.below(prefix, after)).toEqual(wanted);
      expect(paths.first(prefix, after)).toBe(wanted[0]);
    }),
  );
});
