/** Local commands for OpenID Connect providers, whose tokens AssumeRoleWithWebIdentity accepts. */
import { readWebKeys } from '../../crypto/web-token.ts';
import {
  findIdentityProvider,
  identityProviders,
  putIdentityProvider,
  removeIdentityProvider,
  type IdentityProvider,
} from '../../keyring/identity-provider.ts';
import type { Settings } from '../../keyring/root.ts';
import { partitionOf } from '../../model/arn.ts';
import { EnvironmentError, KmsError } from '../../model/error.ts';
import { providerArn } from '../../model/provider-arn.ts';
import { list, required, string, structure } from '../../model/shape.ts';
import type { KeyringAccess } from '../../runtime/capabilities.ts';
import { localCommand, logCommand, type KeyringChange } from '../command/local-command.ts';

/** IAM API reference, CreateOpenIDConnectProvider: it begins with https://, and has no port and no query. */
const issuerShape = string({ min: 9, max: 255, pattern: 'https://[A-Za-z0-9.-]+(/[A-Za-z0-9._~/-]*)?' });
const knownIssuer = { ...issuerShape, names: 'identity provider' } as const;
const providerShape = {
  Issuer: string(),
  ProviderArn: string(),
  ClientIds: list(string()),
  KeyIds: list(string()),
};

const shown = ({ issuer, clientIds, keys }: IdentityProvider, { account, region }: Settings) => ({
  Issuer: issuer,
  ProviderArn: providerArn(issuer, { partition: partitionOf(region), account }),
  ClientIds: [...clientIds],
  KeyIds: keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid])),
});

const unknown = (issuer: string): EnvironmentError =>
  new EnvironmentError(`the keyring has no identity provider ${issuer}`, ['kms identity-provider list lists them']);

export const putProvider = localCommand({
  name: 'IdentityProviderPut',
  command: 'identity-provider put',
  input: structure({
    Issuer: required(issuerShape),
    Jwks: required(string({ min: 1, max: 100_000 })),
    ClientIds: required(list(string({ min: 1, max: 255 }), { min: 1, max: 100 })),
  }),
  output: structure(providerShape),
  positionals: ['Issuer'],
  async run({ Issuer: issuer, Jwks: jwks, ClientIds: clientIds }, session: KeyringChange) {
    const keys = readWebKeys(jwks);
    if (typeof keys === 'string') throw new KmsError('ValidationException', `The key set is not valid: ${keys}`);
    const keyring = await session.open();
    return keyring.transact(async (tx) => {
      const provider: IdentityProvider = { issuer, clientIds, keys };
      putIdentityProvider(tx, provider);
      const answer = shown(provider, tx.settings);
      const details = { issuer, clientIds, keyIds: answer.KeyIds };
      logCommand(tx, session, { eventName: 'PutIdentityProvider', details });
      return answer;
    });
  },
});

export const getProvider = localCommand({
  name: 'IdentityProviderGet',
  command: 'identity-provider get',
  input: structure({ Issuer: required(knownIssuer) }),
  output: structure(providerShape),
  positionals: ['Issuer'],
  async run({ Issuer: issuer }, session: KeyringAccess) {
    const keyring = await session.open();
    return keyring.transact(async (tx) => {
      const found = await findIdentityProvider(tx, issuer);
      if (!found) throw unknown(issuer);
      return shown(found, tx.settings);
    });
  },
});

export const listProviders = localCommand({
  name: 'IdentityProviderList',
  command: 'identity-provider list',
  input: structure({}),
  output: structure({ IdentityProviders: list(structure(providerShape)) }),
  async run(_, session: KeyringAccess) {
    const keyring = await session.open();
    return keyring.transact(async (tx) => ({
      IdentityProviders: (await identityProviders(tx)).map((provider) => shown(provider, tx.settings)),
    }));
  },
});

export const deleteProvider = localCommand({
  name: 'IdentityProviderDelete',
  command: 'identity-provider delete',
  input: structure({ Issuer: required(knownIssuer) }),
  output: structure({}),
  positionals: ['Issuer'],
  async run({ Issuer: issuer }, session: KeyringChange) {
    const keyring = await session.open();
    await keyring.transact(async (tx) => {
      if (!(await findIdentityProvider(tx, issuer))) throw unknown(issuer);
      removeIdentityProvider(tx, issuer);
      logCommand(tx, session, { eventName: 'DeleteIdentityProvider', details: { issuer } });
    });
    return {};
  },
});
