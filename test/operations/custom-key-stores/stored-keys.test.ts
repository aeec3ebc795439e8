/** KMS keys in connected custom key stores (AWS KMS Developer Guide, Key stores). */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { keyArn } from '../../../src/model/arn.ts';
import { loadOperation } from '../../../src/operations/index.ts';
import { callerOf } from '../../../src/policy/principal.ts';
import { DAY } from '../../../src/keyring/time.ts';
import type { HsmKey } from '../../../src/key-managers/hsm/hsm.ts';
import { KMSUSER } from '../../support/key-managers.ts';
import { ACCOUNT, fixture, refusal, REGION, START, type Fixture } from '../../support/fixture.ts';
import { BEHIND_PROXY, CLOUD_HSM, connect, create, describeAll, IN_CLUSTER, newKey, PUBLIC } from './stores.ts';

let home: Fixture;
let KeyId: string;
let CustomKeyStoreId: string;
const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusal(call)).code;
const messageOf = async (call: Promise<unknown>): Promise<string> => (await refusal(call)).message;
const last = () => home.events().at(-1)!;
const bytesOf = (value: unknown): Buffer => Buffer.from(value as Uint8Array);
const text = Buffer.from('attack at dawn');
const EncryptionContext = { project: 'nile' };

const KINDS = [
  ['a CloudHSM key store', CLOUD_HSM, IN_CLUSTER],
  ['an external key store', PUBLIC, BEHIND_PROXY],
] as const;

