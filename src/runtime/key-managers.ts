/** The key managers that a process reaches for a keyring, as the operator's entries say. They are made when a call first needs one. */
import type { KeyManagers } from '../operations/row/operation.ts';
import type { Trace } from '../pipeline/trace.ts';
import { configFolder, type UserFolders } from './user-folders.ts';

export interface ReachedKeyManagers<Opened = Promise<KeyManagers> | undefined> {
  /** undefined: none for this keyring. */
  readonly open: () => Opened;
  /** Ends connections and sessions, so that they do not keep the process alive. */
  readonly close: () => Promise<void>;
}

export interface KeyManagerOptions extends UserFolders {
  /** Milliseconds since 1970; proxies refuse what is more than five minutes off. */
  readonly clock: () => number;
  /** A token in a process of its own for each cluster, so that no caller waits for another's: for a server. */
  readonly inProcesses: boolean;
  /** Told why calls of key managers have failed. */
  readonly trace?: Trace | undefined;
}

/**
 * For a keyring that may be somebody else's. Who has made it has also written what is asked of a cluster or a host that has
 * an entry: passwords, credentials, jobs that wait.
 * @param isTrusted by this user, with its fingerprint
 */
export function reachKeyManagers(isTrusted: () => boolean, options: KeyManagerOptions): ReachedKeyManagers {
  const { open, close } = reachOwnKeyManagers(options);
  return { close, open: () => (isTrusted() ? open() : undefined) };
}

/** Without a keyring, or for one in memory, which this process has made. */
export function reachOwnKeyManagers(options: KeyManagerOptions): ReachedKeyManagers<Promise<KeyManagers>> {
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

async function make({ clock, inProcesses, trace, ...folders }: KeyManagerOptions): Promise<KeyManagers> {
  const { createXksClient } = await import('../key-managers/xks/client.ts');
  const { hostEntries } = await import('../key-managers/xks/host-entry.ts');
  const { pkcs11Hsm } = await import('../key-managers/hsm/pkcs11/pkcs11-hsm.ts');
  const hosts = hostEntries(configFolder(folders));
  const xks = createXksClient({ clock, findHost: (host) => hosts.find(host), hosts: hosts.readable });
  const made = { hsm: pkcs11Hsm({ configFolder: configFolder(folders), inProcesses }), xks };
  return trace ? (await import('./traced-failures.ts')).tracingFailures(made, trace) : made;
}
