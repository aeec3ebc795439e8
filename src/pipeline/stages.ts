/** The stages of a call, in order. The first that throws ends the call; its event has what was known by then. */
import { check } from '../model/check.ts';
import { KmsError } from '../model/error.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { findAlias } from '../keyring/alias.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { readGrantToken } from '../operations/grants/grant-token.ts';
import type { VerifiedRecipient } from '../operations/encryption/recipient.ts';
import { findOperation } from '../operations/index.ts';
import type {
  AnyInput,
  AnyOperation,
  Call,
  CallRoute,
  Step,
  StepOutcome,
  Target,
} from '../operations/row/operation.ts';
import { authorize, decideOn, type CallContext } from './authorize.ts';
import type { ClaimedJob } from './outside-jobs.ts';
import { requireFit } from './require.ts';
import { refuseAliases, resolve } from './resolve.ts';
import { describeTarget, type Trace } from './trace.ts';

/** The state of a call: each stage adds what the next ones need. */
export interface CallState {
  readonly tx: Transaction;
  readonly operation: AnyOperation;
  /** Members as they were sent. */
  readonly given: unknown;
  readonly context: CallContext;
  readonly random: RandomBytes;
  readonly trace: Trace | undefined;
  /** Checked. */
  input?: AnyInput;
  /** Those that were resolved. */
  readonly targets: Target[];
  readonly requestId: string;
  /** Of a call with a Recipient, once its attestation document is verified. */
  recipient?: VerifiedRecipient;
  /** How the work of a step gets done: undefined: not in this transaction. */
  readonly perform: (step: Step<unknown>) => Promise<StepOutcome> | undefined;
  /** Those that the call has begun. */
  readonly jobs: ClaimedJob[];
  /** The argument of run(), once it has run. */
  call?: Call<AnyInput>;
  /** The step that the call waits for: this transaction has no more of it. */
  waitsFor?: Step<unknown>;
  /** The result of the step, if there was one. */
  done?: unknown;
  output?: AnyOutput;
}

type AnyOutput = { readonly [name: string]: unknown };

/** @param input as far as it was checked */
type Stage = (state: CallState, input: AnyInput) => void | Promise<void>;

export const STAGES: readonly (readonly [name: string, stage: Stage])[] = [
  [
    'check',
    (state) => {
      const input = check(state.operation.input, state.given);
      state.input = input;
      state.operation.validateInput?.(input);
    },
  ],
  [
    'resolve',
    async ({ tx, operation, context, random, targets, trace }, input) => {
      const { home, time: now, service } = context;
      const requests = await operation.targets(input, {
        home,
        alias: (name) => findAlias(tx, home, name),
        grantOf: async (token) => readGrantToken(tx, token),
      });
      refuseAliases(requests);
      const deps = { home, now, random, viaService: service?.viaService };
      for (const request of requests) targets.push(await resolve(tx, request, deps));
      for (const target of targets) trace?.('resolve', describeTarget(target));
    },
  ],
  [
    'attest',
    async (state, { Recipient: given }) => {
      const { tx, operation, context, trace } = state;
      if (operation.recipient === undefined || given === undefined) return;
      const { verifyRecipient } = await import('../operations/encryption/recipient.ts');
      const explain = trace && (({ message }: { readonly message: string }) => trace('attest', message));
      state.recipient = await verifyRecipient(given, { tx, now: context.time, explain });
      trace?.('attest', 'the attestation document is valid');
    },
  ],
  [
    'authorize',
    ({ tx, operation, context, targets, trace, recipient }, given) => {
      const input = recipient ? { ...given, Recipient: recipient.measurements } : given;
      return authorize(tx, context, { operation, input, targets, trace });
    },
  ],
  [
    'require',
    ({ operation, targets, trace }, input) => {
      requireFit(operation, input, targets);
      trace?.('require', 'usage, key state and members fit');
      if (operation.dryRun !== undefined && input[operation.dryRun] === true) throw dryRun();
    },
  ],
  [
    'run',
    async (state, input) => {
      const { operation, perform } = state;
      const call = callOf(state, input);
      const asked = operation.step?.(call);
      const step = asked instanceof Promise ? await asked : asked; // most calls have none
      const done = step && (await perform(step));
      if (step && !done) {
        state.waitsFor = step;
        return;
      }
      if (done && 'error' in done) throw done.error;
      state.done = done?.result;
      state.output = forRecipient(await operation.run(call, state.done), state);
      state.call = call;
    },
  ],
];

/** The answer with the plaintext encrypted, so that nobody but the recipient reads it. */
function forRecipient(output: AnyOutput, { operation, recipient, random }: CallState): AnyOutput {
  if (!recipient) return output;
  const { [operation.recipient!]: plaintext, ...rest } = output;
  if (!(plaintext instanceof Uint8Array)) throw new Error(`${operation.name} has no plaintext for a recipient`);
  const CiphertextForRecipient = recipient.encrypt(plaintext, random);
  plaintext.fill(0);
  return { ...rest, CiphertextForRecipient };
}

function callOf({ tx, context, targets, random, requestId, jobs }: CallState, input: AnyInput): Call<AnyInput> {
  const { caller, home, time: now, network, service } = context;
  const wouldAllow: Call<AnyInput>['wouldAllow'] = async ({ operation: name, key }) => {
    const asked = await findOperation(name);
    return asked !== undefined && (await decideOn(tx, context, { operation: asked, key })).outcome === 'allow';
  };
  const begin: Call<AnyInput>['begin'] = async (job) => {
    const { claimJobs } = await import('./outside-jobs.ts');
    jobs.push(...(await claimJobs(tx, [job], now)));
  };
  const route = (): CallRoute => ({ ...network, viaService: service?.viaService });
  return { input, caller, home, targets, tx, now, random, requestId, route, begin, wouldAllow };
}

const dryRun = (): KmsError =>
  new KmsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