describe.each(KINDS)('%s', (_, store, origin) => {
  const isCluster = origin === IN_CLUSTER;
  const encrypt = async (more: object = {}) =>
    (await home.call('Encrypt', { KeyId, Plaintext: text, ...more }))['CiphertextBlob'] as Uint8Array;
  const decrypt = (CiphertextBlob: Uint8Array, more: object = {}) => home.call('Decrypt', { CiphertextBlob, ...more });
  beforeEach(async () => {
    home = await fixture();
    CustomKeyStoreId = await connect(home, store);
    KeyId = (await newKey(home, { ...origin, CustomKeyStoreId }))['KeyId'] as string;
  });

  test('a new key, as it is described and logged', async () => {
    const metadata = (await home.call('DescribeKey', { KeyId }))['KeyMetadata'];
    const where = isCluster
      ? { CloudHsmClusterId: CLOUD_HSM.CloudHsmClusterId }
      : { XksKeyConfiguration: { Id: BEHIND_PROXY.XksKeyId } };
    expect(metadata).toMatchObject({ ...where, CustomKeyStoreId, Origin: origin.Origin, KeyState: 'Enabled' });
    expect(metadata).not.toHaveProperty('CurrentKeyMaterialId');
    const created = home.events().find(({ eventName }) => eventName === 'CreateKey');
    expect(created).toMatchObject({
      requestParameters: { origin: origin.Origin, customKeyStoreId: CustomKeyStoreId },
      responseElements: { keyMetadata: { customKeyStoreId: CustomKeyStoreId } },
    });
  });

  // AWS KMS Developer Guide, Decrypt (CloudTrail log entries)
  test('the event of each use names the key store, and the external key if there is one', async () => {
    const additionalEventData = isCluster
      ? { customKeyStoreId: CustomKeyStoreId }
      : { customKeyStoreId: CustomKeyStoreId, xksKeyId: BEHIND_PROXY.XksKeyId };
    const blob = await encrypt();
    await decrypt(blob);
    await home.call('ReEncrypt', { CiphertextBlob: blob, DestinationKeyId: KeyId });
    await home.call('GenerateDataKey', { KeyId, NumberOfBytes: 16 });
    await home.call('GenerateDataKeyWithoutPlaintext', { KeyId, NumberOfBytes: 16 });
    await home.call('DisableKey', { KeyId });
    await codeOf(encrypt());
    const uses = home.events().filter(({ eventName }) => /crypt|DataKey/.test(String(eventName)));
    expect(uses.map((event) => event['additionalEventData'])).toEqual(Array(6).fill(additionalEventData));
  });

  test('Encrypt, Decrypt, with a context and without', async () => {
    for (const context of [{}, { EncryptionContext }]) {
      const blob = await encrypt(context);
      const opened = await decrypt(blob, context);
      expect(bytesOf(opened['Plaintext'])).toEqual(text);
      expect(opened).not.toHaveProperty('KeyMaterialId', expect.anything());
    }
    expect(await codeOf(decrypt(await encrypt({ EncryptionContext }), {}))).toBe(
      isCluster ? 'InvalidCiphertextException' : 'KMSInvalidStateException',
    );
  });

  test('data keys', async () => {
    for (const operation of ['GenerateDataKey', 'GenerateDataKeyWithoutPlaintext']) {
      const made = await home.call(operation, { KeyId, KeySpec: 'AES_256', EncryptionContext });
      const opened = bytesOf((await decrypt(made['CiphertextBlob'] as Uint8Array, { EncryptionContext }))['Plaintext']);
      expect(opened).toHaveLength(32);
      if (operation === 'GenerateDataKey') expect(opened).toEqual(bytesOf(made['Plaintext']));
    }
  });

  test('ReEncrypt into it, out of it, and within it', async () => {
    const plain = (await newKey(home, {}))['KeyId'] as string;
    const other = (await newKey(home, { ...origin, ...(isCluster ? {} : { XksKeyId: 'other' }), CustomKeyStoreId }))[
      'KeyId'
    ] as string;
    let blob = (await home.call('Encrypt', { KeyId: plain, Plaintext: text }))['CiphertextBlob'] as Uint8Array;
    for (const DestinationKeyId of [KeyId, other, KeyId, plain]) {
      const moved = await home.call('ReEncrypt', { CiphertextBlob: blob, DestinationKeyId });
      expect(moved['KeyId']).toBe(keyArn({ account: ACCOUNT, region: REGION }, DestinationKeyId));
      blob = moved['CiphertextBlob'] as Uint8Array;
      expect(bytesOf((await decrypt(blob))['Plaintext'])).toEqual(text);
    }
  });

  test('no bit of a ciphertext can be changed, and it cannot be cut off', async () => {
    const blob = await encrypt();
    const codes = new Set<string>();
    for (let at = 0; at < blob.length; at += 1) {
      const altered = Uint8Array.from(blob);
      altered[at]! ^= 1;
      codes.add(await codeOf(decrypt(altered, { KeyId })));
      codes.add(await codeOf(decrypt(blob.subarray(0, at), { KeyId })));
    }
    codes.delete('IncorrectKeyException'); // the header names another key
    codes.delete('ValidationException'); // an empty one
    expect([...codes].toSorted()).toEqual(
      isCluster ? ['InvalidCiphertextException'] : ['InvalidCiphertextException', 'KMSInvalidStateException'],
    );
  });

  test('whatever follows the header of its blobs is refused, as what it is', async () => {
    const header = (await encrypt()).subarray(0, 44);
    const lengths = fc.constantFrom(0, 1, 11, 12, 13, 16, 17, 255);
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .tuple(lengths, fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 300 }))
        .map(([length, rest, at]) => Buffer.concat([Buffer.of(length), rest.subarray(0, at), Buffer.of(length), rest])),
    );
    const isRefused = async (bytes: Uint8Array): Promise<void> => {
      const code = await codeOf(decrypt(Buffer.concat([header, bytes])));
      expect(['InvalidCiphertextException', isCluster ? '' : 'KMSInvalidStateException']).toContain(code);
    };
    await fc.assert(fc.asyncProperty(body, isRefused), { numRuns: 200 });
  });

  test('a blob of another suite, or with an IV of no known length, is refused before anybody is asked', async () => {
    const blob = await encrypt();
    const suites = [1, 2, 3].filter((suite) => suite !== blob[4]).map((suite) => blob.with(4, suite));
    const body = [Buffer.of(13), Buffer.alloc(13), Buffer.of(0), Buffer.alloc(16), Buffer.alloc(60)];
    const forged = isCluster ? [] : [Buffer.concat([blob.subarray(0, 44), ...body])];
    const before = home.managers.asked.length;
    for (const one of [...suites, ...forged]) expect(await codeOf(decrypt(one))).toBe('InvalidCiphertextException');
    expect(home.managers.asked.slice(before)).toEqual([]);
  });

  test('the largest plaintext, with the largest context', async () => {
    const Plaintext = Buffer.alloc(4096, 7);
    const context = { EncryptionContext: { k: 'v'.repeat(8000) } };
    const opened = await decrypt(await encrypt({ Plaintext, ...context }), context);
    expect(bytesOf(opened['Plaintext'])).toEqual(Plaintext);
  });

  test('a ciphertext of another kind of key under the ID of this one', async () => {
    const plain = (await newKey(home, {}))['KeyId'] as string;
    const blob = (await home.call('Encrypt', { KeyId: plain, Plaintext: text }))['CiphertextBlob'] as Uint8Array;
    const forged = Uint8Array.from(blob);
    forged.set((await encrypt()).subarray(12, 28), 12); // the key ID
    expect(await codeOf(decrypt(forged))).toBe('InvalidCiphertextException');
  });

  test.each([
    ['GenerateDataKeyPair', { KeyPairSpec: 'ECC_NIST_P256' }],
    ['GenerateDataKeyPairWithoutPlaintext', { KeyPairSpec: 'RSA_2048' }],
    ['EnableKeyRotation', {}],
    ['DisableKeyRotation', {}],
    ['RotateKeyOnDemand', {}],
    ['GetParametersForImport', { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' }],
    ['ReplicateKey', { ReplicaRegion: 'eu-west-1' }],
  ])('%s is not supported', async (operation, input) => {
    expect(await codeOf(home.call(operation, { KeyId, ...input }))).toBe('UnsupportedOperationException');
  });

  test('while the key store is disconnected its keys are unavailable, but can be managed', async () => {
    const blob = await encrypt();
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    const state = async () =>
      ((await home.call('DescribeKey', { KeyId }))['KeyMetadata'] as { KeyState: string }).KeyState;
    expect(await state()).toBe('Unavailable');
    const arn = keyArn({ account: ACCOUNT, region: REGION }, KeyId);
    const calls = [
      home.call('Encrypt', { KeyId, Plaintext: text }),
      decrypt(blob),
      home.call('ReEncrypt', { CiphertextBlob: blob, DestinationKeyId: KeyId }),
      home.call('GenerateDataKey', { KeyId, KeySpec: 'AES_256' }),
    ];
    for (const call of calls) {
      expect(await refusal(call)).toMatchObject({
        code: 'KMSInvalidStateException',
        message: `${arn} is unavailable.`,
      });
    }
    expect(await codeOf(home.call('CancelKeyDeletion', { KeyId }))).toBe('KMSInvalidStateException');
    await home.call('DisableKey', { KeyId });
    expect(await state()).toBe('Unavailable');
    await home.call('TagResource', { KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] });
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(await state()).toBe('Disabled');
    await home.call('EnableKey', { KeyId });
    expect(bytesOf((await decrypt(blob))['Plaintext'])).toEqual(text);
  });

  test('a key store with keys is not deleted, not even while their deletion is pending', async () => {
    await home.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    expect((await home.call('DescribeKey', { KeyId }))['KeyMetadata']).toMatchObject({ KeyState: 'PendingDeletion' });
    const remove = () => home.call('DeleteCustomKeyStore', { CustomKeyStoreId });
    expect(await codeOf(remove())).toBe('CustomKeyStoreHasCMKsException');
    await home.call('CancelKeyDeletion', { KeyId });
    expect((await home.call('DescribeKey', { KeyId }))['KeyMetadata']).toMatchObject({ KeyState: 'Unavailable' });
    await home.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    home.now = START + 8 * DAY;
    await remove();
    expect(await describeAll(home)).toEqual([]);
  });

  test('other calls are answered while one waits outside, and each has one event', async () => {
    const { KeyId: plain } = await newKey(home, {});
    home.managers.before = async () => {
      home.managers.before = undefined;
      await home.call('DescribeKey', { KeyId: plain });
    };
    await encrypt();
    expect(
      home
        .events()
        .slice(-2)
        .map(({ eventName }) => eventName),
    ).toEqual(['DescribeKey', 'Encrypt']);
  });

  test('what is no longer allowed afterwards is refused', async () => {
    home.managers.before = async () => {
      home.managers.before = undefined;
      await home.call('DisableKey', { KeyId });
    };
    expect(await codeOf(encrypt())).toBe('DisabledException');
    expect(
      home
        .events()
        .slice(-2)
        .map(({ eventName, errorCode }) => errorCode ?? eventName),
    ).toEqual(['DisableKey', 'DisabledException']);
  });

  test('a dry run reaches nothing', async () => {
    const before = home.managers.asked.length;
    expect(await codeOf(home.call('Encrypt', { KeyId, Plaintext: text, DryRun: true }))).toBe(
      'DryRunOperationException',
    );
    expect(home.managers.asked).toHaveLength(before);
  });
});

