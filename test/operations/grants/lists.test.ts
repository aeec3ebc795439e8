import { beforeEach, describe, expect, test } from 'vitest';
import { ACCOUNT, fixture, newKey, refusal, REGION, type Fixture, type TestKey } from '../../support/fixture.ts';
import { caller, callFor, give, iam, OTHER, SOURCE, sts } from './callers.ts';

let home: Fixture;
let key: TestKey;
let other: TestKey;
beforeEach(async () => {
  home = await fixture();
  key = await newKey(home);
  other = await newKey(home);
});

interface Page {
  readonly Grants: readonly { readonly GrantId: string; readonly KeyId: string }[];
  readonly NextMarker?: string;
  readonly Truncated: boolean;
}
const page = async (operation: string, input: object, name: 'root' | 'eve' | 'trail' = 'root'): Promise<Page> =>
  (await home.call(operation, input, { caller: caller(name) })) as unknown as Page;
const ids = ({ Grants }: Page): string[] => Grants.map(({ GrantId }) => GrantId);
const UNKNOWN = 'f'.repeat(64);

describe('ListGrants', () => {
  const to = (GranteePrincipal: string, on = key) =>
    give(home, { KeyId: on.id, GranteePrincipal, Operations: ['Decrypt'] });

  test('filters by grant and by grantee', async () => {
    const [alice, again, app] = [await to(iam('user/alice')), await to(iam('user/alice')), await to(iam('role/App'))];
    await to(iam('user/alice'), other);
    const found = async (filter: object) => ids(await page('ListGrants', { KeyId: key.id, ...filter })).toSorted();
    const both = [alice.GrantId, again.GrantId].toSorted();
    expect(await found({})).toEqual([...both, app.GrantId].toSorted());
    expect(await found({ GranteePrincipal: iam('user/alice') })).toEqual(both);
    expect(await found({ GrantId: app.GrantId })).toEqual([app.GrantId]);
    expect(await found({ GrantId: app.GrantId, GranteePrincipal: iam('user/alice') })).toEqual([]);
    expect(await found({ GranteePrincipal: iam('user/nobody') })).toEqual([]);
    expect(await found({ GrantId: UNKNOWN })).toEqual([]);
    for (const nobody of [iam('other/x'), 'Alice', 'arn:aws:iam::1:root']) {
      const list = home.call('ListGrants', { KeyId: key.id, GranteePrincipal: nobody });
      expect(await refusal(list)).toMatchObject({ code: 'InvalidArnException' });
    }
    expect(await found({ GranteePrincipal: 'dynamodb.us-west-2.amazonaws.com' })).toEqual([]);
    expect(await found({ GranteePrincipal: 'AROAEXAMPLEROLEID1234' })).toEqual([]);
    // a session is not its role
    expect(await found({ GranteePrincipal: sts('assumed-role/App/one') })).toEqual([]);
  });

  test('an account by its root ARN or its ID', async () => {
    const { GrantId } = await to(iam('root', OTHER));
    for (const GranteePrincipal of [OTHER, iam('root', OTHER)]) {
      expect(ids(await page('ListGrants', { KeyId: key.id, GranteePrincipal }))).toEqual([GrantId]);
    }
  });

  test.each([1, 2, 3, 100])('in pages of %i', async (Limit) => {
    const made = new Set<string>();
    for (let count = 0; count < 5; count += 1) made.add((await to(iam('user/alice'))).GrantId);
    for (const filter of [{}, { GranteePrincipal: iam('user/alice') }]) {
      const seen: string[] = [];
      let Marker: string | undefined;
      do {
        const next = await page('ListGrants', { KeyId: key.id, Limit, Marker, ...filter });
        expect(next.Truncated).toBe(next.NextMarker !== undefined);
        expect(next.Grants.length).toBeLessThanOrEqual(Limit);
        seen.push(...ids(next));
        Marker = next.NextMarker;
      } while (Marker !== undefined);
      expect(seen).toHaveLength(5);
      expect(new Set(seen)).toEqual(made);
    }
  });

  test.each<[string, object, string]>([
    ['a grant ID that is none', { GrantId: 'abc' }, 'InvalidGrantIdException'],
    [
      'two kinds of grantees',
      { GranteePrincipal: iam('user/alice'), GranteeServicePrincipal: 's3.amazonaws.com' },
      'ValidationException',
    ],
    ['the filter of services', { GranteeServicePrincipal: 's3.amazonaws.com' }, 'ValidationException'],
    ['a marker that is none', { Marker: '?' }, 'InvalidMarkerException'],
    ['a limit of 1001', { Limit: 1001 }, 'ValidationException'],
  ])('refuses %s', async (_, input, code) => {
    expect((await refusal(page('ListGrants', { KeyId: key.id, ...input }))).code).toBe(code);
  });

  test('across accounts, where the key policy allows it', async () => {
    expect((await refusal(page('ListGrants', { KeyId: key.arn }, 'eve'))).code).toBe('AccessDeniedException');
  });

  test('its event', async () => {
    await page('ListGrants', { KeyId: key.id, Limit: 7 });
    expect(home.events().at(-1)).toMatchObject({
      eventName: 'ListGrants',
      readOnly: true,
      requestParameters: { keyId: key.id, limit: 7 },
      responseElements: null,
      resources: [{ ARN: key.arn }],
    });
  });
});

