/** The type of an operation's row, from which pipeline, frontends and documentation are derived. */
import type { Home } from '../../model/arn.ts';
import type { Members, StructureShape, ValueOf } from '../../model/shape.ts';
import type { LoggedResource } from '../../audit/event.ts';
import type { Logged } from '../../audit/request-parameters.ts';
import type { KeyUsage } from '../../model/enumeration.ts';
import type { RandomBytes } from '../../crypto/seal.ts';
import type { Secret } from '../../crypto/secret.ts';
import type { Compute } from '../../crypto/task.ts';
import type { Hsm } from '../../key-managers/hsm/hsm.ts';
import type { Xks } from '../../key-managers/xks/xks.ts';
import type { Alias } from '../../keyring/alias.ts';
import type { OutsideJob } from '../../keyring/outside-job.ts';
import type { GrantName, GrantRecord } from '../../keyring/grant.ts';
import type { KeyStore } from '../../keyring/key-store.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import type { Origin } from '../../model/enumeration.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import type { GrantTerms } from '../../model/grant-terms.ts';
import type { InputCondition } from '../../policy/input-condition.ts';
import type { Caller } from '../../policy/principal.ts';
import type { OperationShape } from './operation-shape.ts';

export interface KeyRequest {
  readonly kind: 'key';
  /** As the caller gave it: key ID, key ARN, alias name or alias ARN. */
  readonly identifier: string;
  readonly action: string;
  /** Aliases name keys only in cryptographic operations, DescribeKey and GetPublicKey. */
  readonly alias: 'allowed' | 'refused';
  /** What to throw instead of NotFoundException, and of a key ID that was once a key's or is one in another Region. */
  readonly onNotFound?: (id: { readonly isKnown: boolean }) => Error;
  /** Authorized, but its state does not matter and the event does not name it. */
  readonly authorizeOnly?: true;
  /** A grant on the key that the call is about, by its ID. */
  readonly grantId?: string;
  /** Naming the alias of an AWS managed key makes the key, if it is not there yet. */
  readonly createOnFirstUse?: true;
  /** Where it is looked up and authorized, if not in the Region of the call. */
  readonly region?: string;
}

export interface AliasRequest {
  readonly kind: 'alias';
  readonly name: string;
  readonly action: string;
}

/** No resource: only an identity policy can allow it. */
export interface NoRequest {
  readonly kind: 'none';
  readonly action: string;
  /** The key that CreateKey is about to make. */
  readonly newKeyResource?: true;
  /** The custom key store that the call is about. */
  readonly keyStoreId?: string;
  /** Where it is authorized, if not in the Region of the call. */
  readonly region?: string;
}

/** Which key or alias a call is about, and the permission it needs there. */
export type TargetRequest = KeyRequest | AliasRequest | NoRequest;

export interface KeyTarget {
  readonly kind: 'key';
  readonly request: KeyRequest;
  readonly key: KmsKey;
  readonly arn: string;
  /** The alias that the caller named it by. */
  readonly requestAlias?: string | undefined;
  /** The grant that the request asked for. */
  readonly grant?: GrantRecord | undefined;
  /** The custom key store that has its key material. */
  readonly keyStore?: KeyStore | undefined;
}

export type Target =
  | KeyTarget
  | { readonly kind: 'alias'; readonly request: AliasRequest; readonly arn: string }
  | { readonly kind: 'none'; readonly request: NoRequest; readonly keyStore?: KeyStore };

/** Some targets depend on stored records: DeleteAlias also concerns the key of the alias. */
export interface TargetSource {
  readonly home: Home;
  alias(name: string): Promise<Alias | undefined>;
  /** @throws InvalidGrantTokenException */
  grantOf(token: string): Promise<GrantName>;
}

/** The argument of run(): the checked input, caller, account and Region, the resolved targets, and the transaction. */
export interface Call<I> {
  readonly input: I;
  readonly caller: Caller;
  readonly home: Home;
  readonly targets: readonly Target[];
  readonly tx: Transaction;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly random: RandomBytes;
  readonly requestId: string;
  /** What proxies of external key stores are told of the origin of the call. */
  readonly route: () => CallRoute;
  /** Has a job begin that reaches outside of the process, once the call is committed. */
  begin(job: OutsideJob): Promise<void>;
  /** Would this caller be allowed that under this key policy? For the lock-out check. */
  wouldAllow(question: { readonly operation: string; readonly key: KmsKey }): Promise<boolean>;
}

