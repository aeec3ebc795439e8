/** `kms apply` and `kms serve --seed`: seeds and templates become keys, and applying them again changes nothing. */
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accessKeys, asksForSignatures } from '../../src/keyring/access-key.ts';
import { applyFile, type ApplyOptions } from '../../src/commands/apply/apply-file.ts';
import { readSeed } from '../../src/commands/apply/seed/read.ts';
import type { SeedChange } from '../../src/commands/apply/steps/step.ts';
import { callerOf } from '../../src/policy/principal.ts';
import { ACCOUNT, fixture, refusal, REGION, type Fixture } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';
import { sessionParts } from '../support/session-parts.ts';

const folder = temporaryFolders();
const ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/App`;

const SEED = `
Keys:
  - KeyId: ${ID}
    Description: fixed
    KeyMaterial: ${Buffer.alloc(32, 7).toString('base64')}
    Tags: [{TagKey: Team, TagValue: Blue}]
    EnableKeyRotation: true
    Aliases: [alias/app]
    Grants: [{Name: app, GranteePrincipal: '${ROLE}', Operations: [Decrypt]}]
  - KeyId: ${ID.replace('1234abcd', '00000000')}
    KeySpec: ECC_NIST_P256
    KeyUsage: SIGN_VERIFY
    Enabled: false
Principals:
  - Arn: ${ROLE}
    Policies:
      - PolicyName: describe
        PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 'kms:DescribeKey', Resource: '*'}]}
