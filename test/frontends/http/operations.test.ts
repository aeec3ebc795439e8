/**
 * Every operation of the table through the AWS SDK over a socket: an answer that its deserializer reads, and a refusal
 * that it knows as an exception of its own, with the event's request ID.
 */
import * as sdk from '@aws-sdk/client-kms';
import { constants, createPublicKey, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OPERATION_NAMES } from '../../../src/operations/index.ts';
import { ACCOUNT, newKey } from '../../support/fixture.ts';
import { startService, type Service } from './service.ts';

let made: Service;
let kms: sdk.KMSClient;
beforeAll(async () => {
  made = await startService();
  kms = made.client();
});
afterAll(() => made.running.stop());

type Input = { readonly [member: string]: unknown };
type Output = { readonly [member: string]: unknown; readonly $metadata: { readonly requestId?: string } };

function send(operation: string, input: Input, client = kms): Promise<Output> {
  const Command = (sdk as unknown as Record<string, new (input: Input) => never>)[`${operation}Command`]!;
  return client.send(new Command(input)) as unknown as Promise<Output>;
}

const key = async (input: object = {}): Promise<string> => (await newKey(made.home, input)).id;
const pair = (KeySpec: string, KeyUsage: string): Promise<string> => key({ KeySpec, KeyUsage });
const signing = (): Promise<string> => pair('ECC_NIST_P256', 'SIGN_VERIFY');
const NOBODY = '00000000-0000-4000-8000-000000000000';
const LACKING = { KeyId: NOBODY };
const hello = new Uint8Array(Buffer.from('hello'));
const ROLE = `arn:aws:iam::${ACCOUNT}:role/App`;
let count = 0;
const newName = (): string => `alias/http-${++count}`;

async function keyWithAlias(): Promise<{ KeyId: string; AliasName: string }> {
  const [KeyId, AliasName] = [await key(), newName()];
  await send('CreateAlias', { AliasName, TargetKeyId: KeyId });
  return { KeyId, AliasName };
}

async function encrypted(): Promise<{ KeyId: string; CiphertextBlob: unknown }> {
  const KeyId = await key();
  return { KeyId, CiphertextBlob: (await send('Encrypt', { KeyId, Plaintext: hello }))['CiphertextBlob'] };
}

async function granted(): Promise<{ KeyId: string; GrantId: unknown }> {
  const KeyId = await key();
  const { GrantId } = await send('CreateGrant', { KeyId, GranteePrincipal: ROLE, Operations: ['Decrypt'] });
  return { KeyId, GrantId };
}

const WRAPPING = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' };

async function importable(): Promise<Input> {
  const KeyId = await key({ Origin: 'EXTERNAL' });
  const { ImportToken, PublicKey } = await send('GetParametersForImport', { KeyId, ...WRAPPING });
  const publicKey = createPublicKey({ key: Buffer.from(PublicKey as Uint8Array), format: 'der', type: 'spki' });
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const EncryptedKeyMaterial = publicEncrypt({ key: publicKey, padding, oaepHash: 'sha256' }, randomBytes(32));
  return { KeyId, ImportToken, EncryptedKeyMaterial, ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' };
}

async function imported(): Promise<Input> {
  const input = await importable();
  await send('ImportKeyMaterial', input);
  return { KeyId: input['KeyId'] };
}

async function keyStore(): Promise<Input> {
  const CustomKeyStoreName = `store ${++count}`;
  const { CustomKeyStoreId } = await send('CreateCustomKeyStore', { ...proxied(), CustomKeyStoreName });
  return { CustomKeyStoreId };
}

/** Nothing answers there, so it fails to connect; that can be ended. */
async function connecting(): Promise<Input> {
  const store = await keyStore();
  await send('ConnectCustomKeyStore', store);
  return store;
}

const proxied = (): Input => ({
  CustomKeyStoreName: `proxied ${++count}`,
  CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
  XksProxyConnectivity: 'PUBLIC_ENDPOINT',
  XksProxyUriEndpoint: `https://xks-${count}.example.com`,
  XksProxyUriPath: '/kms/xks/v1',
  XksProxyAuthenticationCredential: {
    AccessKeyId: 'ABCDEFGHIJKLMNOPQRST',
    RawSecretAccessKey: 'A'.repeat(43),
  },
});

const NO_STORE = { CustomKeyStoreId: 'cks-00000000000000000' };

interface Row {
  readonly answer: () => Promise<Input> | Input;
  /** Members of the answer. */
  readonly members: readonly string[];
  readonly refuse: Input | (() => Promise<Input>);
  readonly error: string;
}

const row = (
  answer: Row['answer'],
  members: readonly string[],
  refuse: Row['refuse'] = LACKING,
  error = 'NotFoundException',
): Row => ({ answer, members, refuse, error });

const withKey = async (): Promise<Input> => ({ KeyId: await key() });
const rsa = { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' };
const ecdsa = { SigningAlgorithm: 'ECDSA_SHA_256', Message: hello };
const mac = { MacAlgorithm: 'HMAC_SHA_256', Message: hello };
const publicKeyOf = (namedCurve: string): Uint8Array =>
  new Uint8Array(generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'der', type: 'spki' }));

