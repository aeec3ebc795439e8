/**
 * Tools: commands of our own, rows like operations (so flags, help, man pages, completion and output come from the
 * same place), but about the keyring, the log and the profile, not about keys. They answer to whoever can unlock the
 * keyring, not to key policies.
 */
import type { Members, StructureShape, ValueOf } from '../api/shape.ts';
import { toolEvent } from '../audit/event.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { uuid } from '../crypto/uuid.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { Place } from '../keyring/place.ts';
import { keyringTime } from '../keyring/root.ts';
import type { UnlockMaterial, NewSlot } from '../keyring/slot.ts';
import type { Transaction } from '../keyring/transaction.ts';
import type { Caller } from '../policy/principal.ts';

/** How a new slot is to be unlocked; one of them. */
export interface NewUnlocking {
  /** A key file to be made. */
  readonly keyFile?: string | undefined;
  readonly passphraseFile?: string | undefined;
  readonly passphraseFd?: number | undefined;
  /** Asked twice on the terminal. */
  readonly askPassphrase?: boolean | undefined;
}

/** What a tool may reach. */
export interface House {
  readonly place: Place;
  readonly clock: () => number;
  readonly random: RandomBytes;
  /** Whom calls are made as, and in which Region: what the profile says. */
  readonly caller: (keyringAccount: string) => Caller;
  readonly region: string | undefined;
  /** The unlocked keyring at the place. */
  open(): Promise<Keyring>;
  /** Unlocks the keyring at another place with the same means: a backup. */
  openAt(place: Place): Promise<Keyring>;
  /** Makes a keyring at the place. */
  create(settings: {
    readonly account: string;
    readonly region: string;
    readonly unlocking: NewUnlocking;
  }): Promise<Keyring>;
  /** Material for a new slot of this keyring, and what its record says. */
  newSlot(
    keyringId: string,
    slot: number,
    unlocking: NewUnlocking,
  ): Promise<{ readonly slot: NewSlot; readonly material: UnlockMaterial }>;
  /** A call on the road, as this house's caller. */
  invoke(operation: string, input: unknown): Promise<{ readonly [name: string]: unknown }>;
  /** The words behind `--`, for a tool that takes them. */
  readonly verbatim: readonly string[];
  /** A line for the person at the terminal; never part of the answer. */
  say(line: string): void;
  /** A line of the answer, as it comes: for tools that go on. */
  print(line: string): void;
}

export interface Tool<I extends Members = Members, O extends Members = Members> {
  /** `KeyringStatus`: the command is `keyring status`. */
  readonly name: string;
  readonly command: string;
  readonly input: StructureShape<I>;
  readonly output: StructureShape<O>;
  /** It is about profiles: the one that is named need not exist. */
  readonly anyProfile?: true;
  /** Takes the words behind `--` as they are: a program and its arguments. */
  readonly verbatim?: true;
  /** Prints nothing of its own on stdout: that is the program's that it runs. */
  readonly silent?: true;
  /** Members that bare words may give, in order: `kms keyring backup FILE`. */
  readonly words?: readonly string[];
  run(input: ValueOf<StructureShape<I>>, house: House): Promise<ValueOf<StructureShape<O>>>;
  /** The exit status that an answer means, where it is not 0. */
  exit?(output: ValueOf<StructureShape<O>>): number;
}

export type AnyTool = Tool<any, any>; // oxlint-disable-line typescript/no-explicit-any -- as AnyOperation

export const tool = <I extends Members, O extends Members>(row: Tool<I, O>): AnyTool => row;

/** Every change of the keyring leaves an event too. */
export function logTool(
  tx: Transaction,
  { clock, random, caller, region }: Pick<House, 'clock' | 'random' | 'caller' | 'region'>,
  facts: { readonly eventName: string; readonly details: { readonly [name: string]: unknown } },
): void {
  tx.append(
    toolEvent({
      eventName: facts.eventName,
      eventId: uuid(random),
      time: keyringTime(tx.settings, clock()),
      region: region ?? tx.settings.region,
      identity: caller(tx.settings.account),
      account: tx.settings.account,
      requestParameters: facts.details,
    }),
  );
}
