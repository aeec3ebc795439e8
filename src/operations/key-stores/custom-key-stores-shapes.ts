/** The shapes of CreateCustomKeyStore, UpdateCustomKeyStore, DeleteCustomKeyStore. */
import { keyStoreId } from '../../model/members.ts';
import { required, structure } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';
import { byId, certificate, knownCluster, name, password, storeType } from './members.ts';
import { proxyMembers } from './xks-proxy.ts';

export const createCustomKeyStore = operationShape({
  name: 'CreateCustomKeyStore',
  input: structure({
    CustomKeyStoreName: required(name),
    CloudHsmClusterId: knownCluster,
    TrustAnchorCertificate: certificate,
    KeyStorePassword: password,
    CustomKeyStoreType: storeType,
    ...proxyMembers,
  }),
  output: structure({ CustomKeyStoreId: keyStoreId }),
});

export const updateCustomKeyStore = operationShape({
  name: 'UpdateCustomKeyStore',
  input: structure({
    CustomKeyStoreId: required(keyStoreId),
    NewCustomKeyStoreName: name,
    KeyStorePassword: password,
    CloudHsmClusterId: knownCluster,
    ...proxyMembers,
  }),
  output: structure({}),
});

export const deleteCustomKeyStore = operationShape({
  name: 'DeleteCustomKeyStore',
  input: byId,
  output: structure({}),
});
