import { expect, test } from 'vitest';
import type { OptionsAsked } from '../../src/policy/input-condition.ts';
import { Measurements, recipientAttestation } from '../../src/policy/recipient-condition.ts';
import { conditionKey } from '../../src/policy/condition-keys.ts';

const KEY = 'kms:RecipientAttestation:';
const A = 'a'.repeat(96);

test('only measurements have values, not what looks like them', () => {
  const enclave = new Measurements('NITRO_ENCLAVE', { 0: A, 3: A, 16: A });
  expect(recipientAttestation.values({ Recipient: enclave })).toEqual([
    [`${KEY}ImageSha384`, [A]],
    [`${KEY}PCR0`, [A]],
    [`${KEY}PCR3`, [A]],
  ]);
  expect(recipientAttestation.values({ Recipient: new Measurements('NITRO_TPM', { 0: A, 24: A }) })).toEqual([
    [`${KEY}NitroTPMPCR0`, [A]],
  ]);
  expect(recipientAttestation.values({ Recipient: { platform: 'NITRO_ENCLAVE', pcrs: { 0: A } } })).toEqual([]);
  expect(recipientAttestation.values({ Recipient: { AttestationDocument: new Uint8Array(1) } })).toEqual([]);
  expect(recipientAttestation.values({})).toEqual([]);
});

/** The documents that an explanation tries where these are tested. */
function tried(tests: { readonly [name: string]: readonly string[] }) {
  const asked: OptionsAsked = {
    valuesOf: (key) => Object.entries(tests).find(([name]) => (KEY + name).toLowerCase() === key)?.[1] ?? [],
    namesBelow: () => Object.keys(tests),
    contexts: [],
    memberOf: () => undefined,
  };
  return recipientAttestation
    .options(asked)
    .map(({ Recipient: given }) => (given instanceof Measurements ? [given.platform, given.pcrs] : 'none'));
}
const one = `${'0'.repeat(95)}1`;

test.each<[string, { readonly [name: string]: readonly string[] }, unknown[]]>([
  ['nothing', {}, ['none']],
  ['an image', { ImageSha384: [A] }, ['none', ['NITRO_ENCLAVE', { 0: A }], ['NITRO_ENCLAVE', { 0: one }]]],
  ['in any case', { nitrotpmpcr4: [A.toUpperCase()] }, ['none', ['NITRO_TPM', { 4: A }], ['NITRO_TPM', { 4: one }]]],
  ['what no document has', { PCR16: [A], PCR01: [A] }, ['none']],
  ['no digest', { PCR1: ['xyz'] }, ['none', ['NITRO_ENCLAVE', { 1: one }]]],
  [
    'the only other value',
    { PCR1: [one] },
    ['none', ['NITRO_ENCLAVE', { 1: one }], ['NITRO_ENCLAVE', { 1: `${'0'.repeat(95)}2` }]],
  ],
])('tried for %s', (_, tests, expected) => {
  expect(tried(tests)).toEqual(expected);
});

test('the image and PCR0 are one register', () => {
  const documents = tried({ ImageSha384: [A], PCR0: [one] });
  expect(documents).toContainEqual(['NITRO_ENCLAVE', { 0: A }]);
  expect(documents).toContainEqual(['NITRO_ENCLAVE', { 0: one }]);
  expect(documents).toHaveLength(4);
});

test('many tests are not all tried together', () => {
  const many = Object.fromEntries(Array.from({ length: 16 }, (_, at) => [`PCR${at}`, [A, one]]));
  expect(tried(many).length).toBeLessThan(600);
});

test.each([
  ['PCR0', true],
  ['pcr15', true],
  ['PCR16', false],
  ['PCR', false],
  ['PCR00', false],
  ['NitroTPMPCR23', true],
  ['NitroTPMPCR24', false],
  ['ImageSha384', true],
  ['ImageSha512', false],
])('%s is a condition key: %s', (name, isKey) => {
  expect(conditionKey((KEY + name).toLowerCase()) !== undefined).toBe(isKey);
});
