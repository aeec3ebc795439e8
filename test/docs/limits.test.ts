/** docs/limits.md says what the code does, and names tests that are there. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MAX_QUOTED } from '../../src/model/cut.ts';
import { MAX_MESSAGE } from '../../src/model/error.ts';
import { MAX_EVENT, MAX_REFUSED } from '../../src/audit/event-size.ts';
import { MAX_LINE } from '../../src/audit/chain.ts';
import { MAX_CHAIN } from '../../src/commands/apply/template/resources.ts';
import { MAX_CHARACTERS, MAX_DEPTH, MAX_STEPS } from '../../src/commands/apply/template/place.ts';
import { PROOF_STEPS } from '../../src/analysis/prover/budget.ts';
import { MAX_POLICY } from '../../src/policy/document.ts';
import { MAX_KEY_POLICY } from '../../src/policy/write-check.ts';
import { MAX_ANSWER } from '../../src/key-managers/xks/exchange.ts';
import { MAX_REQUEST } from '../../src/frontends/xks-proxy/answer.ts';
import { MAX_EXTERNAL_PLAINTEXT } from '../../src/operations/encryption/external-key.ts';
import { root } from '../../scripts/root.ts';

const rows = readFileSync(root('docs/limits.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| what'))
  .map((line) => line.slice(2, -2).split(' | '));

test.each([
  ['proofs about one key policy', PROOF_STEPS],
  ['policy in a file', MAX_POLICY],
  ['key policy that is written', MAX_KEY_POLICY],
  ['line of an event', MAX_EVENT],
  ['line of the event of a refused call', MAX_REFUSED],
  ['line of a log that is read', MAX_LINE],
  ['value that an error quotes', MAX_QUOTED],
  ['message of an error', MAX_MESSAGE],
  ['evaluation of a template', MAX_STEPS],
  ['answer of a proxy', MAX_ANSWER],
  ['request to `kms xks-proxy`', MAX_REQUEST],
  ['plaintext of an external key', MAX_EXTERNAL_PLAINTEXT],
  ['values that the functions of a template return', MAX_CHARACTERS],
  ['levels of a template', MAX_DEPTH],
  ['values of a template that follow', MAX_CHAIN],
])('%s: %i', (beginning, value) => {
  const [, limit] = rows.find(([what]) => what!.startsWith(beginning))!;
  expect(limit).toContain(value.toLocaleString('en'));
});

test('every limit has a test', () => {
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    expect(row).toHaveLength(4);
    for (const path of row[3]!.split(', ')) expect(existsSync(root(path)), path).toBe(true);
  }
});
