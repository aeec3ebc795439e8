/**
 * For every operation, and every exception that the model declares of it, a call that is refused with it: one row for
 * all operations that declare the exception, or one of the operation's own. Exceptions that cannot occur have none.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8 } from '../../src/crypto/bytes.ts';
import { encodeRecord } from '../../src/keyring/record.ts';
import { DAY } from '../../src/keyring/time.ts';
import { everyOperation } from '../../src/operations/index.ts';
import {
  BEHIND_PROXY,
  CLOUD_HSM,
  connect,
  create,
  IN_CLUSTER,
  PUBLIC,
  VPC,
} from '../operations/custom-key-stores/stores.ts';
import { FOREVER, importInto, MATERIAL, OTHER_MATERIAL, wrapped } from '../operations/import/wrap.ts';
import { arnOf, UNKNOWN } from '../operations/stage.ts';
import type { HsmErrorCode } from '../../src/key-managers/hsm/hsm.ts';
import type { XksErrorName } from '../../src/key-managers/xks/xks.ts';
import { HMAC, IMPORTED, OTHER_REGION, readyCall, SIGNING, withFailedKeyStore, type ReadyCall } from './calls.ts';
import { ACCOUNT, newKey, REGION, type Fixture } from './fixture.ts';

const COMMANDS = join(import.meta.dirname, '../../node_modules/@aws-sdk/client-kms/dist-types/commands');

/** What the model declares, after the SDK. */
export function declaredErrors(operation: string): readonly string[] {
  const text = readFileSync(join(COMMANDS, `${operation}Command.d.ts`), 'utf8');
  const names = Array.from(text.matchAll(/@throws \{@link (\w+)\}/g), ([, name]) => name!);
  return names.filter((name) => name !== 'KMSServiceException');
}

export interface Refused {
  readonly input: { readonly [member: string]: unknown };
  readonly region?: string;
}

/** Brings the refusal about, and answers the call that is refused; undefined: it says nothing about this operation. */
type Row = (home: Fixture, call: ReadyCall) => Promise<Refused | undefined> | Refused | undefined;

const takes = new Map((await everyOperation()).map(({ name, input }) => [name, Object.keys(input.members)]));

/** The call that succeeds, with these members instead of its own or beside them, where it takes them. */
const having =
  (members: object): Row =>
  (_, { operation, input }) =>
    Object.keys(members).every((member) => takes.get(operation)!.includes(member))
      ? { input: { ...input, ...members } }
      : undefined;

const naming =
  (identifier: string): Row =>
  (_, { input, member }) =>
    member === undefined ? undefined : { input: { ...input, [member]: identifier } };

const namingKeyOf =
  (spec: object): Row =>
  async (home, call) =>
    naming((await newKey(home, spec)).arn)(home, call);

/** After a call about its key. */
const after =
  (operation: string): Row =>
  async (home, { input, key }) => {
    if (!key) return undefined;
    await home.call(operation, { KeyId: key.arn });
    return { input };
  };

const NO_KEY_ARN = 'arn:aws:s3:::bucket';
const LONG_POLICY = JSON.stringify({ Version: '2012-10-17', Id: 'x'.repeat(32_768), Statement: [] });
const SYMMETRIC = {};

/** For every operation that declares the exception and has no row of its own. */
const GENERAL: { readonly [error: string]: Row } = {
  CustomKeyStoreInvalidStateException: async (home, call) => having(await withFailedKeyStore(home))(home, call),
  CustomKeyStoreNotFoundException: having({ CustomKeyStoreId: 'cks-00000000000000000' }),
  DisabledException: after('DisableKey'),
  DryRunOperationException: having({ DryRun: true }),
  InvalidArnException: naming(NO_KEY_ARN),
  InvalidGrantIdException: having({ GrantId: 'x' }),
  InvalidGrantTokenException: having({ GrantTokens: ['made-up'] }),
  InvalidKeyUsageException: namingKeyOf(SIGNING),
  InvalidMarkerException: having({ Marker: '%' }),
  KMSInvalidStateException: after('ScheduleKeyDeletion'),
  LimitExceededException: having({ Policy: LONG_POLICY }),
  MalformedPolicyDocumentException: having({ Policy: '{}' }),
  NotFoundException: naming(arnOf(UNKNOWN)),
  TagException: having({ Tags: [{ TagKey: 'aws:team', TagValue: '' }] }),
};

/** As if there were so many already. */
const counted = (home: Fixture, path: string, count: number): Promise<void> =>
  home.keyring.transact(async (tx) => tx.put(path, encodeRecord(count)));

/** 50 aliases are the most of one key. */
const withManyAliases: Row = async (home, { input }) => {
  const { arn } = await newKey(home);
  for (let n = 0; n < 50; n += 1) await home.call('CreateAlias', { AliasName: `alias/${n}`, TargetKeyId: arn });
  return { input: { ...input, TargetKeyId: arn } };
};

