/** The house that calls and tools work in: the keyring's place, the ways to unlock it, and who is calling. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { EnvironmentError } from '../api/error.ts';
import { hex } from '../crypto/bytes.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { createPrivateFile, readSecretFile } from '../keyring/files.ts';
import { createKeyring, newKeyringId, openKeyring, type Keyring } from '../keyring/keyring.ts';
import { keyringTime } from '../keyring/root.ts';
import { createPlace, draftOf, isKeyringAt, movePlace, occupied, openPlace, type Place } from '../keyring/place.ts';
import {
  keyFileMaterial,
  newKeyFile,
  passphraseMaterial,
  type NewSlot,
  type Slot,
  type UnlockMaterial,
} from '../keyring/slot.ts';
import type { House, NewUnlocking, Screen, Wishes } from '../operations/tool.ts';
import { attachPolicy } from '../policy/document.ts';
import { callerOf, type Caller } from '../policy/principal.ts';
import { findOperation } from '../operations/index.ts';
import { settleDueWork } from './due-work.ts';
import { findPlace, type PlaceSource } from './find-place.ts';
import type { Network, Service } from './authorize.ts';
import { createKms, type Kms } from './road.ts';
import type { Trace } from './trace.ts';

/** What the command line and the profile say. */
export interface Surroundings extends PlaceSource {
  readonly keyFile?: string | undefined;
  readonly passphraseFile?: string | undefined;
  readonly passphraseFd?: number | undefined;
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
  /** Asks on the terminal; undefined where there is none. */
  ask(): { passphrase(): Promise<Uint8Array>; newPassphrase(): Promise<Uint8Array> } | undefined;
  readonly verbatim: readonly string[];
  /** Of `--debug`. */
  readonly trace?: Trace | undefined;
  progress(total: number | undefined): (done: number | undefined) => void;
  /** The other mouth. */
  serve(house: House, wishes: Wishes): Promise<void>;
  screen?(): Promise<Screen>;
  say(line: string): void;
  print(line: string): void;
}

const LOCAL = '127.0.0.1';
const DEFAULTS = { account: '000000000000', region: 'us-east-1' } as const;

