import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { textOf } from '../support/fixture.ts';
import { play, type Case } from './scenario.ts';

const folder = new URL('../vectors/cloudtrail/', import.meta.url);

interface Vectors {
  readonly operation: string;
  readonly cases: readonly Case[];
}

const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map(
    (name) => [name.replace('.json', ''), JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vectors] as const,
  );

/** What must never be in a log, in any of the usual ways to write bytes. */
const TRACES = ['the plaintext', 'AQpAM2RhZDAwMTIzNDU2Nzg5'].flatMap((secret) =>
  (['utf8', 'base64', 'base64url', 'hex'] as const).map((encoding) => Buffer.from(secret).toString(encoding)),
);

describe.each(files)('%s', (eventName, { operation, cases }) => {
  test.each(cases)('$name', async ({ event, ...call }) => {
    const played = await play(operation, call);
    // as text, so that the order of the members counts too
    expect(JSON.stringify(played.event, null, 2)).toBe(JSON.stringify(event, null, 2));
    expect(played.event).toMatchObject({ eventName, awsRegion: call.region ?? 'us-east-1' });

    if (played.error !== undefined) {
      const { code, message } = played.error;
      expect(played.event).toMatchObject({
        errorCode: code === 'AccessDeniedException' ? 'AccessDenied' : code,
        ...(message ? { errorMessage: message } : {}),
        responseElements: null,
      });
    } else if (operation === eventName) {
      expect(played.event).not.toHaveProperty('errorCode');
    }
  });

  test('no plaintext, ciphertext, key or grant token is ever in the log', async () => {
    for (const { event: _, ...call } of cases) {
      const { home, output } = await play(operation, call);
      const log = textOf(home.log);
      const answered = Object.values((output ?? {}) as { [name: string]: unknown });
      const bytes = answered.filter((value) => value instanceof Uint8Array);
      const traces = bytes.flatMap((value) =>
        (['base64', 'base64url', 'hex', 'latin1'] as const).map((encoding) => Buffer.from(value).toString(encoding)),
      );
      for (const trace of [...TRACES, ...traces]) expect(log.includes(trace)).toBe(false);
      expect(log).not.toMatch(/"(?:ciphertextBlob|plaintext|grantTokens?)":/i);
    }
  });
});

test('there are vectors for the life of a key, its use, its aliases, tags and policy', () => {
  expect(files.map(([name]) => name).sort()).toEqual([
    'CancelKeyDeletion',
    'CreateAlias',
    'CreateKey',
    'Decrypt',
    'DeleteAlias',
    'DeleteKey',
    'DescribeKey',
    'DisableKey',
    'EnableKey',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyWithoutPlaintext',
    'GenerateRandom',
    'GetKeyPolicy',
    'ListAliases',
    'ListKeyPolicies',
    'ListKeys',
    'ListResourceTags',
    'PutKeyPolicy',
    'ReEncrypt',
    'ScheduleKeyDeletion',
    'TagResource',
    'UntagResource',
    'UpdateAlias',
    'UpdateKeyDescription',
  ]);
});
