/** The session of a process: the location of its keyring, unlocking, trust and caller. */
import type { Keyring } from '../keyring/keyring.ts';
import { keyringTime } from '../keyring/root.ts';
import type { AnyOperation } from '../operations/row/operation.ts';
import { runDueJobs } from '../pipeline/run-due-jobs.ts';
import { createKms, type Kms } from '../pipeline/invoke.ts';
import type { Caller } from '../policy/principal.ts';
import { callerIn, callOrigin, type OriginOptions } from './call-origin.ts';
import { findPlace, projectPlace, type PlaceSource } from './find-place.ts';
import type { Session } from './capabilities.ts';
import { reachKeyManagers, reachOwnKeyManagers, type ReachedKeyManagers } from './key-managers.ts';
import { admit, createAt, openByHand, openFound, openOrCreate, type OpenOptions } from './open-keyring.ts';
import { specifiedKeys } from './specified-keys.ts';
import { trustDecisions } from './trust.ts';
import { newSlot } from './unlock.ts';

/** Settings of the command line and the profile. */
export interface SessionOptions extends PlaceSource, OpenOptions, OriginOptions {}

/** What calls are made in: opened by the first of them. */
interface Opened {
  readonly keyring: Keyring;
  readonly kms: Kms;
  readonly reached: ReachedKeyManagers;
}

export function openSession(options: SessionOptions): Session {
  const place = findPlace(options);
  const { random, clock, trace } = options;
  trace?.('place', `keyring ${place.keyring}, audit log ${place.log}`);
  const trust = trustDecisions(options);
  const deps = { options, trust };
  const open = (): Promise<Keyring> => openFound(place, deps);
  const caller = (account: string): Caller => callerIn(options, account);
  const origin = callOrigin(options);
  const keyManagersFor: Session['keyManagersFor'] = (keyring, how) =>
    reachKeyManagers(() => trust.isTrusted(keyring), { ...options, ...how });
  let opened: Promise<Opened> | undefined;
  const openKms = async ({ bootstrapsKeyring }: Pick<AnyOperation, 'bootstrapsKeyring'>): Promise<Opened> => {
    const keyring = await (bootstrapsKeyring ? openOrCreate(place, { region: options.region }, deps) : open());
    const reached = keyManagersFor(keyring, { inProcesses: false });
    return { keyring, kms: createKms({ keyring, clock, random, trace, keyManagers: reached.open }), reached };
  };
  const openedFor = (operation: Pick<AnyOperation, 'bootstrapsKeyring'>): Promise<Opened> => {
    opened ??= openKms(operation);
    return opened.catch((error: unknown) => {
      opened = undefined; // the next call may make the keyring that this one looked for
      throw error;
    });
  };
  return {
    place,
    clock,
    random,
    region: options.region,
    caller,
    callerAs: (principal) => callerIn({ ...options, principal }, ''),
    auditLog: () => ({ path: place.log, owner: admit(place, deps) }),
    open,
    openUnattended: () => openFound(place, { ...deps, options: { ...options, ask: () => undefined } }),
    openAt: (where) => openFound({ ...where, kind: 'named', foundBy: 'the command line', passedOver: [] }, deps),
    openByHand: (where) => openByHand(where, deps),
    create: ({ place: where = place, ...settings }) => createAt(where, settings, deps),
    projectPlace: projectPlace(options.cwd),
    trust: {
      list: trust.list,
      fingerprints: (keyringId) => trust.fingerprints(keyringId),
      isTrusted: (keyring) => trust.isTrusted(keyring),
      reason: (keyringId) => trust.decide(place, keyringId).reason,
      remember: (keyring, where) => trust.remember(keyring, where),
    },
    async invoke(operation, input, region = options.region) {
      const { kms } = await openedFor(operation);
      return (await kms.invoke(operation, input, { ...origin, region })).output;
    },
    async *invokeChain(operation, chain) {
      const { kms } = await openedFor(operation);
      yield* kms.invokeChain(operation, chain, origin);
    },
    async aliasExists(name) {
      const { hasAlias } = await import('./known-names.ts');
      const keyring = await open();
      try {
        return await hasAlias(keyring, options.region, name);
      } finally {
        keyring.close();
      }
    },
    async *invokeSeries(calls, how) {
      const [first] = calls;
      if (!first) return;
      const { kms } = await openedFor(first.operation);
      yield* kms.invokeSeries(calls, { ...origin, region: options.region }, how);
    },
    async allOrNothing(work) {
      const { kms } = await openedFor({});
      return kms.allOrNothing(({ tx, invoke }) =>
        work({
          tx,
          invoke: async (operation, input, region = options.region) =>
            (await invoke(operation, input, { ...origin, region })).output,
        }),
      );
    },
    async close() {
      const closing = await opened;
      opened = undefined;
      closing?.keyring.close();
      await closing?.reached.close();
    },
    keyManagersFor,
    ownKeyManagers: (how) => reachOwnKeyManagers({ ...options, ...how }),
    runDueJobs: (tx, now) => runDueJobs(tx, { now, random }),
    async question(tx, question) {
      const { questionRequest } = await import('../pipeline/question.ts');
      const { region = tx.settings.region } = options;
      const home = { account: tx.settings.account, region };
      const time = keyringTime(tx.settings, clock());
      return questionRequest(tx, { ...origin, caller: question.caller, home, time }, question);
    },
    specifiedKeys: specifiedKeys(options),
    newSlot: (keyringId, slot, unlocking) => newSlot(options, { keyringId, slot, clock, random }, unlocking),
    askSecret: async (message) => options.ask()?.secret(message),
  };
}
