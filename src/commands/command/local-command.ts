/**
 * Local commands: rows like operations (so flags, help, man pages, completion and output come from the same place), but
 * about the keyring, the log, callers and policies as texts. They answer to whoever can unlock the keyring, not to key
 * policies.
 */
import { localEvent } from '../../audit/event.ts';
import { uuid } from '../../crypto/uuid.ts';
import { keyringTime } from '../../keyring/root.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import type { Paint } from '../../lint/output/report.ts';
import type { Members, StructureShape, ValueOf } from '../../model/shape.ts';
import type { Session } from '../../runtime/session.ts';

/** How the KMS API is to be served. */
export interface ServeOptions {
  /** `HOST:PORT` */
  readonly listen?: string | undefined;
  readonly socket?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** In clear to other machines too. */
  readonly allowPlainHttp?: boolean | undefined;
  /** Further names that requests may call a server on a loopback address by. */
  readonly allowHost?: readonly string[] | undefined;
  /** Whether callers must sign; undefined: unless the way to the server, or the keyring in memory, is for them alone. */
  readonly verifySignatures?: boolean | undefined;
  /** Where the access key of the server goes. */
  readonly credentialsFile?: string | undefined;
  /** Over a keyring in memory, which is gone with the process. */
  readonly ephemeral?: boolean | undefined;
  /** Of a keyring in memory. */
  readonly account?: string | undefined;
  /** A file whose contents are applied first. */
  readonly seed?: string | undefined;
}

/** What an answer that is laid out for people is shown on. */
export interface Screen {
  readonly columns: number;
  readonly paint: Paint;
  /** Of the program. */
  readonly version: string;
}

/** What a local command may reach: the process's session, and the frontend that called it. */
export interface CommandDeps extends Session {
  /** Answers over the network until it is told to stop. */
  readonly serve: (options: ServeOptions) => Promise<void>;
  /** The words behind `--`, for a command that takes them. */
  readonly passthroughArgs: readonly string[];
  /** Shows how far long work has come, on a terminal; told how much was done, and `undefined` at the end. */
  readonly progress: (total: number | undefined) => (done: number | undefined) => void;
  /** Absent where there is none: over the network. */
  readonly screen?: () => Promise<Screen>;
  /** Writes texts that only a terminal may show; undefined: stderr is none. */
  readonly toTerminal: () => ((text: string) => void) | undefined;
  /** A line for the person at the terminal; never part of the answer. */
  readonly say: (line: string) => void;
  /** A line of the answer, as it comes, for people: what is quoted in it cannot reach a terminal as it is. */
  readonly print: (line: string) => void;
  /** Lines of the answer that programs read: bytes as they are, save on a terminal. */
  readonly printData: (text: string) => void;
  /** Lines with styles of our own, in which whatever is quoted is visible() already. */
  readonly printStyled: (text: string) => void;
}

/** @template D the capabilities that it needs, and gets no others */
export interface LocalCommand<I extends Members = Members, O extends Members = Members, D = CommandDeps> {
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
  run(input: ValueOf<StructureShape<I>>, deps: D): Promise<ValueOf<StructureShape<O>>>;
  /** The exit status where it cannot do its work, instead of that of the error. */
  readonly failure?: number;
  /** The exit status that an answer means, where it is not 0. */
  exit?(output: ValueOf<StructureShape<O>>): number;
}

/** A command of any shape, as the table holds it: see AnyOperation. */
export type AnyLocalCommand = LocalCommand;

export const localCommand = <I extends Members, O extends Members, D = CommandDeps>(
  row: LocalCommand<I, O, D>,
): LocalCommand<I, O, D> => row;

/** Every change of the keyring leaves an event too. */
export function logCommand(
  tx: Transaction,
  { clock, random, caller, region }: Pick<Session, 'clock' | 'random' | 'caller' | 'region'>,
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