export function openHouse(around: Surroundings): House {
  const place = findPlace(around);
  const { random, clock, trace } = around;
  trace?.('place', `keyring ${place.keyring}, audit log ${place.log}`);
  const openAt = (where: Place): Promise<Keyring> => {
    if (!isKeyringAt(where))
      throw new EnvironmentError(`there is no keyring at ${where.keyring}`, ['kms init makes one']);
    return openKeyring({ ...openPlace(where), random }, (slots, id) => unlock(around, slots, id));
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
    const made = await newSlot(around, { keyringId: hex(keyringId), slot: 1 }, wanted);
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
    newSlot: (keyringId, slot, unlocking) => newSlot(around, { keyringId, slot }, unlocking),
    verbatim: around.verbatim,
    progress: (total) => around.progress(total),
    serve: (wishes) => around.serve(house, wishes),
    ...(around.screen ? { screen: () => around.screen!() } : {}),
    say: (line) => around.say(line),
    print: (line) => around.print(line),
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

/** Apart from the keyring, so that a copy of the keyring's folder is not a copy of its key. */
function defaultKeyFile({ env, home }: Surroundings, keyringId: string): string {
  return `${env['XDG_CONFIG_HOME'] || `${home}/.config`}/pocket-kms/keys/${keyringId}.key`;
}

type Way = readonly [
  name: string,
  find: (around: Surroundings, slots: readonly Slot[], keyringId: string) => Promise<UnlockMaterial | undefined>,
];

const keyFileAt = (path: string): UnlockMaterial => keyFileMaterial(readSecretFile(path, 'the key file'), path);
const existing = (path: string | undefined): UnlockMaterial | undefined =>
  path !== undefined && existsSync(path) ? keyFileAt(path) : undefined;

/** The ways to unlock, in the order in which they are tried (docs/threat-model.md). */
const WAYS: readonly Way[] = [
  ['--key-file', async ({ keyFile, cwd }) => (keyFile === undefined ? undefined : keyFileAt(resolve(cwd, keyFile)))],
  [
    '--passphrase-file',
    async ({ passphraseFile, cwd }) =>
      passphraseFile === undefined ? undefined : passphraseAt(resolve(cwd, passphraseFile)),
  ],
  [
    '--passphrase-fd',
    async ({ passphraseFd }) => (passphraseFd === undefined ? undefined : passphraseFrom(passphraseFd)),
  ],
  [
    'POCKET_KMS_KEY_FILE',
    async ({ env, cwd }) => {
      const path = env['POCKET_KMS_KEY_FILE'];
      return path ? keyFileAt(resolve(cwd, path)) : undefined;
    },
  ],
  [
    'POCKET_KMS_PASSPHRASE_FILE',
    async ({ env, cwd }) => {
      const path = env['POCKET_KMS_PASSPHRASE_FILE'];
      return path ? passphraseAt(resolve(cwd, path)) : undefined;
    },
  ],
  // systemd's LoadCredential= hands a unit its secrets in this folder
  [
    'CREDENTIALS_DIRECTORY',
    async ({ env }) => existing(env['CREDENTIALS_DIRECTORY'] && `${env['CREDENTIALS_DIRECTORY']}/pocket-kms-key`),
  ],
  [
    'the key file that the slot names',
    async (_, slots) =>
      existing(slots.flatMap((slot) => (slot.type === 'key-file' ? [slot.path] : [])).find((path) => existsSync(path))),
  ],
  ['the key file of the configuration', async (around, _, keyringId) => existing(defaultKeyFile(around, keyringId))],
  [
    'a passphrase, asked for',
    async (around, slots) => {
      const prompts = slots.some(({ type }) => type === 'passphrase') ? around.ask() : undefined;
      return prompts && passphraseMaterial(await prompts.passphrase());
    },
  ],
];

async function unlock(around: Surroundings, slots: readonly Slot[], keyringId: string): Promise<UnlockMaterial> {
  for (const [name, find] of WAYS) {
    const material = await find(around, slots, keyringId);
    if (!material) continue;
    around.trace?.('unlock', `${material.type} by ${name}`);
    return material;
  }
  const hints = slots.map((slot) =>
    slot.type === 'key-file'
      ? `slot ${slot.slot} is opened by the key file ${slot.path}: bring it back, or name its place with --key-file`
      : `slot ${slot.slot} is opened by a passphrase: --passphrase-file, --passphrase-fd, or a terminal`,
  );
  throw new EnvironmentError('the keyring is locked', hints);
}

const passphraseAt = (path: string): UnlockMaterial => passphraseMaterial(readSecretFile(path, 'the passphrase file'));

function passphraseFrom(fd: number): UnlockMaterial {
  try {
    return passphraseMaterial(readFileSync(fd));
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    throw new EnvironmentError(`file descriptor ${fd} of --passphrase-fd cannot be read`, [], { cause: error });
  }
}

async function newSlot(
  around: Surroundings,
  { keyringId, slot }: { readonly keyringId: string; readonly slot: number },
  unlocking: NewUnlocking,
): Promise<{ readonly slot: NewSlot; readonly material: UnlockMaterial }> {
  const created = new Date(around.clock()).toISOString();
  const { passphraseFile, passphraseFd, askPassphrase, keyFile } = unlocking;
  const given = [keyFile, passphraseFile, passphraseFd, askPassphrase || undefined].filter((way) => way !== undefined);
  if (given.length > 1) throw new EnvironmentError('a slot has one way to be unlocked: a key file or a passphrase');
  if (passphraseFile !== undefined)
    return { slot: { slot, created }, material: passphraseAt(resolve(around.cwd, passphraseFile)) };
  if (passphraseFd !== undefined) return { slot: { slot, created }, material: passphraseFrom(passphraseFd) };
  if (askPassphrase) {
    const prompts = around.ask();
    if (!prompts) {
      throw new EnvironmentError('there is no terminal to ask for a passphrase on', [
        '--passphrase-file and --passphrase-fd take one',
      ]);
    }
    return { slot: { slot, created }, material: passphraseMaterial(await prompts.newPassphrase()) };
  }
  const path = keyFile === undefined ? freeKeyFile(around, keyringId, slot) : resolve(around.cwd, keyFile);
  const bytes = newKeyFile(around.random);
  createPrivateFile(path, bytes, 'the key file');
  return { slot: { slot, created, path }, material: keyFileMaterial(bytes, path) };
}

function freeKeyFile(around: Surroundings, keyringId: string, slot: number): string {
  const usual = defaultKeyFile(around, keyringId);
  return existsSync(usual) ? usual.replace(/\.key$/, `-${slot}.key`) : usual;
}