/** Another key store has what this one is to have. */
const beside =
  (other: object, input: object): Row =>
  async (home) => {
    await create(home, other);
    return { input: { ...input } };
  };
const changed =
  (others: readonly object[], changes: object): Row =>
  async (home) => {
    for (const other of others.slice(1)) await create(home, other);
    return { input: { CustomKeyStoreId: await create(home, others[0]!), ...changes } };
  };

/** The cluster, or the proxy, fails so. */
const failing =
  (
    how: { readonly hsmError?: HsmErrorCode; readonly xksError?: XksErrorName; readonly isListed?: boolean },
    given?: object,
  ): Row =>
  (home, { input }) => {
    Object.assign(home.managers, how);
    return { input: given ? { ...given } : input };
  };

/** As failing(), in a call about a key store that is connected. */
const failingIn =
  (store: object, how: Parameters<typeof failing>[0], members: object): Row =>
  async (home, call) =>
    failing(how, { ...members, CustomKeyStoreId: await connect(home, store) })(home, call);

/** As failing(), in a change of a key store. */
const failingChange =
  (store: object, how: Parameters<typeof failing>[0], members: object): Row =>
  async (home, call) =>
    failing(how, { ...members, CustomKeyStoreId: await create(home, store) })(home, call);

const PROXY_ERRORS = {
  XksProxyIncorrectAuthenticationCredentialException: 'AuthenticationFailedException',
  XksProxyInvalidConfigurationException: 'InvalidUriPathException',
  XksProxyInvalidResponseException: 'XksProxyInvalidResponse',
  XksProxyUriUnreachableException: 'XksProxyUnreachable',
} as const;
const CLUSTER_ERRORS = {
  CloudHsmClusterInvalidConfigurationException: 'INSUFFICIENT_CLOUDHSM_HSMS',
  CloudHsmClusterNotActiveException: 'NETWORK_ERRORS',
  CloudHsmClusterNotFoundException: 'CLUSTER_NOT_FOUND',
} as const;

const rows = <C extends string>(errors: { readonly [name: string]: C }, row: (cause: C) => Row) =>
  Object.fromEntries(Object.entries(errors).map(([name, cause]) => [name, row(cause)]));

const SHARED_PATH = '/kms/xks/v1';
const OTHER_VPC = {
  ...VPC,
  CustomKeyStoreName: 'other vpc',
  XksProxyUriEndpoint: 'https://other.xks.example.com',
  XksProxyVpcEndpointServiceName: 'com.amazonaws.vpce.us-east-1.vpce-svc-other1',
};

const garbled = (bytes: unknown): Uint8Array => Uint8Array.from(bytes as Uint8Array, (byte) => byte ^ 1);

