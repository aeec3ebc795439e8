/** The policy of the VPC endpoint that a request comes through. */
import { findVpcEndpoint } from '../../keyring/vpc-endpoint.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { attachPolicy, type AttachedPolicy } from '../../policy/document.ts';

/** @returns undefined for an endpoint that the keyring does not know: as AWS makes it, its policy allows everything */
export async function endpointPolicyOf(tx: Transaction, vpcEndpointId: string): Promise<AttachedPolicy | undefined> {
  const endpoint = await findVpcEndpoint(tx, vpcEndpointId);
  return endpoint && tx.memoize(endpoint, () => attachPolicy(endpoint.id, endpoint.policy));
}