`;

interface Applied {
  readonly changes: readonly SeedChange[];
  readonly actions: readonly string[];
}

async function apply(home: Fixture, text: string, options: ApplyOptions = {}): Promise<Applied> {
  const file = join(folder(), 'seed.yaml');
  writeFileSync(file, text);
  const changes = await applyFile(home.keyring, file, { session: sessionParts(home), options });
  return { changes, actions: changes.map(({ Action, Detail }) => `${Action} ${Detail}`.trim()) };
}

test('a seed becomes keys, aliases, grants and principals; again, nothing changes', async () => {
  const home = await fixture('seed');
  const steps = [
    'create principal',
    'create policy describe',
    'create key',
    'update rotation',
    `create alias of ${ID}`,
    'create grant app',
    'create key',
    'update state',
  ];
  expect((await apply(home, SEED, { dryRun: true })).actions).toEqual(steps);
  expect(home.events()).toEqual([]);
  expect((await apply(home, SEED)).actions).toEqual(steps);
  expect((await apply(home, SEED)).actions).toEqual(['unchanged', 'unchanged', 'unchanged']);
  expect(await home.call('DescribeKey', { KeyId: 'alias/app' })).toMatchObject({
    KeyMetadata: { KeyId: ID, Description: 'fixed', KeyState: 'Enabled' },
  });
  expect(await home.call('ListGrants', { KeyId: ID })).toMatchObject({ Grants: [{ Name: 'app' }] });
});

test('what differs is changed, and what is not spoken of stays', async () => {
  const home = await fixture('seed');
  await apply(home, SEED);
  await home.call('DisableKey', { KeyId: ID });
  await home.call('TagResource', { KeyId: ID, Tags: [{ TagKey: 'Other', TagValue: '' }] });
  const changed = SEED.replace('fixed', 'new').replace('Blue', 'Red');
  expect((await apply(home, changed)).actions).toEqual([
    'unchanged',
    'update state',
    'update description',
    'update tags',
    'unchanged',
  ]);
  const { Tags } = await home.call('ListResourceTags', { KeyId: ID });
  expect(Tags).toEqual(
    expect.arrayContaining([
      { TagKey: 'Team', TagValue: 'Red' },
      { TagKey: 'Other', TagValue: '' },
    ]),
  );
});

test('fixed material opens the ciphertexts of another keyring', async () => {
  const [one, other] = [await fixture('one'), await fixture('other')];
  for (const home of [one, other]) await apply(home, SEED);
  const { CiphertextBlob } = await one.call('Encrypt', { KeyId: ID, Plaintext: new Uint8Array([1, 2, 3]) });
  expect(await other.call('Decrypt', { CiphertextBlob })).toMatchObject({ Plaintext: new Uint8Array([1, 2, 3]) });
});

const ID_OF_KEY = 'TESTACCESSKEY_16';
const accessKeySeed = (more: { id?: string; secret?: string; owner?: string } = {}): string => {
  const { id = ID_OF_KEY, secret = 'chosen/secret+that=everyone.knows', owner = `arn:aws:iam::${ACCOUNT}:root` } = more;
  return JSON.stringify({ AccessKeys: [{ PrincipalArn: owner, AccessKeyId: id, SecretAccessKey: secret }] });
};

test('access keys of a seed: made once, and from then on signatures are asked for', async () => {
  const home = await fixture('seed');
  expect(await home.keyring.transact(asksForSignatures)).toBe(false);
  const step = `create access key of arn:aws:iam::${ACCOUNT}:root`;
  expect((await apply(home, accessKeySeed(), { dryRun: true })).actions).toEqual([step]);
  expect((await apply(home, accessKeySeed())).actions).toEqual([step]);
  expect((await apply(home, accessKeySeed())).actions).toEqual(['unchanged']);
  expect(await home.keyring.transact(asksForSignatures)).toBe(true);
  expect(await home.keyring.transact(accessKeys)).toMatchObject([{ id: ID_OF_KEY, active: true }]);
  expect(home.events()).toMatchObject([
    { eventName: 'CreateAccessKey', requestParameters: { accessKeyId: ID_OF_KEY } },
  ]);
  expect(JSON.stringify(home.events())).not.toContain('chosen/secret');
  const other = 'another.secret.that.differs';
  await expect(apply(home, accessKeySeed({ secret: other }))).rejects.toThrow('exists with another secret');
  const alice = `arn:aws:iam::${ACCOUNT}:user/Alice`;
  await expect(apply(home, accessKeySeed({ owner: alice }))).rejects.toThrow('exists with another principal');
});

const SECRET = 'this.would.be.the.secret';
test.each([
  [accessKeySeed({ id: 'SHORT' }), "'SHORT' is not a valid access key ID"],
  [accessKeySeed({ id: 'ASIAIOSFODNN7EXAMPLE' }), 'is not a valid access key ID'],
  [accessKeySeed({ id: 'asiaiosfodnn7example' }), 'is not a valid access key ID'],
  [accessKeySeed({ id: 'A-KEY-WITH-HYPHENS' }), 'is not a valid access key ID'],
  [accessKeySeed({ id: '../../../../etc/passwd' }), 'is not a valid access key ID'],
  [accessKeySeed({ id: 'A'.repeat(129) }), 'is not a valid access key ID'],
  [accessKeySeed({ id: `${ID_OF_KEY}\n` }), 'is not a valid access key ID'],
  [accessKeySeed({ secret: '' }), `the secret access key of ${ID_OF_KEY} is not valid: it has 0 characters`],
  [accessKeySeed({ secret: 'short' }), 'is not valid: it has 5 characters'],
  [accessKeySeed({ secret: `${SECRET} with blanks` }), 'is not valid: it has'],
  [accessKeySeed({ secret: `${SECRET}é` }), 'is not valid: it has'],
  [accessKeySeed({ secret: `${SECRET}\0` }), 'is not valid: it has'],
  [accessKeySeed({ secret: `${SECRET}${'x'.repeat(128)}` }), 'is not valid: it has'],
  [accessKeySeed({ owner: `arn:aws:iam::${ACCOUNT}:role/App` }), 'cannot have access keys'],
  [accessKeySeed({ owner: 'root' }), 'cannot have access keys'],
  [accessKeySeed().replace('SecretAccessKey', 'Secret'), 'unknown member Secret in AccessKeys[0]'],
  [accessKeySeed().replace(/,"SecretAccessKey":"[^"]*"/, ''), 'must not be null'],
])('an access key like %s is refused, without its secret', async (text, message) => {
  const home = await fixture('seed');
  const thrown: unknown = await apply(home, text).catch((error: unknown) => error);
  expect(thrown).toMatchObject({ message: expect.stringContaining(message) });
  expect(JSON.stringify([(thrown as Error).message, thrown])).not.toContain(SECRET);
  expect(home.events()).toEqual([]);
  expect(await home.keyring.transact(asksForSignatures)).toBe(false);
});

test.each([
  ['Keys: [{KeyId: nonsense}]', 'failed to satisfy constraint'],
  ['Keys: [{}]', "Value null at 'keys.1.member.keyId'"],
  ['Key: []', 'unknown member Key'],
  ['Keys: [', 'seed.yaml'],
  [`Keys: [{KeyId: ${ID}, KeyMaterial: aGVsbG8=}]`, 'does not match key spec SYMMETRIC_DEFAULT'],
  [`Keys: [{KeyId: ${ID}, KeyMaterial: '*'}]`, 'not base64'],
  [`Keys: [{KeyId: ${ID}}, {KeyId: ${ID}, Region: ${REGION}}]`, `the key ${ID} in ${REGION} is declared twice`],
  [`{Keys: [{KeyId: ${ID}, Aliases: [alias/a]}], Aliases: [{AliasName: alias/a, TargetKeyId: ${ID}}]}`, 'alias/a in'],
  [`Principals: [{Arn: '${ROLE}'}, {Arn: '${ROLE}'}]`, `the principal ${ROLE} is declared twice`],
  [
    `Principals: [{Arn: '${ROLE}', Policies: [{PolicyName: p, PolicyDocument: {}}, {PolicyName: p, PolicyDocument: {}}]}]`,
    `the policy of ${ROLE} p is declared twice`,
  ],
  [`Keys: [{KeyId: ${ID}, Grants: [${'{Name: g, Operations: []},'.repeat(2)}]}]`, `the grant of ${ID} g is declared`],
  [
    `AccessKeys: [${`{PrincipalArn: a, AccessKeyId: b, SecretAccessKey: c},`.repeat(2)}]`,
    'the access key b is declared',
  ],
  [
    `Principals: [{Arn: '${ROLE}'}, {Arn: '${ROLE.replace('App', 'path/App')}'}]`,
    `${ROLE} exists: names of identities are unique within an account`,
  ],
  [`ManagedPolicies: [${`{Arn: a, PolicyDocument: {}},`.repeat(2)}]`, 'the managed policy a is declared twice'],
  [`Principals: [{Arn: '${ROLE}', Groups: [a]}]`, `${ROLE}, groups a: --add-to-groups is for a user`],
  ['Principals: [{Arn: nobody}]', 'Arn in Principals must be the ARN of'],
])('%s is refused', async (text, message) => {
  await expect(apply(await fixture('seed'), text)).rejects.toThrow(message);
});

test('a prototype is an unknown member too, also with tags of LocalStack', async () => {
  const text = `{"Keys": [{"KeyId": "${ID}", "Tags": [], "__proto__": {"Description": "x"}}]}`;
  for (const localstackTags of [false, true]) {
    await expect(apply(await fixture('seed'), text, { localstackTags })).rejects.toThrow(
      'unknown member __proto__ in Keys[0]',
    );
  }
});

test('what a file says is shown without its control characters', async () => {
  const text = 'Resources: {Key: {Type: "AWS::\\e[2J::Key"}}';
  const { actions } = await apply(await fixture('seed'), text);
  expect(actions).toEqual(['skipped resources of type AWS::\\u001b[2J::Key are not created']);
});

test('a user is put into groups, which may come after it, and once', async () => {
  const home = await fixture('seed');
  const group = `arn:aws:iam::${ACCOUNT}:group/Readers`;
  const user = `arn:aws:iam::${ACCOUNT}:user/Alice`;
  const text = `Principals: [{Arn: '${user}', Groups: [Readers]}, {Arn: '${group}'}]`;
  const { changes } = await apply(home, text);
  expect(changes.map(({ Action, Resource, Detail }) => [Action, Resource, Detail])).toEqual([
    ['create', group, 'principal'],
    ['create', user, 'principal'],
    ['create', user, 'groups Readers'],
  ]);
  expect((await apply(home, text)).actions).toEqual(['unchanged', 'unchanged']);
  const unknown = `Principals: [{Arn: '${user}', Groups: [Writers]}]`;
  await expect(apply(home, unknown)).rejects.toThrow('the group Writers of account');
});

test('a role gets its trust policy, which is changed when it differs', async () => {
  const home = await fixture('seed');
  const text = (action: string): string =>
    `Principals: [{Arn: '${ROLE}', TrustPolicy: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {AWS: '${ACCOUNT}'}, Action: '${action}'}]}}]`;
  const details = async (action: string): Promise<readonly string[]> =>
    (await apply(home, text(action))).changes.map(({ Action, Detail }) => `${Action} ${Detail}`);
  expect(await details('sts:AssumeRole')).toEqual(['create principal', 'create trust policy']);
  expect(await details('sts:AssumeRole')).toEqual(['unchanged ']);
  expect(await details('sts:*')).toEqual(['update trust policy']);
  expect((await refusal(apply(home, text('kms:Decrypt')))).code).toBe('MalformedPolicyDocumentException');
});

test('rotation is disabled where the file says so', async () => {
  const home = await fixture('seed');
  await apply(home, SEED);
  const off = `Keys: [{KeyId: ${ID}, EnableKeyRotation: false}]`;
  expect((await apply(home, off)).actions).toEqual(['update rotation']);
  expect((await apply(home, off)).actions).toEqual(['unchanged']);
  expect(await home.call('GetKeyRotationStatus', { KeyId: ID })).toMatchObject({ KeyRotationEnabled: false });
});

test('a primary key is made before its replica key, whichever comes first', async () => {
  const home = await fixture('seed');
  const id = 'mrk-1234abcd12ab34cd56ef1234567890ab';
  const text = `Keys: [{KeyId: ${id}, Region: eu-west-1, PrimaryRegion: ${REGION}}, {KeyId: ${id}}]`;
  expect((await apply(home, text)).actions).toEqual(['create key', 'create key']);
  expect((await apply(home, text)).actions).toEqual(['unchanged', 'unchanged']);
});

// AWS Managed Policy Reference Guide: of a policy that denies, the statements must be known
test('managed policies of AWS: one that only allows is skipped, one that denies is not', async () => {
  const home = await fixture('seed');
  const text = (name: string): string =>
    `Principals: [{Arn: '${ROLE}', ManagedPolicyArns: ['arn:aws:iam::aws:policy/${name}']}]`;
  await expect(apply(home, text('AWSCompromisedKeyQuarantineV3'))).rejects.toThrow('QuarantineV3 is not known');
  expect((await apply(home, text('ReadOnlyAccess'))).actions).toEqual([
    'create principal',
    'skipped managed policy arn:aws:iam::aws:policy/ReadOnlyAccess: its statements are not known',
  ]);
});

test('what cannot be changed is not', async () => {
  const home = await fixture('seed');
  await apply(home, SEED);
  await expect(apply(home, `Keys: [{KeyId: ${ID}, KeySpec: HMAC_256, KeyUsage: GENERATE_VERIFY_MAC}]`)).rejects.toThrow(
    'exists with another key spec',
  );
  const usage = (name: string): string => `Keys: [{KeyId: ${SECOND}, KeySpec: RSA_2048, KeyUsage: ${name}}]`;
  await apply(home, usage('SIGN_VERIFY'));
  await expect(apply(home, usage('ENCRYPT_DECRYPT'))).rejects.toThrow('exists with another key usage');
  const bad = `Keys: [{KeyId: ${ID}, Policy: {Statement: []}}]`;
  expect((await refusal(apply(home, bad))).code).toBe('MalformedPolicyDocumentException');
});

const TEMPLATE = `
Parameters:
  Admin: {Type: String, Default: root}
