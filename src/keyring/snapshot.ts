/** The state of the keyring in the store, as transactions and the verification read it. */
import { hex } from '../crypto/bytes.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import type { Secret } from '../crypto/secret.ts';
import { barrier, damaged, openTerms, type Barrier } from './barrier.ts';
import { decodeHeader } from './header.ts';
import { checkMeta } from './meta.ts';
import { RecordCache } from './record-cache.ts';
import { decodeRoot, HEADER_PATH, ROOT_PATH, TERMS_PATH, type Root } from './root.ts';
import type { StoreTransaction } from './store.ts';
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

/** The state after the last commit: it holds for as long as the root record's bytes are these. */
export interface CachedState {
  readonly sealedRoot: Uint8Array;
  readonly barrier: Barrier;
  readonly root: Root;
  readonly nodes: TreeNodes;
  readonly cache: RecordCache;
}

export type StoredState = Pick<CachedState, 'sealedRoot' | 'barrier' | 'root'>;

export interface SnapshotDeps {
  readonly keys: KeyringKeys;
  readonly random: RandomBytes;
}

/** The state after the last commit, unless another process has committed since. */
export async function currentState(
  tx: StoreTransaction,
  before: CachedState | undefined,
  deps: SnapshotDeps,
): Promise<CachedState> {
  const sealedRoot = before && (await tx.get(ROOT_PATH));
  if (sealedRoot && Buffer.compare(sealedRoot, before.sealedRoot) === 0) return before;
  return { ...(await readState(tx, deps)), nodes: new Map(), cache: new RecordCache(CACHED) };
}

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
  return { sealedRoot, barrier: above, root };
}