describe('in a cluster', () => {
  beforeEach(async () => {
    home = await fixture();
    CustomKeyStoreId = await connect(home, CLOUD_HSM);
    KeyId = (await newKey(home, { ...IN_CLUSTER, CustomKeyStoreId }))['KeyId'] as string;
  });
  const cluster = () => home.managers.clusters.get(CLOUD_HSM.CloudHsmClusterId)!;
  const encrypt = () => home.call('Encrypt', { KeyId, Plaintext: text });

  test('the key is there, called by its ARN, and the keyring has no key material', async () => {
    expect([...cluster().keys.keys()]).toEqual([keyArn({ account: ACCOUNT, region: REGION }, KeyId)]);
    const rows = await home.store.transact((tx) => Array.fromAsync(tx.rows('')));
    const stored = Buffer.concat(rows.map(({ value }) => Buffer.from(value)));
    for (const material of cluster().keys.values()) expect(stored.indexOf(material)).toBe(-1);
  });

  test('the password of kmsuser changes with every connection', async () => {
    const seen = new Set([CLOUD_HSM.KeyStorePassword]);
    for (let n = 0; n < 3; n += 1) {
      expect(seen).not.toContain(cluster().password);
      expect(cluster().password).toMatch(/^[0-9a-f]{32}$/);
      seen.add(cluster().password);
      await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
      await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    }
    await encrypt();
  });

  test('a process that ends after it has changed the password loses nothing', async () => {
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    const { hsm } = home.managers;
    const really = hsm.connect.bind(hsm);
    Object.assign(home.managers.hsm, {
      connect: async (...parameters: Parameters<typeof really>) => {
        await really(...parameters);
        throw new Error('the process ends here');
      },
    });
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(await describeAll(home)).toMatchObject([
      { ConnectionState: 'FAILED', ConnectionErrorCode: 'INTERNAL_ERROR' },
    ]);
    Object.assign(home.managers.hsm, { connect: really });
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(await describeAll(home)).toMatchObject([{ ConnectionState: 'CONNECTED' }]);
    await encrypt();
  });

  test('a password that was changed there: the connection fails until the key store has it', async () => {
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    cluster().password = 'changed1';
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(await describeAll(home)).toMatchObject([{ ConnectionErrorCode: 'INVALID_CREDENTIALS' }]);
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    await home.call('UpdateCustomKeyStore', { CustomKeyStoreId, KeyStorePassword: 'changed1' });
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    await encrypt();
  });

  test.each([
    ['CLUSTER_NOT_FOUND', 'CLUSTER_NOT_FOUND', 'KMSInvalidStateException'],
    ['INSUFFICIENT_CLOUDHSM_HSMS', 'INSUFFICIENT_CLOUDHSM_HSMS', 'KMSInvalidStateException'],
    ['INVALID_CREDENTIALS', 'INVALID_CREDENTIALS', 'KMSInvalidStateException'],
    ['USER_LOCKED_OUT', 'USER_LOCKED_OUT', 'KMSInvalidStateException'],
    ['USER_LOGGED_IN', 'USER_LOGGED_IN', 'KMSInvalidStateException'],
    ['USER_NOT_FOUND', 'USER_NOT_FOUND', 'KMSInvalidStateException'],
    ['NETWORK_ERRORS', 'NETWORK_ERRORS', 'KMSInvalidStateException'],
    ['KEY_NOT_FOUND', 'INTERNAL_ERROR', 'KMSInvalidStateException'],
    ['NO_FREE_SESSION', 'INTERNAL_ERROR', 'KMSInternalException'],
    ['INTERNAL_ERROR', 'INTERNAL_ERROR', 'KMSInvalidStateException'],
  ] as const)('%s: connecting tells %s, a call %s', async (error, ConnectionErrorCode, code) => {
    home.managers.hsmError = error;
    const found = await refusal(encrypt());
    expect(found.code).toBe(code);
    expect(found.message).not.toBe('');
    expect(last()).toMatchObject({ eventName: 'Encrypt', errorCode: code });
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(await describeAll(home)).toMatchObject([{ ConnectionState: 'FAILED', ConnectionErrorCode }]);
    home.managers.hsmError = undefined;
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    await encrypt();
  });

  test.each([
    ['NO_ENTRY', 'CloudHsmClusterNotFoundException', 'with the message of the port'],
    ['CLUSTER_NOT_FOUND', 'CloudHsmClusterNotFoundException', 'with a message of its own'],
    ['INCORRECT_TRUST_ANCHOR', 'IncorrectTrustAnchorException', 'with the message of the port'],
    ['INSUFFICIENT_CLOUDHSM_HSMS', 'CloudHsmClusterInvalidConfigurationException', 'with a message of its own'],
    ['NETWORK_ERRORS', 'CloudHsmClusterNotActiveException', 'with a message of its own'],
    ['NO_FREE_SESSION', 'KMSInternalException', 'with a message of its own'],
    ['NOT_TRUSTED', 'CloudHsmClusterNotFoundException', 'with the message of the port'],
  ] as const)('%s: CreateCustomKeyStore answers %s %s', async (error, code, message) => {
    home.managers.hsmError = error;
    const other = { ...CLOUD_HSM, CustomKeyStoreName: 'other', CloudHsmClusterId: 'cluster-3a23b4cdefg' };
    const refusal = await home.call('CreateCustomKeyStore', other).catch((thrown: unknown) => thrown);
    expect(refusal).toMatchObject({ code, message: expect.stringMatching(/^.{20,}$/) });
    // paths and labels of the operator's are in it, perhaps
    expect((refusal as Error).message === `told to fail with ${error}`).toBe(
      message === 'with the message of the port',
    );
    expect(await describeAll(home)).toHaveLength(1);
  });

  test('a cluster with another trust anchor is not related', async () => {
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    home.managers.hsmError = 'INCORRECT_TRUST_ANCHOR';
    const change = { CustomKeyStoreId, CloudHsmClusterId: 'cluster-3a23b4cdefg' };
    expect(await codeOf(home.call('UpdateCustomKeyStore', change))).toBe('CloudHsmClusterNotRelatedException');
  });

  test('GenerateRandom from the cluster', async () => {
    const before = home.managers.asked.length;
    const { Plaintext } = await home.call('GenerateRandom', { CustomKeyStoreId, NumberOfBytes: 24 });
    expect(bytesOf(Plaintext)).toHaveLength(24);
    expect(home.managers.asked.slice(before)).toEqual([{ what: 'random' }]);
  });

  test('a key that is refused after it was made there is deleted there', async () => {
    const tags = Array.from({ length: 2 }, () => ({ TagKey: 'same', TagValue: '' }));
    expect(await codeOf(newKey(home, { ...IN_CLUSTER, CustomKeyStoreId, Tags: tags }))).toBe('TagException');
    expect(cluster().keys.size).toBe(1);
  });

  // AWS KMS Developer Guide, CreateKey and ScheduleKeyDeletion (CloudTrail log entries)
  test('events of its beginning and its end tell what the cluster calls the key material', async () => {
    const created = home.events().find(({ eventName }) => eventName === 'CreateKey')!;
    expect(created['additionalEventData']).toEqual({ backingKey: '{"keyHandle":"16","backingKeyId":"01"}' });
    await home.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    expect(last()['additionalEventData']).toEqual({
      customKeyStoreId: CustomKeyStoreId,
      clusterId: CLOUD_HSM.CloudHsmClusterId,
      backingKeys: '[{"keyHandle":"16","backingKeyId":"01"}]',
    });
  });

  describe('a key that was made there for a call that does not succeed', () => {
    const REFUSED = { Tags: [1, 2].map(() => ({ TagKey: 'same', TagValue: '' })) };
    const newOne = (more: object = {}) => newKey(home, { ...IN_CLUSTER, CustomKeyStoreId, ...more });
    const inCluster = (): string[] => [...cluster().keys.keys()];
    const reconnect = async (): Promise<void> => {
      await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
      await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    };
    const later = async (milliseconds: number): Promise<void> => {
      home.now += milliseconds;
      await home.call('ListKeys');
    };
    let before: string[];
    let then: () => Promise<unknown>;
    beforeEach(() => {
      before = inCluster();
      then = async () => {};
      const { hsm } = home.managers;
      const real = { ...hsm };
      Object.assign(hsm, {
        async createKey(key: HsmKey) {
          const made = await real.createKey(key);
          const doing = then;
          then = async () => {};
          await doing();
          return made;
        },
      });
    });

    test.each([
      ['refused', REFUSED],
      ['made again', {}],
    ])('is deleted there though the password has changed meanwhile: the call is %s', async (how, more) => {
      then = reconnect;
      const made = await newOne(more).catch(() => undefined);
      expect(inCluster()).toEqual(how === 'refused' ? before : [...before, made!['Arn']]);
      await later(2 * 60 * 60_000);
      expect(inCluster()).toEqual(how === 'refused' ? before : [...before, made!['Arn']]);
    });

    test('the cluster cannot be reached: it is deleted later, and the cluster is not asked at every call', async () => {
      then = async () => {
        home.managers.hsmError = 'NETWORK_ERRORS';
      };
      expect(await codeOf(newOne(REFUSED))).toBe('TagException');
      expect(inCluster()).toHaveLength(2);
      const asked = home.managers.asked.length;
      for (let minute = 0; minute < 59; minute += 1) await later(60_000);
      expect(home.managers.asked).toHaveLength(asked);
      await later(2 * 60_000);
      expect(home.managers.asked.slice(asked)).toEqual([{ what: 'destroyKeys' }]);
      home.managers.hsmError = undefined;
      await later(61 * 60_000);
      expect(inCluster()).toEqual(before);
      await later(61 * 60_000);
      expect(home.managers.asked).toHaveLength(asked + 2);
    });

    test('many of them, in a cluster that cannot be reached: a call waits for one attempt', async () => {
      for (let at = 0; at < 5; at += 1) {
        then = async () => {
          home.managers.hsmError = 'NETWORK_ERRORS';
        };
        await newOne(REFUSED).catch(() => undefined);
        home.managers.hsmError = undefined;
      }
      expect(inCluster()).toHaveLength(6);
      home.managers.hsmError = 'NETWORK_ERRORS';
      const asked = home.managers.asked.length;
      await later(61 * 60_000);
      await later(59 * 60_000);
      expect(home.managers.asked.slice(asked)).toEqual([{ what: 'destroyKeys' }]);
      home.managers.hsmError = undefined;
      await later(60_000);
      for (let at = 1; at < 5; at += 1) await later(1);
      expect(inCluster()).toEqual(before);
    });

    test('while the key store is not connected it stays there; without the key store it is left there', async () => {
      then = () => home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
      expect(await codeOf(newOne())).toBe('CustomKeyStoreInvalidStateException');
      await later(61 * 60_000);
      expect(inCluster()).toHaveLength(2);
      await home.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
      await later(8 * DAY);
      await home.call('DeleteCustomKeyStore', { CustomKeyStoreId });
      const asked = home.managers.asked.length;
      await later(61 * 60_000);
      await later(61 * 60_000);
      expect(home.managers.asked).toHaveLength(asked);
    });

    test('a process that ends before the KMS key is stored: the next one deletes it, without an event', async () => {
      then = () => new Promise(() => {});
      void newOne();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await later(59_000);
      expect(inCluster()).toHaveLength(2);
      const events = home.events().length;
      await later(2_000);
      expect(inCluster()).toEqual(before);
      expect(home.events().slice(events)).toMatchObject([{ eventName: 'ListKeys' }]);
    });

    test('a process that is late, whose key another one has deleted, makes another', async () => {
      then = () => later(61_000);
      const { Arn, KeyId: late } = await newOne();
      expect(inCluster()).toEqual([...before, Arn]);
      await home.call('Encrypt', { KeyId: late, Plaintext: Buffer.of(1) });
      await later(2 * 60 * 60_000);
      expect(inCluster()).toEqual([...before, Arn]);
    });

    test('the clock is set forward and back meanwhile: a key that another process is about to delete is not used', async () => {
      let release = (): void => {};
      let deleting: Promise<unknown> = Promise.resolve();
      then = async () => {
        const beginning = home.now;
        home.managers.hsmError = 'NETWORK_ERRORS';
        await later(61_000);
        home.managers.hsmError = undefined;
        home.now = beginning;
        // it moves the job to the time that the call has moved it to
        home.managers.before = (what) =>
          what === 'destroyKeys' ? new Promise<void>((resolve) => (release = resolve)) : Promise.resolve();
        deleting = home.call('ListKeys');
        await expect.poll(() => home.managers.asked.at(-1)?.what).toBe('destroyKeys');
        home.managers.before = undefined;
      };
      const { Arn, KeyId: made } = await newOne();
      release();
      await deleting;
      expect(inCluster()).toEqual([...before, Arn]);
      await home.call('Encrypt', { KeyId: made, Plaintext: Buffer.of(1) });
    });
  });

  test('of many deletions in a cluster that does not answer a call waits for one', async () => {
    for (let count = 0; count < 2; count += 1)
      await home.call('CreateKey', { Origin: 'AWS_CLOUDHSM', CustomKeyStoreId });
    const { Keys } = (await home.call('ListKeys')) as { Keys: readonly { readonly KeyId: string }[] };
    for (const key of Keys) await home.call('ScheduleKeyDeletion', { KeyId: key.KeyId, PendingWindowInDays: 7 });
    const deletions = () => home.events().filter(({ eventName }) => eventName === 'DeleteKey').length;
    home.managers.before = () => new Promise((resolve) => setTimeout(resolve, 1_100));
    home.managers.hsmError = 'NETWORK_ERRORS';
    for (let done = 1; done <= Keys.length; done += 1) {
      home.now = START + 8 * DAY + done * 61_000;
      await home.call('ListKeys');
      expect(deletions()).toBe(done);
    }
  });

  test.each([
    ['connected', true, 'SUCCESS', 0],
    ['disconnected', false, 'FAILURE', 1],
  ])(
    'a deleted key, the key store %s: its event tells of the key material there',
    async (_, isConnected, status, left) => {
      await home.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
      if (!isConnected) await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
      home.now = START + 8 * DAY;
      await home.call('ListKeys');
      const event = home.events().find(({ eventName }) => eventName === 'DeleteKey');
      const data = event!['additionalEventData'] as Record<string, string>;
      expect(data).toMatchObject({ customKeyStoreId: CustomKeyStoreId, clusterId: CLOUD_HSM.CloudHsmClusterId });
      // as that of a key that is nowhere else: when the waiting period ended
      expect(event).toMatchObject({ eventTime: new Date(START + 7 * DAY).toISOString().replace(/\.\d+/, '') });
      expect(JSON.parse(data['backingKeysDeletionStatus']!)).toMatchObject([
        { backingKeyId: '01', deletionStatus: status },
      ]);
      expect(JSON.parse(data['backingKeys']!)).toMatchObject([{ backingKeyId: '01' }]);
      expect(cluster().keys.size).toBe(left);
      expect(home.events().filter(({ eventName }) => eventName === 'DeleteKey')).toHaveLength(1);
    },
  );

  test('a process that ends before it has deleted the key material: the next one does, later', async () => {
    await home.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    home.now = START + 8 * DAY;
    home.managers.before = async (what) => {
      if (what === 'destroyKeys') await new Promise(() => {}); // it never comes back
    };
    void home.call('ListKeys');
    await new Promise((resolve) => setTimeout(resolve, 50));
    home.managers.before = undefined;
    await home.call('ListKeys');
    expect(cluster().keys.size).toBe(1);
    home.now += 61_000;
    await home.call('ListKeys');
    expect(cluster().keys.size).toBe(0);
    expect(home.events().filter(({ eventName }) => eventName === 'DeleteKey')).toHaveLength(1);
  });

  const deletions = () => home.events().filter(({ eventName }) => eventName === 'DeleteKey');
  const toldOf = (event: Record<string, unknown> | undefined): Record<string, unknown> => {
    const data = event!['additionalEventData'] as Record<string, string>;
    return {
      keys: JSON.parse(data['backingKeys']!) as unknown,
      statuses: JSON.parse(data['backingKeysDeletionStatus']!) as unknown,
    };
  };
  const BACKING_KEY = { keyHandle: '16', backingKeyId: '01' };

  /** The key is due for deletion, and a process gets as far as this, and ends. */
  async function endsWhile(what: string, doing: () => void = () => {}): Promise<void> {
    await home.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    home.now = START + 8 * DAY;
    home.managers.before = async (asked) => {
      if (asked !== what) return;
      doing();
      await new Promise(() => {});
    };
    void home.call('ListKeys');
    await new Promise((resolve) => setTimeout(resolve, 50));
    home.managers.before = undefined;
  }
  const takesOver = async (): Promise<void> => {
    home.now += 61_000;
    await home.call('ListKeys');
  };

  // the statuses as in AWS KMS Developer Guide, "DeleteKey" and "How to delete orphaned key material"
  test('a process that ends after it has deleted the key material: the next one knows what that was', async () => {
    await endsWhile('destroyKeys', () => cluster().keys.clear());
    expect(deletions()).toEqual([]);
    await takesOver();
    expect(deletions().map(toldOf)).toEqual([
      { keys: [BACKING_KEY], statuses: [{ ...BACKING_KEY, deletionStatus: 'SUCCESS' }] },
    ]);
  });

  test('the same, and the cluster is not reached again: that the key material is deleted is not known', async () => {
    await endsWhile('destroyKeys', () => cluster().keys.clear());
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    await takesOver();
    expect(deletions().map(toldOf)).toEqual([
      { keys: [BACKING_KEY], statuses: [{ ...BACKING_KEY, deletionStatus: 'FAILURE' }] },
    ]);
  });

  test('a process that ends before it has stored what it has found', async () => {
    await endsWhile('findKeys');
    await takesOver();
    expect(deletions().map(toldOf)).toEqual([
      { keys: [BACKING_KEY], statuses: [{ ...BACKING_KEY, deletionStatus: 'SUCCESS' }] },
    ]);
    expect(cluster().keys.size).toBe(0);
  });

  /** As it was named when it was made. */
  const MADE = { keyHandle: '16', backingKeyId: '01' };
  const goes = (): void => {
    home.managers.hsmError = 'NETWORK_ERRORS';
  };
  test('the password changes while key material is deleted: it is deleted all the same', async () => {
    await home.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    home.now = START + 8 * DAY;
    home.managers.before = async (asked) => {
      if (asked !== 'destroyKeys') return;
      home.managers.before = undefined;
      await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
      await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    };
    await home.call('ListKeys');
    expect(deletions().map(toldOf)).toEqual([
      { keys: [BACKING_KEY], statuses: [{ ...BACKING_KEY, deletionStatus: 'SUCCESS' }] },
    ]);
    expect(cluster().keys.size).toBe(0);
  });

  test.each([
    ['cannot be found', 'findKeys', goes, MADE],
    ['is not in the cluster', 'findKeys', () => cluster().keys.clear(), MADE],
    ['is not destroyed', 'destroyKeys', goes, BACKING_KEY],
  ] as const)('key material that %s is told as a failure, by its name', async (_, what, doing, named) => {
    await home.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    home.now = START + 8 * DAY;
    home.managers.before = async (asked) => {
      if (asked === what) doing();
    };
    await home.call('ListKeys');
    expect(deletions().map(toldOf)).toEqual([{ keys: [named], statuses: [{ ...named, deletionStatus: 'FAILURE' }] }]);
  });

  test('connecting that a process began and did not finish is taken over', async () => {
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    home.managers.before = async (what) => {
      if (what === 'connect') await new Promise(() => {});
    };
    void home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    await new Promise((resolve) => setTimeout(resolve, 50));
    home.managers.before = undefined;
    expect(await describeAll(home)).toMatchObject([{ ConnectionState: 'CONNECTING' }]);
    home.now += 61_000;
    await home.call('ListKeys');
    expect(await describeAll(home)).toMatchObject([{ ConnectionState: 'CONNECTED' }]);
    await encrypt();
  });

  test('what a process began and did not finish is forgotten once another has connected the key store', async () => {
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    home.managers.before = async (what) => {
      if (what === 'connect') await new Promise(() => {});
    };
    void home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    await new Promise((resolve) => setTimeout(resolve, 50));
    home.managers.before = undefined;
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    const { password } = cluster();
    home.now += 61_000;
    await home.call('ListKeys');
    expect(cluster().password).toBe(password);
    const rows = await home.keyring.transact((tx) => Array.fromAsync(tx.paths('outside/')));
    expect(rows).toEqual([]);
    await encrypt();
  });

  const isConnecting = () => expect.poll(() => home.managers.asked.at(-1)?.what).toBe('connect');

  test('the clock is set back after a process was killed: its connecting is taken over all the same', async () => {
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    home.now = START + 365 * DAY;
    home.managers.before = async (what) => {
      if (what === 'connect') await new Promise(() => {});
    };
    void home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    await isConnecting();
    home.managers.before = undefined;
    home.now = START;
    await home.call('ListKeys');
    expect(await describeAll(home)).toMatchObject([{ ConnectionState: 'CONNECTED' }]);
    await encrypt();
  });

  test.each([
    ['fails', undefined, 0],
    ['fails', undefined, 5000],
    ['succeeds', KMSUSER, 0],
    ['succeeds', KMSUSER, 5000],
  ])('a connection that was given up and %s later is not the next one', async (_, password, later) => {
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    const resume: (() => void)[] = [];
    home.managers.before = (what) =>
      what === 'connect' ? new Promise<void>((resolve) => void resume.push(resolve)) : Promise.resolve();
    const first = home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    await expect.poll(() => resume.length).toBe(1);
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    const known = cluster().password;
    home.now += later; // if the clock stands, both have the same time
    const CloudHsmClusterId = 'cluster-2a23b4cdefh';
    const input = { CustomKeyStoreId, CloudHsmClusterId, KeyStorePassword: KMSUSER };
    await home.call('UpdateCustomKeyStore', input);
    const second = home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    await expect.poll(() => resume.length).toBe(2);
    if (password === undefined) cluster().password = 'changed1';
    resume[0]!();
    await first;
    expect(await describeAll(home)).toMatchObject([{ ConnectionState: 'CONNECTING' }]);
    resume[1]!();
    await second;
    expect(await describeAll(home)).toMatchObject([{ ConnectionState: 'CONNECTED', CloudHsmClusterId }]);
    await newKey(home, { ...IN_CLUSTER, CustomKeyStoreId });
    expect(cluster().password === known).toBe(false);
  });

  test('another key store is disconnected while this one is being connected', async () => {
    const other = await create(home, {
      ...CLOUD_HSM,
      CustomKeyStoreName: 'other',
      CloudHsmClusterId: 'cluster-3a23b4cdefg',
    });
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    const resume: (() => void)[] = [];
    home.managers.before = (what) =>
      what === 'connect' ? new Promise<void>((resolve) => void resume.push(resolve)) : Promise.resolve();
    const calls = [CustomKeyStoreId, other].map((id) => home.call('ConnectCustomKeyStore', { CustomKeyStoreId: id }));
    await expect.poll(() => resume.length).toBe(2);
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId: other });
    for (const one of resume) one();
    await Promise.all(calls);
    const states = await Promise.all(
      [CustomKeyStoreId, other].map((id) => describeAll(home, { CustomKeyStoreId: id })),
    );
    expect(states).toMatchObject([[{ ConnectionState: 'CONNECTED' }], [{ ConnectionState: 'DISCONNECTED' }]]);
  });

  test('an update with the password while a process is still about to change it: both are known', async () => {
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    const KeyStorePassword = cluster().password;
    let resume = (): void => {};
    home.managers.before = (what) =>
      what === 'connect' ? new Promise<void>((resolve) => (resume = resolve)) : Promise.resolve();
    const first = home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    await isConnecting();
    home.managers.before = undefined;
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    await home.call('UpdateCustomKeyStore', { CustomKeyStoreId, KeyStorePassword });
    resume();
    await first;
    expect(cluster().password).not.toBe(KeyStorePassword);
    expect(await describeAll(home)).toMatchObject([{ ConnectionState: 'DISCONNECTED' }]);
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    await encrypt();
  });

  test('disconnected while it was being connected: it stays so, and the password is not lost', async () => {
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    home.managers.before = async (what) => {
      if (what !== 'connect') return;
      home.managers.before = undefined;
      await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    };
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(await describeAll(home)).toMatchObject([{ ConnectionState: 'DISCONNECTED' }]);
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    await encrypt();
  });
});

