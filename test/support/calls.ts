/** For every operation a call that succeeds: what must be there first, and the members that it needs at the least. */
import { utf8 } from '../../src/crypto/bytes.ts';
import { transitionTimeOf } from '../../src/keyring/due.ts';
import { CLOUD_HSM, create } from '../operations/custom-key-stores/stores.ts';
import { FOREVER, MATERIAL, wrapped } from '../operations/import/wrap.ts';
import { policyOf, ROOT_MAY } from '../operations/stage.ts';
import { ACCOUNT, newKey, ROOT, type Fixture, type TestKey } from './fixture.ts';

export interface Recipe {
  /** Members of CreateKey for the key that the call is about; undefined: it is about none. */
  readonly key?: object;
  /** The member that names the key; undefined: none does. */
  readonly member?: string;
  /** Makes what must be there, and answers the other members. */
  readonly prepare: (home: Fixture, key: TestKey) => Promise<object> | object;
}

export const OTHER_REGION = 'eu-west-1';
export const SIGNING = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };
export const HMAC = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
const AGREEMENT = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' };
const KEM = { KeySpec: 'ML_KEM_512', KeyUsage: 'ENCAPSULATE_DECAPSULATE' };
export const IMPORTED = { Origin: 'EXTERNAL' };
const REPLICABLE = { MultiRegion: true };

const MESSAGE = utf8('message');
const SIGNED = { Message: MESSAGE, SigningAlgorithm: 'ECDSA_SHA_256' };
const TAGGED = { Message: MESSAGE, MacAlgorithm: 'HMAC_SHA_256' };
const ENCAPSULATED = { EncapsulationAlgorithm: 'ML_KEM' };
const GRANT = { GranteePrincipal: `arn:aws:iam::${ACCOUNT}:role/App`, Operations: ['Encrypt'] };
const ALIAS = 'alias/example';

type Prepare = Recipe['prepare'];

/** A call that names its key by KeyId. */
const about = (more: Prepare | object = {}, key: object = {}, member = 'KeyId'): Recipe => ({
  key,
  member,
  prepare: typeof more === 'function' ? (more as Prepare) : () => more,
});
const aboutNone = (more: Prepare | object = {}): Recipe => ({
  prepare: typeof more === 'function' ? (more as Prepare) : () => more,
});

const encrypted: Prepare = async (home, { arn }) => {
  const { CiphertextBlob } = await home.call('Encrypt', { KeyId: arn, Plaintext: MESSAGE });
  return { CiphertextBlob };
};
const granted: Prepare = async (home, { arn }) => {
  const { GrantId } = await home.call('CreateGrant', { KeyId: arn, ...GRANT });
  return { GrantId };
};
const aliased: Prepare = async (home, { arn }) => {
  await home.call('CreateAlias', { AliasName: ALIAS, TargetKeyId: arn });
  return { AliasName: ALIAS };
};
const withKeyStore = async (home: Fixture): Promise<object> => ({ CustomKeyStoreId: await create(home, CLOUD_HSM) });
/** Nothing answers there, so it fails to connect. */
export async function withFailedKeyStore(home: Fixture): Promise<object> {
  const store = await withKeyStore(home);
  home.managers.hsmError = 'CLUSTER_NOT_FOUND';
  await home.call('ConnectCustomKeyStore', store);
  home.managers.hsmError = undefined;
  return store;
}
const replicated: Prepare = async (home, { arn }) => {
  await home.call('ReplicateKey', { KeyId: arn, ReplicaRegion: OTHER_REGION });
  home.now += transitionTimeOf();
  return { PrimaryRegion: OTHER_REGION };
};