/** The VPC endpoint that a call came through, and the service that made it for somebody. */
export interface CallRoute {
  readonly vpcEndpointId?: string | undefined;
  readonly vpcId?: string | undefined;
  readonly viaService?: string | undefined;
}

/** What holds key material instead of KMS: the CloudHSM clusters and external key store proxies that a process reaches. */
export interface KeyManagers {
  readonly hsm: Hsm;
  readonly xks: Xks;
}

/** What the work of a step may use. */
export interface StepTools {
  readonly compute: Compute;
  readonly keyManagers: () => Promise<KeyManagers>;
}

/** Of work that was done. */
export type StepOutcome = { readonly result: unknown } | { readonly error: unknown };

/**
 * Where a step is done. `transaction`: it is fast. `thread`: other calls would notice that they wait for it, so a process
 * that has them does it in another thread. `outside`: it waits for a key manager elsewhere, so it is never done within a
 * transaction.
 */
export type StepPlace = 'transaction' | 'thread' | 'outside';

export type Basis = readonly (Secret | string)[];

/**
 * Work of a call that takes long, or that happens outside of the process. It has no transaction: where it cannot be done
 * in one, it is done between two. The first ends as if nothing had been asked; in the second the call begins anew, with
 * the result, or is refused with what the work threw.
 */
export interface Step<D> {
  readonly place: StepPlace;
  /**
   * What it depends on, key material above all: where the second transaction finds something else, the work is done anew.
   */
  readonly basis: Basis;
  readonly work: (tools: StepTools) => Promise<D>;
  /** Takes back what the work does elsewhere, unless the call succeeds: it is stored before the work begins. */
  readonly undo?: OutsideJob;
}

/** Condition key, lower-cased, to its values. */
export type Conditions = { readonly [key: string]: readonly string[] };

/** Operations that key states treat alike; pipeline/key-state.ts says what each state allows. */
export type StateRule =
  | 'any'
  | 'not-pending'
  | 'use'
  | 'create-grant'
  | 'public-key'
  | 'cancel-deletion'
  | 'switch'
  | 'schedule-deletion'
  | 'import-parameters'
  | 'import'
  | 'delete-material'
  | 'replicate';

/** The type of a method, whose parameters TypeScript compares both ways: what lets AnyOperation hold every row. */
type Method<P extends readonly unknown[], R> = { method(...parameters: P): R }['method'];

export interface LogRule<I, O> {
  /** Beyond what requestParameters() takes from the shape: defaults that AWS fills in; null: none are logged. */
  readonly request?: Method<[input: I, targets: readonly Target[]], Logged> | null;
  /** Members of the input that the event does not show. */
  readonly redact?: readonly string[];
  /** 'keyId': the ARN of the last key among the targets. */
  readonly response?: 'keyId' | Method<[output: O, call: Call<I>], Logged>;
  /** The event's additionalEventData, once the call has succeeded. @param done the result of the step, if there was one */
  additional?(output: O, call: Call<I>, done: unknown): Logged | undefined;
  /** Resources that are known only from the output; null: the event has no such member. */
  readonly resources?: Method<[output: O, call: Call<I>], readonly LoggedResource[]> | null;
  /** Events of the service in other Regions that the call causes. */
  replicatedEvents?(output: O, call: Call<I>): readonly ReplicatedEvent[];
}

export interface ReplicatedEvent {
  readonly eventName: string;
  readonly region: string;
  readonly requestParameters: Logged;
  readonly responseElements: Logged;
  /** Absent: the record has no such member. */
  readonly resources?: readonly LoggedResource[];
}

/** @template N its name, as in the API */
export interface Operation<
  I extends Members = Members,
  O extends Members = Members,
  N extends string = string,
