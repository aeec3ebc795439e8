/** Random bytes of the platform's generator, taken in pools: asking it costs microseconds, for any small size. */
import { randomFillSync } from 'node:crypto';
import type { RandomBytes } from './seal.ts';

/** In bytes: some sixty IDs, nonces or keys. */
const POOL = 2_048;
/** Longer ones are asked for directly, in bytes. */
const LARGEST_FROM_POOL = 64;

/** A source of its own pool. What was handed out is erased from the pool, so that no byte is handed out twice. */
export function randomSource(): RandomBytes {
  const pool = new Uint8Array(POOL);
  let used = POOL;
  return (length) => {
    if (length > LARGEST_FROM_POOL) return randomFillSync(new Uint8Array(length));
    if (used + length > POOL) {
      randomFillSync(pool);
      used = 0;
    }
    const bytes = pool.slice(used, used + length);
    pool.fill(0, used, used + length);
    used += length;
    return bytes;
  };
}
