/** Values on their way to an agent and back, and bytes that are no message. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frame, FrameReader, MAX_MESSAGE } from '../../../src/frontends/agent/frame.ts';
import { readAnswer, readHello, readQuestion } from '../../../src/frontends/agent/message.ts';
import { decode, encode, NotAValue } from '../../../src/frontends/agent/value.ts';

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withTypedArray: false,
  withNullPrototype: false,
  key: fc.oneof(fc.string(), fc.constantFrom('$', '__proto__', 'text', 'members')),
  values: [
    fc.boolean(),
    fc.double(),
    fc.string(),
    fc.constant(undefined),
    fc.constant(null),
    fc.uint8Array(),
    fc.date({ noInvalidDate: false }),
  ],
});

const through = (value: unknown): unknown => decode(JSON.parse(JSON.stringify(encode(value))));

test('a value arrives as it was sent', () => {
  fc.assert(
    fc.property(anything, (value) => {
      expect(through(value)).toStrictEqual(value);
    }),
  );
});

test.each([
  ['bytes', new Uint8Array([0, 255])],
  ['a date that is none', new Date(NaN)],
  ['numbers that JSON lacks', [NaN, Infinity, -Infinity, -0]],
  ['a member that is the mark', { $: 'bytes', text: 'AA==' }],
  ['the name of the prototype', JSON.parse('{"__proto__": {"a": 1}}') as unknown],
  ['nothing', { a: undefined }],
])('%s', (_, value) => {
  expect(through(value)).toStrictEqual(value);
});

test.each([
  ['a function', () => 1],
  ['an object of a class', new Map()],
  [
    'what contains itself',
    (() => {
      const a: unknown[] = [];
      a.push(a);
      return a;
    })(),
  ],
])('%s is not sent', (_, value) => {
  expect(() => encode(value)).toThrow(NotAValue);
});

test.each([
  ['{"$":"bytes","text":"*"}'],
  ['{"$":"bytes"}'],
  ['{"$":"date","text":"today"}'],
  ['{"$":"number","text":"1"}'],
  ['{"$":"bigint","text":""}'],
  ['{"$":"toString","text":""}'],
  ['{"$":"object","members":[["a"]]}'],
  ['{"$":"object","members":[[1,2]]}'],
  [`${'['.repeat(600)}${']'.repeat(600)}`],
])('%s is malformed', (text) => {
  expect(() => decode(JSON.parse(text))).toThrow(NotAValue);
});

describe('frames', () => {
  test('messages arrive in pieces of any size', () => {
    const messages = fc.array(fc.oneof(fc.string(), fc.uint8Array({ maxLength: 2000 })), { maxLength: 5 });
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 700 }), (sent, piece) => {
        const bytes = Buffer.concat(sent.map(frame));
        const reader = new FrameReader();
        const arrived: unknown[] = [];
        for (let at = 0; at < bytes.length; at += piece) arrived.push(...reader.push(bytes.subarray(at, at + piece)));
        expect(arrived).toStrictEqual(sent);
      }),
    );
  });

  test('bytes that are none end in the one error, or wait for more', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, framed) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(noise.length);
        try {
          for (const message of new FrameReader().push(framed ? Buffer.concat([length, noise]) : noise)) {
            expect(readQuestion(message)).toBeUndefined();
            expect(readHello(message)).toBeUndefined();
            expect(readAnswer(message)).toBeUndefined();
          }
        } catch (error) {
          expect(error).toBeInstanceOf(NotAValue);
        }
      }),
    );
  });

  test('a length above the limit is refused before the message is there', () => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(MAX_MESSAGE + 1);
    expect(() => new FrameReader().push(length)).toThrow(NotAValue);
    expect(() => frame('x'.repeat(MAX_MESSAGE))).toThrow(NotAValue);
  });
});

describe('questions', () => {
  const origin = { userAgent: 'x', principal: undefined, network: { mfa: { ageInSeconds: 5 } } };
  const call = { ask: 'call', operation: 'Encrypt', input: {}, origin };
  test('a call', () => expect(readQuestion(call)).toEqual(call));
  test.each([
    ['no user agent', { ...origin, userAgent: undefined }],
    ['a member that is not known', { ...origin, account: '111122223333' }],
    ['a member of the network that is not known', { ...origin, network: { vpc: 'x' } }],
    ['tags that are no texts', { ...origin, sessionTags: { a: 1 } }],
    ['a principal that is no text', { ...origin, principal: ['a'] }],
    ['an age that is no number', { ...origin, network: { mfa: { ageInSeconds: '5' } } }],
    ['a list', []],
  ])('an origin with %s is none', (_, other) => {
    expect(readQuestion({ ...call, origin: other })).toBeUndefined();
  });
  test.each([[undefined], [null], [{ ask: 'toString' }], [{ ask: 'alias' }], [{ ...call, operation: 1 }]])(
    '%o is none',
    (value) => expect(readQuestion(value)).toBeUndefined(),
  );
});
