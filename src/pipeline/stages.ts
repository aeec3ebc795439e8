/** The stages of a call, in order. The first that throws ends the call; its event has what was known by then. */
import { check } from '../model/check.ts';
import { KmsError } from '../model/error.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { findAlias } from '../keyring/alias.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { readGrantToken } from '../operations/grants/grant-token.ts';
import { findOperation } from '../operations/index.ts';
import type { AnyInput, AnyOperation, Call, Target } from '../operations/row/operation.ts';
import { authorize, decideOn, type CallContext } from './authorize.ts';
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
  /** The argument of run(). */
  call?: Call<AnyInput>;
  output?: { readonly [name: string]: unknown };
}

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
    'authorize',
    ({ tx, operation, context, targets, trace }, input) => authorize(tx, context, { operation, input, targets, trace }),
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
      const { tx, operation, context, targets, random } = state;
      const { caller, home, time: now } = context;
      const wouldAllow: Call<AnyInput>['wouldAllow'] = async ({ operation: name, key }) => {
        const asked = await findOperation(name);
        return asked !== undefined && (await decideOn(tx, context, { operation: asked, key })).outcome === 'allow';
      };
      const call = { input, caller, home, targets, tx, now, random, wouldAllow };
      state.output = await operation.run(call);
      state.call = call;
    },
  ],
];

const dryRun = (): KmsError =>
  new KmsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
