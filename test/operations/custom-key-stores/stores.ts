/** Custom key stores for the tests: what they are created with, and calls on them. */
import { KMSUSER, TRUST_ANCHOR } from '../../support/key-managers.ts';
import type { Fixture } from '../../support/fixture.ts';

export const CLOUD_HSM = {
  CustomKeyStoreName: 'hsm',
  CloudHsmClusterId: 'cluster-2a23b4cdefg',
  KeyStorePassword: KMSUSER,
  TrustAnchorCertificate: TRUST_ANCHOR,
};

export const SECRET = 'DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H/u9pSo=';
export const PUBLIC = {
  CustomKeyStoreName: 'public',
  CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
  XksProxyConnectivity: 'PUBLIC_ENDPOINT',
  XksProxyUriEndpoint: 'https://xks.example.com',
  XksProxyUriPath: '/example/kms/xks/v1',
  XksProxyAuthenticationCredential: { AccessKeyId: 'ABCDE234567ABCDEFGHIJ', RawSecretAccessKey: SECRET },
};
export const VPC = {
  ...PUBLIC,
  CustomKeyStoreName: 'vpc',
  XksProxyConnectivity: 'VPC_ENDPOINT_SERVICE',
  XksProxyUriEndpoint: 'https://private.xks.example.com',
  XksProxyVpcEndpointServiceName: 'com.amazonaws.vpce.us-east-1.vpce-svc-example1',
};

export const create = async (home: Pick<Fixture, 'call'>, input: object): Promise<string> =>
  (await home.call('CreateCustomKeyStore', input))['CustomKeyStoreId'] as string;

export type Described = Record<string, unknown>;

export const describeAll = async (home: Pick<Fixture, 'call'>, input: object = {}): Promise<Described[]> =>
  (await home.call('DescribeCustomKeyStores', input))['CustomKeyStores'] as Described[];

/** Creates and connects. @returns its ID */
export async function connect(home: Pick<Fixture, 'call'>, input: object): Promise<string> {
  const CustomKeyStoreId = await create(home, input);
  await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
  return CustomKeyStoreId;
}

export const IN_CLUSTER = { Origin: 'AWS_CLOUDHSM' };
export const BEHIND_PROXY = { Origin: 'EXTERNAL_KEY_STORE', XksKeyId: 'bb8562717f809024' };

/** @returns its metadata */
export const newKey = async (home: Pick<Fixture, 'call'>, input: object): Promise<Record<string, unknown>> =>
  (await home.call('CreateKey', input))['KeyMetadata'] as Record<string, unknown>;
