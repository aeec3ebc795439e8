/** Rekeying: a new domain key for all records that are written from now on. */
import { Secret } from '../crypto/secret.ts';
import { barrier, openTerms, sealTerms, type Barrier } from './barrier.ts';
import { TERMS_PATH } from './root.ts';
import type { SnapshotDeps } from './snapshot.ts';
import type { StoreTransaction } from './store.ts';

const TERM_KEY = 32;

/** Adds a term: new records are sealed under a new domain key; the old ones still open old records. */
export async function rekey(tx: StoreTransaction, current: Barrier, { keys, random }: SnapshotDeps): Promise<Barrier> {
  const sealed = await tx.get(TERMS_PATH);
  const terms = openTerms(sealed!, keys);
  terms.set(current.term + 1, new Secret(random(TERM_KEY)));
  await tx.put(TERMS_PATH, sealTerms(terms, { ...keys, random }));
  return barrier({ ...keys, random, terms });
}
