/** The organization as a record: the accounts in it, and its policies level by level, from the root down. */
import type { NamedPolicy } from './identity.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { Transaction } from './transaction.ts';

export interface Level {
  readonly serviceControlPolicies: readonly NamedPolicy[];
  readonly resourceControlPolicies: readonly NamedPolicy[];
}

export interface Organization {
  /** `o-a1b2c3d4e5` */
  readonly id: string;
  /** As in aws:PrincipalOrgPaths. */
  readonly path?: string;
  readonly accounts: readonly string[];
  /** No policy of the organization binds it. */
  readonly managementAccount?: string;
  readonly levels: readonly Level[];
}

const PATH = 'organization';
const decode = (bytes: Uint8Array): Organization => decodeRecord<Organization>(bytes).body;

/** The settings tell whether there is one, so that a keyring without it does not look. */
export const findOrganization = async (tx: Transaction): Promise<Organization | undefined> =>
  tx.settings.hasOrganization ? tx.read(PATH, decode) : undefined;

export function putOrganization(tx: Transaction, organization: Organization): void {
  tx.put(PATH, encodeRecord(organization));
  tx.change({ kind: 'settings', settings: { hasOrganization: true } });
}

export function removeOrganization(tx: Transaction): void {
  tx.delete(PATH);
  tx.change({ kind: 'settings', settings: { hasOrganization: false } });
}

export const isBound = ({ accounts, managementAccount }: Organization, account: string): boolean =>
  accounts.includes(account) && account !== managementAccount;