Resources:
  Bucket: {Type: 'AWS::S3::Bucket'}
  Key:
    Type: AWS::KMS::Key
    Properties:
      Description: !Sub 'of \${AWS::StackName} in \${AWS::Region}'
      EnableKeyRotation: true
      PendingWindowInDays: 7
      Tags: [{Key: Team, Value: Blue}]
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub 'arn:\${AWS::Partition}:iam::\${AWS::AccountId}:\${Admin}'}
            Action: kms:*
            Resource: '*'
  Alias:
    Type: AWS::KMS::Alias
    Properties:
      AliasName: !Join ['/', [alias, !Ref 'AWS::Region', app]]
      TargetKeyId: !GetAtt Key.Arn
  Signing:
    Type: AWS::KMS::Key
    Properties: {KeySpec: ECC_NIST_P256, KeyUsage: SIGN_VERIFY, Enabled: false}
  SigningAlias:
    Type: AWS::KMS::Alias
    Properties: {AliasName: alias/signing, TargetKeyId: !Ref Signing}
`;

test('a CloudFormation template is a seed', async () => {
  const home = await fixture('template');
  await apply(home, TEMPLATE);
  const again = await apply(home, TEMPLATE);
  expect(again.actions).toEqual([
    'unchanged',
    'unchanged',
    'unchanged',
    'unchanged',
    'skipped resources of type AWS::S3::Bucket are not created',
  ]);
  expect(await home.call('DescribeKey', { KeyId: `alias/${REGION}/app` })).toMatchObject({
    KeyMetadata: { Description: `of seed in ${REGION}` },
  });
  expect(await home.call('DescribeKey', { KeyId: 'alias/signing' })).toMatchObject({
    KeyMetadata: { KeySpec: 'ECC_NIST_P256', KeyState: 'Disabled' },
  });
});

test('a replica of a template goes to its Region', async () => {
  const home = await fixture('replica');
  const primary = `{Resources: {Key: {Type: 'AWS::KMS::Key', Properties: {MultiRegion: true}}}}`;
  const place = { account: ACCOUNT, region: REGION };
  const { Keys } = (await readSeed(primary, { name: 'seed', home: place })).seed;
  await apply(home, primary);
  const arn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/${Keys![0]!.KeyId}`;
  const replica = `{Keys: [{KeyId: ${Keys![0]!.KeyId}, Region: eu-west-1, PrimaryRegion: ${REGION}}]}`;
  expect((await apply(home, replica)).actions).toEqual(['create key']);
  const there = await home.call('DescribeKey', { KeyId: Keys![0]!.KeyId }, { region: 'eu-west-1' });
  expect(there).toMatchObject({ KeyMetadata: { MultiRegionConfiguration: { PrimaryKey: { Arn: arn } } } });
});

