import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withoutValues } from '../../src/model/error.ts';

const CANARY = 'canary-6f02';

function thrownBy(step: () => unknown): Error {
  try {
    step();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test.each([
  ['an environment with NUL', () => spawn('true', { env: { A: `${CANARY}\0` } })],
  ['a path with NUL', () => readFileSync(`${CANARY}\0`)],
  ['another type', () => process.kill(CANARY as never)],
  ['a text that is not JSON', () => JSON.parse(CANARY)],
  ['a long text that is not JSON', () => JSON.parse(`["${'x'.repeat(100)}", ${CANARY} ${'x'.repeat(100)}]`)],
])('%s: what Node.js quotes is left out, of the stack too', (_, step) => {
  const error = thrownBy(step);
  const [message, stack] = [withoutValues(error), withoutValues(error, 'stack')];
  expect(error.message).toContain('canary');
  expect(message.length).toBeGreaterThan(10);
  expect(stack).toMatch(/^\w+: [^]*\n {4}at /);
  expect(message + stack).not.toContain('canary');
});

test('our own texts stay', () => {
  const error = new TypeError('Received is not "x" is not valid JSON');
  expect(withoutValues(error)).toBe(error.message);
  expect(withoutValues(error, 'stack')).toBe(error.stack);
});
