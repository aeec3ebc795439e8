/** Organizations as one record: the accounts of each, and its policies level by level, from the root down. */
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
  /** None of them is in another organization. */
  readonly accounts: readonly string[];
  /** No policy of the organization applies to it. */
  readonly managementAccount?: string;
  readonly levels: readonly Level[];
}

const PATH = 'organization';

/** In keyrings of earlier versions the record is a single organization. */
type OrganizationRecord = Organization | { readonly organizations: readonly Organization[] };

function decodeOrganizations(bytes: Uint8Array): readonly Organization[] {
  const { body } = decodeRecord<OrganizationRecord>(bytes);
  return 'organizations' in body ? body.organizations : [body];
}

/** The settings tell, so that calls in a keyring without organizations neither look for one nor wait. */
export const hasOrganizations = (tx: Transaction): boolean => tx.settings.hasOrganization === true;

/** In the order of their IDs. */
export const organizations = async (tx: Transaction): Promise<readonly Organization[]> =>
  hasOrganizations(tx) ? ((await tx.read(PATH, decodeOrganizations)) ?? []) : [];

export async function organizationOf(tx: Transaction, account: string): Promise<Organization | undefined> {
  return (await organizations(tx)).find(({ accounts }) => accounts.includes(account));
}

function write(tx: Transaction, all: readonly Organization[]): void {
  if (all.length === 0) tx.delete(PATH);
  else tx.put(PATH, encodeRecord({ organizations: all.toSorted((a, b) => (a.id < b.id ? -1 : 1)) }));
  tx.change({ kind: 'settings', settings: { hasOrganization: all.length > 0 } });
}

const without = async (tx: Transaction, id: string): Promise<readonly Organization[]> =>
  (await organizations(tx)).filter((one) => one.id !== id);

/** One of the same ID is replaced. */
export const putOrganization = async (tx: Transaction, organization: Organization): Promise<void> =>
  write(tx, [...(await without(tx, organization.id)), organization]);

export const removeOrganization = async (tx: Transaction, id: string): Promise<void> =>
  write(tx, await without(tx, id));

export const isBound = ({ accounts, managementAccount }: Organization, account: string): boolean =>
  accounts.includes(account) && account !== managementAccount;
