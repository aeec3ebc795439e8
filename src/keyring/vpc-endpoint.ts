/** VPC endpoints as records: the policy of each. Paths have a keyed hash in place of the ID. */
import { decodeRecord, encodeRecord } from './record.ts';
import type { Transaction } from './transaction.ts';

export interface VpcEndpoint {
  /** `vpce-1a2b3c4d` */
  readonly id: string;
  /** The text of its policy. */
  readonly policy: string;
}

const PREFIX = 'vpc-endpoint/';
const pathOf = (tx: Transaction, id: string): string => PREFIX + tx.keyedHash(PREFIX + id);

const decodeVpcEndpoint = (bytes: Uint8Array): VpcEndpoint => decodeRecord<VpcEndpoint>(bytes).body;

export const findVpcEndpoint = (tx: Transaction, id: string): Promise<VpcEndpoint | undefined> =>
  tx.read(pathOf(tx, id), decodeVpcEndpoint);

export const putVpcEndpoint = (tx: Transaction, endpoint: VpcEndpoint): void =>
  tx.put(pathOf(tx, endpoint.id), encodeRecord(endpoint));

export const removeVpcEndpoint = (tx: Transaction, id: string): void => tx.delete(pathOf(tx, id));

/** In the order of their IDs. */
export async function vpcEndpoints(tx: Transaction): Promise<readonly VpcEndpoint[]> {
  const all: VpcEndpoint[] = [];
  for await (const { value } of tx.rows(PREFIX)) all.push(decodeVpcEndpoint(value));
  return all.sort((a, b) => (a.id < b.id ? -1 : 1));
}
