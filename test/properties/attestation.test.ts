import fc from 'fast-check';
import { encode } from 'cborg';
import { expect, test } from 'vitest';
import { checkDocument, problemsOf } from '../../src/attestation/attestation.ts';
import { readCbor } from '../../src/attestation/cbor.ts';
import { signPayload } from '../../src/attestation/new-document.ts';
import { documentOf, NOW, reasons, ROOT } from '../attestation/documents.ts';

const isRefused = async (bytes: Uint8Array): Promise<boolean> => {
  const checked = await checkDocument(bytes);
  return 'code' in checked || problemsOf(checked, { roots: [ROOT.certificate], now: NOW }).length > 0;
};

test('any bytes are refused, not thrown at', async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), isRefused), { numRuns: 2_000 });
});

test('any CBOR as the payload is refused, not thrown at', async () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.string(),
      fc.uint8Array({ maxLength: 60 }),
      fc.constant(null),
      fc.boolean(),
      fc.array(tie('value'), { maxLength: 5 }),
      fc
        .array(fc.tuple(fc.oneof(fc.integer(), fc.string()), tie('value')), { maxLength: 5 })
        .map((pairs) => new Map(pairs)),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(value, (any) => isRefused(signPayload(encode(any), ROOT.key))),
    { numRuns: 500 },
  );
});

test('a document with other bytes somewhere is not trusted', async () => {
  const good = documentOf();
  expect(await reasons(good)).toEqual([]);
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const bytes = Uint8Array.from(good);
      bytes[at]! ^= mask;
      return isRefused(bytes);
    }),
    { numRuns: 500 },
  );
});

test('what is read as CBOR is written the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      const read = await readCbor(bytes, { allowIndefinite: false });
      // texts that are no UTF-8 are read with replacements, and maps are written in another order
      if (read === undefined || typeof read === 'string' || typeof read === 'object') return true;
      return Buffer.compare(encode(read), bytes) === 0;
    }),
    { numRuns: 2_000 },
  );
});
