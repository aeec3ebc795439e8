/** Tools for the organization: which accounts are in it, and the control policies on each of its levels. */
import { accountId } from '../../model/account.ts';
import { EnvironmentError } from '../../model/error.ts';
import { integer, list, oneOf, string, structure } from '../../model/shape.ts';
import type { NamedPolicy } from '../../keyring/identity.ts';
import {
  findOrganization,
  putOrganization,
  removeOrganization,
  type Level,
  type Organization,
} from '../../keyring/organization.ts';
import { checkPolicyWrite } from '../../policy/write-check.ts';
import type { KeyringAccess } from '../../runtime/capabilities.ts';
import { logCommand, localCommand, type KeyringChange } from '../command/local-command.ts';
import { shownPolicy, withPolicy } from './identity.ts';

const policyShape = structure({ PolicyName: string(), PolicyDocument: string() });
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

/** Every level begins with policies that allow everything, as AWS attaches them; what they are to allow, others take away. */
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
const MOST_LEVELS = 6;

export const putOrganizationTool = localCommand({
  name: 'OrganizationPut',
  command: 'organization put',
  input: structure({
    OrganizationId: string({ min: 1, pattern: 'o-[a-z0-9]{10,32}' }),
    Path: string({ min: 1 }),
    Accounts: list(accountId),
    ManagementAccount: accountId,
    Level: integer(0, MOST_LEVELS - 1),
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
      const before = await findOrganization(tx);
      const id = input.OrganizationId ?? before?.id;
      if (id === undefined) {
        throw new EnvironmentError('there is no organization yet', ['--organization-id gives it its ID: o-a1b2c3d4e5']);
      }
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
        accounts: input.Accounts ?? before?.accounts ?? [tx.settings.account],
        ...(management === undefined ? {} : { managementAccount: management }),
        levels: levels.with(at, { ...levels[at]!, [member]: withPolicy(kept, added) }),
      };
      putOrganization(tx, organization);
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

const none = (): EnvironmentError =>
  new EnvironmentError('the keyring has no organization', [
    'kms organization put --organization-id o-a1b2c3d4e5 makes one',
  ]);

export const getOrganizationTool = localCommand({
  name: 'OrganizationGet',
  command: 'organization get',
  input: structure({}),
  output: structure(organizationShape),
  async run(_, session: KeyringAccess) {
    const keyring = await session.open();
    const found = await keyring.transact(findOrganization);
    if (!found) throw none();
    return shown(found);
  },
});

export const deleteOrganizationTool = localCommand({
  name: 'OrganizationDelete',
  command: 'organization delete',
  input: structure({}),
  output: structure({}),
  async run(_, session: KeyringChange) {
    const keyring = await session.open();
    await keyring.transact(async (tx) => {
      const found = await findOrganization(tx);
      if (!found) throw none();
      removeOrganization(tx);
      logCommand(tx, session, { eventName: 'DeleteOrganization', details: { organizationId: found.id } });
    });
    return {};
  },
});
