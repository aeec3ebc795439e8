/**
 * Local commands: rows like operations (so flags, help, man pages, completion and output come from the same place), but
 * about the keyring, the log, callers and policies as texts. They answer to whoever can unlock the keyring, not to key
 * policies.
 */
import { localEvent } from '../../audit/event.ts';
import { uuid } from '../../crypto/uuid.ts';
import { keyringTime } from '../../keyring/root.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import type { Members, StructureShape, ValueOf } from '../../model/shape.ts';
import type { CallerChoice, Clock, KeyringAccess, RandomSource, RegionChoice } from '../../runtime/capabilities.ts';

/**
 * @template D the capabilities that it needs, and gets no others
 * @template R what it answers: the output, and what only its exit status tells
 */
export interface LocalCommand<
  I extends Members,
  O extends Members,
  D,
  R extends ValueOf<StructureShape<O>> = ValueOf<StructureShape<O>>,
> {
  /** `KeyringStatus`: the command is `keyring status`. */
  readonly name: string;
  readonly command: string;
  readonly input: StructureShape<I>;
  readonly output: StructureShape<O>;
  /** It is about profiles: the one that is named need not exist. */
  readonly anyProfile?: true;
  /** Takes the words behind `--` as they are: a program and its arguments. */
  readonly passthroughArgs?: true;
  /** Prints nothing of its own on stdout: that is the program's that it runs. */
  readonly silent?: true;
  /** Members that bare words may give, in order: `kms keyring backup FILE`. */
  readonly positionals?: readonly string[];
  run(input: ValueOf<StructureShape<I>>, deps: D): Promise<R>;
  /** The exit status where it cannot do its work, instead of that of the error. */
  readonly failure?: number;
  /** The exit status that an answer means, where it is not 0. */
  exit?(answer: R): number;
}

export const localCommand = <I extends Members, O extends Members, D, R extends ValueOf<StructureShape<O>>>(
  row: LocalCommand<I, O, D, R>,
): LocalCommand<I, O, D, R> => row;

/** What the event of a local command is made with. */
export interface EventDeps extends Clock, RandomSource, CallerChoice, RegionChoice {}

/** Opening the keyring, and leaving an event of what is changed in it. */
export interface KeyringChange extends KeyringAccess, EventDeps {}

/** Every change of the keyring leaves an event too. */
export function logCommand(
  tx: Transaction,
  { clock, random, caller, region }: EventDeps,
  facts: { readonly eventName: string; readonly details: { readonly [name: string]: unknown } },
): void {
  tx.append(
    localEvent({
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
