/**
 * Every operation on a KMS key whose custom key store is not connected (AWS KMS Developer Guide, Key states of AWS KMS keys:
 * the column Unavailable, footnotes 4, 7, 9, 11, 12 and 13). Of what that table leaves out: the operation's own page.
 */
import { expect, test } from 'vitest';
import { OPERATION_NAMES, type OperationName } from '../../../src/operations/index.ts';
import { fixture, refusal, type Fixture } from '../../support/fixture.ts';
import { policyOf, ROOT_MAY } from '../stage.ts';
import { BEHIND_PROXY, CLOUD_HSM, connect, IN_CLUSTER, newKey, PUBLIC } from './stores.ts';

interface Ready {
  readonly KeyId: string;
  readonly KeyArn: string;
  readonly CustomKeyStoreId: string;
  readonly CiphertextBlob: Uint8Array;
  readonly GrantId: string;
  readonly origin: object;
}

interface Row {
  readonly input: (ready: Ready) => object;
  /** undefined: it succeeds. */
  readonly code?: string;
}

const bytes = new Uint8Array(32);
const of = (more: object = {}, code?: string): Row => ({
  input: ({ KeyId }) => ({ KeyId, ...more }),
  ...(code === undefined ? {} : { code }),
});
const by = (input: Row['input'], code?: string): Row => ({ input, ...(code === undefined ? {} : { code }) });

const UNAVAILABLE = 'KMSInvalidStateException'; // 11
const UNSUPPORTED = 'UnsupportedOperationException'; // 7, 9
const USAGE = 'InvalidKeyUsageException';
const STORE_STATE = 'CustomKeyStoreInvalidStateException';
const signing = { Message: bytes, SigningAlgorithm: 'ECDSA_SHA_256' };
const macs = { Message: bytes, MacAlgorithm: 'HMAC_SHA_256' };

