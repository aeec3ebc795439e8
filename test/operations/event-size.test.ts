/** Whatever a request holds, over the pipeline or over HTTP: its line in the log has at most the documented size. */
import { request as httpRequest } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Shape } from '../../src/model/shape.ts';
import { KmsError, MAX_MESSAGE } from '../../src/model/error.ts';
import { MAX_EVENT, MAX_REFUSED } from '../../src/audit/event-size.ts';
import { verifyLog } from '../../src/audit/verify.ts';
import { everyOperation } from '../../src/operations/index.ts';
import type { AnyOperation } from '../../src/operations/row/operation.ts';
import { callerOf } from '../../src/policy/principal.ts';
import { startService } from '../frontends/http/service.ts';
import { CALLS, readyCall } from '../support/calls.ts';
import { callNamed, ACCOUNT, fixture, REGION, ROOT, seeded, textOf, type Fixture } from '../support/fixture.ts';
import { policyOf, ROOT_MAY } from './stage.ts';

let operations: readonly AnyOperation[];
beforeAll(async () => {
  operations = await everyOperation();
});

const bytes = seeded('event-size');
const below = (limit: number): number => {
  const [a, b, c] = bytes(3);
  return (((a! << 16) | (b! << 8) | c!) >>> 0) % limit;
};
const pick = <T>(items: readonly T[]): T => items[below(items.length)]!;

/** Each is more bytes in JSON than characters, or splits badly. */
const UNITS = [
  'x',
  '"',
  '\\',
  '\u0001',
  'é',
  '🔑',
  '\ud800',
  '\u2028',
  'alias/',
  'arn:aws:kms:us-east-1:111122223333:key/',
];
/** Characters of a value, about: an HTTP request has at most 1 MiB. */
const LARGEST = 300_000;
const hugeText = (most = LARGEST): string => {
  const unit = pick(UNITS);
  return unit.repeat(Math.min(pick([3, 300, 3_000, 100_000]), Math.ceil(most / unit.length)));
};
const count = (most = LARGEST): number => Math.min(pick([1, 11, 300, 20_000]), Math.ceil(most / 40));

/** A value of this shape, and too much of it. */
function huge(shape: Shape, most = LARGEST): unknown {
  switch (shape.type) {
    case 'string':
      return shape.enum && below(3) === 0 ? pick(shape.enum) : hugeText(most);
    case 'blob':
      return new Uint8Array(pick([0, 5_000, 200_000]));
    case 'integer':
      return pick([-1, 1, 7, 1000, 2 ** 53]);
    case 'boolean':
      return below(2) === 0;
    case 'timestamp':
      return new Date(pick([0, 1e12, 8e15]));
    case 'list': {
      const length = count(most);
      return Array.from({ length }, () => huge(shape.of, most / length));
    }
    case 'map':
      return Object.fromEntries(
        Array.from({ length: count(most) }, (_, index) => [`${index}${pick(UNITS)}`, pick(UNITS)]),
      );
    case 'structure':
      return Object.fromEntries(
        Object.entries(shape.members).map(([name, member]) => [name, huge(member.shape, most / 4)]),
      );
    case 'document':
      return hugeText(most);
  }
}

interface Line {
  readonly length: number;
  readonly event: { readonly errorCode?: string; readonly eventName: string };
}

const linesOf = (text: string): readonly Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ length: Buffer.byteLength(line) + 1, event: JSON.parse(line) as Line['event'] }));

function expectSizes(lines: readonly Line[]): void {
  for (const { length, event } of lines) {
    expect(length, event.eventName).toBeLessThanOrEqual(event.errorCode === undefined ? MAX_EVENT : MAX_REFUSED);
  }
}

async function expectVerified({ keyring, log }: Fixture): Promise<void> {
  const report = await keyring.inspect(async ({ barrier, root, end }) =>
    verifyLog(log.read(), { key: barrier.auditKey, start: root.logStart, head: end() }),
  );
  expect(report.problems).toEqual([]);
}

const TRIES = 12;

