/** Commands for the organization: which accounts are in it, and the control policies on each of its levels. */
import { accountId } from '../../model/account.ts';
import { EnvironmentError } from '../../model/error.ts';
import { integer, list, oneOf, string, structure } from '../../model/shape.ts';
import type { NamedPolicy } from '../../keyring/identity.ts';
import {
  organizationOf,
  organizations,
  putOrganization,
  removeOrganization,
  type Level,
  type Organization,
} from '../../keyring/organization.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { checkPolicyWrite } from '../../policy/write-check.ts';
import type { KeyringAccess } from '../../runtime/capabilities.ts';
import { logCommand, localCommand, type KeyringChange } from '../command/local-command.ts';
import { shownPolicy, withPolicy } from './identity.ts';

const policyShape = structure({ PolicyName: string(), PolicyDocument: string() });
const organizationId = string({ min: 1, pattern: 'o-[a-z0-9]{10,32}' });
const organizationShape = {
  OrganizationId: string(),
  Path: string(),
  Accounts: list(string()),
  ManagementAccount: string(),
  Levels: list(
    structure({
      Level: integer(),
      ServiceControlPolicies: list(policyShape),
      ResourceControlPolicies: list(policyShape),
    }),
  ),
};

const TYPES = {
  SERVICE_CONTROL_POLICY: { member: 'serviceControlPolicies', kind: 'identity' },
  RESOURCE_CONTROL_POLICY: { member: 'resourceControlPolicies', kind: 'resource' },
} as const;
type Type = keyof typeof TYPES;

/** Each level has policies that allow everything by default, as in AWS. */
const FULL: Level = {
  serviceControlPolicies: [
    {
      name: 'FullAWSAccess',
      text: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
    },
  ],
  resourceControlPolicies: [
    {
      name: 'RCPFullAWSAccess',
      text: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}',
    },
  ],
};
const MAX_LEVELS = 6;

export const putOrganizationCommand = localCommand({
  name: 'OrganizationPut',
  command: 'organization put',
  input: structure({
    OrganizationId: organizationId,
    Path: string({ min: 1 }),
    Accounts: list(accountId),
    ManagementAccount: accountId,
    Level: integer(0, MAX_LEVELS - 1),
    Type: oneOf(Object.keys(TYPES) as readonly Type[]),
    Policy: string({ min: 1 }),
    PolicyName: string({ min: 1, max: 128 }),
    RemovePolicy: string({ min: 1, max: 128 }),
  }),
  output: structure(organizationShape),
  async run(input, session: KeyringChange) {
    const { Type: type = 'SERVICE_CONTROL_POLICY', Level: at = 0, Policy: text } = input;
    const { member, kind } = TYPES[type];
    if (text !== undefined) checkPolicyWrite(text, { kind });
    const keyring = await session.open();
    return keyring.transact(async (tx) => {
      const all = await organizations(tx);
      const id = input.OrganizationId ?? only(all)?.id;
      if (id === undefined) {
        throw new EnvironmentError('the keyring has no organization', [
          'specify the ID of the new organization with --organization-id, such as o-a1b2c3d4e5',
        ]);
      }
      const before = all.find((one) => one.id === id);
      const accounts = input.Accounts ?? before?.accounts ?? [tx.settings.account];
      for (const account of accounts) await refuseOther(tx, account, id);
      const path = input.Path ?? before?.path;
      const management = input.ManagementAccount ?? before?.managementAccount;
      const levels = Array.from(
        { length: Math.max(at + 1, before?.levels.length ?? 1) },
        (_, index) => before?.levels[index] ?? FULL,
      );
      const added: NamedPolicy | undefined =
        text === undefined ? undefined : { name: input.PolicyName ?? 'policy', text };
      const kept = levels[at]![member].filter(({ name }) => name !== input.RemovePolicy);
      const organization: Organization = {
        id,
        ...(path === undefined ? {} : { path }),
        accounts,
        ...(management === undefined ? {} : { managementAccount: management }),
        levels: levels.with(at, { ...levels[at]!, [member]: withPolicy(kept, added) }),
      };
      await putOrganization(tx, organization);
      logCommand(tx, session, { eventName: 'PutOrganization', details: { organizationId: id } });
      return shown(organization);
    });
  },
});

const shown = ({ id, path, accounts, managementAccount, levels }: Organization) => ({
  OrganizationId: id,
  Path: path,
  Accounts: accounts,
  ManagementAccount: managementAccount,
  Levels: levels.map((level, index) => ({
    Level: index,
    ServiceControlPolicies: level.serviceControlPolicies.map(shownPolicy),
    ResourceControlPolicies: level.resourceControlPolicies.map(shownPolicy),
  })),
});

/** An account is in one organization at most. */
async function refuseOther(tx: Transaction, account: string, id: string): Promise<void> {
  const other = await organizationOf(tx, account);
  if (!other || other.id === id) return;
  throw new EnvironmentError(`account ${account} is in organization ${other.id}`, [
    'specify the accounts of the new organization with --accounts',
  ]);
}

/** @throws EnvironmentError where there are several */
function only(all: readonly Organization[]): Organization | undefined {
  if (all.length <= 1) return all[0];
  const ids = all.map(({ id }) => id).join(', ');
  throw new EnvironmentError('the keyring has several organizations', [`specify one with --organization-id: ${ids}`]);
}

/** @throws EnvironmentError where there is none of this ID, or none at all */
async function organizationNamed(tx: Transaction, id: string | undefined): Promise<Organization> {
  const all = await organizations(tx);
  const found = id === undefined ? only(all) : all.find((one) => one.id === id);
  if (found) return found;
  throw new EnvironmentError(`the keyring has no organization${id === undefined ? '' : ` ${id}`}`, [
    'kms organization put --organization-id o-a1b2c3d4e5 creates one',
  ]);
}

export const getOrganizationCommand = localCommand({
  name: 'OrganizationGet',
  command: 'organization get',
  input: structure({ OrganizationId: organizationId }),
  output: structure(organizationShape),
  async run({ OrganizationId }, session: KeyringAccess) {
    const keyring = await session.open();
    return shown(await keyring.transact((tx) => organizationNamed(tx, OrganizationId)));
  },
});

export const listOrganizationsCommand = localCommand({
  name: 'OrganizationList',
  command: 'organization list',
  input: structure({}),
  output: structure({
    Organizations: list(structure({ OrganizationId: string(), Path: string(), Accounts: list(string()) })),
  }),
  async run(_, session: KeyringAccess) {
    const keyring = await session.open();
    const all = await keyring.transact(organizations);
    return {
      Organizations: all.map(({ id, path, accounts }) => ({ OrganizationId: id, Path: path, Accounts: accounts })),
    };
  },
});

export const deleteOrganizationCommand = localCommand({
  name: 'OrganizationDelete',
  command: 'organization delete',
  input: structure({ OrganizationId: organizationId }),
  output: structure({}),
  async run({ OrganizationId }, session: KeyringChange) {
    const keyring = await session.open();
    await keyring.transact(async (tx) => {
      const { id } = await organizationNamed(tx, OrganizationId);
      await removeOrganization(tx, id);
      logCommand(tx, session, { eventName: 'DeleteOrganization', details: { organizationId: id } });
    });
    return {};
  },
});
