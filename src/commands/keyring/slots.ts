/** Commands for the unlock slots of a keyring. */
import { EnvironmentError } from '../../model/error.ts';
import { fileName } from '../../model/members.ts';
import { boolean, integer, list, required, structure } from '../../model/shape.ts';
import type { Keyring } from '../../keyring/keyring.ts';
import { MAX_SLOTS } from '../../keyring/slot.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import type { SlotCreation } from '../../runtime/capabilities.ts';
import type { NewUnlocking } from '../../runtime/new-keyring.ts';
import { logCommand, localCommand, type EventDeps, type KeyringChange } from '../command/local-command.ts';
import { describeSlot, slotShape, slotsIn } from './description.ts';

const newUnlocking = {
  NewKeyFile: fileName,
  NewPassphrase: boolean,
  NewPassphraseFile: fileName,
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

export const addSlot = localCommand({
  name: 'KeyringAddSlot',
  command: 'keyring add-slot',
  input: structure(newUnlocking),
  output: structure({ Slots: list(slotShape) }),
  async run(input, session: KeyringChange & SlotCreation) {
    const keyring = await session.open();
    const slots = await keyring.inspect(({ tx }) => slotsIn(tx));
    checkSlotCount(slots.length);
    const number = 1 + Math.max(...slots.map(({ slot }) => slot));
    const { slot, material } = await session.newSlot(keyring.id, number, unlockingOf(input));
    return changeSlots(keyring, session, {
      eventName: 'AddUnlockSlot',
      change(tx) {
        checkSlotCount(tx.slots.size);
        const free = 1 + Math.max(...tx.slots); // another process may have added one since
        return { slot: free, record: keyring.slotRecord({ ...slot, slot: free }, material) };
      },
    });
  },
});

function checkSlotCount(slots: number): void {
  if (slots < MAX_SLOTS) return;
  throw new EnvironmentError(`the keyring has ${slots} unlock slots, the maximum is ${MAX_SLOTS}`, [
    'remove a slot: kms keyring remove-slot',
  ]);
}

interface SlotChange {
  readonly slot: number;
  readonly record: Uint8Array | undefined;
}

/** @param change computed in the transaction, as the slots may have changed since they were read */
async function changeSlots(
  keyring: Keyring,
  session: EventDeps,
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
  async run({ Slot: number }, session: KeyringChange) {
    const keyring = await session.open();
    return changeSlots(keyring, session, {
      eventName: 'RemoveUnlockSlot',
      change({ slots }) {
        checkSlot(slots, number);
        if (slots.size === 1) {
          throw new EnvironmentError('the last unlock slot cannot be removed', [
            'add another slot first: kms keyring add-slot',
          ]);
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
  input: structure({ Slot: integer(1), NewPassphraseFile: fileName, NewPassphraseFd: integer(0) }),
  output: structure({ Slots: list(slotShape) }),
  async run(input, session: KeyringChange & SlotCreation) {
    const keyring = await session.open();
    const slots = await keyring.inspect(({ tx }) => slotsIn(tx));
    const candidates = slots.filter(
      ({ type, slot }) => type === 'passphrase' && (input.Slot === undefined || slot === input.Slot),
    );
    const [chosen] = candidates;
    if (!chosen || candidates.length > 1) {
      throw new EnvironmentError(
        chosen
          ? 'the keyring has more than one passphrase slot'
          : 'the keyring has no passphrase slot, or no passphrase slot with this number',
        [chosen ? 'specify it with --slot' : 'kms keyring add-slot --new-passphrase adds one'],
      );
    }
    const given = unlockingOf(input);
    const asks = given.passphraseFile === undefined && given.passphraseFd === undefined;
    const { slot, material } = await session.newSlot(keyring.id, chosen.slot, { ...given, askPassphrase: asks });
    return changeSlots(keyring, session, {
      eventName: 'ChangePassphrase',
      change({ slots }) {
        checkSlot(slots, chosen.slot); // it may have been removed meanwhile
        return { slot: chosen.slot, record: keyring.slotRecord(slot, material) };
      },
    });
  },
});
