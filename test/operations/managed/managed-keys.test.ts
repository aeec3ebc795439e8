/**
 * AWS managed keys (AWS KMS Developer Guide, AWS KMS concepts): who can use them, and that nobody changes them. Their key
 * policies are as in the guide's pages on services, such as How AWS Secrets Manager uses AWS KMS.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { attachPolicy } from '../../../src/policy/document.ts';
import { callerOf } from '../../../src/policy/principal.ts';
import { ACCOUNT, fixture, newKey, refusal, REGION, ROOT, START, type Fixture } from '../../support/fixture.ts';
import { caller, callFor, OTHER } from '../grants/callers.ts';
import { aliasArnOf, DAY, policyOf } from '../stage.ts';

let home: Fixture;
beforeEach(async () => {
  home = await fixture();
});

type Metadata = { readonly KeyId: string; readonly Arn: string } & { readonly [member: string]: unknown };
const described = async (KeyId: string, as: object = {}): Promise<Metadata> =>
  ((await home.call('DescribeKey', { KeyId }, as)) as { KeyMetadata: Metadata }).KeyMetadata;
const outcome = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    async (error: unknown) => (await refusal(Promise.reject(error as Error))).code,
  );
interface Listed {
  readonly AliasName: string;
  readonly TargetKeyId?: string;
}
const aliases = async (input: object = {}): Promise<readonly Listed[]> =>
  (await home.call('ListAliases', input))['Aliases'] as Listed[];

const NAMES = ['dynamodb', 'ebs', 'rds', 'redshift', 's3', 'secretsmanager', 'ses', 'ssm', 'workmail', 'workspaces'];
const HOSTS = new Map([['ebs', 'ec2']]);
const PLAINTEXT = { Plaintext: Uint8Array.of(1, 2, 3) };

describe('aliases that have no key yet', () => {
  test('are listed by their names alone', async () => {
    expect(await aliases()).toEqual(
      NAMES.map((name) => ({ AliasName: `alias/aws/${name}`, AliasArn: aliasArnOf(`alias/aws/${name}`) })),
    );
    expect(await home.call('ListKeys')).toMatchObject({ Keys: [] });
  });

  test('make a key when they are described, and it stays (public model, DescribeKey)', async () => {
    const metadata = await described('alias/aws/s3');
    expect(metadata).toMatchObject({
      AWSAccountId: ACCOUNT,
      KeyManager: 'AWS',
      KeyState: 'Enabled',
      Enabled: true,
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyUsage: 'ENCRYPT_DECRYPT',
      Origin: 'AWS_KMS',
      MultiRegion: false,
      Description: 'Default key that protects my S3 objects when no other key is defined',
      CreationDate: new Date(START),
    });
    home.now += DAY;
    for (const name of ['alias/aws/s3', aliasArnOf('alias/aws/s3'), metadata.KeyId, metadata.Arn]) {
      expect(await described(name)).toEqual(metadata);
    }
    expect(await home.call('ListKeys')).toMatchObject({ Keys: [{ KeyArn: metadata.Arn }] });
    const entry = {
      AliasName: 'alias/aws/s3',
      AliasArn: aliasArnOf('alias/aws/s3'),
      TargetKeyId: metadata.KeyId,
      CreationDate: new Date(START),
      LastUpdatedDate: new Date(START),
    };
    expect(await aliases({ KeyId: metadata.KeyId })).toEqual([entry]);
    expect(await aliases()).toContainEqual(entry);
    expect(await aliases()).toHaveLength(NAMES.length);
  });

  test('one key for each account and Region', async () => {
    const other = callerOf(`arn:aws:iam::${OTHER}:root`);
    const keys = await Promise.all([
      described('alias/aws/s3'),
      described('alias/aws/ebs'),
      described('alias/aws/s3', { region: 'eu-west-1' }),
      described('alias/aws/s3', { caller: other }),
    ]);
    expect(new Set(keys.map(({ KeyId }) => KeyId)).size).toBe(4);
    expect(keys[3].Arn).toContain(OTHER);
  });

  test('do not, where describing is denied, or for another account', async () => {
    const alice = callerOf(`arn:aws:iam::${ACCOUNT}:user/alice`);
    expect(await outcome(described('alias/aws/s3', { caller: alice }))).toBe('AccessDeniedException');
    const eve = callerOf(`arn:aws:iam::${OTHER}:root`);
    expect(await outcome(described(aliasArnOf('alias/aws/s3'), { caller: eve }))).toBe('NotFoundException');
    expect(await home.call('ListKeys')).toMatchObject({ Keys: [] });
    const may = { Effect: 'Allow', Action: 'kms:DescribeKey', Resource: '*' };
    const bob = callerOf(alice.arn, { identityPolicies: [attachPolicy('bob', policyOf(may))] });
    // the key that a denial names is the one that there will be
    expect(JSON.stringify(home.events().at(-3))).toContain((await described('alias/aws/s3', { caller: bob })).Arn);
  });

  test.each(['alias/aws/nosuchservice', 'alias/aws/', 'alias/aws/S3'])('%s is none of them', async (name) => {
    expect(await outcome(described(name))).toBe('NotFoundException');
  });

  test.each([1, 3, 10, 11, 100])('in pages of %i with those of customers', async (Limit) => {
    const { id } = await newKey(home);
    for (const name of ['a', 'b', 'c']) await home.call('CreateAlias', { AliasName: `alias/${name}`, TargetKeyId: id });
    await described('alias/aws/rds');
    const seen: string[] = [];
    let Marker: unknown;
    do {
      const page = await home.call('ListAliases', { Limit, Marker });
      const names = (page['Aliases'] as Listed[]).map(({ AliasName }) => AliasName);
      expect(names.length).toBeLessThanOrEqual(Limit);
      expect(page['Truncated']).toBe(page['NextMarker'] !== undefined);
      seen.push(...names);
      Marker = page['NextMarker'];
    } while (Marker !== undefined);
    expect(seen.toSorted()).toEqual(
      [...NAMES.map((name) => `alias/aws/${name}`), 'alias/a', 'alias/b', 'alias/c'].toSorted(),
    );
  });
});

describe('the key of a service', () => {
  test.each(NAMES)('%s: through its service, and in no other way', async (name) => {
    const input = { KeyId: `alias/aws/${name}`, ...PLAINTEXT };
    // nobody has described it: what does not come through the service finds nothing
    expect(await outcome(home.call('Encrypt', input))).toBe('NotFoundException');
    const host = `${HOSTS.get(name) ?? name}.${REGION}.amazonaws.com`;
    const through = callFor(home, { viaService: host });
    const { CiphertextBlob, KeyId } = await through('Encrypt', input, 'alice');
    expect(await through('Decrypt', { CiphertextBlob }, 'bob')).toMatchObject({ ...PLAINTEXT, KeyId });
    expect(await outcome(home.call('Encrypt', input))).toBe('AccessDeniedException');
    expect(await outcome(home.call('Decrypt', { CiphertextBlob }))).toBe('AccessDeniedException');
    const elsewhere = callFor(home, { viaService: `lambda.${REGION}.amazonaws.com` });
    expect(await outcome(elsewhere('Encrypt', input, 'alice'))).toBe('AccessDeniedException');
    const { KeyMetadata } = (await home.call('DescribeKey', { KeyId })) as { KeyMetadata: Metadata };
    expect(KeyMetadata.KeyManager).toBe('AWS');
    expect(KeyMetadata.Arn).toBe(KeyId);
  });

  test('is not for callers of another account', async () => {
    const through = callFor(home, { viaService: `s3.${REGION}.amazonaws.com` });
    const { Arn } = await described('alias/aws/s3');
    expect(await outcome(through('Encrypt', { KeyId: Arn, ...PLAINTEXT }, 'eve'))).toBe('AccessDeniedException');
  });

  test('may be granted to others by its service', async () => {
    const through = callFor(home, { viaService: `ec2.${REGION}.amazonaws.com` });
    const { Arn, KeyId } = await described('alias/aws/ebs');
    const input = { KeyId: Arn, GranteePrincipal: caller('bob').arn, Operations: ['Encrypt'] };
    expect(await outcome(home.call('CreateGrant', input))).toBe('AccessDeniedException');
    const { GrantId } = await through('CreateGrant', input, 'alice');
    expect(await outcome(home.call('Encrypt', { KeyId: Arn, ...PLAINTEXT }, { caller: caller('bob') }))).toBe('done');
    expect(await outcome(home.call('RevokeGrant', { KeyId, GrantId }))).toBe('done');
  });
});

describe('no caller can manage it', () => {
  test.each<[string, object]>([
    ['DisableKey', {}],
    ['EnableKey', {}],
    ['ScheduleKeyDeletion', {}],
    ['CancelKeyDeletion', {}],
    ['UpdateKeyDescription', { Description: 'mine' }],
    ['PutKeyPolicy', { Policy: policyOf({ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }) }],
    ['TagResource', { Tags: [{ TagKey: 'a', TagValue: 'b' }] }],
    ['UntagResource', { TagKeys: ['a'] }],
    ['EnableKeyRotation', {}],
    ['DisableKeyRotation', {}],
    ['RotateKeyOnDemand', {}],
  ])('%s is denied to the root user', async (operation, input) => {
    const before = await described('alias/aws/s3');
    const { code, message } = await refusal(home.call(operation, { KeyId: before.KeyId, ...input }, { caller: ROOT }));
    expect(code).toBe('AccessDeniedException');
    expect(message).toContain(`kms:${operation} on resource: ${before.Arn}`);
    expect(await described('alias/aws/s3')).toEqual(before);
  });

  test('its aliases are AWS’s', async () => {
    const { KeyId } = await described('alias/aws/s3');
    const { id } = await newKey(home);
    const target = { AliasName: 'alias/aws/s3', TargetKeyId: id };
    for (const operation of ['CreateAlias', 'UpdateAlias'])
      expect(await outcome(home.call(operation, target))).toBe('NotAuthorizedException');
    expect(await outcome(home.call('DeleteAlias', { AliasName: 'alias/aws/s3' }))).toBe('NotAuthorizedException');
    expect(await outcome(home.call('CreateAlias', { AliasName: 'alias/mine', TargetKeyId: KeyId }))).toBe(
      'AccessDeniedException',
    );
  });

  test('but the account looks at it', async () => {
    const { KeyId } = await described('alias/aws/s3');
    const { Policy } = await home.call('GetKeyPolicy', { KeyId });
    const { Statement } = JSON.parse(Policy as string) as { Statement: { Sid: string }[] };
    expect(Statement.map(({ Sid }) => Sid)).toEqual([
      'Allow access through S3 for all principals in the account that are authorized to use S3',
      'Allow direct access to key metadata to the account',
    ]);
    expect(await home.call('ListResourceTags', { KeyId })).toMatchObject({ Tags: [] });
    expect(await home.call('GetKeyLastUsage', { KeyId })).toMatchObject({ KeyLastUsage: {} });
  });
});

test('it is rotated every year', async () => {
  const { KeyId, CurrentKeyMaterialId } = await described('alias/aws/s3');
  expect(await home.call('GetKeyRotationStatus', { KeyId })).toMatchObject({
    KeyRotationEnabled: true,
    RotationPeriodInDays: 365,
  });
  home.now += 364 * DAY;
  expect((await described(KeyId))['CurrentKeyMaterialId']).toBe(CurrentKeyMaterialId);
  home.now += 2 * DAY;
  expect((await described(KeyId))['CurrentKeyMaterialId']).not.toBe(CurrentKeyMaterialId);
});

test('its event is that of the call that asked for it', async () => {
  const { Arn } = await described('alias/aws/s3');
  expect(home.events()).toMatchObject([
    { eventName: 'DescribeKey', requestParameters: { keyId: 'alias/aws/s3' }, resources: [{ ARN: Arn }] },
  ]);
});
