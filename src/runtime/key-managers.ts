/** The key managers that a process reaches, as the operator's entries say. They are made when a call first needs one. */
import type { KeyManagers } from '../operations/row/operation.ts';
import { configFolder, type UserFolders } from './user-folders.ts';

export interface ReachedKeyManagers {
  readonly open: () => Promise<KeyManagers>;
  /** Ends connections and sessions, so that they do not keep the process alive. */
  readonly close: () => Promise<void>;
}

interface KeyManagerOptions extends UserFolders {
  /** Milliseconds since 1970; proxies refuse what is more than five minutes off. */
  readonly clock: () => number;
  /** Their callers must not make a process connect anywhere: only hosts with an entry are connected to. */
  readonly servesOthers: boolean;
}

export function reachKeyManagers(options: KeyManagerOptions): ReachedKeyManagers {
  let made: Promise<KeyManagers> | undefined;
  return {
    open: () => (made ??= make(options)),
    async close() {
      if (!made) return;
      const { hsm, xks } = await made;
      await Promise.all([hsm.close(), xks.close()]);
    },
  };
}

async function make({ clock, servesOthers, ...folders }: KeyManagerOptions): Promise<KeyManagers> {
  const { createXksClient } = await import('../key-managers/xks/client.ts');
  const { hostEntries } = await import('../key-managers/xks/host-entry.ts');
  const { pkcs11Hsm } = await import('../key-managers/hsm/pkcs11/pkcs11-hsm.ts');
  const hosts = hostEntries(configFolder(folders));
  const xks = createXksClient({ clock, onlyListed: servesOthers, findHost: (host) => hosts.find(host) });
  return { hsm: pkcs11Hsm({ configFolder: configFolder(folders), inProcesses: servesOthers }), xks };
}
