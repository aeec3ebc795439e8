/**
 * The version tree: which version of every record is the current one. Three levels of 64: the root record holds the
 * versions of 64 group nodes, a group those of 64 bucket nodes, a bucket those of its records. Nodes are sealed like
 * records, at their version, so one opened path from the root proves that a record is current, or that there is none.
 */
import { readUint, uint } from '../crypto/bytes.ts';
import { damaged, type Barrier } from './barrier.ts';
import type { StoreTransaction } from './store.ts';

const FANOUT = 64;
const VERSION = 6;
const HANDLE = 16;
const ENTRY = HANDLE + VERSION;
/** A version of 0: there is no such node or record. */
const NONE = 0;

export const EMPTY_GROUPS = new Uint8Array(FANOUT * VERSION);
const TREE = '=';

export const isTreePath = (path: string): boolean => path.startsWith(TREE);
export const groupPath = (group: number): string => TREE + String(group).padStart(2, '0');
export const bucketPath = (group: number, bucket: number): string =>
  `${groupPath(group)}/${String(bucket).padStart(2, '0')}`;

interface NodePlace {
  readonly handle: Uint8Array;
  readonly group: number;
  readonly bucket: number;
}

interface TreeNode {
  /** undefined: it was changed in this transaction. */
  readonly version: number | undefined;
  readonly bytes: Uint8Array;
}

/** Nodes that were read or changed, by path. Each holds for as long as the node above has its version. */
export type TreeNodes = Map<string, TreeNode>;

export class VersionTree {
  readonly #barrier: Barrier;
  readonly #tx: StoreTransaction;
  readonly #groups: Uint8Array;
  readonly #nodes: TreeNodes;
  readonly #dirty = new Set<number>();

  /** @param nodes those that are known already; belongs to this tree from now on, and must not outlive a failure */
  constructor(barrier: Barrier, tx: StoreTransaction, groups: Uint8Array, nodes: TreeNodes = new Map()) {
    this.#barrier = barrier;
    this.#tx = tx;
    this.#groups = groups.slice();
    this.#nodes = nodes;
  }

  /**
   * The current version of the record at this path; 0: there is none. At once where the nodes are known, which they are for
   * nearly every call of a long-running process.
   */
  versionOf(path: string): number | Promise<number> {
    const { handle, group, bucket } = this.#place(path);
    const known = this.#knownBucket(group, bucket);
    return known ? versionIn(known, handle) : this.#bucketNode(group, bucket).then((node) => versionIn(node, handle));
  }

  async set(path: string, version: number): Promise<void> {
    const { handle, group, bucket } = this.#place(path);
    const node = await this.#bucketNode(group, bucket);
    const { found, offset } = find(node, handle);
    const entry = version === NONE ? [] : [...handle, ...uint(version, VERSION)];
    const next = new Uint8Array(node.length - (found ? ENTRY : 0) + entry.length);
    next.set(node.subarray(0, offset));
    next.set(entry, offset);
    next.set(node.subarray(offset + (found ? ENTRY : 0)), offset + entry.length);
    this.#nodes.set(bucketPath(group, bucket), { version: undefined, bytes: next });
    this.#dirty.add(group * FANOUT + bucket);
  }

  /** Writes the changed nodes at this version; answers the groups for the root record. */
  async flush(version: number): Promise<Uint8Array> {
    const changedGroups = new Set<number>();
    for (const index of this.#dirty) {
      const [group, bucket] = [Math.floor(index / FANOUT), index % FANOUT];
      const written = await this.#write(bucketPath(group, bucket), version);
      const node = await this.#groupNode(group);
      node.set(uint(written, VERSION), bucket * VERSION);
      changedGroups.add(group);
    }
    for (const group of changedGroups) {
      this.#groups.set(uint(await this.#write(groupPath(group), version), VERSION), group * VERSION);
    }
    this.#dirty.clear();
    return this.#groups;
  }

  /** Groups, and below them buckets, in which there are records: for the verification. */
  groupNumbers(): readonly number[] {
    return occupied(this.#groups);
  }

  async bucketNumbers(group: number): Promise<readonly number[]> {
    return occupied(await this.#groupNode(group));
  }

  async recordsIn(group: number, bucket: number): Promise<number> {
    return (await this.#bucketNode(group, bucket)).length / ENTRY;
  }

  #place(path: string): NodePlace {
    const handle = this.#barrier.keyedHash(path);
    return { handle, group: handle[0]! % FANOUT, bucket: handle[1]! % FANOUT };
  }

  async #groupNode(group: number): Promise<Uint8Array> {
    return this.#node(groupPath(group), readUint(this.#groups, group * VERSION, VERSION), EMPTY_GROUPS);
  }

  async #bucketNode(group: number, bucket: number): Promise<Uint8Array> {
    const node = await this.#groupNode(group);
    return this.#node(bucketPath(group, bucket), readUint(node, bucket * VERSION, VERSION), new Uint8Array());
  }

  #knownBucket(group: number, bucket: number): Uint8Array | undefined {
    const node = this.#known(groupPath(group), readUint(this.#groups, group * VERSION, VERSION));
    return node && this.#known(bucketPath(group, bucket), readUint(node, bucket * VERSION, VERSION));
  }

  #known(path: string, version: number): Uint8Array | undefined {
    const known = this.#nodes.get(path);
    return known && (known.version ?? version) === version ? known.bytes : undefined;
  }

  async #node(path: string, version: number, empty: Uint8Array): Promise<Uint8Array> {
    const known = this.#known(path, version);
    if (known) return known;
    const bytes = version === NONE ? empty.slice() : await this.#read(path, version);
    this.#nodes.set(path, { version, bytes });
    return bytes;
  }

  async #read(path: string, version: number): Promise<Uint8Array> {
    const sealed = await this.#tx.get(path);
    if (!sealed) throw damaged(path, 'is missing');
    return this.#barrier.open(path, version, sealed);
  }

  /** An emptied node is deleted; its version is then 0. */
  async #write(path: string, version: number): Promise<number> {
    const { bytes } = this.#nodes.get(path)!;
    const isEmpty = bytes.every((byte) => byte === 0);
    if (isEmpty) await this.#tx.delete(path);
    else await this.#tx.put(path, this.#barrier.seal(path, version, bytes));
    const written = isEmpty ? NONE : version;
    this.#nodes.set(path, { version: written, bytes });
    return written;
  }
}

const occupied = (versions: Uint8Array): readonly number[] =>
  Array.from({ length: FANOUT }, (_, index) => index).filter(
    (index) => readUint(versions, index * VERSION, VERSION) !== NONE,
  );

function versionIn(bucket: Uint8Array, handle: Uint8Array): number {
  const { found, offset } = find(bucket, handle);
  return found ? readUint(bucket, offset + HANDLE, VERSION) : NONE;
}

/** Binary search in a bucket: entries stand in the order of their handles. */
function find(node: Uint8Array, handle: Uint8Array): { found: boolean; offset: number } {
  let [low, high] = [0, node.length / ENTRY];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = Buffer.compare(node.subarray(middle * ENTRY, middle * ENTRY + HANDLE), handle);
    if (order === 0) return { found: true, offset: middle * ENTRY };
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return { found: false, offset: low * ENTRY };
}
