/**
 * Requests that are wrong in every way that chance comes up with: damaged bytes, members of wrong types, huge and empty
 * values. Each gets an answer or an end, none of them the service's own failure. `npm run fuzz:http` sends 100,000.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from 'node:net';
import type { Shape } from '../../../src/model/shape.ts';
import { everyOperation } from '../../../src/operations/index.ts';
import type { AnyOperation } from '../../../src/operations/row/operation.ts';
import { newKey, seeded } from '../../support/fixture.ts';
import { requestText, startService, type Service } from './service.ts';

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 3_000);
const SEED = process.env['FUZZ_SEED'] ?? 'fuzz';
const AT_ONCE = 16;
const ANSWER_MS = 20_000;
/** Making these takes long, and what is random about them is not the request. */
const SLOW = /RSA/;

const bytes = seeded(SEED);
const below = (limit: number): number => {
  const [a, b, c] = bytes(3);
  return (((a! << 16) | (b! << 8) | c!) >>> 0) % limit;
};
const pick = <T>(items: readonly T[]): T => items[below(items.length)]!;

let made: Service;
let operations: readonly AnyOperation[];
let keyIds: readonly string[];
beforeAll(async () => {
  made = await startService({ limits: { headers: 5_000, request: 5_000, idle: 5_000 } });
  operations = await everyOperation();
  const specs = [
    {},
    { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' },
    { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
    { MultiRegion: true },
    { Origin: 'EXTERNAL' },
  ];
  keyIds = await Promise.all(specs.map(async (input) => (await newKey(made.home, input)).id));
});
afterAll(() => made.running.stop());

const STRANGE: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -0,
  2 ** 53,
  '',
  ' ',
  'a',
  '\0',
  '\ud800',
  'é',
  '🔑',
  '../../..',
  '%s%n',
  "' OR 1=1--",
  '__proto__',
  [],
  [[]],
  {},
  [null],
  { __proto__: 1 },
  { constructor: { prototype: {} } },
  'x'.repeat(10_000),
  'aGVsbG8=',
  'alias/',
  'alias/aws/',
  'arn:aws:kms:::',
  'arn:aws:kms:us-east-1:111122223333:key/',
  '$',
  '\u202e',
  '/',
];

/** A value of this shape, or near it. */
function near(shape: Shape, depth = 0): unknown {
  if (below(12) === 0) return pick(STRANGE);
  switch (shape.type) {
    case 'string':
      if (shape.enum && below(6) > 0) return pick(shape.enum.filter((value) => !SLOW.test(value)));
      return below(2) === 0 ? pick(keyIds) : String(pick(STRANGE));
    case 'blob':
      return Buffer.from(bytes(below(200))).toString('base64');
    case 'integer':
      return pick([0, 1, -1, 7, 30, 1000, 1001, 2 ** 31]);
    case 'boolean':
      return below(2) === 0;
    case 'timestamp':
      return pick([0, -1, 1e9, 2e9, 1e15, 1e300, 0.5]);
    case 'document':
      return pick(STRANGE);
    case 'list':
      return Array.from({ length: below(4) }, () => near(shape.of, depth + 1));
    case 'map':
      return Object.fromEntries(Array.from({ length: below(4) }, () => [String(pick(STRANGE)), String(pick(STRANGE))]));
    case 'structure': {
      const names = Object.keys(shape.members).filter((name) => shape.members[name]!.required || below(3) === 0);
      const kept = names.filter(() => below(20) > 0);
      return Object.fromEntries(kept.map((name) => [name, near(shape.members[name]!.shape, depth + 1)]));
    }
  }
}

function damaged(text: string): string {
  const at = below(text.length);
  const noise = Buffer.from(bytes(1 + below(8))).toString('latin1');
  return pick([
    () => text.slice(0, at),
    () => text.slice(0, at) + noise + text.slice(at),
    () => text.slice(0, at) + noise + text.slice(at + noise.length),
    () => text.slice(0, at) + text.slice(at + 1 + below(20)),
    () =>
      text.replace(/Content-Length: \d+/, `Content-Length: ${pick(['-1', '0', '1', '99999999', 'x', '1e3', '5, 6'])}`),
    () =>
      text.replace('TrentService.', pick(['', 'TrentService', 'trentservice.', 'TrentService.TrentService.', noise])),
    () =>
      text.replace('POST /', pick(['GET /', 'POST //', 'POST *', 'PUT /', 'CONNECT a:1', 'POST http://x/', 'BREW /'])),
    () => text.replace('HTTP/1.1', pick(['HTTP/1.0', 'HTTP/2.0', 'HTTP/9', ''])),
    () => text.replace(/Credential=[^,]*/, `Credential=${pick(['', '/', '////', 'a/b/c/kms/aws4_request', noise])}`),
    () =>
      text.replace(
        'Host: localhost\r\n',
        pick(['', 'Host: \r\n', 'Host: a\r\nHost: b\r\n', 'Transfer-Encoding: chunked\r\n']),
      ),
    () => text.repeat(2),
  ])();
}

function fuzzed(): string {
  const { name, input } = pick(operations);
  const body = JSON.stringify(near(input)) ?? '';
  const text = requestText(name, Buffer.from(body).toString('latin1'), below(8) === 0 ? [] : ['Connection: close']);
  return below(3) === 0 ? damaged(text) : text;
}

/** Everything that comes back; the request ends the sending half. */
const exchange = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(made.port, '127.0.0.1');
    const pieces: Buffer[] = [];
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end of:\n${text}`));
    }, ANSWER_MS);
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.on('error', () => undefined); // a reset is an end too
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(pieces).toString('latin1'));
    });
    socket.end(text, 'latin1');
  });

test(`${REQUESTS} requests from seed ${SEED}`, { timeout: 60_000 + REQUESTS * 20 }, async () => {
  let left = REQUESTS;
  let answered = 0;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const text = fuzzed();
      const answer = await exchange(text);
      if (/^HTTP\/1\.1 5/m.test(answer)) throw new Error(`${made.said.at(-1)}\n${text}\n${answer}`);
      if (answer.startsWith('HTTP/1.1 ')) answered += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(made.said).toEqual([]);
  expect(answered).toBeGreaterThan(REQUESTS * 0.8);
  expect(await exchange(requestText('ListKeys', {}, ['Connection: close']))).toContain('HTTP/1.1 200');
});
