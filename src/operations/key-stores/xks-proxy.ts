/** The proxy of an external key store: its input, its record and its output. */
import { accountId } from '../../model/account.ts';
import { oneOf, required, string, structure, type StringShape } from '../../model/shape.ts';
import type { XksProxy } from '../../keyring/key-store.ts';

const connectivity = oneOf(['PUBLIC_ENDPOINT', 'VPC_ENDPOINT_SERVICE']);
const uriEndpoint = string({ min: 10, max: 128, pattern: '^https://[a-zA-Z0-9.-]+$' });
const uriPath = string({
  min: 10,
  max: 128,
  pattern: '^(/[a-zA-Z0-9\\/_-]+/kms/xks/v\\d{1,2})$|^(/kms/xks/v\\d{1,2})$',
});
export const serviceName = string({
  min: 20,
  max: 64,
  pattern: '^(com|eu)\\.amazonaws\\.vpce\\.([a-z]+-){2,3}\\d+\\.vpce-svc-[0-9a-z]+$',
});
const accessKeyId: StringShape = string({ min: 20, max: 30, pattern: '^[A-Z2-7]+$', sensitive: true });
const credential = structure({
  AccessKeyId: required(accessKeyId),
  RawSecretAccessKey: required(string({ min: 43, max: 64, pattern: '^[a-zA-Z0-9\\/+=]+$', sensitive: true })),
});
export const proxyMembers = {
  XksProxyUriEndpoint: uriEndpoint,
  XksProxyUriPath: uriPath,
  XksProxyVpcEndpointServiceName: serviceName,
  XksProxyVpcEndpointServiceOwner: accountId,
  XksProxyAuthenticationCredential: credential,
  XksProxyConnectivity: connectivity,
};

/** Members about a proxy of CreateCustomKeyStore and UpdateCustomKeyStore. */
interface ProxyInput {
  readonly XksProxyUriEndpoint?: string | undefined;
  readonly XksProxyUriPath?: string | undefined;
  readonly XksProxyVpcEndpointServiceName?: string | undefined;
  readonly XksProxyVpcEndpointServiceOwner?: string | undefined;
  readonly XksProxyAuthenticationCredential?:
    | { readonly AccessKeyId: string; readonly RawSecretAccessKey: string }
    | undefined;
  readonly XksProxyConnectivity?: XksProxy['connectivity'] | undefined;
}

/** The new values merged into the old ones; without a VPC endpoint service its name is dropped. */
export function proxyOf(input: ProxyInput, present: Partial<XksProxy>, account: string): XksProxy {
  const kind = (input.XksProxyConnectivity ?? present.connectivity)!;
  const service = {
    vpcEndpointServiceName: (input.XksProxyVpcEndpointServiceName ?? present.vpcEndpointServiceName)!,
    vpcEndpointServiceOwner: input.XksProxyVpcEndpointServiceOwner ?? present.vpcEndpointServiceOwner ?? account,
  };
  return {
    connectivity: kind,
    uriEndpoint: (input.XksProxyUriEndpoint ?? present.uriEndpoint)!,
    uriPath: (input.XksProxyUriPath ?? present.uriPath)!,
    accessKeyId: (input.XksProxyAuthenticationCredential?.AccessKeyId ?? present.accessKeyId)!,
    ...(kind === 'VPC_ENDPOINT_SERVICE' ? service : {}),
  };
}

export const proxyEntry = structure({
  Connectivity: connectivity,
  AccessKeyId: accessKeyId,
  UriEndpoint: uriEndpoint,
  UriPath: uriPath,
  VpcEndpointServiceName: serviceName,
  VpcEndpointServiceOwner: accountId,
});

/** The secret is never shown. */
export const describedProxy = (proxy: XksProxy) => ({
  Connectivity: proxy.connectivity,
  AccessKeyId: proxy.accessKeyId,
  UriEndpoint: proxy.uriEndpoint,
  UriPath: proxy.uriPath,
  VpcEndpointServiceName: proxy.vpcEndpointServiceName,
  VpcEndpointServiceOwner: proxy.vpcEndpointServiceOwner,
});
