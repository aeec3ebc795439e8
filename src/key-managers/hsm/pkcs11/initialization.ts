/**
 * Whether the code of a PKCS#11 library is initialized, and for whom. A process has the code once, however often and by
 * whichever path it is loaded: who initializes it again, perhaps with other arguments, ends what all others have opened.
 */
import { ReadWriteLock } from './read-write-lock.ts';

export class Initialization {
  /** Its readers use sessions; its writers initialize the library, or log in and out. */
  readonly lock = new ReadWriteLock();
  /** Counts: what was opened before the last one is dead. */
  generation = 0;
  /** The arguments; undefined: it is not initialized. */
  arguments: { readonly text: string | undefined } | undefined;
}

const known = new Map<bigint, Initialization>();

/** @param code the address of C_Initialize */
export function initializationOf(code: bigint): Initialization {
  const initialization = known.get(code) ?? new Initialization();
  known.set(code, initialization);
  return initialization;
}
