/** The health of an external key store's proxy, which is asked for before a key store is created, changed or connected. */
import type { Xks, XksHealthMetadata } from '../../key-managers/xks/xks.ts';
import { XksError } from '../../key-managers/xks/xks.ts';
import type { StepTools } from '../row/operation.ts';
import { requireService } from './endpoint-service.ts';
import { refusedAs } from './refused.ts';
import type { ExternalKeyStore } from '../../keyring/key-store.ts';

export const addressOf = ({ proxy, secret, region }: Pick<ExternalKeyStore, 'proxy' | 'secret' | 'region'>) => ({
  uriEndpoint: proxy.uriEndpoint,
  uriPath: proxy.uriPath,
  accessKeyId: proxy.accessKeyId,
  secret,
  region,
});

/** A proxy all of whose external key managers are unavailable is as good as none. */
export async function requireHealth(xks: Xks, keyStore: ProxyStore, metadata: XksHealthMetadata): Promise<void> {
  requireService(xks, keyStore);
  const { ekmFleetDetails } = await xks.getHealthStatus(addressOf(keyStore), metadata);
  if (ekmFleetDetails.every(({ healthStatus }) => healthStatus === 'UNAVAILABLE')) {
    throw new XksError('XksProxyUnhealthy', 'all external key managers of the proxy are unavailable');
  }
}

type ProxyStore = Pick<ExternalKeyStore, 'proxy' | 'secret' | 'region'>;

/**
 * That the proxy of a key store that is created or changed answers. One behind a VPC endpoint service is not asked before
 * its key store is changed or connected (AWS KMS Developer Guide, Create an external key store).
 */
export async function requireProxy(
  { keyManagers }: Pick<StepTools, 'keyManagers'>,
  keyStore: ProxyStore,
  metadata: XksHealthMetadata,
): Promise<void> {
  const { createError } = await import('./xks-errors.ts');
  const { xks } = await keyManagers();
  const isAsked = keyStore.proxy.connectivity === 'PUBLIC_ENDPOINT' || metadata.kmsOperation !== 'CreateCustomKeyStore';
  await refusedAs(createError, async () => {
    if (isAsked) await requireHealth(xks, keyStore, metadata);
    else requireService(xks, keyStore);
  });
}
