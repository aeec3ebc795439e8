/** The HSMs of CloudHSM clusters, as the operator has mapped them to PKCS#11 tokens. */
import { Secret } from '../../../crypto/secret.ts';
import type { EntryFolder } from '../../../files/entry-folder.ts';
import { EnvironmentError } from '../../../model/error.ts';
import { certificateOf, clusterEntries, type ClusterEntry } from '../cluster-entry.ts';
import { HsmError, type Hsm, type HsmKey, type HsmUser } from '../hsm.ts';
import type { Tokens } from './token-call.ts';

export interface HsmOptions {
  /** Of this user; absolute. */
  readonly configFolder: string;
  /** In a process of its own for each cluster, so that no caller waits for another's token: for a server. */
  readonly inProcesses: boolean;
}

export function pkcs11Hsm({ configFolder, inProcesses }: HsmOptions): Hsm {
  const entries = clusterEntries(configFolder);
  let opened: Promise<Tokens> | undefined;
  const open = (): Promise<Tokens> => (opened ??= openTokens(inProcesses));
  const call: Tokens['call'] = async (entry, name, input) => (await open()).call(entry, name, input);
  const user = ({ password }: HsmUser) => ({ password: password.expose() });
  const key = ({ label, ...of }: HsmKey) => ({ ...user(of), label });
  const entryOf = (id: string): ClusterEntry => findEntry(entries, id);
  return {
    async checkCluster(clusterId, trustAnchorCertificate) {
      const entry = entryOf(clusterId);
      const { trustAnchor } = entry;
      if (trustAnchor !== undefined && !isSameCertificate(trustAnchor, trustAnchorCertificate)) {
        throw new HsmError(
          'INCORRECT_TRUST_ANCHOR',
          `${clusterId}: the trust anchor certificate is not the one of the entry`,
        );
      }
      await call(entry, 'find', {});
    },
    async connect(clusterId, passwords, next) {
      const input = { passwords: passwords.map((password) => password.expose()), next: next.expose() };
      return new Secret(await call(entryOf(clusterId), 'connect', input));
    },
    disconnect: async (clusterId) => call(entryOf(clusterId), 'disconnect', {}),
    createKey: async (of) => call(entryOf(of.clusterId), 'createKey', key(of)),
    encrypt: async (of, side) => call(entryOf(of.clusterId), 'encrypt', { ...side, ...key(of) }),
    decrypt: async (of, side) => call(entryOf(of.clusterId), 'decrypt', { ...side, ...key(of) }),
    random: async (of, size) => call(entryOf(of.clusterId), 'random', { ...user(of), size }),
    findKeys: async (of) => call(entryOf(of.clusterId), 'findKeys', key(of)),
    destroyKeys: async (of) => call(entryOf(of.clusterId), 'destroyKeys', key(of)),
    async close() {
      const tokens = opened;
      opened = Promise.reject(new HsmError('INTERNAL_ERROR', 'the HSMs are closed'));
      opened.catch(() => undefined);
      await (await tokens)?.close();
    },
  };
}

async function openTokens(inProcesses: boolean): Promise<Tokens> {
  if (inProcesses) {
    const { tokensInProcesses } = await import('./tokens-in-processes.ts');
    return tokensInProcesses();
  }
  const { tokensHere } = await import('./tokens-here.ts');
  return tokensHere();
}

/** An entry that is not safe is none. */
function findEntry(entries: EntryFolder<ClusterEntry>, clusterId: string): ClusterEntry {
  try {
    const entry = entries.find(clusterId);
    if (entry) return entry;
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    throw new HsmError('CLUSTER_NOT_FOUND', error.message, { cause: error });
  }
  throw new HsmError('NO_ENTRY', `${clusterId}: there is no entry; kms hsm add makes one`);
}

function isSameCertificate(one: string, other: string): boolean {
  const [first, second] = [certificateOf(one), certificateOf(other)];
  return first !== undefined && first.fingerprint256 === second?.fingerprint256;
}
