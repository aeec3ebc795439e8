/**
 * Local commands: rows like operations (so flags, help, man pages, completion and output come from the same place), but
 * about the keyring, the log, callers and policies as texts. Anyone who can unlock the keyring may run them; key
 * policies do not apply.
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
  /** The command manages profiles, so the named profile need not exist. */
  readonly anyProfile?: true;
  /** Takes the words behind `--` as they are: a program and its arguments. */
  readonly passthroughArgs?: true;
  /** Prints nothing on stdout, which is that of the program that it runs. */
  readonly silent?: true;
  /** Members that bare words may give, in order: `kms keyring backup FILE`. */
  readonly positionals?: readonly string[];
  run(input: ValueOf<StructureShape<I>>, deps: D): Promise<R>;
  /** The exit status for errors, instead of that of the error. */
  readonly failure?: number;
  /** The exit status for a result, if not 0. */
  exit?(answer: R): number;
}

export const localCommand = <I extends Members, O extends Members, D, R extends ValueOf<StructureShape<O>>>(
  row: LocalCommand<I, O, D, R>,
): LocalCommand<I, O, D, R> => row;

/** The dependencies of the event of a local command. */
export interface EventDeps extends Clock, RandomSource, CallerChoice, RegionChoice {}

/** Capabilities for opening the keyring and logging an event of a change. */
export interface KeyringChange extends KeyringAccess, EventDeps {}

/** Logs a change of the keyring. */
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
