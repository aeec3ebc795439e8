/**
 * One transaction of a keyring: records read through the barrier, changes and events kept back until the end, so that
 * a failed operation can be undone while what happened before it, and the event that says so, still goes in.
 */
import type { Barrier } from './barrier.ts';
import type { Settings } from './root.ts';
import type { Page, Row, StoreTransaction } from './store.ts';
import { damaged } from './barrier.ts';
import type { VersionTree } from './version-tree.ts';

/** A change of the keyring itself, not of a record. */
export type MetaChange =
  | { readonly kind: 'slot'; readonly slot: number; readonly record: Uint8Array | undefined }
  | { readonly kind: 'rekey' };

interface Draft {
  /** undefined: deleted. */
  readonly records: ReadonlyMap<string, Uint8Array | undefined>;
  readonly events: readonly object[];
  readonly meta: readonly MetaChange[];
}

export class Transaction {
  readonly settings: Settings;
  readonly #barrier: Barrier;
  readonly #tree: VersionTree;
  readonly #tx: StoreTransaction;
  #draft: { records: Map<string, Uint8Array | undefined>; events: object[]; meta: MetaChange[] } = {
    records: new Map(),
    events: [],
    meta: [],
  };

  constructor(settings: Settings, below: { barrier: Barrier; tree: VersionTree; tx: StoreTransaction }) {
    this.settings = settings;
    this.#barrier = below.barrier;
    this.#tree = below.tree;
    this.#tx = below.tx;
  }

  async get(path: string): Promise<Uint8Array | undefined> {
    if (this.#draft.records.has(path)) return this.#draft.records.get(path);
    const version = await this.#tree.versionOf(path);
    const sealed = await this.#tx.get(path);
    if (version === 0 && !sealed) return undefined;
    if (version === 0) throw damaged(path, 'does not belong here');
    if (!sealed) throw damaged(path, 'is missing');
    return this.#barrier.open(path, version, sealed);
  }

  put(path: string, value: Uint8Array): void {
    this.#draft.records.set(path, value);
  }

  delete(path: string): void {
    this.#draft.records.set(path, undefined);
  }

  /** Rows of the store and of the draft, merged. */
  async list(prefix: string, { after, limit }: Page): Promise<readonly Row[]> {
    const drafted = [...this.#draft.records].filter(
      ([path]) => path.startsWith(prefix) && (after === undefined || path > after),
    );
    const stored = await this.#tx.list(prefix, { after, limit: limit + drafted.length });
    const values = new Map<string, Uint8Array | undefined>(stored.map(({ path }) => [path, undefined]));
    const sealed = new Map(stored.map(({ path, value }) => [path, value]));
    for (const [path, value] of drafted) values.set(path, value);
    const rows: Row[] = [];
    for (const path of [...values.keys()].sort((a, b) => (a < b ? -1 : 1))) {
      if (rows.length === limit) break;
      if (this.#draft.records.has(path)) {
        const value = this.#draft.records.get(path);
        if (value) rows.push({ path, value });
        continue;
      }
      const version = await this.#tree.versionOf(path);
      if (version === 0) throw damaged(path, 'does not belong here');
      rows.push({ path, value: this.#barrier.open(path, version, sealed.get(path)!) });
    }
    return rows;
  }

  /** A path's part for a name that people chose: a keyed hash, so that the file does not tell it. */
  blind(name: string): string {
    return Buffer.from(this.#barrier.blind(name)).toString('hex');
  }

  /** An audit event; it goes into the log with this transaction. */
  append(event: object): void {
    this.#draft.events.push(event);
  }

  change(meta: MetaChange): void {
    this.#draft.meta.push(meta);
  }

  /** What to go back to if the following steps fail. */
  mark(): Draft {
    const { records, events, meta } = this.#draft;
    return { records: new Map(records), events: [...events], meta: [...meta] };
  }

  revert({ records, events, meta }: Draft): void {
    this.#draft = { records: new Map(records), events: [...events], meta: [...meta] };
  }

  get draft(): Draft {
    return this.#draft;
  }
}
