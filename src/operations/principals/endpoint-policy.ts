/** The policy of the VPC endpoint that a request comes through. */
import { findVpcEndpoint, vpcEndpoints, type VpcEndpoint } from '../../keyring/vpc-endpoint.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { attachPolicy, type AttachedPolicy } from '../../policy/document.ts';

/** @returns undefined for an endpoint that the keyring does not know: the default endpoint policy of AWS allows everything */
export async function endpointPolicyOf(tx: Transaction, vpcEndpointId: string): Promise<AttachedPolicy | undefined> {
  const endpoint = await findVpcEndpoint(tx, vpcEndpointId);
  return endpoint && attached(tx, endpoint);
}

/** Of all endpoints that the keyring knows, each named by its ID. */
export const endpointPolicies = async (tx: Transaction): Promise<readonly AttachedPolicy[]> =>
  (await vpcEndpoints(tx)).map((endpoint) => attached(tx, endpoint));

const attached = (tx: Transaction, endpoint: VpcEndpoint): AttachedPolicy =>
  tx.memoize(endpoint, () => attachPolicy(endpoint.id, endpoint.policy));
