/** The Authorization header, as both endpoints read it before they look at anything else. */
import { expect, test } from 'vitest';
import { readAuthorization } from '../../../src/frontends/http/signature.ts';

const read = (credential: string) =>
  readAuthorization({
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=00` },
    query: {},
    repeated: new Set(),
  });

test.each(['us-east-1', 'EU-CENTRAL-1', 'a'.repeat(63)])('the Region %s', (region) => {
  expect(read(`AKIA/20260101/${region}/kms/aws4_request`)).toMatchObject({ accessKeyId: 'AKIA', region });
});

test.each(['us east', 'us_east_1', 'us-east-1\n', 'a'.repeat(64), 'é', 'a:b', '..'])('%j is no Region', (region) => {
  expect(() => read(`AKIA/20260101/${region}/sts/aws4_request`)).toThrow(
    expect.objectContaining({
      code: 'IncompleteSignatureException',
      message: `Credential should be scoped to a valid region, not '${region}'.`,
    }),
  );
});