export const CALLS: { readonly [operation: string]: Recipe } = {
  CancelKeyDeletion: about(async (home, { arn }) => {
    await home.call('ScheduleKeyDeletion', { KeyId: arn });
    return {};
  }),
  ConnectCustomKeyStore: aboutNone(withKeyStore),
  CreateAlias: about({ AliasName: ALIAS }, {}, 'TargetKeyId'),
  CreateCustomKeyStore: aboutNone(CLOUD_HSM),
  CreateGrant: about(GRANT),
  CreateKey: aboutNone(),
  Decapsulate: about(async (home, { arn }) => {
    const { SharedSecretCiphertextBlob } = await home.call('Encapsulate', { KeyId: arn, ...ENCAPSULATED });
    return { SharedSecretCiphertextBlob, ...ENCAPSULATED };
  }, KEM),
  Decrypt: about(encrypted),
  DeleteAlias: { key: {}, prepare: aliased },
  DeleteCustomKeyStore: aboutNone(withKeyStore),
  DeleteImportedKeyMaterial: about({}, IMPORTED),
  DeriveSharedSecret: about(async (home) => {
    const { arn: peer } = await newKey(home, AGREEMENT);
    const { PublicKey } = await home.call('GetPublicKey', { KeyId: peer });
    return { PublicKey, KeyAgreementAlgorithm: 'ECDH' };
  }, AGREEMENT),
  DescribeCustomKeyStores: aboutNone(),
  DescribeKey: about(),
  DisableKey: about(),
  DisableKeyRotation: about(),
  DisconnectCustomKeyStore: aboutNone(withFailedKeyStore),
  EnableKey: about(),
  EnableKeyRotation: about(),
  Encapsulate: about(ENCAPSULATED, KEM),
  Encrypt: about({ Plaintext: MESSAGE }),
  GenerateDataKey: about({ KeySpec: 'AES_256' }),
  GenerateDataKeyPair: about({ KeyPairSpec: 'ECC_NIST_P256' }),
  GenerateDataKeyPairWithoutPlaintext: about({ KeyPairSpec: 'ECC_NIST_P256' }),
  GenerateDataKeyWithoutPlaintext: about({ KeySpec: 'AES_256' }),
  GenerateMac: about(TAGGED, HMAC),
  GenerateRandom: aboutNone({ NumberOfBytes: 32 }),
  GetKeyLastUsage: about(),
  GetKeyPolicy: about(),
  GetKeyRotationStatus: about(),
  GetParametersForImport: about({ WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' }, IMPORTED),
  GetPublicKey: about({}, SIGNING),
  ImportKeyMaterial: about(async (home, key) => ({ ...(await wrapped(home, key, MATERIAL)), ...FOREVER }), IMPORTED),
  ListAliases: about(),
  ListGrants: about(),
  ListKeyPolicies: about(),
  ListKeyRotations: about(),
  ListKeys: aboutNone(),
  ListResourceTags: about(),
  ListRetirableGrants: aboutNone({ RetiringPrincipal: ROOT.arn }),
  PutKeyPolicy: about({ Policy: policyOf(ROOT_MAY), BypassPolicyLockoutSafetyCheck: true }),
  ReEncrypt: about(
    async (home, key) => ({ SourceKeyId: key.arn, ...(await encrypted(home, key)) }),
    {},
    'DestinationKeyId',
  ),
  ReplicateKey: about({ ReplicaRegion: OTHER_REGION }, REPLICABLE),
  RetireGrant: about(granted),
  RevokeGrant: about(granted),
  RotateKeyOnDemand: about(),
  ScheduleKeyDeletion: about(),
  Sign: about(SIGNED, SIGNING),
  TagResource: about({ Tags: [{ TagKey: 'Team', TagValue: 'orders' }] }),
  UntagResource: about({ TagKeys: ['Team'] }),
  UpdateAlias: about(aliased, {}, 'TargetKeyId'),
  UpdateCustomKeyStore: aboutNone(async (home) => ({
    ...(await withKeyStore(home)),
    NewCustomKeyStoreName: 'renamed',
  })),
  UpdateKeyDescription: about({ Description: 'new' }),
  UpdatePrimaryRegion: about(replicated, REPLICABLE),
  Verify: about(async (home, { arn }) => {
    const { Signature } = await home.call('Sign', { KeyId: arn, ...SIGNED });
    return { Signature, ...SIGNED };
  }, SIGNING),
  VerifyMac: about(async (home, { arn }) => {
    const { Mac } = await home.call('GenerateMac', { KeyId: arn, ...TAGGED });
    return { Mac, ...TAGGED };
  }, HMAC),
};

export interface ReadyCall {
  readonly operation: string;
  /** The key that it is about. */
  readonly key?: TestKey;
  /** The member that names the key. */
  readonly member?: string;
  readonly input: { readonly [member: string]: unknown };
}

export async function readyCall(home: Fixture, operation: string): Promise<ReadyCall> {
  const { key: spec, member, prepare } = CALLS[operation]!;
  if (!spec) return { operation, input: { ...(await prepare(home, { id: '', arn: '' })) } };
  const key = await newKey(home, spec);
  const more = await prepare(home, key);
  if (member === undefined) return { operation, key, input: { ...more } };
  return { operation, key, member, input: { ...more, [member]: key.arn } };
}
