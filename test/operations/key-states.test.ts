import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import { findKey, putKey } from '../../src/keyring/kms-key.ts';
import { loadOperation, OPERATION_NAMES } from '../../src/operations/index.ts';
import { requireState } from '../../src/pipeline/key-state.ts';
import {
  ACCOUNT,
  fixture,
  newKey,
  REGION,
  refusal,
  type Fixture,
  type Refusal,
  type TestKey,
} from '../support/fixture.ts';
import { policyOf, ROOT_MAY } from './stage.ts';

type State =
  | 'Enabled'
  | 'Disabled'
  | 'PendingDeletion'
  | 'PendingReplicaDeletion'
  | 'PendingImport'
  | 'Creating'
  | 'Updating';

interface Row {
  readonly operation: string;
  readonly origin?: 'AWS_KMS' | 'EXTERNAL';
  /** Which of two keys is in the state. */
  readonly key?: string;
  readonly cells: { readonly [S in State]?: 'ok' | number };
}

const { footnotes, rows } = JSON.parse(
  readFileSync(new URL('../vectors/key-states/matrix.json', import.meta.url), 'utf8'),
) as { footnotes: { readonly [n: string]: { readonly code: string; readonly message: string } }; rows: readonly Row[] };

/** What there is while the key is still in the state that it was made in. */
interface Ready {
  readonly home: Fixture;
  readonly key: TestKey;
  readonly other: TestKey;
  /** A ciphertext, signature, tag or grant of the key, or of the other one where the key has no material. */
  readonly made: { readonly [name: string]: unknown };
}

interface Recipe {
  /** Members of CreateKey beside Origin. */
  readonly key?: object;
  /** A call that makes what `input` needs. */
  readonly before?: (ready: Omit<Ready, 'made'>) => Promise<object>;
  readonly input: (ready: Ready) => object;
}

const RSA_OR_EC = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };
const HMAC = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
const MESSAGE = utf8('message');
const signing = { Message: MESSAGE, SigningAlgorithm: 'ECDSA_SHA_256' };
const macs = { Message: MESSAGE, MacAlgorithm: 'HMAC_SHA_256' };
const grant = { GranteePrincipal: 'arn:aws:iam::111122223333:user/alice', Operations: ['Encrypt'] };
const bytes = new Uint8Array(32);

const named = (more: object = {}) => ({ input: ({ key }: Ready) => ({ KeyId: key.id, ...more }) });
const aliased: Recipe['before'] = ({ home, key }) =>
  home.call('CreateAlias', { AliasName: 'alias/a', TargetKeyId: key.id });
const granted: Recipe['before'] = ({ home, key }) =>
  home.call('CreateGrant', { KeyId: key.id, ...grant, Operations: ['DescribeKey'] });

