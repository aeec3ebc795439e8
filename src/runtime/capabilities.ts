/** What a session offers, each capability by itself: whoever is given some of them cannot reach the others. */
import type { RandomBytes } from '../crypto/seal.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { KeyringPlace } from '../keyring/place.ts';
import type { NewSlot, UnlockMaterial } from '../keyring/slot.ts';
import type { Transaction } from '../keyring/transaction.ts';
import type { Members, StructureShape, ValueOf } from '../model/shape.ts';
import type { Operation } from '../operations/row/operation.ts';
import type { TrustList } from '../keyring/trust-list.ts';
import type { AccessQuestion } from '../pipeline/question.ts';
import type { Caller } from '../policy/principal.ts';
import type { AccessRequest } from '../policy/request.ts';
import type { NewKeyring, NewUnlocking } from './new-keyring.ts';

export interface Clock {
  /** Milliseconds since 1970, without what the keyring's own clock is ahead. */
  readonly clock: () => number;
}

export interface RandomSource {
  readonly random: RandomBytes;
}

/** Whom calls are made as: what the profile says. */
export interface CallerChoice {
  readonly caller: (keyringAccount: string) => Caller;
}

/** The Region of calls; undefined: that of the keyring. */
export interface RegionChoice {
  readonly region: string | undefined;
}

/** Where the keyring is, whether there is one or not. */
export interface KeyringLocation {
  readonly place: KeyringPlace & { readonly foundBy: string };
}

export interface KeyringAccess {
  /** The unlocked keyring at the session's place. */
  readonly open: () => Promise<Keyring>;
}

/** Keyrings at other places than the session's. */
export interface OtherKeyrings {
  /** Unlocked with the same means: a backup. */
  readonly openAt: (place: KeyringPlace) => Promise<Keyring>;
  /** Not trusted yet: unlocked with what is named by hand or is in the configuration. */
  readonly openByHand: (place: KeyringPlace) => Promise<Keyring>;
}

export interface KeyringCreation {
  /** Makes a keyring, at the session's place unless another one is given, and trusts it. */
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
  /** Why the keyring with this ID, at the place, is used; for people. @throws if it is not */
  readonly reason: (keyringId: string) => string;
  /** Trusts a keyring that was made; where that cannot be recorded, in this process. */
  readonly remember: (keyring: Pick<Keyring, 'id' | 'fingerprint'>, place?: KeyringPlace) => void;
}

export interface TrustAccess {
  readonly trust: KeyringTrust;
}

/** A log that may be read, as far as the keyring's ID tells. */
export interface AuditLog {
  readonly path: string;
  /** Whose file it may be, beside ours. */
  readonly owner: number | undefined;
}

export interface LogAccess {
  /** The log at the session's place, where nothing is unlocked. @throws for a keyring that is absent or not trusted */
  readonly auditLog: () => AuditLog;
}

export interface OperationCalls {
  /** A call through the pipeline, as the session's caller; in another Region, if one is named. */
  readonly invoke: <I extends Members, O extends Members>(
    operation: Operation<I, O>,
    input: ValueOf<StructureShape<I>>,
    region?: string,
  ) => Promise<ValueOf<StructureShape<O>>>;
}

export interface Closing {
  /** Ends the session: closes the keyring that its calls were made in. */
  readonly close: () => Promise<void>;
}

export interface AccessQuestions {
  /** Somebody by the ARN, with the session tags and the session policy that options name. */
  readonly callerAs: (principal: string) => Caller;
  /** The request that a call would be, with the attributes that the options specify; nothing is called. */
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

/** One process's session: its keyring, what unlocks it, whether it is trusted, and who calls. */
export interface Session
  extends
    Clock,
    RandomSource,
    CallerChoice,
    RegionChoice,
    KeyringLocation,
    KeyringAccess,
    OtherKeyrings,
    KeyringCreation,
    SlotCreation,
    TrustAccess,
    LogAccess,
    OperationCalls,
    AccessQuestions,
    ScheduledWork,
    SecretPrompt,
    Closing {}
