import { beforeEach, describe, expect, test } from 'vitest';
import { findKeyStore, putKeyStore, type ConnectionState } from '../../../src/keyring/key-store.ts';
import { attachPolicy } from '../../../src/policy/document.ts';
import { callerOf } from '../../../src/policy/principal.ts';
import { ACCOUNT, fixture, refusal, REGION, START, textOf, type Fixture } from '../../support/fixture.ts';
import { policyOf } from '../stage.ts';
import { CLOUD_HSM, create, describeAll, PUBLIC, SECRET, VPC } from './stores.ts';

let home: Fixture;
beforeEach(async () => {
  home = await fixture();
});
const outcome = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    async (error: unknown) => (await refusal(Promise.reject(error as Error))).code,
  );
const UNKNOWN = 'cks-00000000000000000';

/** What no call can bring about here: there is nothing to connect to. */
const putState = (id: string, state: ConnectionState): Promise<void> =>
  home.keyring.transact(async (tx) => {
    const keyStore = (await findKeyStore(tx, { account: ACCOUNT, region: REGION }, id))!;
    putKeyStore(tx, { ...keyStore, state });
  });

const without = (input: object, ...names: readonly string[]): object =>
  Object.fromEntries(Object.entries(input).filter(([name]) => !names.includes(name)));

