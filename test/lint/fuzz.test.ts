import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyEdits } from '../../src/lint/core/edit.ts';
import { fixText } from '../../src/lint/fix.ts';
import { lint } from '../../src/lint/lint.ts';
import { LINT_KINDS } from '../../src/lint/core/settings.ts';
import { readTolerantly } from '../../src/lint/core/tolerant.ts';
import { allCases, inputOf } from './vectors.ts';

const kind = fc.constantFrom(undefined, ...LINT_KINDS);

/** Pieces that policies are made of, and some that they are not. */
const scrap = fc.constantFrom(
  ...'{ } [ ] , : " \\ // /* */ null true 7 1e999 \ufeff \u2028 \u0000 \ud800 ${ } ${aws:username} * ? kms:* arn:aws:iam::'.split(
    ' ',
  ),
  '"__proto__"',
  '"constructor"',
  '"Statement"',
  '"Condition": {',
  '"ForAllValues:StringEquals"',
  '"kms:EncryptionContext:"',
);

const soup = fc
  .array(fc.oneof(scrap, fc.string({ maxLength: 6 })), { maxLength: 40 })
  .map((pieces) => pieces.join(' '));

/** A document of the vectors with pieces cut out, put in, or doubled. */
const mutated = fc
  .tuple(
    fc.constantFrom(...allCases.map(({ one }) => one.text).filter((text) => text.length < 4000)),
    fc.array(fc.tuple(fc.nat(), fc.nat(12), scrap), { minLength: 1, maxLength: 4 }),
  )
  .map(([text, changes]) => {
    let result = text;
    for (const [seed, length, piece] of changes) {
      const at = seed % (result.length + 1);
      result = result.slice(0, at) + piece + result.slice(at + length);
    }
    return result;
  });

const word = fc.constantFrom(
  '*',
  'kms:*',
  'kms:Decrypt',
  'Allow',
  '${',
  'arn:aws:iam::111122223333:root',
  '',
  'x',
  '10.0.0.0/8',
);
const json = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, word, fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(
    fc.constantFrom(
      ...'Version Statement Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition AWS Service StringEquals Null ForAnyValue:StringNotEquals kms:ViaService aws:SourceIp aws:TagKeys Grants Operations Constraints GranteePrincipal __proto__ toString'.split(
        ' ',
      ),
    ),
    tie('value'),
    { maxKeys: 6 },
  ),
}));
const shaped = json.object.map((value) => JSON.stringify(value, undefined, 1));

test.each([
  { name: 'soup', texts: soup, runs: 6000 },
  { name: 'mutated', texts: mutated, runs: 8000 },
  { name: 'JSON of the wrong shape', texts: shaped, runs: 6000 },
])(
  'never throws, and points into the text: $name',
  ({ texts, runs }) => {
    fc.assert(
      fc.property(texts, kind, (text, kind) => {
        for (const { span, secondary, fix } of lint({ text, ...(kind ? { kind } : {}) })) {
          for (const range of [span, ...secondary.map((note) => note.span), ...(fix?.edits ?? [])]) {
            expect(range.start).toBeGreaterThanOrEqual(0);
            expect(range.end).toBeGreaterThanOrEqual(range.start);
            expect(range.end).toBeLessThanOrEqual(Math.max(text.length, range.start));
          }
          const before = text.split('\n').slice(0, span.line - 1);
          expect(before.join('\n').length + (before.length > 0 ? 1 : 0) + span.column - 1).toBe(span.start);
        }
      }),
      { numRuns: runs, seed: 20260102 },
    );
  },
  240_000,
);

test('a fix of JSON is JSON, one by one', () => {
  fc.assert(
    fc.property(fc.oneof(shaped, mutated), kind, (text, kind) => {
      if (readTolerantly(text).faults.length > 0) return;
      for (const { fix, code } of lint({ text, ...(kind ? { kind } : {}) })) {
        if (!fix) continue;
        const fixed = applyEdits(text, fix.edits);
        expect(() => JSON.parse(fixed), `${code}: ${fix.title}: ${fixed}`).not.toThrow();
      }
    }),
    { numRuns: 4000, seed: 20260103 },
  );
}, 240_000);

test('fixing ends, and a second time there is nothing to fix', () => {
  fc.assert(
    fc.property(fc.oneof(shaped, mutated), kind, (text, kind) => {
      const input = { text, ...(kind ? { kind } : {}) };
      const once = fixText(input);
      const twice = fixText({ ...input, text: once.text });
      expect(twice.text).toBe(once.text);
    }),
    { numRuns: 800, seed: 20260104 },
  );
}, 240_000);

test('a text that is nested too deeply, and one that is very long', () => {
  expect(lint({ text: '['.repeat(100_000) }).some(({ code }) => code === 'KP001')).toBe(true);
  expect(lint({ text: `{"a":${'{"a":'.repeat(50_000)}` }).some(({ code }) => code === 'KP001')).toBe(true);
  const [one] = allCases;
  expect(lint({ ...inputOf(one!.one), text: ' '.repeat(200_000) }).length).toBeGreaterThan(0);
});
