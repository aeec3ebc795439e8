/** The capabilities of a session, each an interface of its own, so that commands get only those that they need. */
import type { KeyManagerOptions, ReachedKeyManagers } from './key-managers.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { KeyringPlace } from '../keyring/place.ts';
import type { NewSlot, UnlockMaterial } from '../keyring/slot.ts';
import type { Transaction } from '../keyring/transaction.ts';
import type { Members, StructureShape, ValueOf } from '../model/shape.ts';
import type { KnownShape } from '../operations/index.ts';
import type { AnyInput, KeyManagers, Operation } from '../operations/row/operation.ts';
import type { TrustList } from '../keyring/trust-list.ts';
import type { CallChain, ChainedAnswer, SeriesAnswer, SeriesCall, SeriesOptions } from '../pipeline/invoke.ts';
import type { AccessQuestion } from '../pipeline/question.ts';
import type { Caller } from '../policy/principal.ts';
import type { AccessRequest } from '../policy/request.ts';
import type { NewKeyring, NewUnlocking } from './new-keyring.ts';

export interface Clock {
  /** Milliseconds since 1970, without the offset of the keyring's clock. */
  readonly clock: () => number;
}

export interface RandomSource {
  readonly random: RandomBytes;
}

/** The caller, as set by the profile. */
export interface CallerChoice {
  readonly caller: (keyringAccount: string) => Caller;
}

/** The Region of calls; undefined: that of the keyring. */
export interface RegionChoice {
  readonly region: string | undefined;
}

/** The location of the keyring, which need not exist. */
export interface KeyringLocation {
  readonly place: KeyringPlace & { readonly foundBy: string };
}

export interface KeyringAccess {
  /** The unlocked keyring at the session's place. */
  readonly open: () => Promise<Keyring>;
}

export interface UnattendedAccess {
  /** The same without a question on the terminal: a keyring that only a passphrase would unlock is locked. */
  readonly openUnattended: () => Promise<Keyring>;
}

/** Keyrings at other locations. */
export interface OtherKeyrings {
  /** Unlocked with the same means: a backup. */
  readonly openAt: (place: KeyringPlace) => Promise<Keyring>;
  /** A keyring that is not trusted: unlocked with what options name, or the key file in the configuration folder. */
  readonly openByHand: (place: KeyringPlace) => Promise<Keyring>;
}

export interface KeyringCreation {
  /** Creates a keyring, by default at the session's location, and trusts it. */
  readonly create: (settings: NewKeyring & { readonly place?: KeyringPlace | undefined }) => Promise<Keyring>;
  /** The folder for the keyring of a project, here. */
  readonly projectPlace: KeyringPlace;
}

export interface SlotCreation {
  /** Material for a new slot of this keyring, and what its record says. */
  readonly newSlot: (
    keyringId: string,
    slot: number,
    unlocking: NewUnlocking,
  ) => Promise<{ readonly slot: NewSlot; readonly material: UnlockMaterial }>;
}

/** Which keyrings this user trusts. */
export interface KeyringTrust {
  readonly list: TrustList;
  /** Those that the environment or the list has for this ID; undefined: none. */
  readonly fingerprints: (keyringId: string) => readonly string[] | undefined;
  /** Whether its fingerprint is one of those, or it was made by this process. */
  readonly isTrusted: (keyring: Pick<Keyring, 'id' | 'fingerprint'>) => boolean;
  /** The reason why the keyring with this ID at the location is used, for messages. @throws if it is not */
  readonly reason: (keyringId: string) => string;
  /** Trusts a keyring that was made; where that cannot be recorded, in this process. */
  readonly remember: (keyring: Pick<Keyring, 'id' | 'fingerprint'>, place?: KeyringPlace) => void;
}

export interface TrustAccess {
  readonly trust: KeyringTrust;
}

/** A log of a keyring that is trusted by its ID. */
export interface AuditLog {
  readonly path: string;
  /** Another user who may own the file. */
  readonly owner: number | undefined;
}

export interface LogAccess {
  /** The log at the session's place, where nothing is unlocked. @throws for a keyring that is absent or not trusted */
  readonly auditLog: () => AuditLog;
}