// AWS KMS Developer Guide, "How multi-Region keys work": one in each Region, of the same account and partition
test('a replica key of a template is not the primary key, nor that of another account', async () => {
  const home = await fixture('replica');
  const { changes } = await apply(
    home,
    `{Resources: {Key: {Type: 'AWS::KMS::Key', Properties: {MultiRegion: true, Description: primary}}}}`,
  );
  const arn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/${changes[0]!.Resource}`;
  const replica = (of: string): string =>
    `{Resources: {Key: {Type: 'AWS::KMS::ReplicaKey', Properties: {PrimaryKeyArn: '${of}', Description: replica}}}}`;
  await expect(apply(home, replica(arn))).rejects.toThrow(`exists in ${REGION}, and is no replica key`);
  await expect(apply(home, replica(arn.replace(ACCOUNT, '444455556666')))).rejects.toThrow(
    'PrimaryKeyArn: a replica key is',
  );
  await expect(apply(home, replica(arn.replace('arn:aws:', 'arn:aws-cn:')))).rejects.toThrow(
    'PrimaryKeyArn: a replica key is',
  );
  expect(await home.call('DescribeKey', { KeyId: arn })).toMatchObject({ KeyMetadata: { Description: 'primary' } });
});

// AWS KMS Developer Guide, Key states of AWS KMS keys: CreateGrant and EnableKeyRotation are refused for a disabled key
test('a key is disabled after all else, and enabled before all else', async () => {
  const home = await fixture('states');
  const text = (Enabled: boolean, more = ''): string =>
    `{Keys: [{KeyId: ${ID}, Enabled: ${Enabled}, Grants: [{Name: app, GranteePrincipal: '${ROLE}', Operations: [Decrypt]}${more}}]}`;
  expect((await apply(home, text(false, '], EnableKeyRotation: true'))).actions).toEqual([
    'create key',
    'update rotation',
    'create grant app',
    'update state',
  ]);
  const another = `, {Name: other, GranteePrincipal: '${ROLE}', Operations: [Encrypt]}], EnableKeyRotation: false`;
  expect((await apply(home, text(true, another))).actions).toEqual([
    'update state',
    'update rotation',
    'create grant other',
  ]);
});

// AWS CloudFormation Template Reference Guide, AWS::KMS::ReplicaKey: Enabled; AWS KMS answers "is creating" to such calls
test('a replica key is complete when what follows is done to it: it can be disabled, and have grants', async () => {
  const home = await fixture('replica');
  const mrk = `mrk-${'1'.repeat(32)}`;
  const grants = `[{Name: app, GranteePrincipal: '${ROLE}', Operations: [Decrypt]}]`;
  const text = `{Keys: [{KeyId: ${mrk}, Region: ${REGION}},
    {KeyId: ${mrk}, Region: eu-west-1, PrimaryRegion: ${REGION}, Grants: ${grants}},
    {KeyId: ${mrk}, Region: eu-west-2, PrimaryRegion: ${REGION}, Enabled: false}]}`;
  await apply(home, text);
  for (const [region, KeyState] of [
    ['eu-west-1', 'Enabled'],
    ['eu-west-2', 'Disabled'],
  ] as const) {
    expect(await home.call('DescribeKey', { KeyId: mrk }, { region })).toMatchObject({ KeyMetadata: { KeyState } });
  }
  home.now += 60_000;
  expect(await home.call('DescribeKey', { KeyId: mrk }, { region: 'eu-west-2' })).toMatchObject({
    KeyMetadata: { KeyState: 'Disabled' },
  });
  expect((await apply(home, text)).actions).toEqual(['unchanged', 'unchanged', 'unchanged']);
});

test.each([
  ['!Ref Nothing', 'refers to Nothing'],
  ['!GetAtt Key.Arn', 'Circular dependency between resources: [Key]'],
  ['{"Fn::ImportValue": x}', 'the value that another stack exports as x is not known'],
])('a template with %s is refused', async (value, message) => {
  const text = `{Resources: {Key: {Type: 'AWS::KMS::Key', Properties: {Description: ${value}}}}}`;
  await expect(readSeed(text, { name: 't', home: { account: ACCOUNT, region: REGION } })).rejects.toThrow(message);
});

const OTHERS_POLICY = `{Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {AWS: '444455556666'}, Action: 'kms:*', Resource: '*'}]}`;
const [FIRST, SECOND] = [ID.replace('1234abcd', '00000001'), ID.replace('1234abcd', '00000002')];

// AWS KMS API Reference, CreateKey: BypassPolicyLockoutSafetyCheck
test('all is made or nothing: a refused call leaves its event, and the calls before it leave nothing', async () => {
  const home = await fixture('seed');
  const text = (bypass: boolean): string =>
    `{Principals: [{Arn: '${ROLE}'}], Keys: [{KeyId: ${FIRST}, Aliases: [alias/first]}, {KeyId: ${SECOND}, Policy: ${OTHERS_POLICY}, BypassPolicyLockoutSafetyCheck: ${bypass}}]}`;
  const refused = await refusal(apply(home, text(false)));
  expect(refused.code).toBe('MalformedPolicyDocumentException');
  expect(refused.message).toContain(`${SECOND}, key: The new key policy will not allow you to update`);
  expect(home.events()).toMatchObject([
    { eventName: 'CreateKey', errorCode: 'MalformedPolicyDocumentException', errorMessage: expect.any(String) },
  ]);
  expect((await refusal(home.call('DescribeKey', { KeyId: FIRST }))).code).toBe('NotFoundException');
  expect(await home.call('ListAliases', { KeyId: undefined })).not.toMatchObject({
    Aliases: expect.arrayContaining([expect.objectContaining({ AliasName: 'alias/first' })]),
  });
  expect((await apply(home, text(true))).actions).toContain('create key');
  expect((await apply(home, text(false))).actions).toEqual(['unchanged', 'unchanged', 'unchanged']);
});

test('a failure that is no call of the API leaves nothing either', async () => {
  const home = await fixture('seed');
  const text = `{Keys: [{KeyId: ${FIRST}}], Principals: [{Arn: '${ROLE}', ManagedPolicyArns: ['arn:aws:iam::${ACCOUNT}:policy/gone']}]}`;
  await expect(apply(home, text)).rejects.toThrow(
    'the managed policy arn:aws:iam::111122223333:policy/gone is not known',
  );
  expect(home.events()).toEqual([]);
});

test('a key that is created is a call of the caller: without permission it is refused', async () => {
  const home = await fixture('seed');
  const file = join(folder(), 'seed.yaml');
  writeFileSync(file, `Keys: [{KeyId: ${FIRST}}]`);
  const session = sessionParts(home, callerOf(`arn:aws:iam::${ACCOUNT}:user/Alice`));
  const refused = await refusal(applyFile(home.keyring, file, { session }));
  expect(refused.code).toBe('AccessDeniedException');
  expect(home.events()).toMatchObject([{ eventName: 'CreateKey', errorCode: 'AccessDenied' }]);
});

test.each([
  ['Keys: [{KeyId: x, Colour: red}]', 'unknown member Colour in Keys[0]'],
  ['Keys: [{KeyId: x, Tags: [{Key: a, Value: b}]}]', 'unknown member Key in Keys[0].Tags[0]'],
  ['Keys: [{KeyId: x}, {KeyId: y, Grants: [{Operation: []}]}]', 'unknown member Operation in Keys[1].Grants[0]'],
  ['Principals: [{Arn: a, Policies: [{Name: p}]}]', 'unknown member Name in Principals[0].Policies[0]'],
  ['Principals: [{Arn: a, __proto__: {}}]', 'unknown member __proto__ in Principals[0]'],
  ['AccessKeys: [{Secret: abc}]', 'unknown member Secret in AccessKeys[0]'],
  ['ManagedPolicies: [{Policy: {}}]', 'unknown member Policy in ManagedPolicies[0]'],
  ['Aliases: [{Name: a}]', 'unknown member Name in Aliases[0]'],
  [
    'Keys: {Symmetric: {Aes: [{Metadata: {KeyId: x, Policy: {}}}]}}',
    'unknown member Policy in Keys.Symmetric.Aes[0].Metadata',
  ],
  ['Keys: {Symetric: {}}', 'unknown member Symetric in Keys'],
  ['{Version: 2, Keys: [{KeyId: x, Material: {Pem: x}}]}', 'unknown member Pem in Keys[0].Material'],
  ['{"\\e[2Jx": 1}', 'unknown member \\u001b[2Jx in the file'],
])('%s: the place of the unknown member is told', async (text, message) => {
  await expect(apply(await fixture('seed'), text)).rejects.toThrow(message);
});

/** RFC 8410 10.3; the keys of other forms are made by OpenSSL. */
const PEMS = [
  ['pkcs8', 'RSA_2048', 'SIGN_VERIFY', { type: 'rsa', modulusLength: 2048 }],
  ['pkcs1', 'RSA_2048', 'ENCRYPT_DECRYPT', { type: 'rsa', modulusLength: 2048 }],
  ['sec1', 'ECC_NIST_P384', 'SIGN_VERIFY', { type: 'ec', namedCurve: 'P-384' }],
  ['pkcs8', 'ECC_SECG_P256K1', 'SIGN_VERIFY', { type: 'ec', namedCurve: 'secp256k1' }],
  ['pkcs8', 'ECC_NIST_EDWARDS25519', 'SIGN_VERIFY', { type: 'ed25519' }],
] as const;

const pairOf = ({ type, ...options }: (typeof PEMS)[number][3]): { publicKey: KeyObject; privateKey: KeyObject } =>
  (generateKeyPairSync as (type: string, options: object) => { publicKey: KeyObject; privateKey: KeyObject })(
    type,
    options,
  );

test.each(PEMS)(
  'a private key in PEM, as %s, is the material of a key with key spec %s',
  async (form, spec, usage, kind) => {
    const home = await fixture('pem');
    const { publicKey, privateKey } = pairOf(kind);
    const pem = privateKey.export({ format: 'pem', type: form });
    const text = JSON.stringify({ Keys: [{ KeyId: FIRST, KeyUsage: usage, PrivateKeyPem: pem }] });
    expect((await apply(home, text)).actions).toEqual(['create key']);
    expect((await apply(home, text)).actions).toEqual(['unchanged']);
    const { KeySpec, PublicKey } = await home.call('GetPublicKey', { KeyId: FIRST });
    expect(KeySpec).toBe(spec);
    expect(Buffer.from(PublicKey as Uint8Array)).toEqual(publicKey.export({ format: 'der', type: 'spki' }));
    // the tag of LocalStack has the same key as DER in base64
    const other = await fixture('localstack');
    const der = privateKey.export({ format: 'der', type: form }).toString('base64');
    const Tags = [
      { TagKey: '_custom_id_', TagValue: SECOND },
      { TagKey: '_custom_key_material_', TagValue: der },
    ];
    const tagged = JSON.stringify({ Keys: [{ KeySpec: spec, KeyUsage: usage, Tags }] });
    await expect(apply(other, tagged)).rejects.toThrow("'keys.1.member.keyId'");
    await apply(other, tagged, { localstackTags: true });
    expect(await other.call('GetPublicKey', { KeyId: SECOND })).toMatchObject({ PublicKey });
    expect(await other.call('ListResourceTags', { KeyId: SECOND })).toMatchObject({
      Tags: [{ TagKey: '_custom_id_' }],
    });
  },
);

test.each([
  ['{PrivateKeyPem: x}', 'is not a private key in PEM'],
  [
    `{PrivateKeyPem: "${'-----BEGIN EC PRIVATE KEY-----\\nAAAA\\n-----END EC PRIVATE KEY-----\\n'.repeat(2)}"}`,
    'has more than one private key',
  ],
  ['{PrivateKeyPem: x, KeyMaterial: AAAA}', 'has both KeyMaterial and PrivateKeyPem'],
  ['{PreviousKeyMaterial: [AAAA]}', 'has PreviousKeyMaterial without KeyMaterial'],
  ['{KeySpec: HMAC_256, KeyUsage: GENERATE_VERIFY_MAC, KeyMaterial: AAAA}', 'does not match key spec HMAC_256'],
  ['{KeySpec: ECC_NIST_P256, KeyUsage: ENCRYPT_DECRYPT}', 'KeyUsage ENCRYPT_DECRYPT is not compatible'],
  ['{KeySpec: ECC_NIST_P256}', 'You must specify a KeyUsage value'],
])('a key with %s is refused', async (members, message) => {
  const text = `Keys: [${members.replace('{', `{KeyId: ${FIRST}, `)}]`;
  await expect(apply(await fixture('seed'), text)).rejects.toThrow(message);
});

test('a key that exists with other material, or another origin, is not taken for it', async () => {
  const home = await fixture('seed');
  await apply(home, SEED);
  const other = SEED.replace(Buffer.alloc(32, 7).toString('base64'), Buffer.alloc(32, 8).toString('base64'));
  await expect(apply(home, other)).rejects.toThrow('exists with another key material');
  await expect(apply(home, `Keys: [{KeyId: ${ID}, Origin: EXTERNAL}]`)).rejects.toThrow('exists with another origin');
});

// local-kms, Seeding file format: keys on elliptic curves are for signatures
test('a seed file of local-kms: an Ecc key without a usage signs', async () => {
  const home = await fixture('local-kms');
  const pem = pairOf({ type: 'ec', namedCurve: 'P-384' }).privateKey.export({ format: 'pem', type: 'sec1' });
  const key = { Metadata: { KeyId: FIRST }, PrivateKeyPem: pem };
  await apply(home, JSON.stringify({ Keys: { Asymmetric: { Ecc: [key] } } }));
  expect(await home.call('DescribeKey', { KeyId: FIRST })).toMatchObject({ KeyMetadata: { KeyUsage: 'SIGN_VERIFY' } });
});

// local-kms, Seeding file format: the list of keys of its second version
test('a seed file of local-kms with a list of keys', async () => {
  const home = await fixture('local-kms');
  const text = `
