/** Signatures of requests to external key store proxies, against those of the AWS SDK's signer. */
import { SignatureV4 } from '@smithy/signature-v4';
import { expect, test } from 'vitest';
import { Secret } from '../../../src/crypto/secret.ts';
import { signRequest } from '../../../src/key-managers/xks/request-signature.ts';
import { Sha256 } from '../../frontends/http/sha256.ts';

const rows = [
  ['/kms/xks/v1/health', '{}', 'us-east-1', 'w+3uMCdAeqvnbQOUAROqTpN4iIyMGUWfVJkBKDBdfEY='],
  ['/tenant_1/a-b/kms/xks/v1/keys/A.b_c-9/encrypt', '{"plaintext":"€"}', 'ap-southeast-5', '/'.repeat(64)],
] as const;

test.each(rows)('%s', async (path, body, region, secretText) => {
  const time = Date.parse('2026-01-15T09:30:00.999Z');
  const accessKeyId = 'ABCDEFGHIJKLMNOPQRST';
  const host = 'xks.example.com';
  const signer = new SignatureV4({
    service: 'kms-xks-proxy',
    region,
    credentials: { accessKeyId, secretAccessKey: secretText },
    sha256: Sha256 as never,
    applyChecksum: false,
  });
  const signed = await signer.sign(
    { method: 'POST', protocol: 'https:', hostname: host, path, headers: { host }, body },
    { signingDate: new Date(time) },
  );
  const secret = new Secret(new TextEncoder().encode(secretText));
  const headers = signRequest({ host, path, body, time }, { accessKeyId, secret, region });
  expect(headers).toEqual({
    'x-amz-date': signed.headers['x-amz-date'],
    authorization: signed.headers['authorization'],
  });
  expect(headers.authorization).toContain(`Credential=${accessKeyId}/20260115/${region}/kms-xks-proxy/aws4_request, `);
  // the secret is as it was
  expect(new TextDecoder().decode(secret.expose())).toBe(secretText);
});
