/** DescribeCustomKeyStores: all custom key stores, or one, without their secrets. */
import { KmsError } from '../../model/error.ts';
import { findKeyStore, keyStoresOf, type KeyStore } from '../../keyring/key-store.ts';
import { operation, type Call } from '../row/operation.ts';
import { pageOfItems } from '../row/page.ts';
import { noTarget } from '../row/target.ts';
import { describedProxy } from './xks-proxy.ts';
import * as shapes from './descriptions-shapes.ts';

/** The secret is never shown. */
const described = (found: KeyStore) => ({
  CustomKeyStoreId: found.id,
  CustomKeyStoreName: found.name,
  ...(found.type === 'AWS_CLOUDHSM'
    ? { CloudHsmClusterId: found.clusterId, TrustAnchorCertificate: found.trustAnchorCertificate }
    : {}),
  ConnectionState: found.state,
  ...(found.errorCode === undefined ? {} : { ConnectionErrorCode: found.errorCode }),
  CreationDate: new Date(found.created),
  CustomKeyStoreType: found.type,
  ...(found.type === 'EXTERNAL_KEY_STORE' ? { XksProxyConfiguration: describedProxy(found.proxy) } : {}),
});

export const describeCustomKeyStores = operation({
  ...shapes.describeCustomKeyStores,
  access: 'read',
  targets: () => [noTarget('DescribeCustomKeyStores')],
  /** AWS's own text is not known. */
  validateMembers({ CustomKeyStoreId, CustomKeyStoreName }) {
    if (CustomKeyStoreId === undefined || CustomKeyStoreName === undefined) return;
    throw new KmsError('ValidationException', 'Specify either CustomKeyStoreId or CustomKeyStoreName, but not both.');
  },
  log: { resources: null },
  async run(call) {
    const list = `key stores of ${call.home.account} in ${call.home.region}`;
    const { items, ...rest } = pageOfItems(call.tx, {
      list,
      all: await wanted(call),
      nameOf: ({ id }) => id,
      request: call.input,
      rules: { default: 100, max: 1000 },
    });
    return { CustomKeyStores: items.map(described), ...rest };
  },
});

async function wanted({
  tx,
  home,
  input: { CustomKeyStoreId: id, CustomKeyStoreName: named },
}: Call<{
  readonly CustomKeyStoreId?: string | undefined;
  readonly CustomKeyStoreName?: string | undefined;
}>): Promise<readonly KeyStore[]> {
  if (id === undefined && named === undefined) return keyStoresOf(tx, home);
  const found =
    id === undefined
      ? (await keyStoresOf(tx, home)).find((other) => other.name === named)
      : await findKeyStore(tx, home, id);
  if (found) return [found];
  throw new KmsError('CustomKeyStoreNotFoundException', `Custom key store ${id ?? named} does not exist.`);
}