describe('behind a proxy', () => {
  beforeEach(async () => {
    home = await fixture();
    CustomKeyStoreId = await connect(home, PUBLIC);
    KeyId = (await newKey(home, { ...BEHIND_PROXY, CustomKeyStoreId }))['KeyId'] as string;
  });
  const encrypt = () => home.call('Encrypt', { KeyId, Plaintext: text });
  const asked = (what: string) => home.managers.asked.findLast((one) => one.what === what)?.metadata;

  test('what the proxy is told of a call', async () => {
    await encrypt();
    expect(asked('xks encrypt')).toEqual({
      awsPrincipalArn: `arn:aws:iam::${ACCOUNT}:root`,
      awsSourceVpc: undefined,
      awsSourceVpce: undefined,
      kmsKeyArn: keyArn({ account: ACCOUNT, region: REGION }, KeyId),
      kmsOperation: 'Encrypt',
      kmsRequestId: last()['requestID'],
      kmsViaService: undefined,
    });
    expect(last()).toMatchObject({
      additionalEventData: { customKeyStoreId: CustomKeyStoreId, xksKeyId: BEHIND_PROXY.XksKeyId },
    });
    const connected = home.events().find(({ eventName }) => eventName === 'ConnectCustomKeyStore');
    expect(asked('health')).toEqual({
      kmsOperation: 'ConnectCustomKeyStore',
      kmsRequestId: connected!['requestID'],
    });
    const { kmsRequestId } = asked('metadata') as { kmsRequestId: string };
    expect(home.events().find(({ requestID }) => requestID === kmsRequestId)).toMatchObject({ eventName: 'CreateKey' });
  });

  // External key store proxy API, requestMetadata: the network only of callers of the account that has the key
  test.each([
    [ACCOUNT, { awsSourceVpc: 'vpc-1a2b3c4d', awsSourceVpce: 'vpce-1a2b3c4d' }],
    ['444455556666', { awsSourceVpc: undefined, awsSourceVpce: undefined }],
  ])(
    'what the proxy is told of a call of account %s through a VPC endpoint and a service',
    async (account, network) => {
      const Policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }],
      });
      await home.call('PutKeyPolicy', { KeyId, Policy, BypassPolicyLockoutSafetyCheck: true });
      const operation = await loadOperation('Encrypt');
      const caller = callerOf(`arn:aws:iam::${account}:root`);
      const arn = keyArn({ account: ACCOUNT, region: REGION }, KeyId);
      await home.kms.invoke(
        operation,
        { KeyId: arn, Plaintext: text },
        {
          caller,
          region: REGION,
          sourceIp: '10.0.0.1',
          userAgent: 'test',
          network: { vpcId: 'vpc-1a2b3c4d', vpcEndpointId: 'vpce-1a2b3c4d' },
          service: { viaService: `ebs.${REGION}.amazonaws.com` },
        },
      );
      expect(asked('xks encrypt')).toMatchObject({ awsPrincipalArn: caller.arn, kmsViaService: 'ebs', ...network });
      expect(asked('xks encrypt')).toMatchObject({ kmsKeyArn: arn, kmsRequestId: last()['requestID'] });
    },
  );

  const STATE = 'CustomKeyStoreInvalidStateException';
  const RESPONSE = 'XksProxyInvalidResponseException';
  const UNREACHABLE = 'XksProxyUriUnreachableException';
  test.each([
    ['ValidationException', RESPONSE, STATE, 'XKS_PROXY_INVALID_RESPONSE'],
    ['InvalidStateException', RESPONSE, 'XksKeyInvalidConfigurationException', 'XKS_PROXY_INVALID_RESPONSE'],
    ['InvalidKeyUsageException', RESPONSE, 'XksKeyInvalidConfigurationException', 'XKS_PROXY_INVALID_RESPONSE'],
    [
      'AuthenticationFailedException',
      'XksProxyIncorrectAuthenticationCredentialException',
      STATE,
      'INVALID_CREDENTIALS',
    ],
    ['AccessDeniedException', RESPONSE, STATE, 'XKS_PROXY_ACCESS_DENIED'],
    ['KeyNotFoundException', RESPONSE, 'XksKeyNotFoundException', 'XKS_PROXY_INVALID_RESPONSE'],
    ['InvalidUriPathException', 'XksProxyInvalidConfigurationException', STATE, 'XKS_PROXY_INVALID_CONFIGURATION'],
    ['ThrottlingException', UNREACHABLE, STATE, 'XKS_PROXY_NOT_REACHABLE'],
    ['DependencyTimeoutException', UNREACHABLE, STATE, 'XKS_PROXY_TIMED_OUT'],
    ['InternalException', RESPONSE, STATE, 'XKS_PROXY_INVALID_RESPONSE'],
    ['XksProxyUnreachable', UNREACHABLE, STATE, 'XKS_PROXY_NOT_REACHABLE'],
    ['XksProxyUnhealthy', UNREACHABLE, STATE, 'XKS_PROXY_NOT_REACHABLE'],
    ['XksProxyTimedOut', UNREACHABLE, STATE, 'XKS_PROXY_TIMED_OUT'],
    ['XksProxyTls', UNREACHABLE, STATE, 'XKS_PROXY_INVALID_TLS_CONFIGURATION'],
    ['XksProxyInvalidResponse', RESPONSE, STATE, 'XKS_PROXY_INVALID_RESPONSE'],
  ] as const)('%s: %s, %s, %s', async (error, create, createKey, ConnectionErrorCode) => {
    home.managers.xksError = error;
    expect(await codeOf(encrypt())).toBe('KMSInvalidStateException');
    expect(last()).toMatchObject({
      errorCode: 'KMSInvalidStateException',
      additionalEventData: { customKeyStoreId: CustomKeyStoreId, xksKeyId: BEHIND_PROXY.XksKeyId },
    });
    const other = { ...PUBLIC, CustomKeyStoreName: 'other', XksProxyUriPath: '/kms/xks/v1' };
    expect(await codeOf(home.call('CreateCustomKeyStore', other))).toBe(create);
    const change = { CustomKeyStoreId, XksProxyUriPath: '/kms/xks/v1' };
    const before = await describeAll(home);
    expect(await codeOf(home.call('UpdateCustomKeyStore', change))).toBe(create);
    expect(await describeAll(home)).toEqual(before);
    expect(await codeOf(newKey(home, { ...BEHIND_PROXY, XksKeyId: 'other', CustomKeyStoreId }))).toBe(createKey);
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(await describeAll(home)).toMatchObject([{ ConnectionState: 'FAILED', ConnectionErrorCode }]);
  });

  test('the path of the proxy is changed while it is asked: it is asked again, there', async () => {
    home.managers.before = async (what) => {
      if (what !== 'xks encrypt') return;
      home.managers.before = undefined;
      await home.call('UpdateCustomKeyStore', { CustomKeyStoreId, XksProxyUriPath: '/other/kms/xks/v1' });
    };
    await encrypt();
    expect(home.managers.asked.filter(({ what }) => what === 'xks encrypt')).toHaveLength(2);
  });

  // AWS KMS Developer Guide, "Proxy issues"
  test('all external key managers unavailable: the proxy is not healthy', async () => {
    home.managers.health = 'DEGRADED';
    await home.call('UpdateCustomKeyStore', { CustomKeyStoreId, XksProxyUriPath: '/kms/xks/v1' });
    home.managers.health = 'UNAVAILABLE';
    const change = home.call('UpdateCustomKeyStore', { CustomKeyStoreId, XksProxyUriPath: '/2/kms/xks/v1' });
    expect(await refusal(change)).toMatchObject({ code: UNREACHABLE, message: expect.stringMatching(/not healthy/) });
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(await describeAll(home)).toMatchObject([{ ConnectionErrorCode: 'XKS_PROXY_NOT_REACHABLE' }]);
  });

  test('a change is tried with the new values', async () => {
    await home.call('UpdateCustomKeyStore', { CustomKeyStoreId, XksProxyUriPath: '/new/kms/xks/v1' });
    expect(home.managers.asked.at(-1)).toMatchObject({ what: 'health', uriPath: '/new/kms/xks/v1' });
    const before = home.managers.asked.length;
    await home.call('UpdateCustomKeyStore', { CustomKeyStoreId, NewCustomKeyStoreName: 'new' });
    expect(home.managers.asked).toHaveLength(before);
  });

  test.each([
    [{ keySpec: 'AES_128' }, 'The key spec of external key other is AES_128. It must be AES_256.'],
    [{ keyStatus: 'DISABLED' }, 'The key status of external key other is DISABLED. It must be ENABLED.'],
    [{ keyUsage: ['ENCRYPT'] }, 'The key usage of external key other is ENCRYPT. It must include ENCRYPT and DECRYPT.'],
    [{ keyUsage: [] }, 'The key usage of external key other is empty. It must include ENCRYPT and DECRYPT.'],
  ] as const)('an external key that does not fit: %j', async (metadata, message) => {
    home.managers.externalKeys.set('other', metadata);
    const call = newKey(home, { ...BEHIND_PROXY, XksKeyId: 'other', CustomKeyStoreId });
    expect(await refusal(call)).toMatchObject({ code: 'XksKeyInvalidConfigurationException', message });
  });

  test('an external key is of one KMS key of a key store, and of another one after that is deleted', async () => {
    const again = () => newKey(home, { ...BEHIND_PROXY, CustomKeyStoreId });
    expect(await codeOf(again())).toBe('XksKeyAlreadyInUseException');
    const other = await connect(home, { ...PUBLIC, CustomKeyStoreName: 'other', XksProxyUriPath: '/kms/xks/v1' });
    await newKey(home, { ...BEHIND_PROXY, CustomKeyStoreId: other });
    await home.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    expect(await codeOf(again())).toBe('XksKeyAlreadyInUseException');
    home.now = START + 8 * DAY;
    await again();
  });

  test('a ciphertext of another KMS key with the same external key is not opened', async () => {
    const other = await connect(home, { ...PUBLIC, CustomKeyStoreName: 'other', XksProxyUriPath: '/kms/xks/v1' });
    const twin = (await newKey(home, { ...BEHIND_PROXY, CustomKeyStoreId: other }))['KeyId'] as string;
    const blob = Uint8Array.from((await encrypt())['CiphertextBlob'] as Uint8Array);
    blob.set(Buffer.from(twin.replaceAll('-', ''), 'hex'), 12);
    expect(await codeOf(home.call('Decrypt', { CiphertextBlob: blob }))).toBe('KMSInvalidStateException');
  });

  test('what the proxy decrypts to something else is refused', async () => {
    const { CiphertextBlob } = await encrypt();
    home.managers.forged = new Uint8Array(58);
    expect(await messageOf(home.call('Decrypt', { CiphertextBlob }))).toMatch(/submitted for decryption/);
  });

  test('without the proxy nothing is decrypted, and the proxy alone has no plaintext', async () => {
    const seen: Uint8Array[] = [];
    const { xks } = home.managers;
    const really = xks.encrypt.bind(xks);
    Object.assign(home.managers.xks, {
      encrypt: (...parameters: Parameters<typeof really>) => {
        seen.push(parameters[2].plaintext);
        return really(...parameters);
      },
    });
    await encrypt();
    expect(seen).toHaveLength(1);
    expect(Buffer.from(seen[0]!).includes(text)).toBe(false);
  });

  test('GenerateRandom is not from a proxy', async () => {
    const call = home.call('GenerateRandom', { CustomKeyStoreId, NumberOfBytes: 8 });
    expect(await codeOf(call)).toBe('UnsupportedOperationException');
  });
});
