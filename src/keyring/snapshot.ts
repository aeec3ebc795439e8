/** The state of the keyring in the store, as transactions and the verification read it. */
import { hex } from '../crypto/bytes.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import type { Secret } from '../crypto/secret.ts';
import { barrier, damaged, openTerms, type Barrier } from './barrier.ts';
import { decodeHeader } from './header.ts';
import type { KeyUses } from './key-uses.ts';
import type { OpenEnd } from './log-end.ts';
import { checkMeta } from './meta.ts';
import { KeyringReplaced } from './replaced.ts';
import { RecordCache } from './record-cache.ts';
import { decodeRoot, HEADER_PATH, ROOT_PATH, TERMS_PATH, type Root } from './root.ts';
import type { StoreTransaction } from './store.ts';
import type { FirstPaths } from './transaction.ts';
import type { TreeNodes, VersionTree } from './version-tree.ts';

/** Size of the cache: keys with their material take a few KiB each, with long policies 32 KiB and more. */
const CACHED = { records: 2_000, bytes: 16 * 2 ** 20 };

export interface KeyringKeys {
  readonly keyringId: Uint8Array;
  readonly rootKey: Secret;
}

export interface Snapshot {
  readonly tx: StoreTransaction;
  readonly barrier: Barrier;
  readonly root: Root;
  readonly tree: VersionTree;
}

/** The state after the last transaction. */
export interface CachedState {
  /** Of the store: as long as it is the same, nobody has written to it. */
  readonly version: string;
  readonly barrier: Barrier;
  readonly root: Root;
  readonly nodes: TreeNodes;
  readonly cache: RecordCache;
  readonly firsts: FirstPaths;
  /** undefined: the log was not looked at since the root was read. */
  readonly end: OpenEnd | undefined;
  /** Between root and end; undefined: the log has them, and was not read. */
  readonly recentUses: KeyUses | undefined;
}

export type StoredState = Pick<CachedState, 'barrier' | 'root'>;

export interface SnapshotDeps {
  readonly keys: KeyringKeys;
  readonly random: RandomBytes;
}

/**
 * The state after the last transaction, unless another process has written since. Records and nodes have versions, so what
 * it did not change stays known.
 */
export async function currentState(
  tx: StoreTransaction,
  before: CachedState | undefined,
  deps: SnapshotDeps,
): Promise<CachedState> {
  const version = await tx.version();
  if (before?.version === version) return before;
  const stored = await readState(tx, deps);
  // a new log may have been begun for a keyring that was put back, and its versions are others then
  const isSame = before && stored.root.logNumber === before.root.logNumber;
  const { nodes, cache } = isSame ? before : { nodes: new Map(), cache: new RecordCache(CACHED) };
  return { ...stored, version, nodes, cache, firsts: new Map(), end: undefined, recentUses: undefined };
}

export const putBack = (): KeyringReplaced =>
  new KeyringReplaced('the keyring, or its log, was put back to an earlier state while it was in use', [
    'kms keyring restore FILE restores a backup',
  ]);

/** @param how 'root alone': even if unlock slots are not as the root knows them */
export async function readState(
  tx: StoreTransaction,
  { keys, random }: SnapshotDeps,
  how?: 'root alone',
): Promise<StoredState> {
  const valueOf = async (path: string): Promise<Uint8Array> => {
    const value = await tx.get(path);
    if (!value) throw damaged(path, 'is missing');
    return value;
  };
  if (hex(decodeHeader(await tx.get(HEADER_PATH))) !== hex(keys.keyringId)) throw damaged(HEADER_PATH, 'was changed');
  const terms = openTerms(await valueOf(TERMS_PATH), keys);
  const above = barrier({ ...keys, terms, random });
  const sealedRoot = await valueOf(ROOT_PATH);
  const root = decodeRoot(above.open(ROOT_PATH, undefined, sealedRoot));
  if (how !== 'root alone') await checkMeta(tx, root);
  return { barrier: above, root };
}
