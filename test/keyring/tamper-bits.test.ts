import { expect, test } from 'vitest';
import { EnvironmentError } from '../../src/model/error.ts';
import type { Store } from '../../src/keyring/store.ts';
import { flipped } from '../support/bits.ts';
import { temporaryFolders } from '../support/folder.ts';
import { answersOf, verdictOn, loaded, logOf, makeVictim, rowsOf, surfaceOf } from './tampered.ts';

const folder = temporaryFolders();

/** One in so many flips that the store port does not show is held against every answer all the same. */
const SAMPLE = 101;

test(
  'every single bit of the keyring file: flipped, it changes no answer, or it is reported',
  { timeout: 900_000 },
  async () => {
    const victim = await makeVictim(folder());
    const last = victim.states.at(-1)!;
    const { file } = last;
    const expected = await answersOf(victim, { store: loaded(file), log: logOf(last) });
    const paths = [...(await rowsOf(loaded(file))).keys()];
    const surface = await surfaceOf(loaded(file), paths);

    /** The keyring knows the file through the store port alone: what does not show there, it cannot see. */
    const shows = async (store: Store): Promise<boolean> => {
      try {
        return (await surfaceOf(store, paths)) !== surface;
      } catch (error) {
        if (error instanceof EnvironmentError) return true;
        throw error;
      }
    };

    const counts = { hidden: 0, same: 0, reported: 0, unreadable: 0 };
    const wrong: string[] = [];
    for (let bit = 0; bit < 8 * file.length; bit += 1) {
      const where = `byte ${bit >> 3}, bit ${bit & 7}`;
      let store: Store | undefined;
      try {
        store = loaded(flipped(file, bit));
        if (bit % SAMPLE !== 0 && !(await shows(store))) {
          counts.hidden += 1;
          continue;
        }
        const verdict = await verdictOn(victim, store, { log: logOf(last), expected });
        if (verdict === 'unnoticed') wrong.push(`${where}: an answer changed`);
        else counts[verdict] += 1;
      } catch (error) {
        if (store || !(error instanceof EnvironmentError)) wrong.push(`${where}: ${String(error)}`);
        else counts.unreadable += 1;
      } finally {
        store?.close();
      }
    }
    expect(wrong).toEqual([]);
    expect(counts.reported).toBeGreaterThan(8 * 3_000); // sealed bytes: there are thousands of them
    expect(counts.hidden + counts.same).toBeGreaterThan(8 * 3_000); // and unused ones
  },
);