test.each(Object.keys(CALLS))('%s', { timeout: 60_000 }, async (name) => {
  const home = await fixture('event-size');
  const { input } = operations.find((one) => one.name === name)!;
  const ready = await readyCall(home, name);
  const refused: unknown[] = [];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const members = Object.entries(input.members);
    const chosen = members.filter(() => attempt > 2 || below(3) > 0);
    const more = Object.fromEntries(chosen.slice(0, 1 + below(6)).map(([member, { shape }]) => [member, huge(shape)]));
    const caller = pick([
      ROOT,
      callerOf(`arn:aws:sts::${ACCOUNT}:assumed-role/${'r'.repeat(2_000)}/${'s'.repeat(2_000)}`),
    ]);
    const call = {
      operation: name,
      input: { ...ready.input, ...more },
      caller,
      region: REGION,
      sourceIp: pick(['127.0.0.1', '1'.repeat(1_000)]),
      userAgent: pick(['test', hugeText()]),
    };
    await callNamed(home.kms, call).catch((error: unknown) => refused.push(error));
  }
  for (const error of refused) {
    expect(error).toBeInstanceOf(KmsError);
    expect((error as KmsError).message.length).toBeLessThan(MAX_MESSAGE + 100);
  }
  if (Object.keys(input.members).length > 0) expect(refused.length).toBeGreaterThan(TRIES / 4);
  expectSizes(linesOf(textOf(home.log)));
  await expectVerified(home);
});

describe('what is answered', () => {
  test('with members as large as they may be is logged whole', async () => {
    const home = await fixture('event-size');
    // 32,768 bytes, half of them quotation marks once they stand in JSON
    const policy = policyOf(ROOT_MAY).replace('{', `{${' '.repeat(30_000)}\n`);
    const Tags = Array.from({ length: 50 }, (_, index) => ({
      TagKey: `${index}`.padEnd(128, 'k'),
      TagValue: 'v'.repeat(256),
    }));
    await home.call('CreateKey', { Description: '🔑'.repeat(8_192), Policy: policy, Tags });
    const [created] = home.events().slice(-1) as [{ requestParameters: Record<string, unknown> }];
    expect(created.requestParameters).toMatchObject({ description: '🔑'.repeat(8_192), policy });
    expect(created.requestParameters['tags']).toHaveLength(50);
  });

  test('and is beyond the size is cut', async () => {
    const home = await fixture('event-size');
    const { input } = await readyCall(home, 'Encrypt');
    const pairs = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`name${index}`, '"'.repeat(40)]));
    await home.call('Encrypt', { ...input, EncryptionContext: pairs });
    const [encrypted] = home.events().slice(-1) as [
      { requestParameters: { encryptionContext: Record<string, string> } },
    ];
    expect(encrypted.requestParameters.encryptionContext['...']).toMatch(/^\.\.\.\(\d+ members cut\)$/);
    expectSizes(linesOf(textOf(home.log)));
  });
});

test('over HTTP', { timeout: 60_000 }, async () => {
  const { home, url, running } = await startService();
  const post = (operation: string, body: string, headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(url, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/x-amz-json-1.1',
          'X-Amz-Target': `TrentService.${operation}`,
          Authorization:
            'AWS4-HMAC-SHA256 Credential=any/20260102/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=00',
          ...headers,
        },
      });
      sent.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode ?? 0)));
      sent.on('error', reject);
      sent.end(body);
    });
  try {
    let refused = 0;
    for (const { name, input } of operations) {
      const value = huge(input) as Record<string, unknown>;
      const json = JSON.stringify(value, (_, item: unknown) =>
        item instanceof Uint8Array ? Buffer.from(item).toString('base64') : item,
      );
      const body =
        json.length < 1_000_000 ? json : JSON.stringify({ KeyId: hugeText(), Tags: [{ TagKey: hugeText() }] });
      const status = await post(name, body, { 'User-Agent': 'u'.repeat(8_000), Host: 'localhost' });
      expect(status).toBeLessThan(500);
      if (status >= 400) refused += 1;
    }
    expect(refused).toBeGreaterThan(30);
    const lines = linesOf(textOf(home.log));
    expect(lines.length).toBeGreaterThan(30);
    expectSizes(lines);
    await expectVerified(home);
  } finally {
    await running.stop();
  }
});