describe('CreateCustomKeyStore', () => {
  test.each<[string, object, object]>([
    [
      'a CloudHSM key store',
      CLOUD_HSM,
      {
        CustomKeyStoreName: 'hsm',
        CloudHsmClusterId: 'cluster-2a23b4cdefg',
        TrustAnchorCertificate: CLOUD_HSM.TrustAnchorCertificate,
        CustomKeyStoreType: 'AWS_CLOUDHSM',
      },
    ],
    [
      'an external key store',
      PUBLIC,
      {
        CustomKeyStoreName: 'public',
        CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
        XksProxyConfiguration: {
          Connectivity: 'PUBLIC_ENDPOINT',
          AccessKeyId: 'ABCDE234567ABCDEFGHIJ',
          UriEndpoint: 'https://xks.example.com',
          UriPath: '/example/kms/xks/v1',
        },
      },
    ],
    [
      'an external key store behind a VPC endpoint service',
      VPC,
      {
        CustomKeyStoreName: 'vpc',
        CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
        XksProxyConfiguration: {
          Connectivity: 'VPC_ENDPOINT_SERVICE',
          AccessKeyId: 'ABCDE234567ABCDEFGHIJ',
          UriEndpoint: 'https://private.xks.example.com',
          UriPath: '/example/kms/xks/v1',
          VpcEndpointServiceName: 'com.amazonaws.vpce.us-east-1.vpce-svc-example1',
          VpcEndpointServiceOwner: ACCOUNT,
        },
      },
    ],
  ])('%s, as it is described', async (_, input, described) => {
    const CustomKeyStoreId = await create(home, input);
    expect(CustomKeyStoreId).toMatch(/^cks-[0-9a-f]{17}$/);
    const common = { CustomKeyStoreId, ConnectionState: 'DISCONNECTED', CreationDate: new Date(START) };
    expect(await describeAll(home)).toEqual([{ ...common, ...described }]);
  });

  test.each<[string, object]>([
    ['no cluster', without(CLOUD_HSM, 'CloudHsmClusterId')],
    ['no password', without(CLOUD_HSM, 'KeyStorePassword')],
    ['no certificate', without(CLOUD_HSM, 'TrustAnchorCertificate')],
    ['a proxy for a cluster', { ...CLOUD_HSM, XksProxyUriPath: '/kms/xks/v1' }],
    ['no connectivity', without(PUBLIC, 'XksProxyConnectivity')],
    ['no endpoint', without(PUBLIC, 'XksProxyUriEndpoint')],
    ['no path', without(PUBLIC, 'XksProxyUriPath')],
    ['no credential', without(PUBLIC, 'XksProxyAuthenticationCredential')],
    ['a cluster for a proxy', { ...PUBLIC, CloudHsmClusterId: CLOUD_HSM.CloudHsmClusterId }],
    ['no VPC endpoint service', without(VPC, 'XksProxyVpcEndpointServiceName')],
    ['a VPC endpoint service in public', { ...VPC, XksProxyConnectivity: 'PUBLIC_ENDPOINT' }],
    ['a cluster ID that is none', { ...CLOUD_HSM, CloudHsmClusterId: 'cluster-189' }],
    ['a password of six letters', { ...CLOUD_HSM, KeyStorePassword: 'secret' }],
    ['an endpoint with a port', { ...PUBLIC, XksProxyUriEndpoint: 'https://xks.example.com:443' }],
    ['a path that does not end as it must', { ...PUBLIC, XksProxyUriPath: '/example/xks' }],
    [
      'an access key ID with a 1',
      {
        ...PUBLIC,
        XksProxyAuthenticationCredential: { AccessKeyId: 'ABCDE12345670EXAMPLE', RawSecretAccessKey: SECRET },
      },
    ],
  ])('refuses %s', async (_, input) => {
    const { code, message } = await refusal(home.call('CreateCustomKeyStore', input));
    expect(code).toBe('ValidationException');
    expect(message).not.toMatch(/secret|ABCDE|DXjSU|kmsPswd/);
    expect(await describeAll(home)).toEqual([]);
  });

  test.each<[string, readonly object[], object, string]>([
    ['a name', [CLOUD_HSM], { ...PUBLIC, CustomKeyStoreName: 'hsm' }, 'CustomKeyStoreNameInUseException'],
    ['a cluster', [CLOUD_HSM], { ...CLOUD_HSM, CustomKeyStoreName: 'b' }, 'CloudHsmClusterInUseException'],
    ['an endpoint and path', [PUBLIC], { ...PUBLIC, CustomKeyStoreName: 'b' }, 'XksProxyUriInUseException'],
    [
      'a public endpoint for a VPC',
      [PUBLIC],
      { ...VPC, XksProxyUriEndpoint: PUBLIC.XksProxyUriEndpoint, XksProxyUriPath: '/kms/xks/v1' },
      'XksProxyUriEndpointInUseException',
    ],
    [
      'a private DNS name',
      [VPC],
      {
        ...VPC,
        CustomKeyStoreName: 'b',
        XksProxyUriPath: '/kms/xks/v1',
        XksProxyVpcEndpointServiceName: 'com.amazonaws.vpce.us-east-1.vpce-svc-2',
      },
      'XksProxyUriEndpointInUseException',
    ],
    [
      'a VPC endpoint service',
      [VPC],
      { ...VPC, CustomKeyStoreName: 'b', XksProxyUriEndpoint: 'https://b.example.com' },
      'XksProxyVpcEndpointServiceInUseException',
    ],
    [
      'a public endpoint with another path',
      [PUBLIC],
      { ...PUBLIC, CustomKeyStoreName: 'b', XksProxyUriPath: '/kms/xks/v1' },
      'done',
    ],
  ])('%s is one key store’s', async (_, before, input, code) => {
    for (const other of before) await create(home, other);
    expect(await outcome(home.call('CreateCustomKeyStore', input))).toBe(code);
  });

  test('the same in another Region is another', async () => {
    await create(home, CLOUD_HSM);
    expect(await outcome(home.call('CreateCustomKeyStore', CLOUD_HSM, { region: 'eu-west-1' }))).toBe('done');
  });

  test('the same call again answers the same key store, while it is disconnected', async () => {
    const id = await create(home, CLOUD_HSM);
    expect(await create(home, CLOUD_HSM)).toBe(id);
    expect(await outcome(home.call('CreateCustomKeyStore', { ...CLOUD_HSM, KeyStorePassword: 'another1' }))).toBe(
      'CustomKeyStoreNameInUseException',
    );
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId: id });
    expect(await outcome(home.call('CreateCustomKeyStore', CLOUD_HSM))).toBe('CustomKeyStoreNameInUseException');
  });

  test('nobody is asked for a key store that cannot be made, or is there already', async () => {
    const id = await create(home, CLOUD_HSM);
    await create(home, PUBLIC);
    const before = home.managers.asked.length;
    expect(await create(home, CLOUD_HSM)).toBe(id);
    for (const input of [{ ...CLOUD_HSM, CustomKeyStoreName: 'b' }, PUBLIC]) {
      expect(await outcome(home.call('CreateCustomKeyStore', input))).toMatch(/InUseException$/);
    }
    expect(home.managers.asked).toHaveLength(before);
  });

  test('ten are the most', async () => {
    const numbered = (n: number) => ({ ...PUBLIC, CustomKeyStoreName: `x${n}`, XksProxyUriPath: `/${n}/kms/xks/v1` });
    for (let n = 0; n < 10; n += 1) await create(home, numbered(n));
    expect(await outcome(home.call('CreateCustomKeyStore', numbered(10)))).toBe('LimitExceededException');
    const [{ CustomKeyStoreId } = {}] = await describeAll(home);
    await home.call('DeleteCustomKeyStore', { CustomKeyStoreId });
    expect(await outcome(home.call('CreateCustomKeyStore', numbered(10)))).toBe('done');
  });

  test('only an identity policy lets others', async () => {
    const statement = { Effect: 'Allow', Action: 'kms:CreateCustomKeyStore', Resource: '*' };
    const alice = (...policies: object[]) =>
      callerOf(`arn:aws:iam::${ACCOUNT}:user/alice`, {
        identityPolicies: policies.map((one) => attachPolicy('alice', policyOf(one as typeof statement))),
      });
    expect(await outcome(home.call('CreateCustomKeyStore', CLOUD_HSM, { caller: alice() }))).toBe(
      'AccessDeniedException',
    );
    const condition = { Condition: { StringEquals: { 'kms:CallerAccount': ACCOUNT } } };
    expect(
      await outcome(home.call('CreateCustomKeyStore', CLOUD_HSM, { caller: alice({ ...statement, ...condition }) })),
    ).toBe('done');
  });
});

