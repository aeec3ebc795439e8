/** What the linter finds without comparing everything with everything is what that comparison finds. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACTIONS } from '../../src/policy/actions.ts';
import { applyEdits, dropItem, removeItems, removeMember } from '../../src/lint/core/edit.ts';
import { lint } from '../../src/lint/lint.ts';
import { readTolerantly } from '../../src/lint/core/tolerant.ts';
import { matchesPattern } from '../../src/policy/glob.ts';

const NAMES = new Set(ACTIONS.map(({ name }) => `kms:${name}`.toLowerCase()));
const isWild = (text: string): boolean => /[*?]/.test(text);

/** Of two that cover each other the first one stays. */
function covers(all: readonly string[], one: number, other: number): boolean {
  const [pattern, text] = [all[one]!.toLowerCase(), all[other]!.toLowerCase()];
  if (pattern === text) return all.findIndex((item) => item.toLowerCase() === text) === one && one < other;
  if (!isWild(pattern)) return false;
  if (!isWild(text)) return NAMES.has(text) && matchesPattern(pattern, text);
  return /^[^*?]*\*$/.test(pattern) && text.startsWith(pattern.slice(0, -1));
}

test('actions that others cover', () => {
  const actions =
    'kms:* * kms:Decrypt KMS:decrypt kms:De* kms:D* kms:D?crypt kms:d*t kms:Encrypt kms:*crypt kms:Dec* kms:Nothing s3:* s3:Get* s3:GetObject kms:DescribeKey kms: k*';
  const action = fc.constantFrom(...actions.split(' '));
  fc.assert(
    fc.property(fc.array(action, { minLength: 1, maxLength: 9 }), (Action) => {
      const Statement = [{ Effect: 'Allow', Principal: '*', Action, Resource: '*' }];
      const found = lint({ text: JSON.stringify({ Version: '2012-10-17', Statement }), kind: 'key' })
        .filter(({ code }) => code === 'KP208')
        .map(({ message }) => message);
      const expected = Action.flatMap((text, other) => {
        const one = Action.findIndex((_, index) => index !== other && covers(Action, index, other));
        return one < 0 ? [] : [`${JSON.stringify(Action[one])} covers ${JSON.stringify(text)}`];
      });
      expect(found.toSorted()).toEqual(expected.toSorted());
    }),
    { numRuns: 1000 },
  );
});

test('what is taken out of a list or an object, and the comma that goes with it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 99 }), { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat({ max: 7 })),
      (values, picks) => {
        const text = JSON.stringify(values).replaceAll(',', ' , ');
        const { root } = readTolerantly(text);
        const gone = new Set(picks.filter((index) => index < values.length));
        const edits = removeItems(
          root!,
          [...gone].map((index) => root!.items![index]!),
        );
        const kept = values.filter((_, index) => !gone.has(index));
        if (gone.size === 0 || kept.length === 0) expect(edits).toBeUndefined();
        else expect(JSON.parse(applyEdits(text, edits!))).toEqual(kept);
        const [first = 0] = gone;
        const without = applyEdits(text, dropItem(root!, root!.items![first]!));
        expect(JSON.parse(without)).toEqual(values.filter((_, index) => index !== first));
        const object = JSON.stringify(Object.fromEntries(values.map((value, index) => [`n${index}`, value])));
        const tree = readTolerantly(object).root!;
        const less = JSON.parse(applyEdits(object, [removeMember(tree, tree.members![first]!)])) as object;
        expect(Object.values(less)).toEqual(values.filter((_, index) => index !== first));
      },
    ),
    { numRuns: 500 },
  );
});
