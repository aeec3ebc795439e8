/** What the passage of time does: before a call is answered, everything that was due by then is done, in order. */
import { keyArn } from '../api/arn.ts';
import { serviceEvent } from '../audit/event.ts';
import { aliasesOf, removeAlias } from '../keyring/alias.ts';
import { nextDue, removeDue, type DueWork } from '../keyring/due.ts';
import { findKey, removeKey } from '../keyring/kms-key.ts';
import type { Transaction } from '../keyring/transaction.ts';

export interface DueDeps {
  readonly now: number;
  readonly newId: () => string;
}

export async function settleDueWork(tx: Transaction, { now, newId }: DueDeps): Promise<void> {
  for (let work = await nextDue(tx, now); work; work = await nextDue(tx, now)) {
    removeDue(tx, work);
    await WORKS[work.kind](tx, work, newId);
  }
}

type Work = (tx: Transaction, work: DueWork, newId: () => string) => Promise<void>;

const WORKS: { readonly [K in DueWork['kind']]: Work } = {
  /** The waiting period is over: key, material, metadata and aliases are gone (DE-06). */
  async 'delete-key'(tx, work, newId) {
    const key = await findKey(tx, work, work.keyId);
    if (!key) return;
    for (const alias of await aliasesOf(tx, work, work.keyId)) removeAlias(tx, alias);
    await removeKey(tx, key);
    const arn = keyArn(key, key.keyId);
    tx.append(
      serviceEvent({
        eventName: 'DeleteKey',
        eventId: newId(),
        time: work.time,
        region: key.region,
        account: key.account,
        responseElements: { keyId: arn },
        resources: [{ arn, account: key.account }],
      }),
    );
  },
};
