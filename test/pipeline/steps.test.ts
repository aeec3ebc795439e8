/** Steps of calls between two transactions: what is checked again, what is logged, and what others can do meanwhile. */
import { expect, test, vi } from 'vitest';
import { computeHere, type Compute } from '../../src/crypto/task.ts';
import { createKms } from '../../src/pipeline/invoke.ts';
import { callerOf, type Caller } from '../../src/policy/principal.ts';
import { bytesOf } from '../../src/runtime/worker-message.ts';
import { ecKey, FOREVER, MATERIAL, rsaKey, wrapped } from '../operations/import/wrap.ts';
import { DAY, pass } from '../operations/timeline.ts';
import { ACCOUNT, callNamed, fixture, REGION, ROOT, type Fixture } from '../support/fixture.ts';

interface Key {
  readonly KeyMetadata: { readonly KeyId: string; readonly Arn: string };
}

const SIGNING = { KeySpec: 'ECC_NIST_P384', KeyUsage: 'SIGN_VERIFY' };
const Message = new Uint8Array(48).fill(7);
const signing = (KeyId: string) => ({ KeyId, Message, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_384' });
const newKey = async (f: Fixture, input: object = SIGNING, region = REGION) =>
  ((await f.call('CreateKey', input, { region })) as unknown as Key).KeyMetadata;
/** SM2 is offered in China. */
const regionOf = (spec: string): string => (spec === 'SM2' ? 'cn-north-1' : REGION);

interface Between {
  readonly f: Fixture;
  /** Before each task. */
  readonly meanwhile?: (task: number) => Promise<unknown>;
  readonly compute?: Compute;
  readonly region?: string;
  readonly as?: Caller;
}

/** As a process with other threads makes a call. @returns how many tasks there were, too */
function caller({ f, meanwhile, compute = computeHere, region = REGION, as = ROOT }: Between) {
  let tasks = 0;
  const made: unknown[] = [];
  const kms = createKms({
    keyring: f.keyring,
    clock: () => f.now,
    random: f.random,
    compute: async (name, input) => {
      tasks += 1;
      await meanwhile?.(tasks);
      const output = await compute(name, input);
      made.push(output);
      return output;
    },
  });
  const call = (operation: string, input: object) =>
    callNamed(kms, { operation, input, caller: as, region, sourceIp: '127.0.0.1', userAgent: 'test' });
  return { call, made, tasks: () => tasks };
}

/** Whether nothing is left of the bytes that a task made. */
const wiped = (made: readonly unknown[]): boolean[] =>
  made.map((output) => bytesOf(output).every((bytes) => bytes.every((byte) => byte === 0)));

const isoSeconds = (time: number): string => new Date(time).toISOString().replace(/\.\d+/, '');
const ALICE = callerOf(`arn:aws:iam::${ACCOUNT}:user/alice`);

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

const PLAINTEXT = new Uint8Array(20).fill(3);
const ENCRYPTING = { KeyUsage: 'ENCRYPT_DECRYPT' };

test.each([
  ['RSA_2048', 'RSAES_OAEP_SHA_256', { Encrypt: 0, Decrypt: 0, ReEncrypt: 0 }],
  ['RSA_3072', 'RSAES_OAEP_SHA_256', { Encrypt: 0, Decrypt: 1, ReEncrypt: 1 }],
  ['SM2', 'SM2PKE', { Encrypt: 1, Decrypt: 1, ReEncrypt: 1 }],
])('encryption with %s', async (KeySpec, EncryptionAlgorithm, expected) => {
  const f = await fixture();
  const region = regionOf(KeySpec);
  const { KeyId } = await newKey(f, { KeySpec, ...ENCRYPTING }, region);
  const { KeyId: DestinationKeyId } = await newKey(f, {}, region);
  const { call, tasks } = caller({ f, region });
  const counts: Record<string, number> = {};
  const counted = async (operation: string, input: object) => {
    const before = tasks();
    const { output } = await call(operation, input);
    counts[operation] = tasks() - before;
    return output as { readonly [name: string]: unknown };
  };
  const { CiphertextBlob } = await counted('Encrypt', { KeyId, Plaintext: PLAINTEXT, EncryptionAlgorithm });
  const source = { CiphertextBlob, SourceKeyId: KeyId, SourceEncryptionAlgorithm: EncryptionAlgorithm };
  const again = await counted('ReEncrypt', { ...source, DestinationKeyId });
  const opened = await counted('Decrypt', { KeyId, CiphertextBlob, EncryptionAlgorithm });
  expect(opened).not.toHaveProperty('KeyMaterialId');
  expect(Buffer.from(opened['Plaintext'] as Uint8Array)).toEqual(Buffer.from(PLAINTEXT));
  const moved = (await call('Decrypt', { CiphertextBlob: again['CiphertextBlob'] })).output;
  expect(Buffer.from((moved as { Plaintext: Uint8Array }).Plaintext)).toEqual(Buffer.from(PLAINTEXT));
  expect(counts).toEqual(expected);
  const altered = Uint8Array.from(CiphertextBlob as Uint8Array);
  altered[altered.length - 1]! ^= 1;
  const attempt = call('Decrypt', { KeyId, CiphertextBlob: altered, EncryptionAlgorithm });
  await expect(attempt).rejects.toMatchObject({ code: 'InvalidCiphertextException' });
  expect(names(f).at(-1)).toBe('InvalidCiphertextException');
});

test.each([
  ['ECC_NIST_P256', 0],
  ['ECC_NIST_P521', 1],
  ['SM2', 1],
])('a secret shared by %s', async (KeySpec, expected) => {
  const f = await fixture();
  const region = regionOf(KeySpec);
  const agreeing = { KeySpec, KeyUsage: 'KEY_AGREEMENT' };
  const [mine, theirs] = [await newKey(f, agreeing, region), await newKey(f, agreeing, region)];
  const { call, tasks } = caller({ f, region });
  const shared = async ({ KeyId }: { KeyId: string }, peer: { KeyId: string }) => {
    const { PublicKey } = (await f.call('GetPublicKey', { KeyId: peer.KeyId }, { region })) as {
      PublicKey?: Uint8Array;
    };
    return (await call('DeriveSharedSecret', { KeyId, PublicKey, KeyAgreementAlgorithm: 'ECDH' })).output;
  };
  const [one, other] = [await shared(mine, theirs), await shared(theirs, mine)] as { SharedSecret?: Uint8Array }[];
  expect(one!.SharedSecret).toEqual(other!.SharedSecret);
  expect(tasks()).toBe(2 * expected);
  const wrong = { KeyId: mine.KeyId, PublicKey: PLAINTEXT, KeyAgreementAlgorithm: 'ECDH' };
  await expect(call('DeriveSharedSecret', wrong)).rejects.toMatchObject({ code: 'ValidationException' });
});

test('GetParametersForImport, too', async () => {
  const f = await fixture();
  const { KeyId } = await newKey(f, { Origin: 'EXTERNAL' });
  const { call, tasks } = caller({ f });
  const input = { KeyId, WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' };
  expect((await call('GetParametersForImport', input)).output).toHaveProperty('ImportToken');
  expect(tasks()).toBe(1);
});

/** A key of `spec` that waits for its material, and the call that imports it. */
async function importOf(
  f: Fixture,
  { material = MATERIAL, spec = 'SYMMETRIC_DEFAULT', wrappingSpec = 'RSA_2048' } = {},
) {
  const usage = spec === 'SYMMETRIC_DEFAULT' ? {} : { KeyUsage: 'SIGN_VERIFY' };
  const { KeyId } = await newKey(f, { Origin: 'EXTERNAL', KeySpec: spec, ...usage });
  const wrapping = { algorithm: 'RSA_AES_KEY_WRAP_SHA_256', spec: wrappingSpec } as const;
  return { ...FOREVER, ...(await wrapped(f, { id: KeyId }, material, wrapping)) };
}

test.each([
  ['a symmetric key under RSA_2048', {}, 0],
  ['a symmetric key under RSA_3072', { wrappingSpec: 'RSA_3072' }, 1],
  ['an RSA key, whose primes are tested', { material: rsaKey(2048), spec: 'RSA_2048' }, 1],
])('ImportKeyMaterial unwraps and checks %s', async (_, options, expected) => {
  const f = await fixture();
  const input = await importOf(f, options);
  const { call, tasks } = caller({ f });
  expect((await call('ImportKeyMaterial', input)).output).toHaveProperty('KeyMaterialId');
  expect(await f.call('DescribeKey', { KeyId: input.KeyId })).toMatchObject({ KeyMetadata: { KeyState: 'Enabled' } });
  expect([tasks(), names(f).filter((name) => name === 'ImportKeyMaterial')]).toEqual([expected, ['ImportKeyMaterial']]);
});

const SLOW = { wrappingSpec: 'RSA_3072' };

test.each([
  ['was not wrapped so', { EncryptedKeyMaterial: PLAINTEXT }, {}, 'InvalidCiphertextException'],
  ['does not fit the key', {}, { material: PLAINTEXT }, 'IncorrectKeyMaterialException'],
  ['is to expire in the past', { ValidTo: new Date(0), ExpirationModel: undefined }, {}, 'ValidationException'],
  ['has another token', { ImportToken: PLAINTEXT }, {}, 'InvalidImportTokenException'],
])('ImportKeyMaterial refuses material that %s', async (_, members, options, code) => {
  const f = await fixture();
  const input = await importOf(f, { ...SLOW, ...options });
  const { call } = caller({ f });
  await expect(call('ImportKeyMaterial', { ...input, ...members })).rejects.toMatchObject({ code });
  expect(names(f).at(-1)).toBe(code);
});

test.each([
  ['the import token expires', DAY, undefined, 'ExpiredImportTokenException'],
  ['ValidTo passes', 2_000, 1_000, 'ValidationException'],
])('%s while the material is unwrapped: nothing is imported', async (_, time, validFor, code) => {
  const f = await fixture();
  const expiry = validFor && { ValidTo: new Date(f.now + validFor), ExpirationModel: 'KEY_MATERIAL_EXPIRES' };
  const input = { ...(await importOf(f, SLOW)), ...expiry };
  const { call, tasks } = caller({ f, meanwhile: async () => (f.now += time) });
  await expect(call('ImportKeyMaterial', input)).rejects.toMatchObject({ code });
  const { KeyMetadata } = await f.call('DescribeKey', { KeyId: input.KeyId });
  expect([tasks(), KeyMetadata]).toMatchObject([1, { KeyState: 'PendingImport' }]);
});

/** What is needed to call an operation with a step, and what the call may then meet. */
interface Stepping {
  readonly key?: object;
  readonly input: (f: Fixture, KeyId: string) => object | Promise<object>;
}

const RSA = { KeySpec: 'RSA_3072', ...ENCRYPTING };
const OAEP = 'RSAES_OAEP_SHA_256';
const blobOf = async (f: Fixture, KeyId: string): Promise<unknown> =>
  (await f.call('Encrypt', { KeyId, Plaintext: PLAINTEXT, EncryptionAlgorithm: OAEP }))['CiphertextBlob'];

const STEPPING: { readonly [operation: string]: Stepping } = {
  Sign: { input: (_, KeyId) => signing(KeyId) },
  Verify: {
    key: { KeySpec: 'ML_DSA_44', KeyUsage: 'SIGN_VERIFY' },
    input: async (f, KeyId) => {
      const about = { KeyId, Message, SigningAlgorithm: 'ML_DSA_SHAKE_256' };
      return { ...about, Signature: (await f.call('Sign', about))['Signature'] };
    },
  },
  Decrypt: {
    key: RSA,
    input: async (f, KeyId) => ({ KeyId, CiphertextBlob: await blobOf(f, KeyId), EncryptionAlgorithm: OAEP }),
  },
  ReEncrypt: {
    key: RSA,
    input: async (f, KeyId) => ({
      CiphertextBlob: await blobOf(f, KeyId),
      SourceKeyId: KeyId,
      SourceEncryptionAlgorithm: OAEP,
      DestinationKeyId: (await newKey(f, {})).KeyId,
    }),
  },
  DeriveSharedSecret: {
    key: { KeySpec: 'ECC_NIST_P384', KeyUsage: 'KEY_AGREEMENT' },
    input: async (f, KeyId) => ({
      KeyId,
      KeyAgreementAlgorithm: 'ECDH',
      PublicKey: (await f.call('GetPublicKey', { KeyId }))['PublicKey'],
    }),
  },
  GenerateDataKeyPair: { key: {}, input: (_, KeyId) => ({ KeyId, KeyPairSpec: 'ECC_NIST_P256' }) },
};

test.each(
  Object.keys(STEPPING).flatMap((operation) => [
    [operation, 'disabled', 'DisableKey', {}, 'DisabledException'] as const,
    [
      operation,
      'scheduled for deletion',
      'ScheduleKeyDeletion',
      { PendingWindowInDays: 7 },
      'KMSInvalidStateException',
    ] as const,
  ]),
)('%s with a key that was %s meanwhile is refused, with its event', async (operation, _, change, more, code) => {
  const f = await fixture();
  const { key, input } = STEPPING[operation]!;
  const { KeyId } = await newKey(f, key);
  const asked = await input(f, KeyId);
  const before = names(f).length;
  const { call, made } = caller({ f, meanwhile: () => f.call(change, { KeyId, ...more }) });
  await expect(call(operation, asked)).rejects.toMatchObject({ code });
  expect(names(f).slice(before)).toEqual([change, code]);
  expect(wiped(made)).toEqual([true]);
});

test.each(Object.keys(STEPPING))('%s by a grant that was revoked meanwhile is refused', async (operation) => {
  const f = await fixture();
  const { key, input } = STEPPING[operation]!;
  const { KeyId } = await newKey(f, key);
  const asked = await input(f, KeyId);
  const all = { KeyId, GranteePrincipal: ALICE.arn };
  const Operations = operation === 'ReEncrypt' ? ['ReEncryptFrom'] : [operation];
  const { GrantId } = await f.call('CreateGrant', { ...all, Operations });
  const { DestinationKeyId } = asked as { readonly DestinationKeyId?: string };
  if (DestinationKeyId) {
    await f.call('CreateGrant', { ...all, KeyId: DestinationKeyId, Operations: ['ReEncryptTo'] });
  }
  await pass(f, 10 * 60_000); // the grants are in effect without their tokens
  const { call, made } = caller({ f, meanwhile: () => f.call('RevokeGrant', { KeyId, GrantId }), as: ALICE });
  await expect(call(operation, asked)).rejects.toMatchObject({ code: 'AccessDeniedException' });
  expect(names(f).slice(-2)).toEqual(['RevokeGrant', 'AccessDenied']);
  expect(wiped(made)).toEqual([true]);
});

test('a key whose material was deleted meanwhile: the call is refused; imported again: it is answered', async () => {
  const f = await fixture();
  const { KeyId } = await newKey(f, { ...SIGNING, Origin: 'EXTERNAL' });
  const import_ = { ...(await wrapped(f, { id: KeyId }, ecKey('secp384r1'))), ...FOREVER };
  await f.call('ImportKeyMaterial', import_);
  const away = caller({ f, meanwhile: () => f.call('DeleteImportedKeyMaterial', { KeyId }) });
  await expect(away.call('Sign', signing(KeyId))).rejects.toMatchObject({ code: 'KMSInvalidStateException' });
  expect(wiped(away.made)).toEqual([true]);
  await f.call('ImportKeyMaterial', import_);
  const again = caller({
    f,
    meanwhile: async () => {
      await f.call('DeleteImportedKeyMaterial', { KeyId });
      await f.call('ImportKeyMaterial', import_);
    },
  });
  const { Signature } = (await again.call('Sign', signing(KeyId))).output as { Signature?: Uint8Array };
  expect(await f.call('Verify', { ...signing(KeyId), Signature })).toMatchObject({ SignatureValid: true });
  expect(again.tasks()).toBe(1); // the material is the same
});

test('of two imports at once the later one finds the material of the other, and is refused', async () => {
  const f = await fixture();
  const { KeyId } = await newKey(f, { ...SIGNING, Origin: 'EXTERNAL' });
  const importing = async (material: Uint8Array) => ({ ...(await wrapped(f, { id: KeyId }, material)), ...FOREVER });
  const [one, other] = [await importing(ecKey('secp384r1')), await importing(ecKey('secp384r1'))];
  const { call, made } = caller({ f, meanwhile: () => f.call('ImportKeyMaterial', one) });
  await expect(call('ImportKeyMaterial', other)).rejects.toMatchObject({ code: 'IncorrectKeyMaterialException' });
  expect(wiped(made)).toEqual([true]);
  expect(await f.call('ImportKeyMaterial', one)).toHaveProperty('KeyMaterialId');
});

test('an alias that was moved meanwhile: what the first key decrypted is wiped, and the second decrypts', async () => {
  const f = await fixture();
  const [one, other] = [await newKey(f, RSA), await newKey(f, RSA)];
  const AliasName = 'alias/moving';
  await f.call('CreateAlias', { AliasName, TargetKeyId: one.KeyId });
  const CiphertextBlob = await blobOf(f, one.KeyId);
  const { call, made, tasks } = caller({
    f,
    meanwhile: async (task) => task === 1 && f.call('UpdateAlias', { AliasName, TargetKeyId: other.KeyId }),
  });
  const asked = call('Decrypt', { KeyId: AliasName, CiphertextBlob, EncryptionAlgorithm: OAEP });
  await expect(asked).rejects.toMatchObject({ code: 'InvalidCiphertextException' });
  expect([tasks(), wiped(made)]).toEqual([2, [true, true]]); // the second made nothing
});

test('a data key pair is encrypted under the key that the alias is of at the end', async () => {
  const f = await fixture();
  const [one, other] = [await newKey(f, {}), await newKey(f, {})];
  const AliasName = 'alias/moving';
  await f.call('CreateAlias', { AliasName, TargetKeyId: one.KeyId });
  const { call, tasks } = caller({
    f,
    meanwhile: () => f.call('UpdateAlias', { AliasName, TargetKeyId: other.KeyId }),
  });
  const { output } = await call('GenerateDataKeyPair', { KeyId: AliasName, KeyPairSpec: 'ECC_NIST_P256' });
  const { PrivateKeyCiphertextBlob: CiphertextBlob, PrivateKeyPlaintext: Plaintext } = output as {
    readonly [name: string]: Uint8Array;
  };
  expect(output).toMatchObject({ KeyId: other.Arn });
  const decrypted = await f.call('Decrypt', { CiphertextBlob });
  expect(decrypted).toMatchObject({ KeyId: other.Arn, Plaintext: Uint8Array.from(Plaintext!) });
  expect(tasks()).toBe(1);
});

test('a commit that fails: what was decrypted is wiped', async () => {
  const f = await fixture();
  const { KeyId } = await newKey(f, RSA);
  const asked = { KeyId, CiphertextBlob: await blobOf(f, KeyId), EncryptionAlgorithm: OAEP };
  const { call, made } = caller({
    f,
    meanwhile: async () =>
      vi.spyOn(f.log, 'write').mockImplementation(() => {
        throw new Error('the disk is full');
      }),
  });
  await expect(call('Decrypt', asked)).rejects.toThrow('the disk is full');
  expect(wiped(made)).toEqual([true]);
});

test.each([
  ['set back', -30 * DAY],
  ['set forward', DAY],
])('a clock that is %s meanwhile: times are those of the answer', async (_, time) => {
  const f = await fixture();
  const start = f.now;
  const { KeyId } = await newKey(f, { Origin: 'EXTERNAL' });
  const { call } = caller({ f, meanwhile: async () => (f.now = start + time) });
  const parameters = { KeyId, WrappingAlgorithm: OAEP, WrappingKeySpec: 'RSA_2048' };
  const { output } = await call('GetParametersForImport', parameters);
  expect(output).toMatchObject({ ParametersValidTo: new Date(start + time + DAY) });
  expect(f.events().at(-1)).toMatchObject({ eventTime: isoSeconds(start + time) });
  f.now = start;
  const made = (await call('CreateKey', SIGNING)).output as { readonly KeyMetadata?: unknown };
  expect(made.KeyMetadata).toMatchObject({ CreationDate: new Date(start + time) });
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
