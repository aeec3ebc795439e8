import { format, inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import { Secret } from '../../src/crypto/secret.ts';

const hidden = 'correct horse';
const secret = new Secret(utf8(hidden));

const prints: readonly [name: string, text: string][] = [
  ['a template', `${secret}`], // oxlint-disable-line typescript/restrict-template-expressions -- the very mistake
  ['a concatenation', 'it is ' + secret],
  ['String()', String(secret)],
  ['toString()', secret.toString()],
  ['JSON', JSON.stringify({ secret, list: [secret] })],
  ['inspect', inspect({ secret, list: [secret] }, { depth: 9 })],
  ['inspect without the custom form', inspect(secret, { customInspect: false, showHidden: true, depth: 9 })],
  ['format', format('%s %o %O %j %d', secret, secret, secret, secret, secret)],
  ['an error', String(new Error('failed', { cause: secret })) + inspect(new Error('failed', { cause: secret }))],
  ['entries', JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret)])],
  ['a spread', inspect({ ...secret })], // oxlint-disable-line typescript/no-misused-spread -- as above
  ['a copy', inspect(structuredClone(secret), { customInspect: false, showHidden: true })],
];

describe('does not print', () => {
  const traces = [hidden, Buffer.from(hidden).toString('hex'), Buffer.from(hidden).toString('base64')];
  const numbers = [...utf8(hidden)].slice(0, 4);
  test.each(prints)('%s', (_, text) => {
    for (const trace of traces) expect(text).not.toContain(trace);
    expect(text).not.toMatch(new RegExp(numbers.join('[, ]+')));
  });
});

test('its bytes come out by expose() alone', () => {
  expect(secret.expose()).toEqual(utf8(hidden));
  expect(secret.length).toBe(hidden.length);
});

test('equals: the same bytes', () => {
  expect(secret.equals(new Secret(utf8(hidden)))).toBe(true);
  for (const other of ['c', 'correct hors', 'correct horse!', 'Correct horse']) {
    expect(secret.equals(new Secret(utf8(other)))).toBe(false);
  }
});

test.each([new Uint8Array(), undefined, [], ''])('%j is no secret', (nothing) => {
  expect(() => new Secret(nothing as Uint8Array)).toThrow();
});

test('wipe overwrites the bytes that it was made of', () => {
  const bytes = utf8(hidden);
  new Secret(bytes).wipe();
  expect(bytes).toEqual(new Uint8Array(hidden.length));
});
