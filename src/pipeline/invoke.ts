/** The stages that every call goes through: find, check, resolve, authorize, require, run, log. */
import { isRegion } from '../model/region.ts';
import type { Home } from '../model/arn.ts';
import { check } from '../model/check.ts';
import { EnvironmentError, KmsError } from '../model/error.ts';
import { CryptoError } from '../crypto/crypto-error.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { uuid } from '../crypto/uuid.ts';
import { findAlias } from '../keyring/alias.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { keyringTime } from '../keyring/root.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { readGrantToken } from '../operations/grants/grant-token.ts';
import { identify } from '../operations/principals/known-callers.ts';
import { findOperation } from '../operations/index.ts';
import { noteUse } from '../operations/keys/last-usage.ts';
import { refusalOf } from '../operations/row/crypto-refusal.ts';
import type { AnyInput, AnyOperation, Call, Target } from '../operations/row/operation.ts';
import type { Caller } from '../policy/principal.ts';
import { authorize, decideOn, type CallContext, type Connection, type Network, type Service } from './authorize.ts';
import { runDueJobs } from './run-due-jobs.ts';
import { logCall, logElsewhere, type Facts, type Outcome } from './log-call.ts';
import { requireFit } from './require.ts';
import { refuseAliases, resolve } from './resolve.ts';
import { describeTarget, type Trace } from './trace.ts';

export interface KmsDeps {
  readonly keyring: Keyring;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: RandomBytes;
  /** Of `--debug`. */
  readonly trace?: Trace | undefined;
}

export type FindCaller = (keyringAccount: string, tx: Transaction) => Caller | Promise<Caller>;

/** A call as a frontend hands it in. */
export interface Invocation {
  /** As in the API: `Encrypt`. */
  readonly operation: string;
  /** Members as in the API; blobs are bytes, timestamps are dates. */
  readonly input: unknown;
  /** The caller, or who it is in the keyring's account; whoever finds that out may refuse the call, without an event. */
  readonly caller: Caller | FindCaller;
  /** undefined: the keyring's default Region. */
  readonly region: string | undefined;
  readonly sourceIp: string;
  readonly userAgent: string;
  /** Of a call over the network. */
  readonly connection?: Connection | undefined;
  /** Of a call that one of AWS's services makes for the caller. */
  readonly service?: Service | undefined;
  /** Where in AWS's network it is taken to come from, and with which proof of presence. */
  readonly network?: Network | undefined;
  /** Where the frontend has told it already; undefined: a new one. */
  readonly requestId?: string | undefined;
}

export interface Answer {
  readonly output: { readonly [name: string]: unknown };
  readonly requestId: string;
}

export interface Kms {
  /** @throws KmsError when the call is refused; its event is in the log all the same */
  invoke(invocation: Invocation): Promise<Answer>;
}

export function createKms(deps: KmsDeps): Kms {
  return {
    async invoke(invocation) {
      const operation = await findRow(invocation.operation);
      const requestId = invocation.requestId ?? uuid(deps.random);
      const { output, error } = await deps.keyring.transact(async (tx) => {
        const context = await callContextOf(tx, invocation, keyringTime(tx.settings, deps.clock()));
        await runDueJobs(tx, { now: context.time, random: deps.random });
        const outcome = await attempt(tx, { operation, invocation, context, random: deps.random, trace: deps.trace });
        const newId = (): string => uuid(deps.random);
        const facts = { outcome, context, requestId, eventId: newId() };
        await noteUses(tx, operation, facts);
        tx.append(logCall(operation, facts));
        for (const event of logElsewhere(operation, { outcome, context, requestId }, newId)) tx.append(event);
        return outcome;
      });
      deps.trace?.('pipeline', 'committed, with its event in the audit log');
      if (error instanceof KmsError) error.operation = operation.name;
      if (error !== undefined) throw error;
      return { output: output!, requestId };
    },
  };
}

/** What GetKeyLastUsage tells of every key that a cryptographic operation has used. */
async function noteUses(tx: Transaction, { name, countsAsUse }: AnyOperation, facts: Facts): Promise<void> {
  const { outcome, context, requestId, eventId } = facts;
  if (!outcome.output || !countsAsUse) return;
  const use = { operation: name, time: context.time, eventId, requestId };
  for (const target of outcome.targets) if (target.kind === 'key') await noteUse(tx, target.key, use);
}

async function findRow(name: string): Promise<AnyOperation> {
  const operation = await findOperation(name);
  if (!operation) throw new KmsError('UnsupportedOperationException', `The operation ${name} is not supported.`);
  return operation;
}

/** A bare key ID or alias is looked up in the caller's own account. */
async function callContextOf(
  tx: Transaction,
  { caller, region, sourceIp, userAgent, connection, service, network }: Invocation,
  time: number,
): Promise<CallContext> {
  const { settings } = tx;
  const named = typeof caller === 'function' ? await caller(settings.account, tx) : caller;
  const known = await identify(tx, named);
  const home: Home = { account: known.account ?? settings.account, region: region ?? settings.region };
  // a Region is part of paths and ARNs; the frontends check it too, with texts of their own
  if (!isRegion(home.region)) throw new KmsError('ValidationException', `Invalid Region '${home.region}'`);
  return { caller: known, home, time, sourceIp, userAgent, connection, service, network };
}

interface Attempt {
  readonly operation: AnyOperation;
  readonly invocation: Invocation;
  readonly context: CallContext;
  readonly random: RandomBytes;
  readonly trace: Trace | undefined;
}

/** A refused call changes nothing, but what led to it is known to the log. */
async function attempt(tx: Transaction, { operation, invocation, context, random, trace }: Attempt): Promise<Outcome> {
  const mark = tx.mark();
  trace?.('pipeline', `${operation.name} as ${context.caller.arn} in ${context.home.account}, ${context.home.region}`);
  const targets: Target[] = [];
  let input: AnyInput | undefined;
  try {
    input = check(operation.input, invocation.input);
    operation.validateInput?.(input);
    const { home } = context;
    const requests = await operation.targets(input, {
      home,
      alias: (name) => findAlias(tx, home, name),
      grantOf: async (token) => readGrantToken(tx, token),
    });
    refuseAliases(requests);
    const resolution = { home, now: context.time, random, viaService: context.service?.viaService };
    for (const request of requests) targets.push(await resolve(tx, request, resolution));
    for (const target of targets) trace?.('resolve', describeTarget(target));
    await authorize(tx, context, { operation, input, targets, trace });
    requireFit(operation, input, targets);
    trace?.('require', 'usage, key state and members fit');
    if (operation.dryRun !== undefined && input[operation.dryRun] === true) throw dryRun();
    const call: Call<AnyInput> = {
      input,
      caller: context.caller,
      home,
      targets,
      tx,
      now: context.time,
      random,
      wouldAllow: (question) => decideOn(context, question).outcome === 'allow',
    };
    return { input, targets, call, output: await operation.run(call) };
  } catch (thrown) {
    if (thrown instanceof EnvironmentError) throw thrown;
    const error = thrown instanceof CryptoError ? refusalOf(thrown) : thrown;
    if (error instanceof KmsError) trace?.('pipeline', `refused: ${error.code}`);
    tx.revert(mark);
    return { input, targets, error };
  }
}

const dryRun = (): KmsError =>
  new KmsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
