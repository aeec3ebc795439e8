/** `kms keyring backup` and `restore`. */
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EnvironmentError } from '../../model/error.ts';
import { fileName } from '../../model/members.ts';
import { integer, required, string, structure } from '../../model/shape.ts';
import { backupKeyring, restoreKeyring } from '../../keyring/backup.ts';
import type { Keyring } from '../../keyring/keyring.ts';
import { createPrivateFolder } from '../../files/private-file.ts';
import { createPlace, openPlace } from '../../keyring/open-place.ts';
import {
  draftOf,
  isKeyringAt,
  movePlace,
  occupied,
  placeAt,
  removeDraft,
  syncPlace,
  type KeyringPlace,
} from '../../keyring/place.ts';
import { verifyKeyring } from '../../keyring/verify.ts';
import type {
  Clock,
  RandomSource,
  KeyringLocation,
  KeyringAccess,
  OtherKeyrings,
  TrustAccess,
} from '../../runtime/capabilities.ts';
import type { Progress } from '../command/capabilities.ts';
import { logCommand, localCommand, type KeyringChange } from '../command/local-command.ts';
import { describeKeyring, keyringShape } from './description.ts';

export const backup = localCommand({
  name: 'KeyringBackup',
  command: 'keyring backup',
  input: structure({ File: required(fileName) }),
  output: structure({ File: string(), Records: integer(), Generation: integer() }),
  positionals: ['File'],
  async run({ File }, session: KeyringAccess & KeyringLocation & RandomSource & Clock & Progress) {
    const { outputTo, REFUSED } = await import('../../files/output.ts');
    const { createReadStream } = await import('node:fs');
    const keyring = await session.open();
    await anchor(keyring);
    const draft = draftOf(session.place, session);
    try {
      const { store } = createPlace(draft);
      const copied = session.progress('records', (meter) => backupKeyring(keyring, store, meter));
      const { records, generation } = await copied;
      store.close();
      createPrivateFolder(dirname(resolve(File)));
      const output = outputTo(File, { random: session.random, mode: 0o600, existing: REFUSED });
      await output.write(createReadStream(draft.keyring));
      return { File: resolve(File), Records: records, Generation: generation };
    } finally {
      removeDraft(draft);
    }
  },
});

/** So that the copy has the last uses of keys that are in the log alone. It needs no log that can be used. */
async function anchor(keyring: Keyring): Promise<void> {
  try {
    await keyring.transact(async () => {});
    await keyring.anchor();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
  }
}

interface RestoreDeps extends KeyringChange, KeyringLocation, Pick<OtherKeyrings, 'openAt'>, TrustAccess, Progress {}

export const restore = localCommand({
  name: 'KeyringRestore',
  command: 'keyring restore',
  input: structure({ File: required(fileName) }),
  output: structure({ ...keyringShape, Generation: integer() }),
  positionals: ['File'],
  async run({ File }, session: RestoreDeps) {
    const from = placeAt(resolve(File));
    if (isSameFile(from.keyring, session.place.keyring)) throw new EnvironmentError(`${File} is the keyring itself`);
    const copy = await session.openAt(from);
    const verified = session.progress('records verified', (meter) => verifyKeyring(copy, meter));
    const { problems, records, generation: saved } = await verified;
    if (problems.length > 0) throw new EnvironmentError(`the backup ${File} is damaged: ${problems[0]}`);
    const isDraft = !isKeyringAt(session.place);
    const draft = isDraft ? draftOf(session.place, session) : undefined;
    const source = openPlace(from);
    try {
      const target = copy.in(draft ? createPlace(draft) : await sameKeyring(session, copy.id));
      await session.progress('records restored', async (meter) => {
        meter.expect(records);
        await restoreKeyring({ from: source.store, keyring: target, isDraft, meter }, async (tx, begun) =>
          logCommand(tx, session, { eventName: 'RestoreKeyring', details: { generation: saved, ...begun } }),
        );
      });
      target.close();
      session.trust.remember(copy);
      if (draft && !movePlace(draft, session.place)) throw occupied(session.place);
      if (draft) syncPlace(session.place);
    } finally {
      if (draft) removeDraft(draft);
      source.store.close();
      copy.close();
    }
    const keyring = await session.open();
    session.trust.remember(keyring, session.place);
    await keyring.transact(async () => {}); // completes the log, where the keyring was not at its place yet
    const generation = await keyring.inspect(async ({ root }) => root.generation);
    return { ...(await describeKeyring(keyring, session.place)), Generation: generation };
  },
});

function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}

/** Another keyring is never overwritten. */
async function sameKeyring({ place }: KeyringLocation, id: string) {
  const opened = await openDamaged(place);
  const header = await opened.store.transact((tx) => tx.get('~keyring'));
  const found = header && Buffer.from(header.subarray(-16)).toString('hex');
  if (found === undefined || found === id) return opened;
  opened.store.close();
  throw new EnvironmentError(`the keyring at ${place.keyring} is not the keyring of the backup`, [
    'restore to another location: --keyring FOLDER',
  ]);
}

/** A file that is not a keyring is not overwritten either. */
async function openDamaged(place: KeyringPlace) {
  try {
    const opened = openPlace(place);
    await opened.store.transact(async () => {});
    return opened;
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    throw new EnvironmentError(error.message, [`move ${place.keyring} to another location, and restore again`], {
      cause: error,
    });
  }
}
