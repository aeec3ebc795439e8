/** Answers of external key store proxies, without a proxy. */
import { expect, test } from 'vitest';
import { readCiphertext, readError } from '../../../src/key-managers/xks/answer.ts';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const fromHex = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, 'hex'));
const toBase64 = (value: Uint8Array): string => Buffer.from(value).toString('base64');
const metadata = { awsPrincipalArn: 'a', kmsOperation: 'Encrypt', kmsRequestId: 'r', kmsKeyArn: 'k' };

test('the integrity value of the specification (AWS KMS External Key Store Proxy API Specification, appendix C)', () => {
  const made = {
    ciphertext: fromHex('821c642b5b71783367deaf18'),
    iv: fromHex('1ccae5470f39700254779031'),
    tag: fromHex('bc1c4dda7707d6812447c5955e99b261'),
    ciphertextMetadata: new TextEncoder().encode('key_version=1'),
  };
  const aad = new TextEncoder().encode('project=nile,department=marketing');
  const answer = {
    ciphertext: toBase64(made.ciphertext),
    initializationVector: toBase64(made.iv),
    authenticationTag: toBase64(made.tag),
    ciphertextMetadata: toBase64(made.ciphertextMetadata),
    ciphertextDataIntegrityValue: 'qHA/ImC9h5HsLRXqCyPmWgYx7tzyoTplzILbP0fPXsc=',
  };
  const request = { plaintext: new Uint8Array(12), aad, metadata };
  expect(readCiphertext(bytes(answer), request)).toEqual(made);
  expect(() => readCiphertext(bytes(answer), { ...request, aad: aad.subarray(1) })).toThrow(
    'not that of the ciphertext',
  );
});

test('an error has a name of the specification alone', () => {
  expect(readError(bytes({ errorName: 'AccessDeniedException', errorMessage: 'x' }))).toMatchObject({
    errorName: 'AccessDeniedException',
    message: 'the external key store proxy has answered AccessDeniedException',
    hints: [],
  });
  expect(readError(bytes({ errorName: 'XksProxyTls' }))).toMatchObject({ errorName: 'XksProxyInvalidResponse' });
});
