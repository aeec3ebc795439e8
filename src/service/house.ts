/** The house that calls and tools work in: the keyring's place, the ways to unlock it, and who is calling. */
import { rmSync } from 'node:fs';
import { EnvironmentError } from '../api/error.ts';
import { hex } from '../crypto/bytes.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { newKeyringId } from '../keyring/header.ts';
import { createKeyring, openKeyring, readLocked, type Keyring } from '../keyring/keyring.ts';
import { keyringTime } from '../keyring/root.ts';
import { createPlace, draftOf, isKeyringAt, movePlace, occupied, openPlace, type Place } from '../keyring/place.ts';
import type { House, Screen, Wishes } from '../operations/tool.ts';
import { attachPolicy } from '../policy/document.ts';
import { callerOf, type Caller } from '../policy/principal.ts';
import { findOperation } from '../operations/index.ts';
import { settleDueWork } from './due-work.ts';
import { findPlace, type PlaceSource } from './find-place.ts';
import type { Network, Service } from './authorize.ts';
import { createKms, type Kms } from './road.ts';
import type { Trace } from './trace.ts';
import { defaultKeyFile, newSlot, unlock, type UnlockOptions } from './unlock.ts';

/** What the command line and the profile say. */
export interface Surroundings extends PlaceSource, UnlockOptions {
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
  readonly clock: () => number;
  readonly random: RandomBytes;
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
const DEFAULTS = { account: '000000000000', region: 'us-east-1' } as const;

export function openHouse(around: Surroundings): House {
  const place = findPlace(around);
  const { random, clock, trace } = around;
  trace?.('place', `keyring ${place.keyring}, audit log ${place.log}`);
  const openAt = async (where: Place): Promise<Keyring> => {
    if (!isKeyringAt(where))
      throw new EnvironmentError(`there is no keyring at ${where.keyring}`, ['kms init makes one']);
    const opened = openPlace(where);
    try {
      return await unlock(around, await readLocked({ ...opened, random }));
    } catch (error) {
      opened.store.close();
      throw error;
    }
  };
  const create: House['create'] = async ({ account, region, unlocking }) => {
    if (isKeyringAt(place)) throw occupied(place);
    const keyringId = newKeyringId(random);
    const wanted = {
      ...unlocking,
      keyFile: unlocking.keyFile ?? around.keyFile,
      passphraseFile: unlocking.passphraseFile ?? around.passphraseFile,
      passphraseFd: unlocking.passphraseFd ?? around.passphraseFd,
    };
    const made = await newSlot(around, { keyringId: hex(keyringId), slot: 1, clock, random }, wanted);
    const settings = { account, region, created: clock() };
    const draft = draftOf(place, random);
    try {
      const keyring = await createKeyring({ ...createPlace(draft), random, settings, keyringId, ...made });
      keyring.close();
      if (!movePlace(draft, place)) throw occupied(place);
    } catch (error) {
      rmSync(draft.keyring, { force: true });
      if ('path' in made.slot) rmSync(made.slot.path, { force: true }); // a key that opens nothing
      throw error;
    }
    return openKeyring({ ...openPlace(place), random }, async () => made.material);
  };
  const openOrCreate = async (): Promise<Keyring> => {
    if (!place.usual || isKeyringAt(place)) return openAt(place);
    const settings = { ...DEFAULTS, region: around.region ?? DEFAULTS.region };
    const keyring = await create({ ...settings, unlocking: {} }).catch((error: unknown) => {
      if (isKeyringAt(place)) return undefined; // another process was faster
      throw error;
    });
    if (!keyring) return openAt(place);
    around.say(`made a new keyring: ${place.keyring}`);
    around.say(`its key file is ${defaultKeyFile(around, keyring.id)}: keep a copy of both`);
    return keyring;
  };
  const caller = (account: string): Caller => callerIn(around, account);
  let kms: Kms | undefined;
  const house: House = {
    place,
    clock,
    random,
    region: around.region,
    caller,
    open: async () => openAt(place),
    openAt: async (where) => openAt(where),
    create,
    async invoke(operation, input, elsewhere) {
      const row = kms ? undefined : await findOperation(operation);
      kms ??= createKms({ keyring: row?.creates ? await openOrCreate() : await openAt(place), clock, random, trace });
      const { userAgent, service, network, sourceIp = LOCAL } = around;
      const region = elsewhere ?? around.region;
      const { output } = await kms.invoke({ operation, input, caller, region, sourceIp, userAgent, service, network });
      return output;
    },
    settle: (tx, now) => settleDueWork(tx, { now, random }),
    async question(tx, question) {
      const { accessRequest } = await import('./question.ts');
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
  return callerOf(principal ?? `arn:aws:iam::${account}:root`, {
    ...(sessionTags ? { tags: sessionTags } : {}),
    ...(sessionPolicy === undefined ? {} : { sessionPolicies: [attachPolicy('--session-policy', sessionPolicy)] }),
  });
}
