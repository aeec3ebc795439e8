/** VPC endpoint services: here a host that the operator has an entry for, since no DNS knows its private name. */
import type { Xks } from '../../key-managers/xks/xks.ts';
import type { ExternalKeyStore, XksProxy } from '../../keyring/key-store.ts';

export class NoEndpointService extends Error {}

/** @throws NoEndpointService */
export function requireService(xks: Xks, { proxy }: Pick<ExternalKeyStore, 'proxy'>): void {
  if (proxy.connectivity === 'PUBLIC_ENDPOINT' || xks.isListed(proxy.uriEndpoint)) return;
  throw new NoEndpointService(
    `There is no VPC endpoint service ${proxy.vpcEndpointServiceName!} with the private DNS name ${hostOf(proxy)}. For kms, an entry of the operator makes one: kms xks add ${hostOf(proxy)} --connect ADDRESS:PORT`,
  );
}

const hostOf = ({ uriEndpoint }: XksProxy): string => uriEndpoint.replace('https://', '');
