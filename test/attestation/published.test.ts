/** Documents that AWS signed, from public repositories (test/vectors/attestation/README.md), at their own time. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkDocument, problemsOf, recipientKey, validityOf } from '../../src/attestation/attestation.ts';
import { AWS_ROOT } from '../../src/attestation/aws-root.ts';
import { HOUR } from './documents.ts';

const read = (name: string): Uint8Array => readFileSync(join(import.meta.dirname, '../vectors/attestation', name));

async function checked(name: string) {
  const found = await checkDocument(read(name));
  if ('code' in found) throw new Error(found.message);
  return found;
}

const ZEROS = '0'.repeat(96);

// module ID, time, PCR0 and what is said of the public key
test.each([
  [
    'enclave-2022-11.cbor',
    'i-04fd167167daacf3b-enc01845e97d0b3eb4e',
    '2022-11-09T22:52:00.696Z',
    '22f9e1c94920',
    'no-public-key',
  ],
  [
    'enclave-2022-10.cbor',
    'i-020b6af9246d90e92-enc0183d09086c24190',
    '2022-10-13T08:58:02.136Z',
    'f4d48b81a460',
    'no-public-key',
  ],
  [
    'enclave-debug-2022-10.cbor',
    'i-03ad7cdb817437eeb-enc0183cc7569b3f6e1',
    '2022-10-12T13:50:06.081Z',
    ZEROS,
    'public-key',
  ],
  [
    'enclave-debug-2023-09.cbor',
    'i-0918f6c55e3b61d89-enc018aa8b8e2285d13',
    '2023-09-18T15:03:30.860Z',
    ZEROS,
    'no-public-key',
  ],
  [
    'tpm-2026-02.cbor',
    'i-01cfb383223e42522-tpm0000000000000000',
    '2026-02-03T10:12:02.437Z',
    '6e901b16932f',
    'public-key',
  ],
])('%s is trusted at its own time', async (name, moduleId, time, pcr0, key) => {
  const found = await checked(name);
  const { document } = found;
  expect([document.moduleId, new Date(document.timestamp).toISOString()]).toEqual([moduleId, time]);
  expect(document.platform).toBe(name.startsWith('tpm') ? 'NITRO_TPM' : 'NITRO_ENCLAVE');
  expect(document.pcrs.size).toBe(name.startsWith('tpm') ? 24 : 16);
  expect(Buffer.from(document.pcrs.get(0)!).toString('hex')).toMatch(new RegExp(`^${pcr0}`));
  expect(problemsOf(found, { roots: [], now: document.timestamp })).toEqual([]);
  expect(recipientKey(found)).toMatchObject({ code: key });
});

test('a document is not trusted before and after the three hours of its certificate', async () => {
  const found = await checked('enclave-2022-11.cbor');
  const { notBefore, notAfter } = validityOf(found);
  const codes = (now: number) => problemsOf(found, { roots: [], now }).map(({ code }) => code);
  expect(notAfter - notBefore).toBe(3 * HOUR + 3_000);
  expect([notBefore, notAfter].map(codes)).toEqual([[], []]);
  expect([notBefore - 1, notAfter + 1].map(codes)).toEqual([['not-yet-valid'], ['expired']]);
});

test('the one with the bad signature is refused for it', async () => {
  const found = await checked('enclave-2022-11-bad-signature.cbor');
  const codes = problemsOf(found, { roots: [], now: found.document.timestamp }).map(({ code }) => code);
  expect(codes).toEqual(['signature']);
});

test('the root is the one that AWS publishes the fingerprint of', () => {
  expect(createHash('sha256').update(AWS_ROOT).digest('hex')).toBe(
    '641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b',
  );
});

test.each(['enclave-2022-10.cbor', 'tpm-2026-02.cbor'])('%s: with any bit flipped it is not trusted', async (name) => {
  const bytes = Uint8Array.from(read(name));
  const { timestamp } = (await checked(name)).document;
  const trusted: number[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    // verifying costs three milliseconds: every 7th byte, and those of the envelope
    if (at > 40 && at < bytes.length - 100 && at % 7 > 0) continue;
    bytes[at]! ^= 1 << (at % 8);
    const found = await checkDocument(bytes);
    if (!('code' in found) && problemsOf(found, { roots: [], now: timestamp }).length === 0) trusted.push(at);
    bytes[at]! ^= 1 << (at % 8);
  }
  expect(trusted).toEqual([]);
});
