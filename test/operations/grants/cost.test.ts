import { expect, test } from 'vitest';
import { addGrant } from '../../../src/keyring/grant.ts';
import { openKeyring } from '../../../src/keyring/open.ts';
import { memoryStore } from '../../../src/keyring/memory-store.ts';
import { keyFileMaterial } from '../../../src/keyring/slot.ts';
import type { Store } from '../../../src/keyring/store.ts';
import { isTreePath } from '../../../src/keyring/version-tree.ts';
import { createKms } from '../../../src/pipeline/invoke.ts';
import { ACCOUNT, callNamed, fixture, newKey, REGION, START } from '../../support/fixture.ts';
import { caller, give, iam } from './callers.ts';

interface Reads {
  gets: number;
  lists: number;
  rows: number;
}

/** Counts what is read below the keyring: records, not the nodes of the version tree, of which there are 4096 at the most. */
function counting(store: Store): { readonly store: Store; readonly take: () => Reads } {
  let reads: Reads = { gets: 0, lists: 0, rows: 0 };
  return {
    store: {
      transact: (work) =>
        store.transact((tx) =>
          work({
            ...tx,
            put: (path, value) => tx.put(path, value),
            delete: (path) => tx.delete(path),
            get(path) {
              if (!isTreePath(path)) reads.gets += 1;
              return tx.get(path);
            },
            async *rows(prefix, after) {
              reads.lists += 1;
              for await (const row of tx.rows(prefix, after)) {
                reads.rows += 1;
                yield row;
              }
            },
          }),
        ),
      close: () => store.close(),
    },
    take() {
      const taken = reads;
      reads = { gets: 0, lists: 0, rows: 0 };
      return taken;
    },
  };
}

test('authorizing among 10,000 grants reads no more than among one', async () => {
  const { store, take } = counting(memoryStore());
  const home = await fixture('cost', { store });
  const key = await newKey(home);
  await give(home, { KeyId: key.id, GranteePrincipal: iam('user/alice'), Operations: ['Encrypt'] });

  /** As a process of one call has it: nothing is remembered. */
  const readsOf = async (who: 'alice' | 'root'): Promise<Reads> => {
    const keyring = await openKeyring({ store, log: home.log, random: home.random, clock: () => START }, async () =>
      keyFileMaterial(home.keyFile, '/test/key'),
    );
    take();
    await callNamed(createKms({ keyring, clock: () => home.now, random: home.random }), {
      operation: 'Encrypt',
      input: { KeyId: key.arn, Plaintext: Uint8Array.of(1) },
      caller: caller(who),
      region: REGION,
      sourceIp: '127.0.0.1',
      userAgent: 'test',
    });
    return take();
  };
  await readsOf('alice'); // its last use is noted
  const alone = { alice: await readsOf('alice'), root: await readsOf('root') };

  await home.keyring.transact(async (tx) => {
    for (let count = 0; count < 10_000; count += 1) {
      const grantee = iam(`user/user-${count}`);
      await addGrant(tx, {
        account: ACCOUNT,
        region: REGION,
        keyId: key.id,
        id: count.toString(16).padStart(64, '0'),
        created: home.now,
        granteePrincipal: grantee,
        issuingAccount: ACCOUNT,
        operations: ['Encrypt'],
        index: { grantee },
      });
    }
  });
  expect({ alice: await readsOf('alice'), root: await readsOf('root') }).toEqual(alone);
  // a caller whom the policies allow does not look at grants at all
  expect(alone.alice.lists - alone.root.lists).toBe(2);
});