/** AWS KMS Developer Guide, Troubleshooting external key stores: VPC endpoint service connectivity configuration errors. */
describe('a VPC endpoint service', () => {
  const SERVICE = VPC.XksProxyVpcEndpointServiceName;
  const HOST = 'private.xks.example.com';
  const NOT_FOUND = ['XksProxyVpcEndpointServiceNotFoundException', 'XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND'] as const;
  const INVALID = [
    'XksProxyVpcEndpointServiceInvalidConfigurationException',
    'XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION',
  ] as const;
  const named = (...all: readonly (readonly [service: string, host: string])[]) => {
    for (const [service, host] of all) home.managers.services.set(service, host);
  };

  const unlisted = (): void => {
    home.managers.isListed = false;
  };
  const nothing = (): void => {};
  const ELSEWHERE = 'com.amazonaws.vpce.us-west-2.vpce-svc-example1';
  const PROBLEMS: [string, () => void, object, readonly [string, string]][] = [
    ['has no entry', unlisted, {}, NOT_FOUND],
    ['has the host of another one', () => named([`${SERVICE}0`, HOST]), {}, NOT_FOUND],
    ['has another private DNS name', () => named([SERVICE, 'other.example.com']), {}, INVALID],
    ['has changed hosts with another one', () => named([SERVICE, 'b.example.com'], [`${SERVICE}0`, HOST]), {}, INVALID],
    ['is in another Region', nothing, { XksProxyVpcEndpointServiceName: ELSEWHERE }, NOT_FOUND],
    ['has a private DNS name below no domain', nothing, { XksProxyUriEndpoint: 'https://intranet' }, INVALID],
    ['has a name of this machine', nothing, { XksProxyUriEndpoint: 'https://xks.localhost' }, INVALID],
  ];

  test.each(PROBLEMS)('that %s: CreateCustomKeyStore', async (_, given, members, [code]) => {
    given();
    expect(await outcome(home.call('CreateCustomKeyStore', { ...VPC, ...members }))).toBe(code);
    expect(await describeAll(home)).toEqual([]);
  });

  test.each(PROBLEMS)('that %s: UpdateCustomKeyStore, ConnectCustomKeyStore', async (_, given, members, expected) => {
    const [code, ConnectionErrorCode] = expected;
    const CustomKeyStoreId = await create(home, VPC);
    given();
    const change = { CustomKeyStoreId, XksProxyUriPath: '/new/kms/xks/v1', ...members };
    expect(await outcome(home.call('UpdateCustomKeyStore', change))).toBe(code);
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(await describeAll(home)).toMatchObject([
      given === nothing ? { ConnectionState: 'CONNECTED' } : { ConnectionState: 'FAILED', ConnectionErrorCode },
    ]);
  });

  test('that is the only change: it is looked for, and the proxy is asked', async () => {
    const CustomKeyStoreId = await create(home, VPC);
    const before = home.managers.asked.length;
    const change = (XksProxyVpcEndpointServiceName: string) =>
      outcome(home.call('UpdateCustomKeyStore', { CustomKeyStoreId, XksProxyVpcEndpointServiceName }));
    expect(await change(ELSEWHERE)).toBe(NOT_FOUND[0]);
    expect(home.managers.asked).toHaveLength(before);
    expect(await change(`${SERVICE}0`)).toBe('done');
    expect(home.managers.asked.slice(before)).toMatchObject([{ what: 'health' }]);
  });

  test('that is named by the entry of its host', async () => {
    named([SERVICE, HOST], [`${SERVICE}0`, 'other.example.com']);
    const CustomKeyStoreId = await create(home, { ...VPC, XksProxyUriEndpoint: 'https://PRIVATE.xks.example.com' });
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(await describeAll(home)).toMatchObject([{ ConnectionState: 'CONNECTED' }]);
  });

  test('is nothing to a public endpoint', async () => {
    home.managers.isListed = false;
    expect(
      await outcome(home.call('CreateCustomKeyStore', { ...PUBLIC, XksProxyUriEndpoint: 'https://intranet' })),
    ).toBe('done');
  });
});

