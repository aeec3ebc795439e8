/**
 * Every operation of the table through the AWS SDK over a socket: an answer that its deserializer reads as the pipeline
 * gave it, and every refusal, which it knows as an exception of its own, with the event's request ID.
 */
import * as sdk from '@aws-sdk/client-kms';
import { describe, expect, test } from 'vitest';
import type { KmsError } from '../../../src/model/error.ts';
import { OPERATION_NAMES } from '../../../src/operations/index.ts';
import { readyCall } from '../../support/calls.ts';
import { fixture, newKey, REGION, type Fixture } from '../../support/fixture.ts';
import { declaredErrors, refusedCall, type Refused } from '../../support/refusals.ts';
import { service, type Service } from './service.ts';

type Input = { readonly [member: string]: unknown };
type Output = { readonly [member: string]: unknown; readonly $metadata: { readonly requestId?: string } };

function send(made: Service, operation: string, input: Input, region = REGION): Promise<Output> {
  const Command = (sdk as unknown as Record<string, new (input: Input) => never>)[`${operation}Command`]!;
  return made.client(undefined, region).send(new Command(input)) as unknown as Promise<Output>;
}

/** What every value is, in place of the value: two keyrings have neither the same keys nor the same times. */
function kindsOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Date) return 'time';
  if (Array.isArray(value)) return value.map(kindsOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(members.map(([name, item]) => [name, kindsOf(item)]));
}

/** A call that concerns other Regions leaves events there too, with the same request ID. */
const eventOf = ({ home }: Service, requestId: string | undefined, eventName: string): unknown =>
  home.events().find((event) => event['requestID'] === requestId && event['eventName'] === eventName);

describe.each(OPERATION_NAMES)('%s', (operation) => {
  test('answers', async () => {
    const [made, here] = [await service(), await fixture('http')];
    const { $metadata, ...output } = await send(made, operation, (await readyCall(made.home, operation)).input);
    expect(kindsOf(output)).toEqual(kindsOf(await here.call(operation, (await readyCall(here, operation)).input)));
    expect(eventOf(made, $metadata.requestId, operation)).toMatchObject({
      eventName: operation,
      userAgent: expect.stringContaining('aws-sdk-js'),
    });
  });

  test('refuses as the pipeline does', async () => {
    const errors = new Set<string | undefined>();
    for (const error of declaredErrors(operation)) {
      const [made, here] = [await service(), await fixture('http')];
      const refused = await refusedCall(made.home, operation, error);
      if (!refused) continue;
      const code = await refusedWith(here, operation, (await refusedCall(here, operation, error))!);
      const thrown = await send(made, operation, refused.input, refused.region).then(
        () => undefined,
        (reason: unknown) => reason as sdk.KMSServiceException,
      );
      expect(thrown?.name).toBe(code);
      errors.add(code);
      if (thrown === undefined) continue; // a call that another operation would refuse
      expect(thrown).toBeInstanceOf(
        (sdk as unknown as Record<string, new () => object>)[thrown.name] ?? sdk.KMSServiceException,
      );
      expect(thrown.$metadata.httpStatusCode).toBe(400);
      expect(eventOf(made, thrown.$metadata.requestId, operation)).toMatchObject({ errorCode: thrown.name });
    }
    errors.delete(undefined);
    expect(errors.size).toBeGreaterThan(0);
  });
});

const refusedWith = (home: Fixture, operation: string, { input, region = REGION }: Refused) =>
  home.call(operation, input, { region }).then(
    () => undefined,
    (error: unknown) => (error as KmsError).code,
  );

test('values keep their types: blobs, times, numbers, text beyond ASCII', async () => {
  const made = await service();
  const kms = made.client();
  const hello = new Uint8Array(Buffer.from('hello'));
  const Description = 'ключ 🔑';
  const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({ Description }));
  expect(KeyMetadata).toMatchObject({ Description, Enabled: true, CreationDate: new Date(made.home.now) });
  const { CiphertextBlob } = await kms.send(new sdk.EncryptCommand({ KeyId: KeyMetadata!.KeyId, Plaintext: hello }));
  const { Plaintext } = await kms.send(new sdk.DecryptCommand({ CiphertextBlob }));
  expect([...Plaintext!]).toEqual([...hello]);
});

test('the Region is that of the signature', async () => {
  const made = await service();
  const there = await send(made, 'CreateKey', {}, 'eu-central-1');
  const { KeyId, Arn } = there['KeyMetadata'] as { readonly KeyId: string; readonly Arn: string };
  expect(Arn).toContain(':eu-central-1:');
  await newKey(made.home);
  const here = await send(made, 'DescribeKey', { KeyId }).catch((error: Error) => error.name);
  expect(here).toBe('NotFoundException');
});