describe('ListRetirableGrants', () => {
  const retiring = (RetiringPrincipal: string, on = key) =>
    give(home, { KeyId: on.id, GranteePrincipal: iam('user/bob'), RetiringPrincipal, Operations: ['Decrypt'] });

  test('those of one principal, on every key of the Region', async () => {
    const [one, two] = [await retiring(iam('role/App')), await retiring(iam('role/App'), other)];
    await retiring(iam('user/alice'));
    const elsewhere = { region: 'eu-west-1' };
    const { KeyMetadata: far } = (await home.call('CreateKey', {}, elsewhere)) as { KeyMetadata: { KeyId: string } };
    await home.call(
      'CreateGrant',
      {
        KeyId: far.KeyId,
        GranteePrincipal: iam('user/bob'),
        RetiringPrincipal: iam('role/App'),
        Operations: ['Decrypt'],
      },
      elsewhere,
    );
    const found = await page('ListRetirableGrants', { RetiringPrincipal: iam('role/App') });
    expect(ids(found).toSorted()).toEqual([one.GrantId, two.GrantId].toSorted());
    expect(new Set(found.Grants.map(({ KeyId }) => KeyId))).toEqual(new Set([key.arn, other.arn]));
    const first = await page('ListRetirableGrants', { RetiringPrincipal: iam('role/App'), Limit: 1 });
    const second = await page('ListRetirableGrants', {
      RetiringPrincipal: iam('role/App'),
      Limit: 1,
      Marker: first.NextMarker,
    });
    expect([...ids(first), ...ids(second)]).toEqual(ids(found));
  });

  test('a principal of another account lists what it can retire here, and no other caller does', async () => {
    const { GrantId } = await retiring(iam('root', OTHER));
    const input = { RetiringPrincipal: iam('root', OTHER) };
    const own = await home.call('ListRetirableGrants', input, { caller: caller('other root') });
    expect(ids(own as unknown as Page)).toEqual([GrantId]);
    expect(await refusal(page('ListRetirableGrants', input))).toEqual({
      code: 'AccessDeniedException',
      message: `User: ${iam('root')} is not authorized to perform: kms:ListRetirableGrants on resource: ${iam('root', OTHER)}`,
    });
  });

  test('a service lists its own', async () => {
    const { GrantId } = await give(home, {
      KeyId: key.id,
      GranteeServicePrincipal: 'cloudtrail.amazonaws.com',
      RetiringServicePrincipal: 'cloudtrail.amazonaws.com',
      Operations: ['Decrypt'],
      Constraints: { SourceArn: SOURCE },
    });
    expect((await page('ListGrants', { KeyId: key.id })).Grants).toMatchObject([
      {
        GrantId,
        GranteeServicePrincipal: 'cloudtrail.amazonaws.com',
        RetiringServicePrincipal: 'cloudtrail.amazonaws.com',
        Constraints: { SourceArn: SOURCE },
      },
    ]);
    const input = { RetiringServicePrincipal: 'cloudtrail.amazonaws.com' };
    expect((await refusal(page('ListRetirableGrants', input))).code).toBe('ValidationException');
    // only identity policies allow this action, and services have none
    expect((await refusal(callFor(home, {})('ListRetirableGrants', input, 'trail'))).code).toBe(
      'AccessDeniedException',
    );
  });

  test.each<[string, object, string]>([
    ['nobody', {}, 'ValidationException'],
    ['two', { RetiringPrincipal: iam('root'), RetiringServicePrincipal: 's3.amazonaws.com' }, 'ValidationException'],
    ['what is no principal', { RetiringPrincipal: iam('group/all') }, 'InvalidArnException'],
  ])('refuses %s', async (_, input, code) => {
    expect((await refusal(page('ListRetirableGrants', input))).code).toBe(code);
  });

  test('a retired grant is not listed any more', async () => {
    const { GrantToken } = await retiring(iam('role/App'));
    await home.call('RetireGrant', { GrantToken });
    expect(ids(await page('ListRetirableGrants', { RetiringPrincipal: iam('role/App') }))).toEqual([]);
  });
});

test('who is named in a grant is in no path', async () => {
  await give(home, {
    KeyId: key.id,
    GranteePrincipal: iam('user/alice'),
    RetiringPrincipal: iam('role/App'),
    Operations: ['Decrypt'],
    Name: 'payroll',
  });
  const rows = await home.store.transact((tx) => Array.fromAsync(tx.rows('')));
  const paths = rows.map(({ path }) => path);
  expect(paths.filter((path) => path.includes(`/${ACCOUNT}/${REGION}/${key.id}`)).length).toBeGreaterThanOrEqual(4);
  expect(paths.join('\n')).not.toMatch(/alice|App|payroll|arn:/);
});