describe('connection states', () => {
  test.each<[string, object, string]>([
    ['a cluster', CLOUD_HSM, 'CLUSTER_NOT_FOUND'],
    ['a proxy', PUBLIC, 'XKS_PROXY_NOT_REACHABLE'],
    ['a VPC endpoint service', VPC, 'XKS_PROXY_NOT_REACHABLE'],
  ])('connecting to %s: the call succeeds, the connection fails', async (_, input, ConnectionErrorCode) => {
    const CustomKeyStoreId = await create(home, input);
    home.managers.clusters.clear();
    home.managers.xksError = 'XksProxyUnreachable';
    expect(await home.call('ConnectCustomKeyStore', { CustomKeyStoreId })).toEqual({});
    expect(await describeAll(home)).toMatchObject([{ ConnectionState: 'FAILED', ConnectionErrorCode }]);
    expect(await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId })).toEqual({});
    const [described] = await describeAll(home);
    expect(described).toMatchObject({ ConnectionState: 'DISCONNECTED' });
    expect(described).not.toHaveProperty('ConnectionErrorCode');
  });

  const REFUSED = 'CustomKeyStoreInvalidStateException';
  const states = ['DISCONNECTED', 'CONNECTING', 'CONNECTED', 'DISCONNECTING', 'FAILED'] as const;
  test.each<[string, object, (typeof states)[number][]]>([
    ['ConnectCustomKeyStore', {}, ['DISCONNECTED', 'CONNECTING', 'CONNECTED']],
    ['DisconnectCustomKeyStore', {}, ['CONNECTING', 'CONNECTED', 'FAILED']],
    ['DeleteCustomKeyStore', {}, ['DISCONNECTED']],
    ['UpdateCustomKeyStore', { NewCustomKeyStoreName: 'new' }, ['DISCONNECTED', 'CONNECTED']],
    ['UpdateCustomKeyStore', { XksProxyUriPath: '/new/kms/xks/v1' }, ['DISCONNECTED', 'CONNECTED']],
    [
      'UpdateCustomKeyStore',
      { XksProxyAuthenticationCredential: PUBLIC.XksProxyAuthenticationCredential },
      ['DISCONNECTED', 'CONNECTED'],
    ],
    ['UpdateCustomKeyStore', { XksProxyUriEndpoint: 'https://new.example.com' }, ['DISCONNECTED']],
    [
      'UpdateCustomKeyStore',
      { NewCustomKeyStoreName: 'new', XksProxyUriEndpoint: 'https://new.example.com' },
      ['DISCONNECTED'],
    ],
  ])('%s %j', async (operation, input, allowed) => {
    const CustomKeyStoreId = await create(home, PUBLIC);
    for (const state of states) {
      await putState(CustomKeyStoreId, state);
      const before = await describeAll(home);
      const expected = allowed.includes(state) ? 'done' : REFUSED;
      if (operation === 'DeleteCustomKeyStore' && expected === 'done') continue;
      expect(`${state}: ${await outcome(home.call(operation, { CustomKeyStoreId, ...input }))}`).toBe(
        `${state}: ${expected}`,
      );
      if (expected === REFUSED) expect(await describeAll(home)).toEqual(before);
    }
  });

  test.each([{ KeyStorePassword: 'another1' }, { CloudHsmClusterId: 'cluster-3a23b4cdefg' }])(
    'of a cluster nothing but the name changes unless it is disconnected: %j',
    async (input) => {
      const CustomKeyStoreId = await create(home, CLOUD_HSM);
      await putState(CustomKeyStoreId, 'CONNECTED');
      expect(await outcome(home.call('UpdateCustomKeyStore', { CustomKeyStoreId, ...input }))).toBe(REFUSED);
      expect(await outcome(home.call('UpdateCustomKeyStore', { CustomKeyStoreId, NewCustomKeyStoreName: 'b' }))).toBe(
        'done',
      );
    },
  );

  test('a deleted one is gone for good, its cluster free again', async () => {
    const CustomKeyStoreId = await create(home, CLOUD_HSM);
    expect(await home.call('DeleteCustomKeyStore', { CustomKeyStoreId })).toEqual({});
    expect(await describeAll(home)).toEqual([]);
    expect(await create(home, CLOUD_HSM)).not.toBe(CustomKeyStoreId);
  });
});

