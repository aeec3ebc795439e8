/**
 * A keyring that goes on from a copy asks no cluster for anything: its original may use the keys that the copy was to delete.
 * Each way on: restored from a backup, with a log begun anew, with a log of its own as in a clone.
 */
import { expect, test } from 'vitest';
import { backupKeyring, restoreKeyring } from '../../src/keyring/backup.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { memoryLog } from '../../src/keyring/memory-log.ts';
import { memoryStore } from '../../src/keyring/memory-store.ts';
import type { Store } from '../../src/keyring/store.ts';
import type { Log } from '../../src/keyring/log.ts';
import { putOutsideJob, type OutsideJob } from '../../src/keyring/outside-job.ts';
import { createKms } from '../../src/pipeline/invoke.ts';
import { CLOUD_HSM, connect, describeAll, IN_CLUSTER, newKey, PUBLIC } from '../operations/custom-key-stores/stores.ts';
import { ACCOUNT, callNamed, REGION, ROOT, textOf, type Fixture } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';
import { keyringFile } from '../support/keyring-file.ts';

const folder = temporaryFolders();
const DAYS = 24 * 60 * 60 * 1000;

/** @returns the copy, which has this log from now on */
type WayOn = (copy: Keyring, backup: Store, log: Log) => Promise<Keyring>;

const restarted =
  (isElsewhere: boolean): WayOn =>
  async (copy, store, log) => {
    const keyring = copy.in({ store, log });
    await keyring.restartLog(async (tx) => tx.append({ eventName: 'Restarted' }), { isElsewhere });
    return keyring;
  };

const WAYS: Readonly<Record<string, WayOn>> = {
  'restored from a backup': async (copy, from, log) => {
    const keyring = copy.in({ store: memoryStore(), log });
    await restoreKeyring({ from, keyring, isDraft: true }, async (tx) => tx.append({ eventName: 'Restored' }));
    return keyring;
  },
  'with a log begun anew': restarted(false),
  'with a log of its own': restarted(true),
};

test.each(Object.entries(WAYS))(
  '%s: a key that was to be deleted then is not deleted in the cluster',
  async (_, wayOn) => {
    const home = await keyringFile(folder());
    const store = await connect(home, CLOUD_HSM);
    await connect(home, PUBLIC);
    const { KeyId } = await newKey(home, { ...IN_CLUSTER, CustomKeyStoreId: store });
    const { CiphertextBlob } = await home.call('Encrypt', { KeyId, Plaintext: Buffer.from('hello') });
    await home.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    await home.keyring.transact(async (tx) => {
      const job = {
        account: ACCOUNT,
        region: REGION,
        keyStoreId: store,
        due: home.now,
        time: home.now + DAYS,
      } as const;
      // of a process that was making this key when the copy was made
      putOutsideJob(tx, { ...job, kind: 'undo-create-key', keyId: KeyId as string } satisfies OutsideJob);
    });
    const backup = memoryStore();
    await backupKeyring(home.keyring, backup);
    await home.call('CancelKeyDeletion', { KeyId });
    await home.call('EnableKey', { KeyId });

    const log = memoryLog();
    const copy = await wayOn(await home.reopen({ store: backup }), backup, log);
    const kms = createKms({
      keyring: copy,
      clock: () => home.now + 8 * DAYS,
      random: home.random,
      keyManagers: async () => home.managers,
    });
    const there: Pick<Fixture, 'call'> = {
      call: async (operation, input = {}) => {
        const call = { operation, input, caller: ROOT, region: REGION, sourceIp: '127.0.0.1', userAgent: 'test' };
        return (await callNamed(kms, call)).output;
      },
    };
    home.managers.asked.length = 0;
    expect((await there.call('ListKeys'))['Keys']).toEqual([]);
    const stores = await describeAll(there);
    expect(stores.map(({ CustomKeyStoreName, ConnectionState }) => [CustomKeyStoreName, ConnectionState])).toEqual(
      expect.arrayContaining([
        ['hsm', 'DISCONNECTED'],
        ['public', 'CONNECTED'],
      ]),
    );
    expect(home.managers.asked).toEqual([]);
    expect(textOf(log)).toContain('deletionStatus');
    expect(textOf(log)).not.toContain('SUCCESS');
    expect(await home.call('Decrypt', { CiphertextBlob })).toMatchObject({ Plaintext: Buffer.from('hello') });

    // its owner connects it there: nothing is left that deletes the key
    await there.call('ConnectCustomKeyStore', { CustomKeyStoreId: store });
    await there.call('ListKeys');
    expect(home.managers.asked.map(({ what }) => what)).not.toContain('destroyKeys');
  },
);
