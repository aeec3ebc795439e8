/** Verification of a keyring: opens every record and node, and reports missing and unexpected ones. */
import { EnvironmentError } from '../model/error.ts';
import { noMeter, type Meter } from '../model/progress.ts';
import { damaged } from './barrier.ts';
import type { Keyring } from './keyring.ts';
import type { Snapshot } from './snapshot.ts';
import { isMetaPath } from './root.ts';
import { bucketPath, groupPath, isTreePath } from './version-tree.ts';

export interface KeyringReport {
  readonly generation: number;
  readonly records: number;
  /** Empty: no problems. */
  readonly problems: readonly string[];
}

export async function verifyKeyring(keyring: Keyring, meter: Meter = noMeter): Promise<KeyringReport> {
  const problems: string[] = [];
  const note = async <T>(step: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  const report = await note(() =>
    keyring.inspect(async (snapshot) => {
      const { nodes, expected } = await walkTree(snapshot, note);
      meter.expect(expected + nodes.size);
      const records = await walkRows(snapshot, { nodes, note, meter });
      if (records < expected) problems.push(`${expected - records} record(s) are missing from the keyring`);
      return { generation: snapshot.root.generation, records };
    }),
  );
  return { generation: 0, records: 0, ...report, problems };
}

type RecordFailure = <T>(step: () => Promise<T>) => Promise<T | undefined>;

async function walkTree({ tree }: Snapshot, note: RecordFailure): Promise<{ nodes: Set<string>; expected: number }> {
  const nodes = new Set<string>();
  let expected = 0;
  for (const group of tree.groupNumbers()) {
    await note(async () => {
      for (const bucket of await tree.bucketNumbers(group)) {
        await note(async () => {
          expected += await tree.recordsIn(group, bucket);
          nodes.add(bucketPath(group, bucket));
        });
      }
      nodes.add(groupPath(group));
    });
  }
  return { nodes, expected };
}

async function walkRows(
  { tx, tree, barrier }: Snapshot,
  { nodes, note, meter }: { nodes: ReadonlySet<string>; note: RecordFailure; meter: Meter },
): Promise<number> {
  let records = 0;
  for await (const { path, value } of tx.rows('')) {
    meter.advance(1);
    await note(async () => {
      const again = await tx.get(path); // scanned and looked up, to detect a corrupt index
      if (!again || Buffer.compare(again, value) !== 0) throw damaged(path, 'cannot be found by its path');
      if (isMetaPath(path)) return;
      if (isTreePath(path)) {
        if (!nodes.has(path)) throw damaged(path, 'is not part of the keyring');
        return;
      }
      const version = await tree.versionOf(path);
      if (version === 0) throw damaged(path, 'is not part of the keyring');
      records += 1;
      barrier.open(path, version, value);
    });
  }
  return records;
}