describe('UpdateCustomKeyStore', () => {
  test('changes what is given, and nothing else', async () => {
    const CustomKeyStoreId = await create(home, PUBLIC);
    const [before] = await describeAll(home);
    await home.call('UpdateCustomKeyStore', {
      CustomKeyStoreId,
      NewCustomKeyStoreName: 'new',
      XksProxyUriPath: '/kms/xks/v1',
    });
    expect(await describeAll(home)).toEqual([
      {
        ...before,
        CustomKeyStoreName: 'new',
        XksProxyConfiguration: { ...(before!['XksProxyConfiguration'] as object), UriPath: '/kms/xks/v1' },
      },
    ]);
  });

  test('from public to VPC and back', async () => {
    const CustomKeyStoreId = await create(home, PUBLIC);
    const change = (input: object) => home.call('UpdateCustomKeyStore', { CustomKeyStoreId, ...input });
    const { XksProxyConnectivity, XksProxyUriEndpoint, XksProxyVpcEndpointServiceName } = VPC;
    expect(await outcome(change({ XksProxyConnectivity }))).toBe('ValidationException');
    expect(await outcome(change({ XksProxyConnectivity, XksProxyUriEndpoint }))).toBe('ValidationException');
    expect(await outcome(change({ XksProxyVpcEndpointServiceName }))).toBe('ValidationException');
    expect(await outcome(change({ XksProxyConnectivity, XksProxyUriEndpoint, XksProxyVpcEndpointServiceName }))).toBe(
      'done',
    );
    expect(await describeAll(home)).toMatchObject([
      {
        XksProxyConfiguration: {
          Connectivity: 'VPC_ENDPOINT_SERVICE',
          VpcEndpointServiceName: XksProxyVpcEndpointServiceName,
        },
      },
    ]);
    expect(await outcome(change({ XksProxyConnectivity: 'PUBLIC_ENDPOINT' }))).toBe('ValidationException');
    expect(
      await outcome(
        change({ XksProxyConnectivity: 'PUBLIC_ENDPOINT', XksProxyUriEndpoint: PUBLIC.XksProxyUriEndpoint }),
      ),
    ).toBe('done');
    const [described] = await describeAll(home);
    expect(described!['XksProxyConfiguration']).toMatchObject({ VpcEndpointServiceName: undefined });
  });

  test.each<[string, object, object, string]>([
    ['a proxy of a cluster', CLOUD_HSM, { XksProxyUriPath: '/kms/xks/v1' }, 'ValidationException'],
    ['a password of a proxy', VPC, { KeyStorePassword: 'another1' }, 'ValidationException'],
    ['the name of another', VPC, { NewCustomKeyStoreName: 'public' }, 'CustomKeyStoreNameInUseException'],
    ['its own name', VPC, { NewCustomKeyStoreName: 'vpc' }, 'done'],
    [
      'the cluster of another',
      CLOUD_HSM,
      { CloudHsmClusterId: 'cluster-3a23b4cdefg' },
      'CloudHsmClusterNotRelatedException',
    ],
    ['its own cluster', CLOUD_HSM, { CloudHsmClusterId: CLOUD_HSM.CloudHsmClusterId }, 'done'],
    ['the endpoint of another', VPC, { XksProxyUriEndpoint: PUBLIC.XksProxyUriEndpoint }, 'XksProxyUriInUseException'],
  ])('%s', async (_, input, change, code) => {
    await create(home, PUBLIC);
    await create(home, { ...CLOUD_HSM, CustomKeyStoreName: 'other', CloudHsmClusterId: 'cluster-3a23b4cdefg' });
    const CustomKeyStoreId = await create(home, input);
    expect(await outcome(home.call('UpdateCustomKeyStore', { CustomKeyStoreId, ...change }))).toBe(code);
  });
});