const RECIPES: { readonly [operation: string]: Recipe } = {
  CancelKeyDeletion: named(),
  CreateAlias: { input: ({ key }) => ({ AliasName: 'alias/a', TargetKeyId: key.id }) },
  CreateGrant: named(grant),
  Decrypt: {
    before: ({ home, key }) => home.call('Encrypt', { KeyId: key.id, Plaintext: MESSAGE }),
    input: ({ key, made }) => ({ KeyId: key.id, CiphertextBlob: made['CiphertextBlob'] ?? bytes }),
  },
  DeleteAlias: { before: aliased, input: () => ({ AliasName: 'alias/a' }) },
  DeleteImportedKeyMaterial: named(),
  DescribeKey: named(),
  DisableKey: named(),
  DisableKeyRotation: named(),
  EnableKey: named(),
  EnableKeyRotation: named(),
  Encrypt: named({ Plaintext: MESSAGE }),
  GenerateDataKey: named({ KeySpec: 'AES_256' }),
  GenerateDataKeyPair: named({ KeyPairSpec: 'ECC_NIST_P256' }),
  GenerateDataKeyPairWithoutPlaintext: named({ KeyPairSpec: 'ECC_NIST_P256' }),
  GenerateDataKeyWithoutPlaintext: named({ KeySpec: 'AES_256' }),
  GenerateMac: { key: HMAC, ...named(macs) },
  GetKeyPolicy: named(),
  GetKeyRotationStatus: named(),
  GetParametersForImport: named({ WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' }),
  GetPublicKey: { key: RSA_OR_EC, ...named() },
  ImportKeyMaterial: named({
    ImportToken: bytes,
    EncryptedKeyMaterial: bytes,
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
  }),
  ListAliases: named(),
  ListGrants: named(),
  ListKeyPolicies: named(),
  ListResourceTags: named(),
  PutKeyPolicy: named({ Policy: policyOf(ROOT_MAY) }),
  'ReEncrypt, source': {
    before: ({ home, key }) => home.call('Encrypt', { KeyId: key.id, Plaintext: MESSAGE }),
    input: ({ key, other, made }) => ({
      SourceKeyId: key.id,
      CiphertextBlob: made['CiphertextBlob'] ?? bytes,
      DestinationKeyId: other.id,
    }),
  },
  'ReEncrypt, destination': {
    before: ({ home, other }) => home.call('Encrypt', { KeyId: other.id, Plaintext: MESSAGE }),
    input: ({ key, made }) => ({ CiphertextBlob: made['CiphertextBlob'], DestinationKeyId: key.id }),
  },
  ReplicateKey: { key: { MultiRegion: true }, ...named({ ReplicaRegion: 'eu-west-1' }) },
  RetireGrant: { before: granted, input: ({ key, made }) => ({ KeyId: key.arn, GrantId: made['GrantId'] }) },
  RevokeGrant: { before: granted, input: ({ key, made }) => ({ KeyId: key.id, GrantId: made['GrantId'] }) },
  ScheduleKeyDeletion: named(),
  Sign: { key: RSA_OR_EC, ...named(signing) },
  TagResource: named({ Tags: [{ TagKey: 'a', TagValue: '' }] }),
  UntagResource: named({ TagKeys: ['a'] }),
  'UpdateAlias, the alias leaves it': {
    before: aliased,
    input: ({ other }) => ({ AliasName: 'alias/a', TargetKeyId: other.id }),
  },
  'UpdateAlias, the alias comes to it': {
    before: ({ home, other }) => home.call('CreateAlias', { AliasName: 'alias/a', TargetKeyId: other.id }),
    input: ({ key }) => ({ AliasName: 'alias/a', TargetKeyId: key.id }),
  },
  UpdateKeyDescription: named({ Description: 'new' }),
  Verify: {
    key: RSA_OR_EC,
    before: ({ home, key }) => home.call('Sign', { KeyId: key.id, ...signing }),
    input: ({ key, made }) => ({ KeyId: key.id, ...signing, Signature: made['Signature'] ?? bytes }),
  },
  VerifyMac: {
    key: HMAC,
    before: ({ home, key }) => home.call('GenerateMac', { KeyId: key.id, ...macs }),
    input: ({ key, made }) => ({ KeyId: key.id, ...macs, Mac: made['Mac'] ?? bytes }),
  },
};

const WITH_USAGE: ReadonlySet<string> = new Set(
  (await Promise.all(OPERATION_NAMES.map(loadOperation)))
    .filter(({ usage }) => usage !== undefined)
    .map(({ name }) => name),
);

/** Only multi-Region keys are in them. */
const OF_MULTI_REGION: ReadonlySet<State> = new Set(['PendingReplicaDeletion', 'Creating', 'Updating']);

/** From the state that a key is made in. */
const CHANGES: { readonly [S in State]?: string } = { Disabled: 'DisableKey', PendingDeletion: 'ScheduleKeyDeletion' };

async function bringInto(state: State, home: Fixture, { id }: TestKey): Promise<void> {
  const change = CHANGES[state];
  if (change) await home.call(change, { KeyId: id });
  if (!OF_MULTI_REGION.has(state)) return;
  // whatever else is true of keys that are in it: each is primary key and replica in turn
  await home.keyring.transact(async (tx) => {
    const found = await findKey(tx, { account: ACCOUNT, region: REGION }, id);
    putKey(tx, { ...found!, state });
  });
}

/** The footnote about keys that are pending deletion is also about those that are pending replica deletion. */
function refusalIn(state: State, footnote: number, { arn }: TestKey): Refusal {
  const { code, message } = footnotes[footnote]!;
  const text = state === 'PendingReplicaDeletion' ? message.replace('is pending', 'is pending replica') : message;
  return { code, message: text.replace('<arn>', arn) };
}

interface Cell extends Omit<Row, 'cells'> {
  readonly state: State;
  readonly origin: 'AWS_KMS' | 'EXTERNAL';
  readonly expected: 'ok' | number;
}

const cells: Cell[] = rows.flatMap(({ cells, ...row }) =>
  (Object.entries(cells) as [State, 'ok' | number][]).map(([state, expected]) =>
    Object.assign({}, row, {
      state,
      expected,
      origin: row.origin ?? (state === 'PendingImport' ? ('EXTERNAL' as const) : ('AWS_KMS' as const)),
    }),
  ),
);

const titled = cells.map((cell) => {
  const recipe = cell.key === undefined ? cell.operation : `${cell.operation}, ${cell.key}`;
  return { ...cell, recipe, title: `${recipe}: ${cell.origin}, ${cell.state}: ${cell.expected}` };
});

describe('the matrix', () => {
  test.each(titled)('$title', async ({ recipe, operation, origin, state, expected }) => {
    const { key: spec = {}, before, input } = RECIPES[recipe]!;
    const home = await fixture('key-states');
    const kind = OF_MULTI_REGION.has(state) ? { ...spec, MultiRegion: true } : spec;
    const [key, other] = [await newKey(home, { ...kind, Origin: origin }), await newKey(home, spec)];
    const hasMaterial = origin === 'AWS_KMS' || recipe === 'ReEncrypt, destination' || operation.endsWith('Alias');
    const made = hasMaterial ? ((await before?.({ home, key, other })) ?? {}) : {};
    await bringInto(state, home, key);
    const described = (await home.call('DescribeKey', { KeyId: key.id }))['KeyMetadata'] as { KeyState: string };
    expect(described.KeyState).toBe(state);

    const call = home.call(operation, input({ home, key, other, made: made as Ready['made'] }));
    if (expected === 'ok') await call;
    else expect(await refusal(call)).toEqual(refusalIn(state, expected, key));
  });

  test('is whole: every recipe is a row, every row a recipe', () => {
    expect([...new Set(titled.map(({ recipe }) => recipe))].sort()).toEqual(Object.keys(RECIPES).sort());
    expect(cells.length).toBeGreaterThan(270);
  });
});

/** Keys of each kind, by members of CreateKey: whatever kind an operation takes, the state of the key comes first. */
const KINDS: readonly object[] = [
  {},
  { MultiRegion: true },
  HMAC,
  RSA_OR_EC,
  { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' },
  { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' },
];

// AWS KMS Developer Guide, Key states of AWS KMS keys: a row has one answer for keys of all kinds. Usage comes before it.
const ofEveryKind = titled.filter(
  ({ recipe, expected, state, origin }) =>
    expected !== 'ok' &&
    footnotes[expected]!.code !== 'UnsupportedOperationException' &&
    state !== 'PendingImport' &&
    origin === 'AWS_KMS' &&
    !WITH_USAGE.has(recipe.split(',')[0]!),
);

describe.each(ofEveryKind)('$title, of every kind', ({ recipe, operation, state, expected }) => {
  test.each(KINDS.map((kind) => [Object.values(kind).join(' ') || 'symmetric', kind]))('%s', async (_, kind) => {
    const { before, input } = RECIPES[recipe]!;
    const home = await fixture('key-states');
    const [key, other] = [await newKey(home, kind), await newKey(home, kind)];
    const made = (await before?.({ home, key, other })) ?? {};
    await bringInto(state, home, key);
    const call = home.call(operation, input({ home, key, other, made: made as Ready['made'] }));
    expect(await refusal(call)).toEqual(refusalIn(state, expected as number, key));
  });
});

const unreachable: readonly [
  rule: Parameters<typeof requireState>[0],
  state: Parameters<typeof requireState>[1]['state'],
  text: string | undefined,
][] = [
  ['use', 'Unavailable', 'is unavailable.'],
  ['use', 'Creating', 'is creating.'],
  ['use', 'Updating', undefined],
  ['use', 'PendingReplicaDeletion', 'is pending replica deletion.'],
  ['any', 'Creating', undefined],
  ['switch', 'Unavailable', undefined],
  ['switch', 'Creating', 'is creating.'],
  ['switch', 'Updating', 'is updating.'],
  ['schedule-deletion', 'Creating', undefined],
  ['schedule-deletion', 'Unavailable', undefined],
  ['schedule-deletion', 'Updating', 'is updating.'],
  ['schedule-deletion', 'PendingReplicaDeletion', 'is pending replica deletion.'],
  ['cancel-deletion', 'PendingReplicaDeletion', undefined],
  ['cancel-deletion', 'Unavailable', 'is not pending deletion (or pending replica deletion).'],
  ['cancel-deletion', 'Updating', 'is not pending deletion (or pending replica deletion).'],
  ['not-pending', 'Updating', undefined],
  ['not-pending', 'PendingReplicaDeletion', 'is pending replica deletion.'],
];

test.each(unreachable)('the rule %s in %s', (rule, state, text) => {
  const check = (): void => requireState(rule, { state, arn: 'ARN' });
  if (text === undefined) expect(check).not.toThrow();
  else expect(check).toThrow(`ARN ${text}`);
});