const ROWS: { readonly [operation: string]: Row } = {
  CancelKeyDeletion: row(async () => {
    const KeyId = await key();
    await send('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    return { KeyId };
  }, ['KeyId']),
  ConnectCustomKeyStore: row(keyStore, [], NO_STORE, 'CustomKeyStoreNotFoundException'),
  CreateAlias: row(
    async () => ({ AliasName: newName(), TargetKeyId: await key() }),
    [],
    async () => {
      const { KeyId, AliasName } = await keyWithAlias();
      return { AliasName, TargetKeyId: KeyId };
    },
    'AlreadyExistsException',
  ),
  CreateCustomKeyStore: row(
    proxied,
    ['CustomKeyStoreId'],
    async () => {
      const input = proxied();
      await send('CreateCustomKeyStore', input);
      return { ...proxied(), CustomKeyStoreName: input['CustomKeyStoreName'] };
    },
    'CustomKeyStoreNameInUseException',
  ),
  CreateGrant: row(
    async () => ({ KeyId: await key(), GranteePrincipal: ROLE, Operations: ['Decrypt'] }),
    ['GrantId', 'GrantToken'],
    { ...LACKING, GranteePrincipal: ROLE, Operations: ['Decrypt'] },
  ),
  CreateKey: row(
    () => ({ Description: 'über' }),
    ['KeyMetadata'],
    { Tags: [{ TagKey: 'aws:x', TagValue: '' }] },
    'TagException',
  ),
  Decapsulate: row(
    async () => {
      const KeyId = await pair('ML_KEM_768', 'ENCAPSULATE_DECAPSULATE');
      const { SharedSecretCiphertextBlob } = await send('Encapsulate', { KeyId, EncapsulationAlgorithm: 'ML_KEM' });
      return { KeyId, SharedSecretCiphertextBlob, EncapsulationAlgorithm: 'ML_KEM' };
    },
    ['SharedSecret'],
    { ...LACKING, SharedSecretCiphertextBlob: new Uint8Array(1088), EncapsulationAlgorithm: 'ML_KEM' },
  ),
  Decrypt: row(
    async () => ({ CiphertextBlob: (await encrypted()).CiphertextBlob }),
    ['Plaintext', 'KeyId', 'EncryptionAlgorithm'],
    { CiphertextBlob: hello },
    'InvalidCiphertextException',
  ),
  DeleteAlias: row(async () => ({ AliasName: (await keyWithAlias()).AliasName }), [], { AliasName: 'alias/nothing' }),
  DeleteCustomKeyStore: row(keyStore, [], NO_STORE, 'CustomKeyStoreNotFoundException'),
  DeleteImportedKeyMaterial: row(imported, []),
  DeriveSharedSecret: row(
    async () => ({
      KeyId: await pair('ECC_NIST_P256', 'KEY_AGREEMENT'),
      KeyAgreementAlgorithm: 'ECDH',
      PublicKey: publicKeyOf('P-256'),
    }),
    ['SharedSecret'],
    { ...LACKING, KeyAgreementAlgorithm: 'ECDH', PublicKey: publicKeyOf('P-256') },
  ),
  DescribeCustomKeyStores: row(keyStore, ['CustomKeyStores'], NO_STORE, 'CustomKeyStoreNotFoundException'),
  DescribeKey: row(withKey, ['KeyMetadata']),
  DisableKey: row(withKey, []),
  DisableKeyRotation: row(withKey, []),
  DisconnectCustomKeyStore: row(connecting, [], NO_STORE, 'CustomKeyStoreNotFoundException'),
  EnableKey: row(withKey, []),
  EnableKeyRotation: row(withKey, []),
  Encapsulate: row(
    async () => ({ KeyId: await pair('ML_KEM_768', 'ENCAPSULATE_DECAPSULATE'), EncapsulationAlgorithm: 'ML_KEM' }),
    ['SharedSecret', 'SharedSecretCiphertextBlob'],
    { ...LACKING, EncapsulationAlgorithm: 'ML_KEM' },
  ),
  Encrypt: row(
    async () => ({ KeyId: await key(), Plaintext: hello, EncryptionContext: { purpose: 'tést' } }),
    ['CiphertextBlob', 'KeyId', 'EncryptionAlgorithm'],
    async () => {
      const KeyId = await key();
      await send('DisableKey', { KeyId });
      return { KeyId, Plaintext: hello };
    },
    'DisabledException',
  ),
  GenerateDataKey: row(
    async () => ({ KeyId: await key(), KeySpec: 'AES_256' }),
    ['CiphertextBlob', 'Plaintext', 'KeyId'],
    async () => ({ KeyId: await signing(), KeySpec: 'AES_256' }),
    'InvalidKeyUsageException',
  ),
  GenerateDataKeyPair: row(
    async () => ({ KeyId: await key(), KeyPairSpec: 'ECC_NIST_P256' }),
    ['PrivateKeyPlaintext', 'PrivateKeyCiphertextBlob', 'PublicKey', 'KeyPairSpec'],
    { ...LACKING, KeyPairSpec: 'ECC_NIST_P256' },
  ),
  GenerateDataKeyPairWithoutPlaintext: row(
    async () => ({ KeyId: await key(), KeyPairSpec: 'ECC_NIST_P256' }),
    ['PrivateKeyCiphertextBlob', 'PublicKey'],
    { ...LACKING, KeyPairSpec: 'ECC_NIST_P256' },
  ),
  GenerateDataKeyWithoutPlaintext: row(async () => ({ KeyId: await key(), NumberOfBytes: 64 }), ['CiphertextBlob'], {
    ...LACKING,
    NumberOfBytes: 64,
  }),
  GenerateMac: row(async () => ({ ...mac, KeyId: await pair('HMAC_256', 'GENERATE_VERIFY_MAC') }), ['Mac'], {
    ...LACKING,
    ...mac,
  }),
  GenerateRandom: row(
    () => ({ NumberOfBytes: 32 }),
    ['Plaintext'],
    { CustomKeyStoreId: NO_STORE.CustomKeyStoreId, NumberOfBytes: 32 },
    'CustomKeyStoreNotFoundException',
  ),
  GetKeyLastUsage: row(async () => ({ KeyId: (await encrypted()).KeyId }), ['KeyId', 'TrackingStartDate']),
  GetKeyPolicy: row(withKey, ['Policy', 'PolicyName']),
  GetKeyRotationStatus: row(withKey, ['KeyRotationEnabled']),
  GetParametersForImport: row(
    async () => ({ KeyId: await key({ Origin: 'EXTERNAL' }), ...WRAPPING }),
    ['ImportToken', 'PublicKey', 'ParametersValidTo'],
    { ...LACKING, ...WRAPPING },
  ),
  GetPublicKey: row(async () => ({ KeyId: await key(rsa) }), ['PublicKey', 'SigningAlgorithms']),
  ImportKeyMaterial: row(
    importable,
    ['KeyId'],
    async () => ({ ...(await importable()), ImportToken: hello }),
    'InvalidImportTokenException',
  ),
  ListAliases: row(
    async () => ({ KeyId: (await keyWithAlias()).KeyId }),
    ['Aliases', 'Truncated'],
    { Marker: '%' },
    'InvalidMarkerException',
  ),
  ListGrants: row(async () => ({ KeyId: (await granted()).KeyId }), ['Grants', 'Truncated']),
  ListKeyPolicies: row(withKey, ['PolicyNames', 'Truncated']),
  ListKeyRotations: row(withKey, ['Rotations', 'Truncated']),
  ListKeys: row(() => ({ Limit: 1 }), ['Keys', 'Truncated', 'NextMarker'], { Marker: '%' }, 'InvalidMarkerException'),
  ListResourceTags: row(
    async () => ({ KeyId: await key({ Tags: [{ TagKey: 'a', TagValue: 'b' }] }) }),
    ['Tags', 'Truncated'],
  ),
  ListRetirableGrants: row(
    () => ({ RetiringPrincipal: ROLE }),
    ['Grants', 'Truncated'],
    { RetiringPrincipal: ROLE, Marker: '%' },
    'InvalidMarkerException',
  ),
  PutKeyPolicy: row(
    async () => ({ KeyId: await key(), Policy: (await send('GetKeyPolicy', await withKey()))['Policy'] }),
    [],
    async () => ({ KeyId: await key(), Policy: '{}' }),
    'MalformedPolicyDocumentException',
  ),
  ReEncrypt: row(
    async () => ({ CiphertextBlob: (await encrypted()).CiphertextBlob, DestinationKeyId: await key() }),
    ['CiphertextBlob', 'SourceKeyId', 'KeyId'],
    async () => ({ CiphertextBlob: hello, DestinationKeyId: await key() }),
    'InvalidCiphertextException',
  ),
  ReplicateKey: row(
    async () => ({ KeyId: await key({ MultiRegion: true }), ReplicaRegion: 'eu-west-1' }),
    ['ReplicaKeyMetadata', 'ReplicaPolicy'],
    { KeyId: `mrk-${'0'.repeat(32)}`, ReplicaRegion: 'eu-west-1' },
  ),
  RetireGrant: row(granted, [], { KeyId: `arn:aws:kms:us-east-1:${ACCOUNT}:key/${NOBODY}`, GrantId: 'a'.repeat(64) }),
  RevokeGrant: row(granted, [], { ...LACKING, GrantId: 'a'.repeat(64) }),
  RotateKeyOnDemand: row(withKey, ['KeyId']),
  ScheduleKeyDeletion: row(
    async () => ({ KeyId: await key(), PendingWindowInDays: 7 }),
    ['KeyId', 'DeletionDate', 'KeyState', 'PendingWindowInDays'],
  ),
  Sign: row(async () => ({ KeyId: await signing(), ...ecdsa }), ['Signature'], { ...LACKING, ...ecdsa }),
  TagResource: row(async () => ({ KeyId: await key(), Tags: [{ TagKey: 'a', TagValue: 'b' }] }), [], {
    ...LACKING,
    Tags: [{ TagKey: 'a', TagValue: 'b' }],
  }),
  UntagResource: row(async () => ({ KeyId: await key(), TagKeys: ['a'] }), [], { ...LACKING, TagKeys: ['a'] }),
  UpdateAlias: row(
    async () => ({ AliasName: (await keyWithAlias()).AliasName, TargetKeyId: await key() }),
    [],
    async () => ({ AliasName: 'alias/nothing', TargetKeyId: await key() }),
  ),
  UpdateCustomKeyStore: row(
    async () => ({ ...(await keyStore()), NewCustomKeyStoreName: `new ${++count}` }),
    [],
    NO_STORE,
    'CustomKeyStoreNotFoundException',
  ),
  UpdateKeyDescription: row(async () => ({ KeyId: await key(), Description: 'new' }), [], {
    ...LACKING,
    Description: 'new',
  }),
  UpdatePrimaryRegion: row(
    async () => {
      const KeyId = await key({ MultiRegion: true });
      await send('ReplicateKey', { KeyId, ReplicaRegion: 'eu-west-1' });
      made.home.now += 10_000; // a replica is Creating for a while
      return { KeyId, PrimaryRegion: 'eu-west-1' };
    },
    [],
    { KeyId: `mrk-${'0'.repeat(32)}`, PrimaryRegion: 'eu-west-1' },
  ),
  Verify: row(
    async () => {
      const KeyId = await signing();
      return { ...ecdsa, KeyId, Signature: (await send('Sign', { ...ecdsa, KeyId }))['Signature'] };
    },
    ['SignatureValid'],
    async () => ({ ...ecdsa, KeyId: await signing(), Signature: hello }),
    'KMSInvalidSignatureException',
  ),
  VerifyMac: row(
    async () => {
      const KeyId = await pair('HMAC_256', 'GENERATE_VERIFY_MAC');
      return { ...mac, KeyId, Mac: (await send('GenerateMac', { ...mac, KeyId }))['Mac'] };
    },
    ['MacValid'],
    async () => ({ ...mac, KeyId: await pair('HMAC_256', 'GENERATE_VERIFY_MAC'), Mac: hello }),
    'KMSInvalidMacException',
  ),
};

test('there is a row for every operation', () => {
  expect(Object.keys(ROWS)).toEqual(OPERATION_NAMES);
});

test.each(Object.entries(ROWS))('%s', async (operation, { answer, members, refuse, error }) => {
  const input = await answer();
  const { $metadata, ...output } = await send(operation, input);
  expect(Object.keys(output)).toEqual(expect.arrayContaining([...members]));
  expect(eventOf($metadata.requestId, operation)).toMatchObject({
    eventName: operation,
    userAgent: expect.stringContaining('aws-sdk-js'),
  });

  const wrong = typeof refuse === 'function' ? await refuse() : refuse;
  const thrown = (await send(operation, wrong).catch((thrown: unknown) => thrown)) as sdk.KMSServiceException;
  expect(thrown.name).toBe(error);
  expect(thrown).toBeInstanceOf((sdk as unknown as Record<string, new () => object>)[error] ?? sdk.KMSServiceException);
  expect(thrown.$metadata.httpStatusCode).toBe(400);
  expect(eventOf(thrown.$metadata.requestId, operation)).toMatchObject({ eventName: operation, errorCode: error });
});

/** A call that concerns other Regions leaves events there too, with the same request ID. */
const eventOf = (requestId: string | undefined, eventName: string): unknown =>
  made.home.events().find((event) => event['requestID'] === requestId && event['eventName'] === eventName);

test('values keep their types: blobs, times, numbers, text beyond ASCII', async () => {
  const Description = 'ключ 🔑';
  const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({ Description }));
  expect(KeyMetadata).toMatchObject({ Description, Enabled: true, CreationDate: new Date(made.home.now) });
  const { CiphertextBlob } = await kms.send(new sdk.EncryptCommand({ KeyId: KeyMetadata!.KeyId, Plaintext: hello }));
  const { Plaintext } = await kms.send(new sdk.DecryptCommand({ CiphertextBlob }));
  expect([...Plaintext!]).toEqual([...hello]);
});

test('the Region is that of the signature', async () => {
  const there = made.client(undefined, 'eu-central-1');
  const { KeyMetadata } = await there.send(new sdk.CreateKeyCommand({}));
  expect(KeyMetadata!.Arn).toContain(':eu-central-1:');
  const here = await send('DescribeKey', { KeyId: KeyMetadata!.KeyId }).catch((error: Error) => error.name);
  expect(here).toBe('NotFoundException');
});