const ROWS: { readonly [N in OperationName]: Row | undefined } = {
  CancelKeyDeletion: of({}, 'KMSInvalidStateException'), // 4
  ConnectCustomKeyStore: by(({ CustomKeyStoreId }) => ({ CustomKeyStoreId })),
  CreateAlias: by(({ KeyId }) => ({ AliasName: 'alias/new', TargetKeyId: KeyId })),
  CreateCustomKeyStore: undefined, // of no key
  CreateGrant: of({ GranteePrincipal: 'arn:aws:iam::111122223333:user/alice', Operations: ['Encrypt'] }),
  CreateKey: by(({ CustomKeyStoreId, origin }) => ({ ...origin, CustomKeyStoreId }), STORE_STATE),
  Decapsulate: of({ SharedSecretCiphertextBlob: bytes, EncapsulationAlgorithm: 'ML_KEM' }, USAGE),
  Decrypt: by(({ CiphertextBlob }) => ({ CiphertextBlob }), UNAVAILABLE),
  DeleteAlias: by(() => ({ AliasName: 'alias/a' })),
  DeleteCustomKeyStore: by(({ CustomKeyStoreId }) => ({ CustomKeyStoreId }), 'CustomKeyStoreHasCMKsException'),
  DeleteImportedKeyMaterial: of({}, UNSUPPORTED),
  DeriveSharedSecret: of({ KeyAgreementAlgorithm: 'ECDH', PublicKey: bytes }, USAGE),
  DescribeCustomKeyStores: by(({ CustomKeyStoreId }) => ({ CustomKeyStoreId })),
  DescribeKey: of(),
  DisableKey: of(),
  DisableKeyRotation: of({}, UNSUPPORTED),
  DisconnectCustomKeyStore: by(({ CustomKeyStoreId }) => ({ CustomKeyStoreId }), STORE_STATE),
  EnableKey: of(),
  EnableKeyRotation: of({}, UNSUPPORTED),
  Encapsulate: of({ EncapsulationAlgorithm: 'ML_KEM' }, USAGE),
  Encrypt: of({ Plaintext: bytes }, UNAVAILABLE),
  GenerateDataKey: of({ KeySpec: 'AES_256' }, UNAVAILABLE),
  GenerateDataKeyPair: of({ KeyPairSpec: 'ECC_NIST_P256' }, UNAVAILABLE),
  GenerateDataKeyPairWithoutPlaintext: of({ KeyPairSpec: 'ECC_NIST_P256' }, UNAVAILABLE),
  GenerateDataKeyWithoutPlaintext: of({ KeySpec: 'AES_256' }, UNAVAILABLE),
  GenerateMac: of(macs, USAGE),
  GenerateRandom: undefined, // of no key
  GetKeyLastUsage: of(),
  GetKeyPolicy: of(),
  GetKeyRotationStatus: of({}, UNSUPPORTED),
  GetParametersForImport: of({ WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' }, UNSUPPORTED),
  GetPublicKey: of({}, UNAVAILABLE),
  ImportKeyMaterial: of(
    { ImportToken: bytes, EncryptedKeyMaterial: bytes, ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' },
    UNSUPPORTED,
  ),
  ListAliases: of(),
  ListGrants: of(),
  ListKeyPolicies: of(),
  ListKeyRotations: of({}, UNSUPPORTED),
  ListKeys: by(() => ({})),
  ListResourceTags: of(),
  ListRetirableGrants: by(() => ({ RetiringPrincipal: 'arn:aws:iam::111122223333:user/alice' })),
  PutKeyPolicy: of({ Policy: policyOf(ROOT_MAY) }),
  ReEncrypt: by(({ CiphertextBlob, KeyId }) => ({ CiphertextBlob, DestinationKeyId: KeyId }), UNAVAILABLE),
  ReplicateKey: of({ ReplicaRegion: 'eu-west-1' }, UNSUPPORTED),
  RetireGrant: by(({ KeyArn, GrantId }) => ({ KeyId: KeyArn, GrantId })),
  RevokeGrant: by(({ KeyId, GrantId }) => ({ KeyId, GrantId })),
  RotateKeyOnDemand: of({}, UNSUPPORTED),
  ScheduleKeyDeletion: of(),
  Sign: of(signing, USAGE),
  TagResource: of({ Tags: [{ TagKey: 'a', TagValue: '' }] }),
  UntagResource: of({ TagKeys: ['a'] }),
  UpdateAlias: by(({ KeyId }) => ({ AliasName: 'alias/a', TargetKeyId: KeyId })),
  UpdateCustomKeyStore: by(({ CustomKeyStoreId }) => ({ CustomKeyStoreId, NewCustomKeyStoreName: 'new' })),
  UpdateKeyDescription: of({ Description: 'new' }),
  UpdatePrimaryRegion: of({ PrimaryRegion: 'eu-west-1' }, UNSUPPORTED),
  Verify: of({ ...signing, Signature: bytes }, USAGE),
  VerifyMac: of({ ...macs, Mac: bytes }, USAGE),
};

const KINDS = [
  ['AWS_CLOUDHSM', CLOUD_HSM, IN_CLUSTER],
  ['EXTERNAL_KEY_STORE', PUBLIC, BEHIND_PROXY],
] as const;

async function ready(home: Fixture, store: object, origin: object): Promise<Ready> {
  const CustomKeyStoreId = await connect(home, store);
  const { KeyId, Arn } = (await newKey(home, { ...origin, CustomKeyStoreId })) as { KeyId: string; Arn: string };
  const { CiphertextBlob } = await home.call('Encrypt', { KeyId, Plaintext: bytes });
  await home.call('CreateAlias', { AliasName: 'alias/a', TargetKeyId: KeyId });
  const grant = { GranteePrincipal: 'arn:aws:iam::111122223333:user/alice', Operations: ['Decrypt'] };
  const { GrantId } = await home.call('CreateGrant', { KeyId, ...grant });
  await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
  return {
    KeyId,
    KeyArn: Arn,
    CustomKeyStoreId,
    CiphertextBlob: CiphertextBlob as Uint8Array,
    GrantId: GrantId as string,
    origin,
  };
}

const rows = OPERATION_NAMES.flatMap((operation) => {
  const row = ROWS[operation];
  return row ? KINDS.map((kind) => ({ operation, ...row, origin: kind[0], kind, expected: row.code ?? 'ok' })) : [];
});

test.each(rows)('$operation, $origin: $expected', async ({ operation, kind: [, store, origin], input, code }) => {
  const home = await fixture();
  const made = await ready(home, store, origin);
  const asked = home.managers.asked.length;
  const call = home.call(operation, input(made));
  if (code === undefined) await call;
  else {
    const { code: found, message } = await refusal(call);
    expect(found).toBe(code);
    if (code === UNAVAILABLE) expect(message).toMatch(`${made.KeyArn} is `);
    expect(home.events().at(-1)).toMatchObject({ eventName: operation, errorCode: expect.stringContaining(code) });
    expect(home.managers.asked.slice(asked)).toEqual([]);
  }
});

const stateOf = async (home: Fixture, KeyId: string) =>
  ((await home.call('DescribeKey', { KeyId }))['KeyMetadata'] as { KeyState: string; Enabled: boolean }).KeyState;

// 12 and 13; a key that was disabled stays so when its key store is connected again
test.each([
  { operations: [], shown: 'Unavailable', connected: 'Enabled' },
  { operations: ['DisableKey'], shown: 'Unavailable', connected: 'Disabled' },
  { operations: ['DisableKey', 'EnableKey'], shown: 'Unavailable', connected: 'Enabled' },
  { operations: ['ScheduleKeyDeletion'], shown: 'PendingDeletion', connected: 'PendingDeletion' },
  { operations: ['ScheduleKeyDeletion', 'CancelKeyDeletion'], shown: 'Unavailable', connected: 'Disabled' },
])('$operations: $shown, and $connected once connected', async ({ operations, shown, connected }) => {
  for (const [, store, origin] of KINDS) {
    const home = await fixture();
    const { KeyId, CustomKeyStoreId } = await ready(home, store, origin);
    for (const operation of operations) await home.call(operation, { KeyId });
    expect(await stateOf(home, KeyId)).toBe(shown);
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(await stateOf(home, KeyId)).toBe(connected);
  }
});
