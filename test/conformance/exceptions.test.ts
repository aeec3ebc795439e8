/**
 * Every exception that the model declares of an operation is raised by that operation, by a row of test/support/refusals.ts, or
 * is listed in src/texts/differences.ts as one that cannot occur. Where a row for all operations would raise one that
 * is listed for this operation, it is tried that it does not.
 */
import { describe, expect, test } from 'vitest';
import { KmsError } from '../../src/model/error.ts';
import { OPERATION_NAMES } from '../../src/operations/index.ts';
import { createKms } from '../../src/pipeline/invoke.ts';
import { IMPOSSIBLE_ERRORS, IMPOSSIBLE_ERRORS_OF } from '../../src/texts/differences.ts';
import { CALLS, readyCall } from '../support/calls.ts';
import { callNamed, fixture, REGION, ROOT } from '../support/fixture.ts';
import { declaredErrors, OWN_REFUSALS, refusedCall } from '../support/refusals.ts';

const INTERNAL = 'KMSInternalException';

const isImpossible = (operation: string, error: string): boolean =>
  Object.hasOwn(IMPOSSIBLE_ERRORS, error) || Object.hasOwn(IMPOSSIBLE_ERRORS_OF[operation] ?? {}, error);

/** The code of the refusal; undefined: it succeeds. */
const outcome = (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => undefined,
    (error: unknown) => (error instanceof KmsError ? error.code : String(error)),
  );

describe.each(OPERATION_NAMES)('%s', (operation) => {
  test('succeeds', async () => {
    const home = await fixture('exceptions');
    const { input } = await readyCall(home, operation);
    expect(await outcome(home.call(operation, input))).toBeUndefined();
  });

  const errors = declaredErrors(operation).filter((error) => error !== INTERNAL);

  test.each(errors)('%s', async (error) => {
    const home = await fixture('exceptions');
    const refused = await refusedCall(home, operation, error);
    if (!refused) {
      expect(isImpossible(operation, error), 'a row raises it, or it is listed').toBe(true);
      return;
    }
    const code = await outcome(home.call(operation, refused.input, { region: refused.region ?? REGION }));
    if (isImpossible(operation, error)) expect(code, 'is listed as one that cannot occur').not.toBe(error);
    else expect(code).toBe(error);
  });

  test('a defect is KMSInternalException in the log', async () => {
    const home = await fixture('exceptions');
    const { input } = await readyCall(home, operation);
    const trace = (stage: string): void => {
      if (stage === 'require') throw new TypeError('a defect');
    };
    const broken = createKms({ keyring: home.keyring, clock: () => home.now, random: home.random, trace });
    const call = { operation, input, caller: ROOT, region: REGION, sourceIp: '127.0.0.1', userAgent: 'test' };
    await expect(callNamed(broken, call)).rejects.toThrow('a defect');
    expect(home.events().at(-1)).toMatchObject({ eventName: operation, errorCode: INTERNAL });
    expect(declaredErrors(operation)).toContain(INTERNAL);
  });
});

test('the tables name nothing that the model does not declare, and nothing that cannot occur', () => {
  const pairs = (table: { readonly [operation: string]: object }): [string, string][] =>
    Object.entries(table).flatMap(([operation, errors]) =>
      Object.keys(errors).map((error): [string, string] => [operation, error]),
    );
  const undeclared = ([operation, error]: [string, string]): boolean => !declaredErrors(operation).includes(error);
  expect(pairs(OWN_REFUSALS).filter(undeclared)).toEqual([]);
  expect(pairs(IMPOSSIBLE_ERRORS_OF).filter(undeclared)).toEqual([]);
  expect(pairs(OWN_REFUSALS).filter(([operation, error]) => isImpossible(operation, error))).toEqual([]);
  expect(Object.keys(CALLS).sort()).toEqual([...OPERATION_NAMES].sort());
});
