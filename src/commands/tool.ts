/**
 * Tools: commands of our own, rows like operations (so flags, help, man pages, completion and output come from the
 * same place), but about the keyring, the log and the profile, not about keys. They answer to whoever can unlock the
 * keyring, not to key policies.
 */
import type { Members, StructureShape, ValueOf } from '../model/shape.ts';
import { toolEvent } from '../audit/event.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { uuid } from '../crypto/uuid.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { KmsKey } from '../keyring/kms-key.ts';
import type { Place } from '../keyring/place.ts';
import { keyringTime } from '../keyring/root.ts';
import type { UnlockMaterial, NewSlot } from '../keyring/slot.ts';
import type { Transaction } from '../keyring/transaction.ts';
import type { TrustList } from '../keyring/trust-list.ts';
import type { Caller } from '../policy/principal.ts';
import type { Paint } from '../lint/output/report.ts';
import type { AccessRequest } from '../policy/request.ts';

/** How a new slot is to be unlocked; one of them. */
export interface NewUnlocking {
  /** A key file to be made. */
  readonly keyFile?: string | undefined;
  readonly passphraseFile?: string | undefined;
  readonly passphraseFd?: number | undefined;
  /** Asked twice on the terminal. */
  readonly askPassphrase?: boolean | undefined;
}

/** How the KMS API is to be served. */
export interface Wishes {
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

/** Would this caller be allowed that? */
export interface AccessQuestion {
  readonly caller: Caller;
  /** `kms:Decrypt` */
  readonly action: string;
  /** undefined: the action is about no key. */
  readonly key: KmsKey | undefined;
  /** The alias that the call names the key by. */
  readonly alias?: string | undefined;
  readonly encryptionContext?: { readonly [name: string]: string } | undefined;
  /** Values of condition keys beyond those of caller, key and options. */
  readonly conditions?: { readonly [key: string]: readonly string[] } | undefined;
  /** The grants of everyone, not of this caller alone. */
  readonly allGrants?: boolean | undefined;
}

/** What an answer that is laid out for people is shown on. */
export interface Screen {
  readonly columns: number;
  readonly paint: Paint;
  /** Of the program. */
  readonly version: string;
}

export interface NewKeyring {
  readonly account: string;
  readonly region: string;
  readonly unlocking: NewUnlocking;
}

/** Which keyrings this user trusts. */
export interface Trust {
  readonly list: TrustList;
  /** Those that the environment or the list has for this ID; undefined: none. */
  readonly fingerprints: (keyringId: string) => readonly string[] | undefined;
  /** Why the keyring with this ID, at the place, is used; for people. @throws if it is not */
  readonly reason: (keyringId: string) => string;
  /** Trusts a keyring that was made; where that cannot be recorded, in this process. */
  readonly remember: (keyring: Pick<Keyring, 'id' | 'fingerprint'>, place?: Place) => void;
}

/** A log that may be read, as far as the keyring's ID tells. */
export interface AuditLog {
  readonly path: string;
  /** Whose file it may be, beside ours. */
  readonly owner: number | undefined;
}

/** What a tool may reach. */
export interface House {
  readonly place: Place & { readonly foundBy: string };
  readonly clock: () => number;
  readonly random: RandomBytes;
  /** Whom calls are made as, and in which Region: what the profile says. */
  readonly caller: (keyringAccount: string) => Caller;
  readonly region: string | undefined;
  /** The log at the place, where nothing is unlocked. @throws for a keyring that is absent or not trusted */
  readonly auditLog: () => AuditLog;
  /** The unlocked keyring at the place. */
  readonly open: () => Promise<Keyring>;
  /** Unlocks the keyring at another place with the same means: a backup. */
  readonly openAt: (place: Place) => Promise<Keyring>;
  /** Unlocks a keyring that is not trusted yet, with what is named by hand or is in the configuration. */
  readonly openByHand: (place: Place) => Promise<Keyring>;
  /** Makes a keyring, at the place unless another one is given, and trusts it. */
  readonly create: (settings: NewKeyring & { readonly place?: Place | undefined }) => Promise<Keyring>;
  /** The folder for the keyring of a project, here. */
  readonly projectPlace: Place;
  readonly trust: Trust;
  /** Material for a new slot of this keyring, and what its record says. */
  readonly newSlot: (
    keyringId: string,
    slot: number,
    unlocking: NewUnlocking,
  ) => Promise<{ readonly slot: NewSlot; readonly material: UnlockMaterial }>;
  /** Answers over the network until it is told to stop. */
  readonly serve: (wishes: Wishes) => Promise<void>;
  /** A call on the road, as this house's caller; in another Region, if one is named. */
  readonly invoke: (
    operation: string,
    input: unknown,
    region?: string,
  ) => Promise<{ readonly [name: string]: unknown }>;
  /** The request that a call would be, in the circumstances that the options tell; nothing is called. */
  readonly question: (tx: Transaction, question: AccessQuestion) => Promise<AccessRequest>;
  /** Condition keys, lower-cased, that the options have told. */
  readonly told: ReadonlySet<string>;
  /** Does the work that is due by now, which is a time of the keyring. */
  readonly settle: (tx: Transaction, now: number) => Promise<void>;
  /** A secret, asked for on the terminal without showing it; undefined where there is none. */
  readonly askSecret: (message: string) => Promise<Uint8Array | undefined>;
  /** The words behind `--`, for a tool that takes them. */
  readonly verbatim: readonly string[];
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
  /** The exit status where it cannot do its work, instead of that of the error. */
  readonly failure?: number;
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