> extends OperationShape<I, O, N> {
  readonly access: 'read' | 'write';
  /** Checks of members that the shape cannot express, before any look-up. */
  validateInput?(input: ValueOf<StructureShape<I>>): void;
  /** In the order in which they are authorized and logged. */
  targets(
    input: ValueOf<StructureShape<I>>,
    source: TargetSource,
  ): readonly TargetRequest[] | Promise<readonly TargetRequest[]>;
  readonly state?: StateRule;
  readonly usage?: KeyUsage;
  /** Checks of members against each other, after authorization and before usage and state. */
  validateMembers?(input: ValueOf<StructureShape<I>>): void;
  /** The origins of key material that it takes; absent: all. */
  readonly origins?: readonly Origin[];
  /** What AWS looks at before usage and state: that a ciphertext is of the named key, that a key is symmetric. */
  requireBeforeUsage?(input: ValueOf<StructureShape<I>>, keys: readonly KmsKey[]): void;
  /** What kind of key it takes, and whether algorithms and sizes fit the keys; looked at after usage and state. */
  requireKey?(input: ValueOf<StructureShape<I>>, keys: readonly KmsKey[]): void;
  /** Condition keys that the input has values for, beyond those of the caller and the key; of each action, if they differ. */
  readonly conditions?: readonly InputCondition[] | { readonly [action: string]: readonly InputCondition[] };
  /** Those that compare the keys of the request. */
  keyConditions?(keys: readonly KmsKey[]): Conditions;
  /** The grant that the call would create, which the constraints of a grant that permits the call limit. */
  newGrant?(input: ValueOf<StructureShape<I>>): GrantTerms;
  /** kms:GrantIsForAWSResource is about it. */
  readonly aboutGrants?: true;
  /** The member that asks for everything but the run: the call is then refused where it would have succeeded. */
  readonly dryRun?: string;
  /** The member with grant tokens. */
  readonly grantTokens?: string;
  /** The member of the output that only the Recipient of the input gets, if there is one, as CiphertextForRecipient. */
  readonly recipient?: string;
  /** A keyring is created for the call at the default location if there is none. */
  readonly bootstrapsKeyring?: true;
  readonly log?: LogRule<ValueOf<StructureShape<I>>, ValueOf<StructureShape<O>>>;
  /** What comes before run(), if there is anything; once the call was authorized and found to fit. It changes nothing. */
  readonly step?: Method<
    [call: Call<ValueOf<StructureShape<I>>>],
    Step<unknown> | undefined | Promise<Step<unknown> | undefined>
  >;
  /** @param done the result of the step; undefined: there was none */
  run(
    call: Call<ValueOf<StructureShape<I>>>,
    done: unknown,
  ): Promise<ValueOf<StructureShape<O>>> | ValueOf<StructureShape<O>>;
}

/** A checked input whose shape is not known here. */
export type AnyInput = { readonly [name: string]: unknown };

/**
 * An operation of any shape, for code that treats all rows alike. Its methods take an AnyInput, which the caller must have
 * made with check() from the same row's shape, as the pipeline does first.
 */
export type AnyOperation = Operation;

/** Fields that no row has: those of a fragment that is spread into a row are looked at here alone. */
type UnknownFields<R> = { readonly [field in Exclude<keyof R, keyof Operation>]: never };

/** The fields that name members: of the row's own shapes, which as a part of Operation would tie it to them. */
interface MemberNames<I extends Members> {
  readonly dryRun?: 'DryRun' & keyof I;
  readonly grantTokens?: 'GrantTokens' & keyof I;
  readonly log?: { readonly redact?: readonly (keyof I & string)[] };
}

/** Members that the pipeline acts on: where an operation has one of them, its row says so. */
type Declared<I extends Members, O extends Members> = (I extends { readonly DryRun: unknown }
  ? { readonly dryRun: 'DryRun' }
  : unknown) &
  (I extends { readonly GrantTokens: unknown } ? { readonly grantTokens: 'GrantTokens' } : unknown) &
  (I extends { readonly Recipient: unknown } ? { readonly recipient: keyof O & string } : unknown);

/** Members of what run() returns that the output does not have: TypeScript looks for them in literals alone. */
type UndeclaredMembers<A, O> = A extends unknown ? Exclude<keyof A, keyof O> : never;
type Answers<R, O> = R extends { run(...parameters: never): infer A }
  ? [UndeclaredMembers<Awaited<A>, O>] extends [never]
    ? unknown
    : { readonly run: { readonly undeclared: UndeclaredMembers<Awaited<A>, O> } }
  : unknown;

/** run() takes what the step of the same row gives. */
type TakesStep<R> = R extends { run(call: never, done: infer T): unknown }
  ? unknown extends T
    ? unknown
    : [StepResult<R>] extends [T]
      ? unknown
      : { readonly run: { readonly takes: StepResult<R> } }
  : unknown;
type StepResult<R> = R extends { step(call: never): infer S }
  ? undefined extends Awaited<S>
    ? ResultOf<NonNullable<Awaited<S>>> | undefined
    : ResultOf<Awaited<S>>
  : undefined;
type ResultOf<S> = S extends Step<infer D> ? D : never;

export const operation = <const N extends string, I extends Members, O extends Members, R>(
  row: Operation<I, O, N> & MemberNames<I> & Declared<I, O> & R & UnknownFields<R> & Answers<R, O> & TakesStep<R>,
): Operation<I, O, N> => row;
