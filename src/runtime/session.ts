/** The session of a process: where its keyring is, what unlocks it, whether it is trusted, and who calls. */
import type { RandomBytes } from '../crypto/seal.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { KeyringPlace } from '../keyring/place.ts';
import { keyringTime } from '../keyring/root.ts';
import type { NewSlot, UnlockMaterial } from '../keyring/slot.ts';
import type { Transaction } from '../keyring/transaction.ts';
import type { TrustList } from '../keyring/trust-list.ts';
import { rootArn } from '../model/principal-arn.ts';
import { EnvironmentError } from '../model/error.ts';
import { findOperation } from '../operations/index.ts';
import type { Network, Service } from '../pipeline/authorize.ts';
import { runDueJobs } from '../pipeline/run-due-jobs.ts';
import type { AccessQuestion } from '../pipeline/question.ts';
import { createKms, type Kms } from '../pipeline/invoke.ts';
import { attachPolicy } from '../policy/document.ts';
import { callerOf, type Caller } from '../policy/principal.ts';
import type { AccessRequest } from '../policy/request.ts';
import { findPlace, projectPlace, type PlaceSource } from './find-place.ts';
import type { NewKeyring, NewUnlocking } from './new-keyring.ts';
import { admit, createAt, openByHand, openFound, openOrCreate, type OpenOptions } from './open-keyring.ts';
import { trustDecisions } from './trust.ts';
import { newSlot } from './unlock.ts';

/** What the command line and the profile say. */
export interface SessionOptions extends PlaceSource, OpenOptions {
  /** Principal ARN, or undefined: the root user of the keyring's account. */
  readonly principal?: string | undefined;
  readonly sessionTags?: { readonly [key: string]: string } | undefined;
  /** The text of a session policy. */
  readonly sessionPolicy?: string | undefined;
  readonly sourceIp?: string | undefined;
  readonly service?: Service | undefined;
  readonly network?: Network | undefined;
  readonly region?: string | undefined;
  /** What the audit log tells of the program. */
  readonly userAgent: string;
}

/** Which keyrings this user trusts. */
export interface Trust {
  readonly list: TrustList;
  /** Those that the environment or the list has for this ID; undefined: none. */
  readonly fingerprints: (keyringId: string) => readonly string[] | undefined;
  /** Why the keyring with this ID, at the place, is used; for people. @throws if it is not */
  readonly reason: (keyringId: string) => string;
  /** Trusts a keyring that was made; where that cannot be recorded, in this process. */
  readonly remember: (keyring: Pick<Keyring, 'id' | 'fingerprint'>, place?: KeyringPlace) => void;
}

/** A log that may be read, as far as the keyring's ID tells. */
export interface AuditLog {
  readonly path: string;
  /** Whose file it may be, beside ours. */
  readonly owner: number | undefined;
}

/** One process's session: its keyring, what unlocks it, whether it is trusted, and who calls. */
export interface Session {
  readonly place: KeyringPlace & { readonly foundBy: string };
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
  readonly openAt: (place: KeyringPlace) => Promise<Keyring>;
  /** Unlocks a keyring that is not trusted yet, with what is named by hand or is in the configuration. */
  readonly openByHand: (place: KeyringPlace) => Promise<Keyring>;
  /** Makes a keyring, at the place unless another one is given, and trusts it. */
  readonly create: (settings: NewKeyring & { readonly place?: KeyringPlace | undefined }) => Promise<Keyring>;
  /** The folder for the keyring of a project, here. */
  readonly projectPlace: KeyringPlace;
  readonly trust: Trust;
  /** Material for a new slot of this keyring, and what its record says. */
  readonly newSlot: (
    keyringId: string,
    slot: number,
    unlocking: NewUnlocking,
  ) => Promise<{ readonly slot: NewSlot; readonly material: UnlockMaterial }>;
  /** A call through the pipeline, as this session's caller; in another Region, if one is named. */
  readonly invoke: (
    operation: string,
    input: unknown,
    region?: string,
  ) => Promise<{ readonly [name: string]: unknown }>;
  /** The request that a call would be, in the circumstances that the options tell; nothing is called. */
  readonly question: (tx: Transaction, question: AccessQuestion) => Promise<AccessRequest>;
  /** Condition keys, lower-cased, that the options have values for. */
  readonly specifiedKeys: ReadonlySet<string>;
  /** Does the work that is due by now, which is a time of the keyring. */
  readonly runDueJobs: (tx: Transaction, now: number) => Promise<void>;
  /** A secret, asked for on the terminal without showing it; undefined where there is none. */
  readonly askSecret: (message: string) => Promise<Uint8Array | undefined>;
}

