/** Custom key stores for the tests: what they are created with, and calls on them. */
import type { Fixture } from '../../support/fixture.ts';

export const CLOUD_HSM = {
  CustomKeyStoreName: 'hsm',
  CloudHsmClusterId: 'cluster-2a23b4cdefg',
  KeyStorePassword: 'kmsPswd-of-kmsuser',
  TrustAnchorCertificate: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
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
