/** Steps of calls between two transactions: what is checked again, what is logged, and what others can do meanwhile. */
import { expect, test } from 'vitest';
import { computeHere, type Compute } from '../../src/crypto/task.ts';
import { createKms } from '../../src/pipeline/invoke.ts';
import { callNamed, fixture, REGION, ROOT, type Fixture } from '../support/fixture.ts';

interface Key {
  readonly KeyMetadata: { readonly KeyId: string; readonly Arn: string };
}

const SIGNING = { KeySpec: 'ECC_NIST_P384', KeyUsage: 'SIGN_VERIFY' };
const Message = new Uint8Array(48).fill(7);
const signing = (KeyId: string) => ({ KeyId, Message, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_384' });
const newKey = async (f: Fixture, input: object = SIGNING) =>
  ((await f.call('CreateKey', input)) as unknown as Key).KeyMetadata;

interface Between {
  readonly f: Fixture;
  /** Before each task. */
  readonly meanwhile?: (task: number) => Promise<unknown>;
  readonly compute?: Compute;
}

/** As a process with other threads makes a call. @returns how many tasks there were, too */
function caller({ f, meanwhile, compute = computeHere }: Between) {
  let tasks = 0;
  const kms = createKms({
    keyring: f.keyring,
    clock: () => f.now,
    random: f.random,
    compute: async (name, input) => {
      tasks += 1;
      await meanwhile?.(tasks);
      return compute(name, input);
    },
  });
  const call = (operation: string, input: object) =>
    callNamed(kms, { operation, input, caller: ROOT, region: REGION, sourceIp: '127.0.0.1', userAgent: 'test' });
  return { call, tasks: () => tasks };
}

const names = (f: Fixture): unknown[] => f.events().map(({ eventName, errorCode }) => errorCode ?? eventName);

test('other calls are answered meanwhile, and each call has one event, in the order of the answers', async () => {
  const f = await fixture();
  const { KeyId, Arn } = await newKey(f);
  const { call, tasks } = caller({ f, meanwhile: () => f.call('DescribeKey', { KeyId }) });
  const { output } = await call('Sign', signing(KeyId));
  expect(output).toMatchObject({ KeyId: Arn, SigningAlgorithm: 'ECDSA_SHA_384' });
  expect(names(f)).toEqual(['CreateKey', 'DescribeKey', 'Sign']);
  const { Signature } = output as { Signature: Uint8Array };
  expect(await f.call('Verify', { ...signing(KeyId), Signature })).toMatchObject({ SignatureValid: true });
  expect(tasks()).toBe(1);
});

test('what takes long: RSA above 2048 bits', async () => {
  const f = await fixture();
  const { call, tasks } = caller({ f });
  for (const [KeySpec, expected] of [
    ['RSA_2048', 0],
    ['RSA_3072', 1],
  ] as const) {
    const { KeyId } = await newKey(f, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
    await call('Sign', { KeyId, Message, SigningAlgorithm: 'RSASSA_PSS_SHA_256' });
    expect(tasks(), KeySpec).toBe(expected);
  }
});

test('what does not take long is done in the one transaction', async () => {
  const f = await fixture();
  const { KeyId } = await newKey(f, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  const { call, tasks } = caller({ f });
  await call('Sign', { KeyId, Message, SigningAlgorithm: 'ECDSA_SHA_256' });
  await call('CreateKey', {});
  expect(tasks()).toBe(0);
});

test.each([
  ['CreateKey', SIGNING, 'KeyMetadata'],
  ['GenerateDataKeyPair', { KeyPairSpec: 'ECC_NIST_P256' }, 'PrivateKeyPlaintext'],
  ['GenerateDataKeyPairWithoutPlaintext', { KeyPairSpec: 'RSA_2048' }, 'PrivateKeyCiphertextBlob'],
])('%s generates its key pair between two transactions', async (operation, input, member) => {
  const f = await fixture();
  const { KeyId } = await newKey(f, {});
  const { call, tasks } = caller({ f });
  const { output } = await call(operation, operation === 'CreateKey' ? input : { KeyId, ...input });
  expect(output).toHaveProperty(member);
  expect([tasks(), names(f)]).toEqual([1, ['CreateKey', operation]]);
});

test('GetParametersForImport, too', async () => {
  const f = await fixture();
  const { KeyId } = await newKey(f, { Origin: 'EXTERNAL' });
  const { call, tasks } = caller({ f });
  const input = { KeyId, WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' };
  expect((await call('GetParametersForImport', input)).output).toHaveProperty('ImportToken');
  expect(tasks()).toBe(1);
});

test.each([
  ['disabled', 'DisableKey', {}, 'DisabledException'],
  ['scheduled for deletion', 'ScheduleKeyDeletion', { PendingWindowInDays: 7 }, 'KMSInvalidStateException'],
])('a key that was %s meanwhile: the call is refused, with its event', async (_, operation, input, code) => {
  const f = await fixture();
  const { KeyId } = await newKey(f);
  const { call } = caller({ f, meanwhile: () => f.call(operation, { KeyId, ...input }) });
  await expect(call('Sign', signing(KeyId))).rejects.toMatchObject({ code });
  expect(names(f)).toEqual(['CreateKey', operation, code]);
});

test('an alias that was moved meanwhile: the signature is that of the key that the answer names', async () => {
  const f = await fixture();
  const [one, other] = [await newKey(f), await newKey(f)];
  const AliasName = 'alias/signing';
  await f.call('CreateAlias', { AliasName, TargetKeyId: one.KeyId });
  const { call, tasks } = caller({
    f,
    meanwhile: async (task) => task === 1 && f.call('UpdateAlias', { AliasName, TargetKeyId: other.KeyId }),
  });
  const { output } = await call('Sign', signing(AliasName));
  expect(output).toMatchObject({ KeyId: other.Arn });
  const { Signature } = output as { Signature: Uint8Array };
  expect(await f.call('Verify', { ...signing(other.KeyId), Signature })).toMatchObject({ SignatureValid: true });
  expect([tasks(), names(f).filter((name) => name === 'Sign')]).toEqual([2, ['Sign']]);
});

test('a step that fails leaves an event, and the call can be made again', async () => {
  const f = await fixture();
  const { KeyId } = await newKey(f);
  let dies = true;
  const compute: Compute = async (name, input) => {
    if (dies) throw new Error('a thread died');
    return computeHere(name, input);
  };
  const { call } = caller({ f, compute });
  await expect(call('Sign', signing(KeyId))).rejects.toThrow('a thread died');
  expect(f.events().at(-1)).toMatchObject({
    eventName: 'Sign',
    errorCode: 'KMSInternalException',
    requestParameters: { messageType: 'DIGEST' },
  });
  dies = false;
  await call('Sign', signing(KeyId));
});

test('a dry run, and a call that is refused, come to no step', async () => {
  const f = await fixture();
  const { KeyId } = await newKey(f);
  const { call, tasks } = caller({ f });
  await expect(call('Sign', { ...signing(KeyId), DryRun: true })).rejects.toMatchObject({
    code: 'DryRunOperationException',
  });
  await f.call('DisableKey', { KeyId });
  await expect(call('Sign', signing(KeyId))).rejects.toMatchObject({ code: 'DisabledException' });
  expect(tasks()).toBe(0);
});
