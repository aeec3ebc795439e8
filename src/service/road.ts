/** The road that every call takes: find, check, resolve, authorize, require, run, log. */
import type { Home } from '../api/arn.ts';
import { check } from '../api/check.ts';
import { EnvironmentError, KmsError } from '../api/error.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { uuid } from '../crypto/uuid.ts';
import { findAlias } from '../keyring/alias.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { findOperation } from '../operations/index.ts';
import type { AnyInput, AnyOperation, Call, Target } from '../operations/operation.ts';
import type { Caller } from '../policy/principal.ts';
import { authorize, decideOn, type Circle } from './authorize.ts';
import { settleDueWork } from './due-work.ts';
import { logCall, type Outcome } from './log-call.ts';
import { requireFit } from './require.ts';
import { refuseAliases, resolve } from './resolve.ts';

export interface KmsDeps {
  readonly keyring: Keyring;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: RandomBytes;
}

/** A call as a mouth hands it in. */
export interface Invocation {
  /** As in the API: `Encrypt`. */
  readonly operation: string;
  /** Members as in the API; blobs are bytes, timestamps are dates. */
  readonly input: unknown;
  /** The caller, or who it is in the keyring's account. */
  readonly caller: Caller | ((keyringAccount: string) => Caller);
  /** undefined: the keyring's default Region. */
  readonly region: string | undefined;
  readonly sourceIp: string;
  readonly userAgent: string;
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
      const operation = await find(invocation.operation);
      const requestId = uuid(deps.random);
      const { output, error } = await deps.keyring.transact(async (tx) => {
        const circle = circleOf(tx, invocation, deps.clock());
        await settleDueWork(tx, { now: circle.time, newId: () => uuid(deps.random) });
        const outcome = await attempt(tx, { operation, invocation, circle, random: deps.random });
        tx.append(logCall(operation, { outcome, circle, requestId, eventId: uuid(deps.random) }));
        return outcome;
      });
      if (error !== undefined) throw error;
      return { output: output!, requestId };
    },
  };
}

async function find(name: string): Promise<AnyOperation> {
  const operation = await findOperation(name);
  if (!operation) throw new KmsError('UnsupportedOperationException', `The operation ${name} is not supported.`);
  return operation;
}

/** A bare key ID or alias is looked up in the caller's own account (X7). */
function circleOf(
  { settings }: Transaction,
  { caller, region, sourceIp, userAgent }: Invocation,
  time: number,
): Circle {
  const known = typeof caller === 'function' ? caller(settings.account) : caller;
  const home: Home = { account: known.account ?? settings.account, region: region ?? settings.region };
  return { caller: known, home, time, sourceIp, userAgent };
}

interface Attempt {
  readonly operation: AnyOperation;
  readonly invocation: Invocation;
  readonly circle: Circle;
  readonly random: RandomBytes;
}

/** A refused call changes nothing, but what led to it is known to the log. */
async function attempt(tx: Transaction, { operation, invocation, circle, random }: Attempt): Promise<Outcome> {
  const mark = tx.mark();
  const targets: Target[] = [];
  let input: AnyInput | undefined;
  try {
    input = check(operation.input, invocation.input);
    operation.check?.(input);
    const { home } = circle;
    const requests = await operation.targets(input, { home, alias: (name) => findAlias(tx, home, name) });
    refuseAliases(requests);
    for (const request of requests) targets.push(await resolve(tx, request, home));
    await authorize(tx, circle, { operation, input, targets });
    requireFit(operation, input, targets);
    if (input['DryRun'] === true) throw dryRun();
    const call: Call<AnyInput> = {
      input,
      caller: circle.caller,
      home,
      targets,
      tx,
      now: circle.time,
      random,
      wouldAllow: (question) => decideOn(circle, question).outcome === 'allow',
    };
    return { input, targets, call, output: await operation.run(call) };
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    tx.revert(mark);
    return { input, targets, error };
  }
}

const dryRun = (): KmsError =>
  new KmsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
