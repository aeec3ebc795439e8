import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut } from '../../src/model/cut.ts';
import { MAX_EVENT, MAX_REFUSED, sizedEvent } from '../../src/audit/event-size.ts';

const KB = 1024;
const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const of = (event: object): { readonly [field: string]: any } => sizedEvent(event); // oxlint-disable-line typescript/no-explicit-any -- fields of a test's own event

/** Larger than any field. */
const LARGE = 'x'.repeat(300 * KB);

describe('fields of an event', () => {
  // "CloudTrail record contents" in the AWS CloudTrail User Guide: 1 KB, 28 KB, 100 KB
  const answered = {
    requestParameters: 100 * KB,
    responseElements: 100 * KB,
    serviceEventDetails: 100 * KB,
    additionalEventData: 28 * KB,
    userAgent: KB,
    tlsDetails: KB,
    userIdentity: 4 * KB,
    resources: 4 * KB,
    sourceIPAddress: 256,
    whateverComesLater: 256,
  };
  const refused = { ...answered, errorCode: KB, errorMessage: KB, requestParameters: 8 * KB, responseElements: 256 };
  test.each(Object.entries(answered))('%s of an answer has at most %i bytes', (field, most) => {
    for (const value of [
      LARGE,
      '"\n'.repeat(LARGE.length),
      { a: { b: LARGE } },
      [[LARGE]],
      Array(LARGE.length).fill(''),
    ]) {
      expect(sizeOf(of({ [field]: value })[field])).toBeLessThanOrEqual(most);
    }
    const fitting = 'x'.repeat(most - 2);
    expect(of({ [field]: fitting })).toEqual({ [field]: fitting });
  });
  test.each(Object.entries(refused))('%s of a refusal has at most %i bytes', (field, most) => {
    expect(sizeOf(of({ errorCode: 'NotFoundException', [field]: LARGE })[field])).toBeLessThanOrEqual(most);
  });

  test('what was cut says so', () => {
    expect(of({ userAgent: LARGE }).userAgent).toBe(`${'x'.repeat(512)}...(${300 * KB - 512} characters cut)`);
    const { requestParameters } = of({ errorCode: 'A', requestParameters: { description: LARGE, keyId: 'a key' } });
    expect(requestParameters.keyId).toBe('a key');
    expect(requestParameters.description).toMatch(/^x{4096}\.\.\.\(\d+ characters cut\)$/);
    const names = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`name${index}`, '']));
    const cutNames = of({ errorCode: 'A', requestParameters: names }).requestParameters;
    expect(cutNames['...']).toBe(`...(${50_000 - (Object.keys(cutNames).length - 1)} members cut)`);
    expect(of({ responseElements: Array(200_000).fill(1) }).responseElements.at(-1)).toMatch(
      /^\.\.\.\(\d+ members cut\)$/,
    );
  });

  test('small texts of few characters are left alone, whatever they are', () => {
    const event = { userAgent: '\u0001'.repeat(170), eventName: 'Encrypt', readOnly: true, requestParameters: null };
    expect(of(event)).toEqual(event);
  });
});

test('no pair of surrogates is split', () => {
  expect(cut('a🔑b', 1)).toBe('a...(3 characters cut)');
  expect(cut('a🔑b', 2)).toBe('a...(3 characters cut)');
  expect(cut('a🔑b', 3)).toBe('a🔑...(1 characters cut)');
  expect(cut('🔑', 0)).toBe('...(2 characters cut)');
  expect(cut('abc', 3)).toBe('abc');
});

test('an event of whatever fields with whatever values has at most the size of an event', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 50 }),
    fc
      .tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }), fc.nat({ max: 20_000 }))
      .map(([unit, n]) => unit.repeat(n)),
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small', maxDepth: 4 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('any'), { maxLength: 6 }),
    map: fc.dictionary(text, tie('any'), { maxKeys: 6 }),
  })).any;
  const FIELDS =
    'eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode errorMessage requestParameters responseElements additionalEventData requestID eventID readOnly resources eventType managementEvent recipientAccountId vpcEndpointId vpcEndpointAccountId eventCategory tlsDetails'.split(
      ' ',
    );
  fc.assert(
    fc.property(fc.array(value, { minLength: 4, maxLength: 8 }), fc.boolean(), (values, isRefused) => {
      const event = Object.fromEntries(FIELDS.map((field, index) => [field, values[index % values.length]]));
      if (!isRefused) delete event['errorCode'];
      const sized = sizedEvent(event);
      // the digest chain adds its own member
      expect(sizeOf(sized)).toBeLessThanOrEqual((isRefused ? MAX_REFUSED : MAX_EVENT) - 200);
      expect(Object.keys(sized)).toEqual(Object.keys(event));
      const before = JSON.stringify(event);
      if (before.isWellFormed() && !/\\ud[89a-f]/.test(before))
        expect(JSON.stringify(sized)).not.toMatch(/\\ud[89a-f]/);
    }),
    { numRuns: 60 },
  );
});
