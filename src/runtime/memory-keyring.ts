/** A keyring in memory, for servers and programs without a file. Its records are sealed and its calls logged like others. */
import { DEFAULT_REGION } from '../model/region.ts';
import { DEFAULT_ACCOUNT } from '../model/account.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { newKeyringId } from '../keyring/header.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { createKeyring } from '../keyring/open.ts';
import { memoryLog } from '../keyring/memory-log.ts';
import { memoryStore } from '../keyring/memory-store.ts';
import { keyFileMaterial, newKeyFile } from '../keyring/slot.ts';

export interface MemoryKeyring {
  readonly keyring: Keyring;
  /** The audit log so far, one event per line. */
  logText(): string;
}

const NOWHERE = '(memory)';

export async function memoryKeyring({
  account = DEFAULT_ACCOUNT,
  region = DEFAULT_REGION,
  clock,
  random,
}: {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly clock: () => number;
  readonly random: RandomBytes;
}): Promise<MemoryKeyring> {
  const log = memoryLog();
  const created = clock();
  const keyring = await createKeyring({
    store: memoryStore(),
    log,
    random,
    clock,
    settings: { account, region, created },
    keyringId: newKeyringId(random),
    slot: { slot: 1, created: new Date(created).toISOString(), path: NOWHERE },
    material: keyFileMaterial(newKeyFile(random), NOWHERE),
  });
  return { keyring, logText: () => log.text() };
}
