import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHAIN_START, lineEnd, link, logLines, MAX_LINE, parseLine, type ChainHead } from '../../src/audit/chain.ts';
import { verifyLog } from '../../src/audit/verify.ts';
import { concat, fromHex, utf8 } from '../../src/crypto/bytes.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { everyCut, everyFlip } from '../support/bits.ts';

const key = new Secret(new Uint8Array(32).fill(7));
const other = new Secret(new Uint8Array(32).fill(8));

const withoutEnd = (line: Uint8Array): Uint8Array => line.subarray(0, -1);

describe('a line', () => {
  const { line, head } = link({ eventName: 'Test', text: 'é' }, 12, { key, head: CHAIN_START });

  test('is the record with its place in the chain, as JSON', () => {
    const text = Buffer.from(line).toString();
    expect(text.startsWith('{"eventName":"Test","text":"é","chain":{"sequence":1,"generation":12,"mac":"')).toBe(true);
    expect(text.endsWith(`${head.mac}"}}\n`)).toBe(true);
    expect(JSON.parse(text)).toMatchObject({
      eventName: 'Test',
      chain: { sequence: 1, generation: 12, mac: head.mac },
    });
    expect(Buffer.from(line.subarray(-lineEnd(head).length)).toString()).toBe(`${head.mac}"}}\n`);
  });

  test('its MAC is HMAC-SHA-256 over the MAC before it and its own bytes up to the MAC', () => {
    const body = line.subarray(0, -lineEnd(head).length);
    expect(head.mac).toBe(
      createHmac('sha256', key.expose()).update(fromHex(CHAIN_START.mac)).update(body).digest('hex'),
    );
    expect(head.sequence).toBe(1);
  });

  test('is read again', () => {
    const parsed = parseLine(withoutEnd(line))!;
    expect(parsed).toMatchObject({ record: { eventName: 'Test', text: 'é' }, head, generation: 12 });
    expect(parsed.record).not.toHaveProperty('chain');
    expect(parsed.follows(key, CHAIN_START)).toBe(true);
  });

  test('follows nothing else, and under no other key', () => {
    const parsed = parseLine(withoutEnd(line))!;
    expect(parsed.follows(other, CHAIN_START)).toBe(false);
    expect(parsed.follows(key, { sequence: 0, mac: head.mac })).toBe(false);
  });

  test('no flipped bit and no cut is a line that follows', () => {
    for (const wrong of [...everyFlip(withoutEnd(line)), ...everyCut(withoutEnd(line))]) {
      expect(parseLine(wrong)?.follows(key, CHAIN_START) ?? false).toBe(false);
    }
  });

  const strange: readonly string[] = [
    '',
    'null',
    '{}',
    '[]',
    '{"chain":null}',
    `{"chain":{"sequence":1,"generation":1,"mac":"${'a'.repeat(63)}"}}`,
    `{"chain":{"sequence":1,"generation":1,"mac":"${'A'.repeat(64)}"}}`,
    `{"chain":{"sequence":1.5,"generation":1,"mac":"${'a'.repeat(64)}"}}`,
    `{"chain":{"sequence":-1,"generation":1,"mac":"${'a'.repeat(64)}"}}`,
    `{"chain":{"sequence":${2 ** 48},"generation":1,"mac":"${'a'.repeat(64)}"}}`,
    `{"chain":{"sequence":1,"generation":${2 ** 48},"mac":"${'a'.repeat(64)}"}}`,
    `{"chain":{"sequence":1,"generation":"1","mac":"${'a'.repeat(64)}"}}`,
    `{"chain":{"sequence":1,"generation":1,"mac":"${'a'.repeat(64)}"}} `,
    `{"chain":{"mac":"${'a'.repeat(64)}","sequence":1,"generation":1}}`,
  ];
  test.each(strange)('%j is none of ours', (text) => {
    expect(parseLine(utf8(text))).toBeUndefined();
  });
});

interface Chain {
  readonly parts: readonly Uint8Array[];
  readonly head: ChainHead;
}

function chainOf(records: readonly object[]): Chain {
  let head = CHAIN_START;
  const parts = records.map((record, at) => {
    const linked = link(record, at, { key, head });
    ({ head } = linked);
    return linked.line;
  });
  return { parts, head };
}

