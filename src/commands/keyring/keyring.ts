/** Tools for the keyring itself: making it, its unlock slots, its domain key, verification, copies. */
import { existsSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { accountId } from '../../model/account.ts';
import { EnvironmentError } from '../../model/error.ts';
import { boolean, integer, list, oneOf, required, string, structure, timestamp } from '../../model/shape.ts';
import { utf8 } from '../../crypto/bytes.ts';
import { createPrivateFolder } from '../../keyring/files.ts';
import { backupKeyring, restoreKeyring } from '../../keyring/backup.ts';
import type { Keyring } from '../../keyring/keyring.ts';
import {
  closePlace,
  createPlace,
  draftOf,
  isKeyringAt,
  movePlace,
  occupied,
  openPlace,
  placeAt,
  removeDraft,
  syncPlace,
  type KeyringPlace,
} from '../../keyring/place.ts';
import { readSlots } from '../../keyring/meta.ts';
import { MAX_SLOTS, type Slot } from '../../keyring/slot.ts';
import type { StoreTransaction } from '../../keyring/store.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { UntrustedKeyring } from '../../keyring/trust-list.ts';
import { verifyKeyring } from '../../keyring/verify.ts';
import type { NewUnlocking } from '../../runtime/new-keyring.ts';
import { logCommand, localCommand, type CommandDeps } from '../command/local-command.ts';

const slotShape = structure({
  Slot: integer(),
  Type: oneOf(['key-file', 'passphrase']),
  Created: timestamp,
  KeyFile: string(),
});

const newUnlocking = {
  NewKeyFile: string({ min: 1 }),
  NewPassphrase: boolean,
  NewPassphraseFile: string({ min: 1 }),
  NewPassphraseFd: integer(0),
};

interface NewUnlockingInput {
  readonly NewKeyFile?: string | undefined;
  readonly NewPassphrase?: boolean | undefined;
  readonly NewPassphraseFile?: string | undefined;
  readonly NewPassphraseFd?: number | undefined;
}

const unlockingOf = (input: NewUnlockingInput): NewUnlocking => ({
  keyFile: input.NewKeyFile,
  askPassphrase: input.NewPassphrase,
  passphraseFile: input.NewPassphraseFile,
  passphraseFd: input.NewPassphraseFd,
});

const keyringShape = {
  Keyring: string(),
  AuditLog: string(),
  KeyringId: string(),
  Fingerprint: string(),
  AccountId: string(),
  Region: string(),
  Slots: list(slotShape),
};

export const init = localCommand({
  name: 'Init',
  command: 'init',
  input: structure({
    AccountId: accountId,
    Passphrase: boolean,
    Project: boolean,
  }),
  output: structure(keyringShape),
  async run({ AccountId, Passphrase, Project = false }, session) {
    const settings = {
      account: AccountId,
      region: session.region,
      unlocking: { askPassphrase: Passphrase },
    };
    if (!Project) return describe(await session.create(settings), session.place);
    const place = session.projectPlace;
    return describe(await inProject(session, () => session.create({ ...settings, place })), place);
  },
});

/** What belongs into a repository is the keyring alone: not its log, its journals, its backups. */
const IGNORED = `# Made by kms init --project
*
!.gitignore
!keyring.db
`;

/** The keyring is made last: without it there is a folder to make it in, and nothing to lose. */
async function inProject<T>({ projectPlace, random }: CommandDeps, create: () => Promise<T>): Promise<T> {
  const { outputTo } = await import('../../files/output.ts');
  const { folder } = projectPlace;
  const file = `${folder}/.gitignore`;
  const isNew = !existsSync(folder);
  createPrivateFolder(folder);
  closePlace(projectPlace);
  const isIgnoring = existsSync(file);
  try {
    if (!isIgnoring) await outputTo(file, { random, mode: 0o644, existing: 'replace' }).write([utf8(IGNORED)]);
    return await create();
  } catch (error) {
    if (isKeyringAt(projectPlace)) throw error; // another process was faster
    if (!isIgnoring) rmSync(file, { force: true });
    if (isNew) removeIfEmpty(folder);
    throw error;
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // somebody uses it
  }
}

async function describe(keyring: Keyring, place: KeyringPlace) {
  return keyring.inspect(async ({ tx, root }) => ({
    Keyring: place.keyring,
    AuditLog: place.log,
    KeyringId: keyring.id,
    Fingerprint: keyring.fingerprint,
    AccountId: root.settings.account,
    Region: root.settings.region,
    Slots: (await slotsIn(tx)).map(describeSlot),
  }));
}

const slotsIn = async (tx: StoreTransaction): Promise<readonly Slot[]> => (await readSlots(tx)).map(({ slot }) => slot);

const describeSlot = (slot: Slot) => ({
  Slot: slot.slot,
  Type: slot.type,
  Created: new Date(slot.created),
  ...(slot.type === 'key-file' ? { KeyFile: slot.path } : {}),
});

export const status = localCommand({
  name: 'KeyringStatus',
  command: 'keyring status',
  input: structure({}),
  output: structure({
    ...keyringShape,
    FoundBy: string(),
    TrustedBy: string(),
    Locked: boolean,
    Reason: string(),
    Generation: integer(),
    Term: integer(),
    Events: integer(),
    Created: timestamp,
  }),
  async run(_, session) {
    const { place } = session;
    try {
      const keyring = await session.open();
      const known = await describe(keyring, place);
      const more = await keyring.inspect(async ({ root, barrier }) => ({
        Generation: root.generation,
        Term: barrier.term,
        Events: root.head.sequence,
        Created: new Date(root.settings.created),
      }));
      const how = { FoundBy: place.foundBy, TrustedBy: session.trust.reason(keyring.id) };
      return { ...known, ...how, Locked: false, ...more };
    } catch (error) {
      if (!(error instanceof EnvironmentError) || !isKeyringAt(place)) throw error;
      if (error instanceof UntrustedKeyring) {
        const { keyringId: KeyringId, message: Reason } = error;
        return { Keyring: place.keyring, KeyringId, FoundBy: place.foundBy, Locked: true, Reason };
      }
      const { store } = openPlace(place);
      const slots = await store.transact(slotsIn);
      store.close();
      return {
        Keyring: place.keyring,
        AuditLog: place.log,
        Slots: slots.map(describeSlot),
        FoundBy: place.foundBy,
        Locked: true,
        Reason: error.message,
      };
    }
  },
});

export const addSlot = localCommand({
  name: 'KeyringAddSlot',
  command: 'keyring add-slot',
  input: structure(newUnlocking),
  output: structure({ Slots: list(slotShape) }),
  async run(input, session) {
    const keyring = await session.open();
    const slots = await keyring.inspect(({ tx }) => slotsIn(tx));
    checkRoom(slots.length);
    const number = 1 + Math.max(...slots.map(({ slot }) => slot));
    const { slot, material } = await session.newSlot(keyring.id, number, unlockingOf(input));
    return changeSlots(keyring, session, {
      eventName: 'AddUnlockSlot',
      change(tx) {
        checkRoom(tx.slots.size);
        const free = 1 + Math.max(...tx.slots); // another process may have added one since
        return { slot: free, record: keyring.slotRecord({ ...slot, slot: free }, material) };
      },
    });
  },
});

function checkRoom(slots: number): void {
  if (slots < MAX_SLOTS) return;
  throw new EnvironmentError(`the keyring has ${slots} unlock slots, and ${MAX_SLOTS} are the most`, [
    'remove one that is not needed: kms keyring remove-slot',
  ]);
}

interface SlotChange {
  readonly slot: number;
  readonly record: Uint8Array | undefined;
}

/** @param change decided in the transaction: the slots that were seen before may be others by then */
async function changeSlots(
  keyring: Keyring,
  session: CommandDeps,
  { eventName, change }: { readonly eventName: string; readonly change: (tx: Transaction) => SlotChange },
) {
  await keyring.transact(async (tx) => {
    const changed = change(tx);
    tx.change({ kind: 'slot', ...changed });
    logCommand(tx, session, { eventName, details: { slots: [changed.slot] } });
  });
  return { Slots: (await keyring.inspect(({ tx }) => slotsIn(tx))).map(describeSlot) };
}

export const removeSlot = localCommand({
  name: 'KeyringRemoveSlot',
  command: 'keyring remove-slot',
  input: structure({ Slot: required(integer(1)) }),
  output: structure({ Slots: list(slotShape) }),
  positionals: ['Slot'],
  async run({ Slot: number }, session) {
    const keyring = await session.open();
    return changeSlots(keyring, session, {
      eventName: 'RemoveUnlockSlot',
      change({ slots }) {
        checkSlot(slots, number);
        if (slots.size === 1) {
          throw new EnvironmentError(
            'the last unlock slot cannot be removed: nothing would open the keyring any more',
            ['add another one first: kms keyring add-slot'],
          );
        }
        return { slot: number, record: undefined };
      },
    });
  },
});

function checkSlot(slots: ReadonlySet<number>, number: number): void {
  if (slots.has(number)) return;
  throw new EnvironmentError(`the keyring has no unlock slot ${number}`, ['kms keyring status lists them']);
}

export const changePassphrase = localCommand({
  name: 'KeyringChangePassphrase',
  command: 'keyring change-passphrase',
  input: structure({ Slot: integer(1), NewPassphraseFile: string({ min: 1 }), NewPassphraseFd: integer(0) }),
  output: structure({ Slots: list(slotShape) }),
  async run(input, session) {
    const keyring = await session.open();
    const slots = await keyring.inspect(({ tx }) => slotsIn(tx));
    const candidates = slots.filter(
      ({ type, slot }) => type === 'passphrase' && (input.Slot === undefined || slot === input.Slot),
    );
    const [chosen] = candidates;
    if (!chosen || candidates.length > 1) {
      throw new EnvironmentError(
        chosen ? 'the keyring has more than one passphrase slot' : 'the keyring has no such passphrase slot',
        [chosen ? 'name it with --slot' : 'kms keyring add-slot --new-passphrase makes one'],
      );
    }
    const given = unlockingOf(input);
    const asks = given.passphraseFile === undefined && given.passphraseFd === undefined;
    const { slot, material } = await session.newSlot(keyring.id, chosen.slot, { ...given, askPassphrase: asks });
    return changeSlots(keyring, session, {
      eventName: 'ChangePassphrase',
      change({ slots }) {
        checkSlot(slots, chosen.slot); // not one that was removed meanwhile
        return { slot: chosen.slot, record: keyring.slotRecord(slot, material) };
      },
    });
  },
});

export const rekey = localCommand({
  name: 'KeyringRekey',
  command: 'keyring rekey',
  input: structure({}),
  output: structure({ Term: integer() }),
  async run(_, session) {
    const keyring = await session.open();
    await keyring.transact(async (tx) => {
      tx.change({ kind: 'rekey' });
      logCommand(tx, session, { eventName: 'RekeyKeyring', details: {} });
    });
    return { Term: await keyring.inspect(async ({ barrier }) => barrier.term) };
  },
});

export const verify = localCommand({
  name: 'KeyringVerify',
  command: 'keyring verify',
  input: structure({}),
  output: structure({ Valid: boolean, Records: integer(), Generation: integer(), Problems: list(string()) }),
  async run(_, session) {
    const { problems, records, generation } = await verifyKeyring(await session.open());
    return { Valid: problems.length === 0, Records: records, Generation: generation, Problems: problems };
  },
  exit: ({ Valid }) => (Valid ? 0 : 1),
});

export const backup = localCommand({
  name: 'KeyringBackup',
  command: 'keyring backup',
  input: structure({ File: required(string({ min: 1 })) }),
  output: structure({ File: string(), Records: integer(), Generation: integer() }),
  positionals: ['File'],
  async run({ File }, session) {
    const { outputTo } = await import('../../files/output.ts');
    const { createReadStream } = await import('node:fs');
    const keyring = await session.open();
    const draft = draftOf(session.place, session);
    try {
      const { store } = createPlace(draft);
      const { records, generation } = await backupKeyring(keyring, store);
      store.close();
      createPrivateFolder(dirname(resolve(File)));
      const output = outputTo(File, { random: session.random, mode: 0o600, existing: 'refuse' });
      await output.write(createReadStream(draft.keyring));
      return { File: resolve(File), Records: records, Generation: generation };
    } finally {
      removeDraft(draft);
    }
  },
});

export const restore = localCommand({
  name: 'KeyringRestore',
  command: 'keyring restore',
  input: structure({ File: required(string({ min: 1 })) }),
  output: structure({ ...keyringShape, Generation: integer() }),
  positionals: ['File'],
  async run({ File }, session) {
    const from = placeAt(resolve(File));
    if (isSameFile(from.keyring, session.place.keyring)) throw new EnvironmentError(`${File} is the keyring itself`);
    const copy = await session.openAt(from);
    const { problems, generation: saved } = await verifyKeyring(copy);
    if (problems.length > 0) throw new EnvironmentError(`the backup ${File} is damaged: ${problems[0]}`);
    const isDraft = !isKeyringAt(session.place);
    const draft = isDraft ? draftOf(session.place, session) : undefined;
    const source = openPlace(from);
    try {
      const target = copy.in(draft ? createPlace(draft) : await sameKeyring(session, copy.id));
      await restoreKeyring({ from: source.store, keyring: target, isDraft }, async (tx, begun) =>
        logCommand(tx, session, { eventName: 'RestoreKeyring', details: { generation: saved, ...begun } }),
      );
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
    return { ...(await describe(keyring, session.place)), Generation: generation };
  },
});

function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}

/** Another keyring is never overwritten. */
async function sameKeyring({ place }: CommandDeps, id: string) {
  const opened = await openDamaged(place);
  const header = await opened.store.transact((tx) => tx.get('~keyring'));
  const found = header && Buffer.from(header.subarray(-16)).toString('hex');
  if (found === undefined || found === id) return opened;
  opened.store.close();
  throw new EnvironmentError(`the keyring at ${place.keyring} is another one than that of the backup`, [
    'restore to another place: --keyring FOLDER',
  ]);
}

/** What is no keyring any more is not overwritten either: it may be something else. */
async function openDamaged(place: KeyringPlace) {
  try {
    const opened = openPlace(place);
    await opened.store.transact(async () => {});
    return opened;
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    throw new EnvironmentError(error.message, [`move ${place.keyring} away, and restore again`], { cause: error });
  }
}