describe('DescribeCustomKeyStores', () => {
  test('one by name or ID, or all, in pages', async () => {
    const ids = [await create(home, CLOUD_HSM), await create(home, PUBLIC), await create(home, VPC)].toSorted();
    const idsOf = (found: readonly Record<string, unknown>[]) => found.map(({ CustomKeyStoreId }) => CustomKeyStoreId);
    expect(idsOf(await describeAll(home))).toEqual(ids);
    expect(idsOf(await describeAll(home, { CustomKeyStoreId: ids[1] }))).toEqual([ids[1]]);
    expect(await describeAll(home, { CustomKeyStoreName: 'vpc' })).toMatchObject([{ CustomKeyStoreName: 'vpc' }]);
    const first = await home.call('DescribeCustomKeyStores', { Limit: 2 });
    expect(first).toMatchObject({ Truncated: true });
    const second = await home.call('DescribeCustomKeyStores', { Limit: 2, Marker: first['NextMarker'] });
    expect(second).toMatchObject({ Truncated: false, CustomKeyStores: [{ CustomKeyStoreId: ids[2] }] });
  });

  test.each<[object, string]>([
    [{ CustomKeyStoreId: UNKNOWN }, 'CustomKeyStoreNotFoundException'],
    [{ CustomKeyStoreId: 'cks-../..' }, 'CustomKeyStoreNotFoundException'],
    [{ CustomKeyStoreName: 'nobody' }, 'CustomKeyStoreNotFoundException'],
    [{ CustomKeyStoreId: UNKNOWN, CustomKeyStoreName: 'nobody' }, 'ValidationException'],
  ])('%j: %s', async (input, code) => {
    expect(await outcome(home.call('DescribeCustomKeyStores', input))).toBe(code);
  });
});

test.each(['ConnectCustomKeyStore', 'DisconnectCustomKeyStore', 'UpdateCustomKeyStore', 'DeleteCustomKeyStore'])(
  '%s: no such key store',
  async (operation) => {
    expect(await outcome(home.call(operation, { CustomKeyStoreId: UNKNOWN }))).toBe('CustomKeyStoreNotFoundException');
  },
);

describe('what needs a connected key store', () => {
  const hsm = { Origin: 'AWS_CLOUDHSM' };
  const xks = { Origin: 'EXTERNAL_KEY_STORE', XksKeyId: 'bb8562717f809024' };
  test.each<[string, object, 'hsm' | 'xks' | 'unknown' | undefined, string]>([
    ['CreateKey', hsm, 'hsm', 'CustomKeyStoreInvalidStateException'],
    ['CreateKey', xks, 'xks', 'CustomKeyStoreInvalidStateException'],
    ['CreateKey', hsm, 'unknown', 'CustomKeyStoreNotFoundException'],
    ['CreateKey', hsm, 'xks', 'UnsupportedOperationException'],
    ['CreateKey', hsm, undefined, 'ValidationException'],
    ['CreateKey', without(xks, 'XksKeyId'), 'xks', 'ValidationException'],
    ['CreateKey', { ...hsm, XksKeyId: 'a' }, 'hsm', 'ValidationException'],
    ['CreateKey', {}, 'hsm', 'ValidationException'],
    ['CreateKey', { XksKeyId: 'a' }, undefined, 'ValidationException'],
    ['CreateKey', { ...xks, XksKeyId: 'a b' }, 'xks', 'ValidationException'],
    ['CreateKey', { ...hsm, KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }, 'hsm', 'UnsupportedOperationException'],
    ['CreateKey', { ...hsm, MultiRegion: true }, 'hsm', 'UnsupportedOperationException'],
    ['GenerateRandom', { NumberOfBytes: 8 }, 'hsm', 'CustomKeyStoreInvalidStateException'],
    ['GenerateRandom', { NumberOfBytes: 8 }, 'xks', 'UnsupportedOperationException'],
    ['GenerateRandom', { NumberOfBytes: 8 }, 'unknown', 'CustomKeyStoreNotFoundException'],
  ])('%s %j in %s: %s', async (operation, input, where, code) => {
    const ids = { hsm: await create(home, CLOUD_HSM), xks: await create(home, PUBLIC), unknown: UNKNOWN };
    const call = () => outcome(home.call(operation, { ...input, ...(where ? { CustomKeyStoreId: ids[where] } : {}) }));
    expect(await call()).toBe(code);
    home.managers.clusters.clear();
    home.managers.xksError = 'XksProxyUnreachable';
    for (const CustomKeyStoreId of [ids.hsm, ids.xks]) await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(await call()).toBe(code);
    expect(await home.call('ListKeys')).toMatchObject({ Keys: [] });
  });
});