Version: 2
Keys:
  - KeyId: ${FIRST}
    Metadata: {Description: rotated, KeySpec: SYMMETRIC_DEFAULT}
    Material: {BackingKeys: ['${'07'.repeat(32)}', '${'08'.repeat(32)}']}
  - KeyId: ${SECOND}
    Metadata: {KeySpec: HMAC_256, KeyUsage: GENERATE_VERIFY_MAC}
    Material: {BackingKeys: ['${'09'.repeat(32)}']}
Aliases: [{AliasName: alias/rotated, TargetKeyId: ${FIRST}}]
`;
  expect((await apply(home, text)).actions).toEqual(['create key', 'create key', `create alias of ${FIRST}`]);
  const before = await fixture('before');
  await apply(before, `Keys: [{KeyId: ${FIRST}, KeyMaterial: ${Buffer.alloc(32, 7).toString('base64')}}]`);
  const { CiphertextBlob } = await before.call('Encrypt', { KeyId: FIRST, Plaintext: new Uint8Array([1]) });
  expect(await home.call('Decrypt', { CiphertextBlob })).toMatchObject({ Plaintext: new Uint8Array([1]) });
  const { Mac } = await home.call('GenerateMac', {
    KeyId: SECOND,
    MacAlgorithm: 'HMAC_SHA_256',
    Message: new Uint8Array([1]),
  });
  const expected = createHmac('sha256', Buffer.alloc(32, 9))
    .update(new Uint8Array([1]))
    .digest();
  expect(Buffer.from(Mac as Uint8Array)).toEqual(expected);
});
