/** Names in a keyring, for completion and prompts: read without a call and so without an event. */
import type { Home } from '../model/arn.ts';
import { aliasesPath, decodeAlias, findAlias } from '../keyring/alias.ts';
import { identityProviders } from '../keyring/identity-provider.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { findKey, seenKey, keysPath } from '../keyring/kms-key.ts';
import type { KeyringAccess, RegionChoice } from './capabilities.ts';

export interface KnownName {
  /** A key ID, an alias name, the issuer of an identity provider. */
  readonly name: string;
  /** A description that distinguishes it. */
  readonly remark: string;
}

export interface KnownNames {
  readonly keys: readonly KnownName[];
  readonly aliases: readonly KnownName[];
}

/** Longer lists are not useful, and the shell waits for them. */
const MAX_NAMES = 500;

/** In the Region of the session. @throws if the keyring is not there or locked */
export async function knownNames(session: KeyringAccess & RegionChoice): Promise<KnownNames> {
  const keyring = await session.open();
  try {
    // a transaction that changes nothing commits nothing
    return await keyring.transact(async (tx) => {
      const { account, region } = tx.settings;
      const home: Home = { account, region: session.region ?? region };
      const keys: KnownName[] = [];
      for await (const { path } of tx.rows(keysPath(home))) {
        const stored = await findKey(tx, home, path.slice(keysPath(home).length));
        const key = stored && (await seenKey(tx, stored));
        if (key)
          keys.push({ name: key.keyId, remark: [key.spec, key.state, key.description].filter(Boolean).join(', ') });
        if (keys.length === MAX_NAMES) break;
      }
      const aliases: KnownName[] = [];
      for await (const { value } of tx.rows(aliasesPath(home))) {
        const { name, targetKeyId } = decodeAlias(value);
        aliases.push({ name, remark: targetKeyId });
        if (aliases.length === MAX_NAMES) break;
      }
      return { keys, aliases: aliases.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
    });
  } finally {
    keyring.close();
  }
}

export async function identityProviderNames(session: KeyringAccess): Promise<readonly KnownName[]> {
  const keyring = await session.open();
  try {
    return await keyring.transact(async (tx) =>
      (await identityProviders(tx)).map(({ issuer, clientIds }) => ({ name: issuer, remark: clientIds.join(', ') })),
    );
  } finally {
    keyring.close();
  }
}

/** Whether there is an alias with this name. @param region undefined: that of the keyring */
export const hasAlias = (
  keyring: Pick<Keyring, 'transact'>,
  region: string | undefined,
  name: string,
): Promise<boolean> =>
  keyring.transact(async (tx) => {
    const { account, region: own } = tx.settings;
    return (await findAlias(tx, { account, region: region ?? own }, name)) !== undefined;
  });