describe('the events', () => {
  const last = () => home.events().at(-1)!;

  test('of a cluster', async () => {
    const CustomKeyStoreId = await create(home, CLOUD_HSM);
    expect(last()).toMatchObject({
      eventName: 'CreateCustomKeyStore',
      readOnly: false,
      responseElements: { customKeyStoreId: CustomKeyStoreId },
    });
    expect(last()['requestParameters']).toEqual({ customKeyStoreName: 'hsm', clusterId: 'cluster-2a23b4cdefg' });
    await home.call('UpdateCustomKeyStore', {
      CustomKeyStoreId,
      CloudHsmClusterId: 'cluster-3a23b4cdefg',
      KeyStorePassword: 'another1',
    });
    expect(last()['requestParameters']).toEqual({
      customKeyStoreId: CustomKeyStoreId,
      clusterId: 'cluster-3a23b4cdefg',
    });
    for (const operation of ['ConnectCustomKeyStore', 'DisconnectCustomKeyStore', 'DeleteCustomKeyStore']) {
      await home.call(operation, { CustomKeyStoreId });
      expect(last()).toMatchObject({
        eventName: operation,
        requestParameters: { customKeyStoreId: CustomKeyStoreId },
        responseElements: null,
        additionalEventData: { customKeyStoreName: 'hsm', clusterId: 'cluster-3a23b4cdefg' },
      });
    }
    await describeAll(home);
    expect(last()).toMatchObject({ eventName: 'DescribeCustomKeyStores', readOnly: true, responseElements: null });
    expect(home.events().filter((event) => 'resources' in event)).toEqual([]);
  });

  test('of a proxy', async () => {
    const CustomKeyStoreId = await create(home, PUBLIC);
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(last()['additionalEventData']).toEqual({ customKeyStoreName: 'public' });
  });

  test('of a refused call too', async () => {
    await outcome(home.call('ConnectCustomKeyStore', { CustomKeyStoreId: UNKNOWN }));
    expect(last()).toMatchObject({
      errorCode: 'CustomKeyStoreNotFoundException',
      requestParameters: { customKeyStoreId: UNKNOWN },
    });
    expect(last()).not.toHaveProperty('resources');
  });

  test('secrets are in no event, in no answer, and in no record as they are', async () => {
    await create(home, CLOUD_HSM);
    const CustomKeyStoreId = await create(home, PUBLIC);
    await home.call('UpdateCustomKeyStore', {
      CustomKeyStoreId,
      XksProxyAuthenticationCredential: {
        AccessKeyId: 'ZYXWV765432ZYXWVUTSRQ',
        RawSecretAccessKey: SECRET.toLowerCase(),
      },
    });
    const answers = JSON.stringify(await describeAll(home));
    const rows = await home.store.transact((tx) => Array.fromAsync(tx.rows('')));
    const stored = Buffer.concat(rows.map(({ value }) => Buffer.from(value))).toString('latin1');
    const secrets = [CLOUD_HSM.KeyStorePassword, SECRET, SECRET.toLowerCase()];
    for (const secret of secrets)
      for (const text of [textOf(home.log), answers, stored]) expect(text).not.toContain(secret);
    expect(textOf(home.log)).not.toContain('ZYXWV765432ZYXWVUTSRQ');
    expect(answers).toContain('ZYXWV765432ZYXWVUTSRQ');
  });
});
