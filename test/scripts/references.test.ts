/** The check of references: what it finds, and what it must leave alone. */
import { expect, test } from 'vitest';
import { anchorsIn, problemsIn } from '../../scripts/references.ts';

const files = [
  'README.md',
  'docs/limits.md',
  'src/pipeline/key-state.ts',
  'docs/formats.md',
  'docs/adr/0001-layers.md',
];
const anchorsOf = (): readonly string[] => anchorsIn('# Formats\n\n## `kms lint`: the rules\n');
const problems = (line: string): readonly string[] =>
  problemsIn(`one\n${line}`, 'docs/limits.md', { files, scripts: ['verify'], anchorsOf });

test.each([
  '/** Grants (spec/grants.md 3.1) */',
  "'quotas.md 2'",
  'spec/kms-model.json',
  '// service/key-state.ts says what each allows',
  'see docs/gone.md',
  'as src/service/rules does',
  '// the rows of test/gone/rows.json',
  '`npm run gone`',
  '[more](gone.md)',
  '[more](adr/0002-gone.md)',
  '[more](formats.md#gone)',
  '[more](#gone)',
  'as ADR 99 has it',
  '[more](../adr/0099-gone.md)',
  '// decided by the grant [L10708]',
  '// section 4.2 of the brief',
  '// see issue 10',
  '// as in /work/shared/notes',
  '// [L12598, L13205]',
  '// closed to others (design: file modes)',
  "'fails inside (design 17)'",
  "test('is rotated every year (RO-05, RO-07)', ...",
  "'EC-05: another order'",
  '/** TG-04 */',
  '// S-01 is older',
  '// paging is off (2.9, 3.7)',
  'connection states (A2, A3)',
  'child grants (H1 to H6)',
  '{"rule": "X7: looked up in the caller’s account"}',
  'every mouth of the House',
  'the rooms under src/',
  'const circle = inRegion(at, region);',
  'createRoad({ keyring })',
  'what the circumstances are',
  'readonly wishes: Wishes',
  'addSurroundings(builder)',
])('finds %s', (line) => {
  expect(problems(line)).not.toEqual([]);
  for (const problem of problems(line)) expect(problem).toMatch(/^2: /);
});

test.each([
  'SP 800-38D 8.2.1: 96-bit IV; FIPS 186-5; RFC 8017; GB/T 32918.4 6.1 A5',
  'UTF-8, SHA-256, AES-256, P-521, ML-DSA-65, ML-KEM-768, RSA-PSS, eu-west-1',
  "services (S3), the engine (V8), controls (C1), 'S3: objects'",
  'ADR 1, pipeline/key-state.ts, docs/formats.md, dist/library/index.d.ts and [the layers](adr/0001-layers.md), [rules](formats.md#kms-lint-the-rules), [here](#formats), src/pipeline, `npm run verify` and README.md',
  'https://semver.org/spec/v2.0.0.html',
  'abroad, warehouse, mushrooms, encircled, broadcast',
  'KP101, D10, a list[L1]',
])('leaves %s alone', (line) => {
  expect(problems(line)).toEqual([]);
});
