/** The lines of `kms ls`: they fit the terminal, whatever the keys are. */
import { describe, expect, test } from 'vitest';
import { keyLines } from '../../src/commands/keys/ls-lines.ts';
import type { KeyOverview } from '../../src/commands/keys/key-overview.ts';
import { shortSpan } from '../../src/commands/keys/span.ts';
import type { KmsKey } from '../../src/keyring/kms-key.ts';
import { DAY, HOUR, MINUTE } from '../../src/keyring/time.ts';
import { keySpec, keyState, keyUsage } from '../../src/model/enumeration.ts';
import { plainPaint, printLines } from '../../src/model/styled-text.ts';
import { ACCOUNT, REGION } from '../support/fixture.ts';

const NOW = Date.UTC(2026, 0, 15);

const key: KmsKey = {
  account: ACCOUNT,
  region: REGION,
  keyId: `mrk-${'0'.repeat(32)}`,
  created: NOW,
  description: '',
  state: 'PendingReplicaDeletion',
  spec: 'SYMMETRIC_DEFAULT',
  usage: 'ENCRYPT_DECRYPT',
  origin: 'AWS_KMS',
  manager: 'CUSTOMER',
  multiRegion: true,
  policy: '',
  tags: [],
  backingKeys: [],
  rotation: { periodInDays: 2560, next: NOW + 2560 * DAY },
};

const facts: KeyOverview = {
  key,
  aliases: [`alias/${'long-'.repeat(50)}`, 'alias/z'],
  lastUse: { operation: 'Decrypt', time: NOW - 999 * DAY, eventId: '', requestId: '' },
  due: [{ kind: 'expire-material', ...key, time: NOW + 364 * DAY }],
  findings: undefined,
};

const shown = (all: readonly KeyOverview[], columns: number | undefined): readonly string[] =>
  printLines(keyLines(all, { now: NOW, columns, lints: true }), { paint: plainPaint, columns }).split('\n');

describe('80 columns are enough', () => {
  const withKey = (changed: Partial<KmsKey>): KeyOverview => ({ ...facts, key: { ...key, ...changed } });
  const all = [
    ...keySpec.enum!.map((spec) => withKey({ spec })),
    ...keyState.enum!.map((state) => withKey({ state })),
    ...keyUsage.enum!.map((usage) => withKey({ usage })),
  ];
  test.each(all)('$key.spec $key.state $key.usage', (one) => {
    const [heading, row] = shown([one], 80);
    expect(heading!.length).toBeLessThanOrEqual(80);
    expect(row!.length).toBeLessThanOrEqual(80);
    expect(row).toMatch(/^long-\S*… \+1 mrk-00000000 /);
  });
  test('together too', () => {
    const rows = shown(all, 80);
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(80);
    expect(rows[0]!.split(/ +/)).toEqual(['ALIAS', 'ID', 'STATE', 'SPEC', 'USAGE', 'ROT', 'USED', 'DUE', 'LINT']);
  });
});

test.each<[number, string]>([
  [60, 'ALIAS ID STATE SPEC DUE LINT'],
  [40, 'ALIAS ID STATE LINT'],
  [20, 'ALIAS ID'],
])('a terminal of %d columns shows fewer columns', (columns, headings) => {
  const rows = shown([facts], columns);
  expect(rows[0]!.split(/ +/)).toEqual(headings.split(' '));
  for (const row of rows) expect(row.length).toBeLessThanOrEqual(Math.max(columns, 21));
});

test('a wide terminal and a pipe show names whole', () => {
  const name = facts.aliases[0]!.slice('alias/'.length);
  expect(shown([facts], 400)[1]).toContain(`${name} +1 `);
  expect(shown([facts], undefined)[1]).toContain(`${name} +1 `);
});

test.each([
  [MINUTE - 1, 'now'],
  [MINUTE, '1m'],
  [HOUR, '1h'],
  [2 * DAY - 1, '47h'],
  [2 * DAY, '2d'],
])('%d ms are %s', (length, text) => expect(shortSpan(length)).toBe(text));
