/** What messages quote of a request: as AWS does, and no more than the documented lengths. */
import { expect, test } from 'vitest';
import { check } from '../../src/model/check.ts';
import { EnvironmentError, KmsError, MAX_MESSAGE } from '../../src/model/error.ts';
import { blob, list, map, required, string, structure } from '../../src/model/shape.ts';

function messageOf(shape: Parameters<typeof check>[0], value: unknown): string {
  try {
    check(shape, value);
  } catch (error) {
    return (error as KmsError).message;
  }
  throw new Error('accepted');
}

const RULE = 'failed to satisfy constraint: Member must have length less than or equal to';

test('values up to 1,024 characters are quoted whole', () => {
  const shape = structure({ Name: string({ max: 3 }), Names: list(string(), { max: 1 }) });
  const exact = 'x'.repeat(1024);
  expect(messageOf(shape, { Name: exact })).toBe(`1 validation error detected: Value '${exact}' at 'name' ${RULE} 3`);
  expect(messageOf(shape, { Name: `${exact}yz` })).toBe(
    `1 validation error detected: Value '${exact}...(2 characters cut)' at 'name' ${RULE} 3`,
  );
  expect(messageOf(shape, { Names: ['a', 'b'] })).toBe(
    `1 validation error detected: Value '[a, b]' at 'names' ${RULE} 1`,
  );
});

test('long lists, deep ones, and names that are long are cut too', () => {
  const shape = structure({ Names: list(string(), { max: 1 }), Pairs: map(string(), string({ max: 1 })) });
  expect(messageOf(shape, { Names: Array(5000).fill('x'.repeat(98)) })).toMatch(
    /^1 validation error detected: Value '\[(?:x{98}, ){10}x{24}\.\.\.\(\d+ characters cut\), \.\.\.\(4989 more\)\]' at /,
  );
  let deep: unknown = [];
  for (let level = 0; level < 100_000; level++) deep = [deep];
  expect(messageOf(structure({ Names: list(list(string()), { max: 1 }) }), { Names: [deep, []] })).toBe(
    'START_ARRAY can not be converted to a String',
  );
  expect(messageOf(shape, { Pairs: { ['n'.repeat(5000)]: 'xx' } })).toMatch(
    /at 'pairs\.n{1018}\.\.\.\(\d+ characters cut\)' /,
  );
});

test('ten failures are listed, all are counted', () => {
  const shape = structure({ Names: list(string({ max: 1 })) });
  const message = messageOf(shape, { Names: Array(5000).fill('xx') });
  expect(message).toMatch(/^5000 validation errors detected: Value 'xx' at 'names\.1\.member' /);
  expect(message).toContain("Value 'xx' at 'names.10.member'");
  expect(message).toMatch(/; \.\.\.\(4990 more\)$/);
  const missing = structure(
    Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`Member${at}`, required(blob())])),
  );
  expect(messageOf(missing, {})).toMatch(/^11 validation errors detected: .*; \.\.\.\(1 more\)$/);
});

test('no message is longer than 8,192 characters and its mark, whoever makes it', () => {
  const long = 'x'.repeat(100_000);
  const whole = `${'x'.repeat(8192)}...(91808 characters cut)`;
  expect(MAX_MESSAGE).toBe(8192);
  expect(new KmsError('NotFoundException', long).message).toBe(whole);
  const { message, hints } = new EnvironmentError(long, [long]);
  expect([message, ...hints]).toEqual([whole, whole]);
});
