import { beforeAll, expect, test } from 'vitest';
import { hex } from '../../../src/crypto/bytes.ts';
import { fixture, refusal, REGION, type Fixture } from '../../support/fixture.ts';
import { CALLS } from './calls.ts';
import { bytes, keysOf, type KeyOf } from './keys.ts';

let home: Fixture;
let keyOf: KeyOf;
beforeAll(async () => {
  home = await fixture();
  keyOf = keysOf(home);
});

const lastEvent = () => home.events().at(-1)!;
const resource = (arn: string) => ({ accountId: arn.split(':')[4], type: 'AWS::KMS::Key', ARN: arn });

/** Everything that the log may not hold, in every way in which it might. */
function forbidden(...members: readonly object[]): readonly string[] {
  const values = members.flatMap((member) => Object.values(member) as unknown[]);
  return values.flatMap((value) =>
    value instanceof Uint8Array
      ? [
          hex(value),
          Buffer.from(value).toString('base64'),
          Buffer.from(value).toString('base64url'),
          JSON.stringify([...value]),
        ]
      : [],
  );
}

test.each(CALLS.map((row) => [row.operation, row] as const))(
  '%s',
  async (operation, { spec, usage, input, logged }) => {
    const key = await keyOf(spec, usage);
    const given = await input(key);
    const answer = await key.call(operation, given);
    const event = lastEvent();
    expect(event).toMatchObject({
      eventName: operation,
      eventSource: 'kms.amazonaws.com',
      awsRegion: REGION,
      responseElements: null,
      resources: [resource(key.arn)],
      readOnly: true,
      eventType: 'AwsApiCall',
    });
    expect(event['requestParameters']).toEqual({ keyId: key.id, ...logged });
    expect('errorCode' in event).toBe(false);
    const text = JSON.stringify(event);
    const found = forbidden(given, answer).filter((secret) => text.includes(secret));
    expect(found).toEqual([]);
    expect(text).not.toContain('the message that nobody may find in the log');
  },
);

test('there is something that the log may not hold', () => {
  expect(forbidden({ Message: bytes(8) }).length).toBe(4);
});

test('GetPublicKey', async () => {
  const key = await keyOf('ECC_NIST_P256', 'SIGN_VERIFY');
  await key.call('GetPublicKey');
  expect(lastEvent()).toMatchObject({
    eventName: 'GetPublicKey',
    requestParameters: { keyId: key.id },
    responseElements: null,
    resources: [resource(key.arn)],
    readOnly: true,
  });
});

test('ReEncrypt from a key pair names both keys and both algorithms', async () => {
  const [source, destination] = [
    await keyOf('RSA_2048', 'ENCRYPT_DECRYPT'),
    await keyOf('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'),
  ];
  const algorithm = 'RSAES_OAEP_SHA_1';
  const { CiphertextBlob } = await source.call('Encrypt', { Plaintext: bytes(8), EncryptionAlgorithm: algorithm });
  await home.call('ReEncrypt', {
    CiphertextBlob,
    SourceKeyId: source.id,
    SourceEncryptionAlgorithm: algorithm,
    DestinationKeyId: destination.id,
    DestinationEncryptionContext: { stage: 'test' },
  });
  const event = lastEvent();
  expect(event['requestParameters']).toEqual({
    sourceKeyId: source.id,
    sourceEncryptionAlgorithm: algorithm,
    destinationKeyId: destination.id,
    destinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    destinationEncryptionContext: { stage: 'test' },
  });
  expect(event['resources']).toEqual([resource(source.arn), resource(destination.arn)]);
});

const FAILURES = [
  ['Verify', 'ECC_NIST_P256', 'SIGN_VERIFY', 'KMSInvalidSignatureException'],
  ['VerifyMac', 'HMAC_256', 'GENERATE_VERIFY_MAC', 'KMSInvalidMacException'],
] as const;
test.each(FAILURES)('%s that fails is logged as %s', async (operation, spec, usage, code) => {
  const key = await keyOf(spec, usage);
  const given = await CALLS.find((row) => row.operation === operation)!.input(key);
  expect(await refusal(key.call(operation, { ...given, Message: bytes(4) }))).toMatchObject({ code });
  const event = lastEvent();
  expect(event).toMatchObject({ eventName: operation, errorCode: code, resources: [resource(key.arn)] });
  expect('errorMessage' in event).toBe(false);
  expect(event['responseElements']).toBeNull();
});