export interface KeyManagerAccess {
  readonly keyManagersFor: (
    keyring: Pick<Keyring, 'id' | 'fingerprint'>,
    how: Pick<KeyManagerOptions, 'inProcesses' | 'trace'>,
  ) => ReachedKeyManagers;
  /** Without a keyring, or for one in memory. */
  readonly ownKeyManagers: (
    how: Pick<KeyManagerOptions, 'inProcesses' | 'trace'>,
  ) => ReachedKeyManagers<Promise<KeyManagers>>;
}

export interface OperationCalls {
  /** A call through the pipeline, as the session's caller; in another Region, if one is named. */
  readonly invoke: <I extends Members, O extends Members>(
    operation: Operation<I, O>,
    input: ValueOf<StructureShape<I>>,
    region?: string,
  ) => Promise<ValueOf<StructureShape<O>>>;
}

interface ChainedCalls {
  /** Calls of which each depends on the answer before it, as the session's caller: the pages of a list. */
  readonly invokeChain: <I extends Members, O extends Members, S>(
    operation: Operation<I, O>,
    chain: CallChain<S, ValueOf<StructureShape<O>>>,
  ) => AsyncIterable<ChainedAnswer<S, ValueOf<StructureShape<O>>>>;
}

export interface CallSeries {
  /** Calls that are made in order and share commits, as the session's caller; the answers of each commit at once. */
  readonly invokeSeries: <O extends Members>(
    calls: readonly SeriesCall<O>[],
    options?: SeriesOptions,
  ) => AsyncIterable<readonly SeriesAnswer<O>[]>;
}

export interface KnownAliases {
  /** Whether the Region of the session has an alias with this name; no call is made. */
  readonly aliasExists: (name: string) => Promise<boolean>;
}

/** Calls of operations for whom only their shapes are known: through an agent, or in a session. */
export interface ShapeCalls extends KnownAliases, Closing {
  readonly invoke: (operation: KnownShape, input: AnyInput) => Promise<AnyInput>;
  readonly invokeChain: <S>(
    operation: KnownShape,
    chain: CallChain<S, AnyInput>,
  ) => AsyncIterable<ChainedAnswer<S, AnyInput>>;
}

/** Calls of the session's caller that are all made or not at all. */
export interface OperationUnits {
  readonly allOrNothing: <T>(work: (unit: OperationUnit) => Promise<T>) => Promise<T>;
}

export interface OperationUnit extends OperationCalls {
  /** For changes that are not calls. */
  readonly tx: Transaction;
}

export interface Closing {
  /** Ends the session: closes the keyring that its calls were made in. */
  readonly close: () => Promise<void>;
}

export interface AccessQuestions {
  /** The caller with this ARN, with the session tags and session policy of the options. */
  readonly callerAs: (principal: string) => Caller;
  /** The access request that a call would have with the request attributes of the options; no call is made. */
  readonly question: (tx: Transaction, question: AccessQuestion) => Promise<AccessRequest>;
  /** Condition keys, lower-cased, that the options have values for. */
  readonly specifiedKeys: ReadonlySet<string>;
}

export interface ScheduledWork {
  /** Does the work that is due by now, which is a time of the keyring. */
  readonly runDueJobs: (tx: Transaction, now: number) => Promise<void>;
}

export interface SecretPrompt {
  /** A secret, asked for on the terminal without showing it; undefined where there is none. */
  readonly askSecret: (message: string) => Promise<Uint8Array | undefined>;
}

/** The session of a process: keyring, unlocking, trust and caller. */
export interface Session
  extends
    Clock,
    KeyManagerAccess,
    RandomSource,
    CallerChoice,
    RegionChoice,
    KeyringLocation,
    KeyringAccess,
    UnattendedAccess,
    OtherKeyrings,
    KeyringCreation,
    SlotCreation,
    TrustAccess,
    LogAccess,
    OperationCalls,
    ChainedCalls,
    CallSeries,
    KnownAliases,
    OperationUnits,
    AccessQuestions,
    ScheduledWork,
    SecretPrompt,
    Closing {}