const LOCAL = '127.0.0.1';

export function openSession(options: SessionOptions): Session {
  const place = findPlace(options);
  const { random, clock, trace } = options;
  trace?.('place', `keyring ${place.keyring}, audit log ${place.log}`);
  const trust = trustDecisions(options);
  const deps = { options, trust };
  const open = (): Promise<Keyring> => openFound(place, deps);
  const caller = (account: string): Caller => callerIn(options, account);
  let kms: Kms | undefined;
  return {
    place,
    clock,
    random,
    region: options.region,
    caller,
    auditLog: () => ({ path: place.log, owner: admit(place, deps) }),
    open,
    openAt: (where) => openFound({ ...where, kind: 'named', foundBy: 'the command line', passedOver: [] }, deps),
    openByHand: (where) => openByHand(where, deps),
    create: ({ place: where = place, ...settings }) => createAt(where, settings, deps),
    projectPlace: projectPlace(options.cwd),
    trust: {
      list: trust.list,
      fingerprints: (keyringId) => trust.fingerprints(keyringId),
      reason: (keyringId) => trust.decide(place, keyringId).reason,
      remember: (keyring, where) => trust.remember(keyring, where),
    },
    async invoke(operation, input, elsewhere) {
      const row = kms ? undefined : await findOperation(operation);
      const first = { region: options.region };
      kms ??= createKms({
        keyring: await (row?.bootstrapsKeyring ? openOrCreate(place, first, deps) : open()),
        clock,
        random,
        trace,
      });
      const { userAgent, service, network, sourceIp = LOCAL } = options;
      const region = elsewhere ?? options.region;
      const { output } = await kms.invoke({ operation, input, caller, region, sourceIp, userAgent, service, network });
      return output;
    },
    runDueJobs: (tx, now) => runDueJobs(tx, { now, random }),
    async question(tx, question) {
      const { accessRequest } = await import('../pipeline/question.ts');
      const { region = tx.settings.region, userAgent, service, network, sourceIp = LOCAL } = options;
      const home = { account: tx.settings.account, region };
      const time = keyringTime(tx.settings, clock());
      return accessRequest(
        tx,
        { caller: question.caller, home, time, sourceIp, userAgent, service, network },
        question,
      );
    },
    specifiedKeys: specifiedBy(options),
    newSlot: (keyringId, slot, unlocking) => newSlot(options, { keyringId, slot, clock, random }, unlocking),
    askSecret: async (message) => options.ask()?.secret(message),
  };
}

/** The condition keys that options have values for. */
function specifiedBy({ service = {}, network = {}, sourceIp }: SessionOptions): ReadonlySet<string> {
  const given = Object.entries({ ...service, ...network, sourceIp }).filter(([, value]) => value !== undefined);
  return new Set(given.flatMap(([name]) => KEYS_OF[name] ?? []));
}

const KEYS_OF: { readonly [circumstance: string]: readonly string[] } = {
  viaService: ['kms:viaservice'],
  sourceArn: ['aws:sourcearn'],
  sourceAccount: ['aws:sourceaccount'],
  sourceIp: ['aws:sourceip'],
  vpcId: ['aws:sourcevpc'],
  vpcEndpointId: ['aws:sourcevpce', 'aws:sourceip'],
  mfa: ['aws:multifactorauthpresent', 'aws:multifactorauthage'],
};

function callerIn({ principal, sessionTags, sessionPolicy }: SessionOptions, account: string): Caller {
  const caller = callerOf(principal ?? rootArn(account), sessionTags === undefined ? {} : { tags: sessionTags });
  if (sessionPolicy === undefined) return caller;
  if (caller.kind === 'root' || caller.kind === 'service') {
    throw new EnvironmentError(`--session-policy does not bound ${caller.arn}`, [
      '--as names whom it bounds: a role, a session of one, a user or a federated user',
    ]);
  }
  return { ...caller, sessionPolicies: [attachPolicy('--session-policy', sessionPolicy)] };
}