describe('verification', () => {
  test('an empty log of a keyring that logged nothing', () => {
    expect(verifyLog([], { key, start: CHAIN_START, head: CHAIN_START })).toEqual({ events: 0, problems: [] });
  });

  test('a log that goes on from an earlier file', () => {
    const { parts, head } = chainOf([{ a: 1 }, { a: 2 }, { a: 3 }]);
    const start = parseLine(withoutEnd(parts[0]!))!.head;
    expect(verifyLog(parts.slice(1), { key, start, head })).toEqual({ events: 2, problems: [] });
    expect(verifyLog(parts.slice(1), { key, start: CHAIN_START, head }).problems).toMatchObject([
      { line: 1, kind: 'cut in the middle' },
    ]);
  });

  test('the keyring knows another last event', () => {
    const { parts, head } = chainOf([{ a: 1 }, { a: 2 }]);
    const otherHead = { ...head, mac: 'f'.repeat(64) };
    expect(verifyLog(parts, { key, start: CHAIN_START, head: otherHead }).problems).toEqual([
      { line: 2, kind: 'edited', message: 'line 2 is not the last event that the keyring has logged' },
    ]);
  });

  test('every line under another key', () => {
    const { parts, head } = chainOf([{ a: 1 }, { a: 2 }]);
    expect(verifyLog(parts, { key: other, start: CHAIN_START, head })).toEqual({
      events: 2,
      problems: [{ line: 1, kind: 'wrong key', message: 'no line is authenticated with the key of this keyring' }],
    });
  });

  test('one line in the middle under another key', () => {
    const { parts, head } = chainOf([{ a: 1 }, { a: 2 }, { a: 3 }]);
    const first = parseLine(withoutEnd(parts[0]!))!;
    const forged = link({ a: 2 }, 1, { key: other, head: first.head }).line;
    const { problems } = verifyLog([parts[0]!, forged, parts[2]!], { key, start: CHAIN_START, head });
    expect(problems.map(({ line, kind }) => [line, kind])).toEqual([
      [2, 'edited'],
      [3, 'edited'],
    ]);
  });
});

test('of a line that is too long only the beginning is looked at, in time that grows with its length', () => {
  const piece = Buffer.alloc(1 << 20, 'x');
  const pieces = [...Array.from({ length: 40 }, () => piece), Buffer.from('\nnext\n')];
  expect(Array.from(logLines(pieces), ({ length }) => length)).toEqual([MAX_LINE + 1, 4]);
  expect(Array.from(logLines(pieces.slice(0, -1)), ({ length }) => length)).toEqual([MAX_LINE + 1]);
});

test('a report lists 1,000 problems and counts the others', () => {
  const genuine = link({ a: 1 }, 1, { key, head: CHAIN_START });
  const text = Buffer.concat([genuine.line, Buffer.from('nothing\n'.repeat(5_000))]);
  const { events, problems } = verifyLog([text], { key, start: CHAIN_START, head: genuine.head });
  expect(events).toBe(5_001);
  expect(problems).toHaveLength(1_002);
  expect(problems[999]).toEqual({ line: 1_001, kind: 'edited', message: 'line 1001 is not a valid audit event' });
  expect(problems[1_000]).toEqual({ line: 1_002, kind: 'edited', message: '4000 more problems from line 1002 on' });
  expect(problems[1_001]).toMatchObject({ kind: 'rolled back' });
});

test('lines are cut from pieces of any size; a last one without its end counts', () => {
  const content = utf8('one\n\ntwo\nthree');
  for (let size = 1; size <= content.length; size += 1) {
    const pieces = Array.from({ length: Math.ceil(content.length / size) }, (_, at) =>
      content.subarray(at * size, (at + 1) * size),
    );
    expect([...logLines(pieces)].map((line) => Buffer.from(line).toString())).toEqual(['one', '', 'two', 'three']);
  }
});

test('any change of a few bytes anywhere is found', () => {
  const { parts, head } = chainOf(
    Array.from({ length: 5 }, (_, at) => ({ eventName: `Event${at}`, text: 'x'.repeat(30) })),
  );
  const whole = concat(...parts);
  const at = fc.nat({ max: whole.length - 1 });
  const piece = fc.uint8Array({ maxLength: 6 });
  fc.assert(
    fc.property(at, fc.nat({ max: 300 }), piece, (from, length, put) => {
      const edited = concat(whole.subarray(0, from), put, whole.subarray(from + length));
      fc.pre(Buffer.compare(edited, whole) !== 0);
      // without the last line end the last event is whole all the same
      fc.pre(Buffer.compare(edited, whole.subarray(0, -1)) !== 0);
      expect(verifyLog([edited], { key, start: CHAIN_START, head }).problems).not.toEqual([]);
    }),
    { numRuns: 2000 },
  );
});