/** What the general rows do not bring about, or would by a call that this operation does not take. */
export const OWN_REFUSALS: { readonly [operation: string]: { readonly [error: string]: Row } } = {
  CancelKeyDeletion: {
    KMSInvalidStateException: after('CancelKeyDeletion'),
  },
  CreateAlias: {
    AlreadyExistsException: async (home, { input }) => {
      await home.call('CreateAlias', input);
      return { input };
    },
    InvalidAliasNameException: having({ AliasName: 'alias/' }),
    LimitExceededException: withManyAliases,
  },
  CreateCustomKeyStore: {
    ...rows(CLUSTER_ERRORS, (hsmError) => failing({ hsmError })),
    ...rows(PROXY_ERRORS, (xksError) => failing({ xksError }, PUBLIC)),
    IncorrectTrustAnchorException: failing({ hsmError: 'INCORRECT_TRUST_ANCHOR' }),
    XksProxyVpcEndpointServiceNotFoundException: failing({ isListed: false }, VPC),
    XksProxyVpcEndpointServiceInvalidConfigurationException: failing(
      {},
      { ...VPC, XksProxyUriEndpoint: 'https://localhost' },
    ),
    CloudHsmClusterInUseException: beside(CLOUD_HSM, { ...CLOUD_HSM, CustomKeyStoreName: 'other' }),
    CustomKeyStoreNameInUseException: beside(CLOUD_HSM, { ...PUBLIC, CustomKeyStoreName: 'hsm' }),
    LimitExceededException: async (home, { input }) => {
      for (let n = 0; n < 10; n += 1)
        await create(home, { ...PUBLIC, CustomKeyStoreName: `proxy ${n}`, XksProxyUriPath: `/${n}/kms/xks/v1` });
      return { input };
    },
    XksProxyUriEndpointInUseException: beside(PUBLIC, {
      ...VPC,
      XksProxyUriEndpoint: PUBLIC.XksProxyUriEndpoint,
      XksProxyUriPath: SHARED_PATH,
    }),
    XksProxyUriInUseException: beside(PUBLIC, { ...PUBLIC, CustomKeyStoreName: 'other' }),
    XksProxyVpcEndpointServiceInUseException: beside(VPC, {
      ...OTHER_VPC,
      XksProxyVpcEndpointServiceName: VPC.XksProxyVpcEndpointServiceName,
    }),
  },
  CreateGrant: {
    LimitExceededException: async (home, { input, key }) => {
      await counted(home, `count/grant/${ACCOUNT}/${REGION}/${key!.id}`, 50_000);
      return { input };
    },
  },
  CreateKey: {
    CloudHsmClusterInvalidConfigurationException: failingIn(
      CLOUD_HSM,
      { hsmError: 'INSUFFICIENT_CLOUDHSM_HSMS' },
      IN_CLUSTER,
    ),
    XksKeyAlreadyInUseException: async (home) => {
      const input = { ...BEHIND_PROXY, CustomKeyStoreId: await connect(home, PUBLIC) };
      await home.call('CreateKey', input);
      return { input };
    },
    XksKeyInvalidConfigurationException: failingIn(PUBLIC, { xksError: 'InvalidStateException' }, BEHIND_PROXY),
    XksKeyNotFoundException: failingIn(PUBLIC, { xksError: 'KeyNotFoundException' }, BEHIND_PROXY),
    CustomKeyStoreInvalidStateException: async (home) => ({
      input: { ...(await withFailedKeyStore(home)), Origin: 'AWS_CLOUDHSM' },
    }),
    CustomKeyStoreNotFoundException: having({ Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: 'cks-00000000000000000' }),
    LimitExceededException: async (home, { input }) => {
      await counted(home, `count/key/${ACCOUNT}/${REGION}`, 100_000);
      return { input };
    },
    UnsupportedOperationException: having({ KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' }),
  },
  Decapsulate: {
    InvalidCiphertextException: having({ SharedSecretCiphertextBlob: utf8('short') }),
  },
  Decrypt: {
    IncorrectKeyException: namingKeyOf(SYMMETRIC),
    // a ciphertext of ours would be of another key; that of a key pair does not name its key
    InvalidKeyUsageException: async (home, { input }) => ({
      input: { ...input, KeyId: (await newKey(home, SIGNING)).arn, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' },
    }),
    InvalidCiphertextException: (_, { input }) => ({
      input: { ...input, CiphertextBlob: garbled(input['CiphertextBlob']) },
    }),
  },
  DeleteAlias: {
    NotFoundException: having({ AliasName: 'alias/unknown' }),
  },
  DeleteImportedKeyMaterial: {
    // in a replica that is not there yet
    KMSInvalidStateException: async (home) => {
      const primary = await newKey(home, { ...IMPORTED, MultiRegion: true });
      await importInto(home, primary, MATERIAL);
      await home.call('ReplicateKey', { KeyId: primary.arn, ReplicaRegion: OTHER_REGION });
      return { input: { KeyId: primary.id }, region: OTHER_REGION };
    },
    UnsupportedOperationException: namingKeyOf(SYMMETRIC),
  },
  DeleteCustomKeyStore: {
    CustomKeyStoreHasCMKsException: async (home) => {
      const CustomKeyStoreId = await connect(home, PUBLIC);
      await home.call('CreateKey', { ...BEHIND_PROXY, CustomKeyStoreId });
      await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
      return { input: { CustomKeyStoreId } };
    },
  },
  DisableKeyRotation: { UnsupportedOperationException: namingKeyOf(IMPORTED) },
  DisconnectCustomKeyStore: {
    CustomKeyStoreInvalidStateException: async (home) => ({ input: { CustomKeyStoreId: await create(home, PUBLIC) } }),
  },
  EnableKeyRotation: { UnsupportedOperationException: namingKeyOf(IMPORTED) },
  GenerateDataKeyPair: { UnsupportedOperationException: having({ KeyPairSpec: 'SM2' }) },
  GenerateDataKeyPairWithoutPlaintext: { UnsupportedOperationException: having({ KeyPairSpec: 'SM2' }) },
  GenerateRandom: {
    UnsupportedOperationException: async (home, { input }) => ({
      input: { ...input, CustomKeyStoreId: await create(home, PUBLIC) },
    }),
  },
  GetParametersForImport: { UnsupportedOperationException: namingKeyOf(SYMMETRIC) },
  GetPublicKey: { UnsupportedOperationException: namingKeyOf(SYMMETRIC) },
  ImportKeyMaterial: {
    ExpiredImportTokenException: (home, { input }) => {
      home.now += 2 * DAY;
      return { input };
    },
    IncorrectKeyMaterialException: async (home, { input, key }) => {
      await home.call('ImportKeyMaterial', input);
      return { input: { ...(await wrapped(home, key!, OTHER_MATERIAL)), ...FOREVER } };
    },
    InvalidCiphertextException: (_, { input }) => ({
      input: { ...input, EncryptedKeyMaterial: garbled(input['EncryptedKeyMaterial']) },
    }),
    InvalidImportTokenException: (_, { input }) => ({
      input: { ...input, ImportToken: garbled(input['ImportToken']) },
    }),
    UnsupportedOperationException: namingKeyOf(SYMMETRIC),
  },
  ListKeyRotations: { UnsupportedOperationException: namingKeyOf(HMAC) },
  ListRetirableGrants: { InvalidArnException: having({ RetiringPrincipal: NO_KEY_ARN }) },
  ReEncrypt: {
    IncorrectKeyException: async (home, { input }) => ({
      input: { ...input, SourceKeyId: (await newKey(home)).arn },
    }),
    InvalidCiphertextException: (_, { input }) => ({
      input: { ...input, CiphertextBlob: garbled(input['CiphertextBlob']) },
    }),
  },
  ReplicateKey: {
    AlreadyExistsException: async (home, { input }) => {
      await home.call('ReplicateKey', input);
      return { input };
    },
    UnsupportedOperationException: namingKeyOf(SYMMETRIC),
  },
  RetireGrant: { InvalidGrantTokenException: () => ({ input: { GrantToken: 'made-up' } }) },
  RotateKeyOnDemand: {
    ConflictException: after('RotateKeyOnDemand'),
    LimitExceededException: async (home, { input }) => {
      for (let n = 0; n < 25; n += 1) {
        await home.call('RotateKeyOnDemand', input);
        home.now += DAY;
      }
      return { input };
    },
    UnsupportedOperationException: namingKeyOf(HMAC),
  },
  Sign: { InvalidKeyUsageException: namingKeyOf(HMAC) },
  UntagResource: { TagException: having({ TagKeys: ['aws:team'] }) },
  UpdateAlias: { LimitExceededException: withManyAliases },
  UpdateCustomKeyStore: {
    ...rows(CLUSTER_ERRORS, (hsmError) =>
      failingChange(CLOUD_HSM, { hsmError }, { CloudHsmClusterId: 'cluster-2a23b4cdefh' }),
    ),
    ...rows(PROXY_ERRORS, (xksError) => failingChange(PUBLIC, { xksError }, { XksProxyUriPath: SHARED_PATH })),
    XksProxyVpcEndpointServiceNotFoundException: failingChange(
      VPC,
      { isListed: false },
      { XksProxyUriPath: SHARED_PATH },
    ),
    XksProxyVpcEndpointServiceInvalidConfigurationException: changed([VPC], {
      XksProxyUriEndpoint: 'https://intranet',
    }),
    CloudHsmClusterNotRelatedException: changed(
      [CLOUD_HSM, { ...CLOUD_HSM, CustomKeyStoreName: 'other', CloudHsmClusterId: 'cluster-2a23b4cdefh' }],
      { CloudHsmClusterId: 'cluster-2a23b4cdefh' },
    ),
    CustomKeyStoreNameInUseException: changed([CLOUD_HSM, PUBLIC], {
      NewCustomKeyStoreName: PUBLIC.CustomKeyStoreName,
    }),
    XksProxyUriEndpointInUseException: changed([VPC, OTHER_VPC], {
      XksProxyUriEndpoint: OTHER_VPC.XksProxyUriEndpoint,
      XksProxyUriPath: SHARED_PATH,
    }),
    XksProxyUriInUseException: changed(
      [PUBLIC, { ...PUBLIC, CustomKeyStoreName: 'other', XksProxyUriPath: SHARED_PATH }],
      { XksProxyUriPath: SHARED_PATH },
    ),
    XksProxyVpcEndpointServiceInUseException: changed([VPC, OTHER_VPC], {
      XksProxyVpcEndpointServiceName: OTHER_VPC.XksProxyVpcEndpointServiceName,
    }),
  },
  UpdatePrimaryRegion: { UnsupportedOperationException: having({ PrimaryRegion: REGION }) },
  Verify: {
    InvalidKeyUsageException: namingKeyOf(HMAC),
    KMSInvalidSignatureException: having({ Message: utf8('another message') }),
  },
  VerifyMac: {
    KMSInvalidMacException: having({ Message: utf8('another message') }),
  },
};

/** Brings the refusal about in this keyring; undefined: no call of this operation is refused so. */
export async function refusedCall(home: Fixture, operation: string, error: string): Promise<Refused | undefined> {
  const row = OWN_REFUSALS[operation]?.[error] ?? GENERAL[error];
  return row?.(home, await readyCall(home, operation));
}
