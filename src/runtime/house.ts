/** The house that calls and tools work in: the keyring's place, the ways to unlock it, and who is calling. */
import { EnvironmentError } from '../model/error.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { keyringTime } from '../keyring/root.ts';
import type { House, Screen, Wishes } from '../commands/tool.ts';
import { attachPolicy } from '../policy/document.ts';
import { callerOf, type Caller } from '../policy/principal.ts';
import { findOperation } from '../operations/index.ts';
import { settleDueWork } from '../pipeline/due-work.ts';
import { findPlace, projectPlace, type PlaceSource } from './find-place.ts';
import type { Network, Service } from '../pipeline/authorize.ts';
import { admit, createAt, openByHand, openFound, openOrCreate, type OpenOptions } from './open-keyring.ts';
import { createKms, type Kms } from '../pipeline/road.ts';
import type { Trace } from './trace.ts';
import { trustDecisions } from './trust.ts';
import { newSlot } from './unlock.ts';

/** What the command line and the profile say. */
export interface Surroundings extends PlaceSource, OpenOptions {
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
  readonly verbatim: readonly string[];
  progress(total: number | undefined): (done: number | undefined) => void;
  /** The other mouth. */
  serve(house: House, wishes: Wishes, trace: Trace | undefined): Promise<void>;
  screen?(): Promise<Screen>;
  /** Writes to the terminal that stderr is; undefined: it is none. */
  toTerminal(): ((text: string) => void) | undefined;
  say: House['say'];
  print: House['print'];
  printData: House['printData'];
  printStyled: House['printStyled'];
}

const LOCAL = '127.0.0.1';
const DEFAULT_REGION = 'us-east-1';

export function openHouse(around: Surroundings): House {
  const place = findPlace(around);
  const { random, clock, trace } = around;
  trace?.('place', `keyring ${place.keyring}, audit log ${place.log}`);
  const trust = trustDecisions(around);
  const deps = { options: around, trust };
  const open = (): Promise<Keyring> => openFound(place, deps);
  const caller = (account: string): Caller => callerIn(around, account);
  let kms: Kms | undefined;
  const house: House = {
    place,
    clock,
    random,
    region: around.region,
    caller,
    auditLog: () => ({ path: place.log, owner: admit(place, deps) }),
    open,
    openAt: (where) => openFound({ ...where, kind: 'named', foundBy: 'the command line', passedOver: [] }, deps),
    openByHand: (where) => openByHand(where, deps),
    create: ({ place: where = place, ...settings }) => createAt(where, settings, deps),
    projectPlace: projectPlace(around.cwd),
    trust: {
      list: trust.list,
      fingerprints: (keyringId) => trust.fingerprints(keyringId),
      reason: (keyringId) => trust.decide(place, keyringId).reason,
      remember: (keyring, where) => trust.remember(keyring, where),
    },
    async invoke(operation, input, elsewhere) {
      const row = kms ? undefined : await findOperation(operation);
      const first = { region: around.region ?? DEFAULT_REGION };
      kms ??= createKms({
        keyring: await (row?.creates ? openOrCreate(place, first, deps) : open()),
        clock,
        random,
        trace,
      });
      const { userAgent, service, network, sourceIp = LOCAL } = around;
      const region = elsewhere ?? around.region;
      const { output } = await kms.invoke({ operation, input, caller, region, sourceIp, userAgent, service, network });
      return output;
    },
    settle: (tx, now) => settleDueWork(tx, { now, random }),
    async question(tx, question) {
      const { accessRequest } = await import('../pipeline/question.ts');
      const { region = tx.settings.region, userAgent, service, network, sourceIp = LOCAL } = around;
      const home = { account: tx.settings.account, region };
      const time = keyringTime(tx.settings, clock());
      return accessRequest(
        tx,
        { caller: question.caller, home, time, sourceIp, userAgent, service, network },
        question,
      );
    },
    told: toldBy(around),
    newSlot: (keyringId, slot, unlocking) => newSlot(around, { keyringId, slot, clock, random }, unlocking),
    askSecret: async (message) => around.ask()?.secret(message),
    verbatim: around.verbatim,
    progress: (total) => around.progress(total),
    serve: (wishes) => around.serve(house, wishes, trace),
    ...(around.screen ? { screen: () => around.screen!() } : {}),
    toTerminal: () => around.toTerminal(),
    say: (line) => around.say(line),
    print: (line) => around.print(line),
    printData: (text) => around.printData(text),
    printStyled: (text) => around.printStyled(text),
  };
  return house;
}

/** The condition keys that options have values for. */
function toldBy({ service = {}, network = {}, sourceIp }: Surroundings): ReadonlySet<string> {
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

function callerIn({ principal, sessionTags, sessionPolicy }: Surroundings, account: string): Caller {
  const caller = callerOf(
    principal ?? `arn:aws:iam::${account}:root`,
    sessionTags === undefined ? {} : { tags: sessionTags },
  );
  if (sessionPolicy === undefined) return caller;
  if (caller.kind === 'root' || caller.kind === 'service') {
    throw new EnvironmentError(`--session-policy does not bound ${caller.arn}`, [
      '--as names whom it bounds: a role, a session of one, a user or a federated user',
    ]);
  }
  return { ...caller, sessionPolicies: [attachPolicy('--session-policy', sessionPolicy)] };
}
