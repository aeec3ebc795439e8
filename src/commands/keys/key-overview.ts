/** What is known of keys besides their records: aliases, last use, what happens next, findings of the linter. */
import { keyArn, type Home } from '../../model/arn.ts';
import type { Meter } from '../../model/progress.ts';
import type { Finding } from '../../lint/core/finding.ts';
import { aliasesOf, aliasesPath, decodeAlias } from '../../keyring/alias.ts';
import type { DueJob } from '../../keyring/due.ts';
import { keyStoreOfKey, type KeyStore } from '../../keyring/key-store.ts';
import { dueJobsOf } from '../../keyring/key-jobs.ts';
import { countKeys, keysIn, seenKey, type KmsKey } from '../../keyring/kms-key.ts';
import { findLastUse, lastUsesIn, type LastUse } from '../../keyring/last-use.ts';
import { keySpec, keyState, keyUsage, origin } from '../../model/enumeration.ts';
import { integer, list, string, timestamp } from '../../model/shape.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import type { CallerChoice, Clock } from '../../runtime/capabilities.ts';

export interface KeyOverview {
  /** In the state that callers see. */
  readonly key: KmsKey;
  /** The custom key store that has its key material; of the overview of one key. */
  readonly keyStore?: KeyStore | undefined;
  /** Names, sorted. */
  readonly aliases: readonly string[];
  readonly lastUse: LastUse | undefined;
  /** Scheduled jobs, the next one first. */
  readonly due: readonly DueJob[];
  /** The most severe first; undefined: not looked for. */
  readonly findings: readonly Finding[] | undefined;
}

interface Asking {
  readonly session: CallerChoice & Clock;
  readonly now: number;
}

/** A pass over each kind of record, however many keys there are. */
export async function overviewOfKeys(
  tx: Transaction,
  home: Home,
  { session, now, lints, meter }: Asking & { readonly lints: boolean; readonly meter: Meter },
): Promise<readonly KeyOverview[]> {
  const keys: KmsKey[] = [];
  meter.expect(await countKeys(tx, home));
  for await (const key of keysIn(tx, home)) {
    keys.push(await seenKey(tx, key));
    meter.advance(1);
  }
  const aliases = await aliasesByKey(tx, home);
  const uses = await lastUsesIn(tx, home);
  const findings = lints ? await findingsOf(tx, { keys, place: home, session }) : undefined;
  return keys.map((key) => ({
    key,
    aliases: aliases.get(key.keyId) ?? [],
    lastUse: uses.get(key.keyId),
    due: dueOf(key, now),
    findings: findings?.get(key.keyId),
  }));
}

export async function overviewOfKey(tx: Transaction, stored: KmsKey, { session, now }: Asking): Promise<KeyOverview> {
  const key = await seenKey(tx, stored);
  const aliases = (await aliasesOf(tx, key, key.keyId)).map(({ name }) => name).toSorted();
  const findings = await findingsOf(tx, { keys: [key], place: key, session });
  return {
    key,
    keyStore: await keyStoreOfKey(tx, key),
    aliases,
    lastUse: await findLastUse(tx, key),
    due: dueOf(key, now),
    findings: findings.get(key.keyId),
  };
}

/** The linter is loaded only where it is wanted. */
const findingsOf: typeof import('../lint/key-findings.ts').findingsByKey = async (...asked) =>
  (await import('../lint/key-findings.ts')).findingsByKey(...asked);

async function aliasesByKey(tx: Transaction, home: Home): Promise<ReadonlyMap<string, readonly string[]>> {
  const aliases = new Map<string, string[]>();
  for await (const { value } of tx.rows(aliasesPath(home))) {
    const { name, targetKeyId } = decodeAlias(value);
    const own = aliases.get(targetKeyId);
    if (own) own.push(name);
    else aliases.set(targetKeyId, [name]);
  }
  for (const own of aliases.values()) own.sort();
  return aliases;
}

/** A job whose time is past waits for the key to be enabled. */
const dueOf = (key: KmsKey, now: number): readonly DueJob[] =>
  dueJobsOf(key)
    .filter(({ time }) => time > now)
    .toSorted((one, other) => one.time - other.time);

/** What the answers of ls and show have in common: the key itself. */
export const keyShape = {
  KeyId: string(),
  Arn: string(),
  Aliases: list(string()),
  Description: string(),
  KeyState: keyState,
  KeySpec: keySpec,
  KeyUsage: keyUsage,
  Origin: origin,
};

export const keyMembers = ({ key, aliases }: KeyOverview) => ({
  KeyId: key.keyId,
  Arn: keyArn(key, key.keyId),
  Aliases: aliases,
  Description: key.description,
  KeyState: key.state,
  KeySpec: key.spec,
  KeyUsage: key.usage,
  Origin: key.origin,
});

/** And how it is used. */
export const useShape = {
  CreationDate: timestamp,
  RotationPeriodInDays: integer(),
  LastUsedDate: timestamp,
  LastUsedOperation: string(),
};

export const useMembers = ({ key, lastUse }: KeyOverview) => ({
  CreationDate: new Date(key.created),
  RotationPeriodInDays: key.rotation?.periodInDays,
  LastUsedDate: lastUse && new Date(lastUse.time),
  LastUsedOperation: lastUse?.operation,
});
