/** Names in a keyring, for completion and prompts: read without a call and so without an event. */
import type { Home } from '../model/arn.ts';
import { aliasesPath, decodeAlias, findAlias } from '../keyring/alias.ts';
import { attestationRoots } from '../keyring/attestation-root.ts';
import { identityProviders } from '../keyring/identity-provider.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { findKey, seenKey, keysPath } from '../keyring/kms-key.ts';
import { keyStoresOf } from '../keyring/key-store.ts';
import type { Transaction } from '../keyring/transaction.ts';
import type { KeyringAccess, RegionChoice } from './capabilities.ts';
import { configFolder, type UserFolders } from './user-folders.ts';

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
export const knownNames = (session: KeyringAccess & RegionChoice): Promise<KnownNames> =>
  reading(session, async (tx) => {
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

export const identityProviderNames = (session: KeyringAccess): Promise<readonly KnownName[]> =>
  reading(session, async (tx) =>
    (await identityProviders(tx)).map(({ issuer, clientIds }) => ({ name: issuer, remark: clientIds.join(', ') })),
  );

/** IDs, in the Region of the session. */
export const keyStoreNames = (session: KeyringAccess & RegionChoice): Promise<readonly KnownName[]> =>
  reading(session, async (tx) => {
    const { account, region } = tx.settings;
    const found = await keyStoresOf(tx, { account, region: session.region ?? region });
    return found.map(({ id, name, state }) => ({ name: id, remark: `${name}, ${state}` }));
  });

/** Fingerprints of those that can be removed. */
export const trustRootNames = (session: KeyringAccess): Promise<readonly KnownName[]> =>
  reading(session, async (tx) =>
    (await attestationRoots(tx)).map(({ fingerprint }) => ({ name: fingerprint, remark: '' })),
  );

/** Of the operator's entries. */
export async function clusterNames(folders: UserFolders): Promise<readonly KnownName[]> {
  const { clusterEntries } = await import('../key-managers/hsm/cluster-entry.ts');
  const entries = clusterEntries(configFolder(folders)).all();
  return entries.map(({ clusterId, token }) => ({ name: clusterId, remark: token }));
}

/** The same, of proxies. */
export async function proxyHostNames(folders: UserFolders): Promise<readonly KnownName[]> {
  const { hostEntries } = await import('../key-managers/xks/host-entry.ts');
  return hostEntries(configFolder(folders))
    .all()
    .map(({ host }) => ({ name: host, remark: '' }));
}

async function reading<T>(session: KeyringAccess, read: (tx: Transaction) => Promise<T>): Promise<T> {
  const keyring = await session.open();
  try {
    // a transaction that changes nothing commits nothing
    return await keyring.transact(read);
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
