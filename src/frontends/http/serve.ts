/** `kms serve`: starts a server from its options, and stops it. */
import type { Server } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { EnvironmentError } from '../../model/error.ts';
import { uuid } from '../../crypto/uuid.ts';
import { asksForSignatures, countAccessKeys, newKeyPair } from '../../keyring/access-key.ts';
import type { Keyring } from '../../keyring/keyring.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import type { EventDeps } from '../../commands/command/local-command.ts';
import type { ServeOptions, ServeDeps } from '../../commands/serve/serve.ts';
import type { OperationUnits } from '../../runtime/capabilities.ts';
import { createKms, type Kms } from '../../pipeline/invoke.ts';
import { createSts } from '../../runtime/sts.ts';
import { WorkerPool } from '../../runtime/worker-pool.ts';
import type { Trace } from '../../pipeline/trace.ts';
import { accessTo, whoIsLetIn, type Reach, type Situation } from './access.ts';
import { failureLog, quietly } from './failure-log.ts';
import { loopbackHosts, type HostRule } from './host.ts';
import { isLoopback, listenAt, readAddress, resolveAddress, type Address } from './listen.ts';
import { checkCredentialsFile, exportLines, writeCredentialsFile, type Client } from './process-key.ts';
import { startServer } from './server.ts';
import { listenOn } from './socket.ts';
import { waitForShutdown } from './shutdown.ts';
import { tlsOfOptions, type TlsFiles } from './tls.ts';

const DEFAULT_ADDRESS = '127.0.0.1:4599';

export async function serve(session: ServeDeps, options: ServeOptions, debug?: Trace): Promise<void> {
  const trace: Trace | undefined = debug && quietly(debug);
  const place = await placeOf(options);
  if (options.credentialsFile !== undefined) checkCredentialsFile(options.credentialsFile);
  const transition = await transitionSetting(options);
  const keyring = await keyringOf(session, options);
  const pool = new WorkerPool();
  const reached = options.ephemeral
    ? session.ownKeyManagers({ inProcesses: true, trace })
    : session.keyManagersFor(keyring, { inProcesses: true, trace });
  try {
    if (transition) await keyring.transact(async (tx) => transition(tx, session));
    const { compute } = pool;
    const kms = createKms({
      keyring,
      clock: session.clock,
      random: session.random,
      trace,
      compute,
      keyManagers: reached.open,
    });
    if (options.seed !== undefined) await applySeed(options.seed, { session, keyring, kms, options });
    await answerAt(place, { session, options, keyring, kms, trace });
    await keyring.anchor();
  } finally {
    await pool.close();
    await reached.close();
    keyring.close();
  }
}

/** Read before anything is opened; applied to the keyring, with an event, like `kms settings put`. */
async function transitionSetting({
  transitionTime,
}: ServeOptions): Promise<((tx: Transaction, deps: EventDeps) => unknown) | undefined> {
  if (transitionTime === undefined) return undefined;
  const { putSetting, readSetting } = await import('../../commands/keyring/settings.ts');
  const change = { name: 'TransitionTime', settings: readSetting('TransitionTime', transitionTime) } as const;
  return (tx, deps) => putSetting(tx, deps, change);
}

interface Served {
  readonly session: ServeDeps;
  readonly options: ServeOptions;
  readonly keyring: Keyring;
  readonly kms: Kms;
  readonly trace: Trace | undefined;
}

async function answerAt(place: Endpoint, { session, options, keyring, kms, trace }: Served): Promise<void> {
  const { clock, random, caller } = session;
  const toTerminal = session.toTerminal();
  const { settings, accessKeys, keyringAsks } = await keyring.transact(async (tx) => ({
    settings: tx.settings,
    accessKeys: await countAccessKeys(tx),
    keyringAsks: await asksForSignatures(tx),
  }));
  const situation: Situation = {
    reach: place.reach,
    verifySignatures: options.verifySignatures,
    credentialsFile: options.credentialsFile,
    terminal: toTerminal !== undefined,
    ephemeral: options.ephemeral === true,
    accessKeys,
    keyringAsks,
  };
  const access = accessTo(situation);
  const processKey = access.processKey && newKeyPair(random);
  keyring.setLongLived();
  collectAlone();
  const say = quietly(session.say);
  const failures = failureLog({ say, trace });
  const running = await startServer(
    {
      kms,
      sts: createSts({ keyring, clock, random }),
      verification: { required: access.required, defaultCaller: caller, processKey, clock },
      hosts: place.hosts,
      newId: () => uuid(random),
      failures,
    },
    place.tls,
  );
  const shutdown = waitForShutdown();
  let credentials: { remove(): void } | undefined;
  try {
    const where = await place.listen(running.server);
    const client: Client = { endpoint: place.endpoint(where), region: session.region ?? settings.region };
    say(whoIsLetIn(access, situation, caller(settings.account).arn));
    if (processKey && options.credentialsFile !== undefined) {
      credentials = await writeCredentialsFile(options.credentialsFile, { key: processKey, client, random });
      say(`the access key is in ${options.credentialsFile}: set AWS_SHARED_CREDENTIALS_FILE to this path`);
    } else if (processKey) toTerminal?.(exportLines(processKey, client));
    session.print(where);
    await shutdown;
    say('stopping after the requests in progress');
  } finally {
    credentials?.remove();
    await running.stop();
    failures.close();
  }
}

/** The address or socket of a server, its reach and its TLS settings. */
interface Endpoint {
  readonly reach: Reach;
  readonly tls: TlsFiles | undefined;
  readonly hosts: HostRule | undefined;
  /** @returns the address that is printed */
  listen(server: Server): Promise<string>;
  /** The settings for clients, if there are any. */
  endpoint(where: string): string | undefined;
}

async function placeOf(options: ServeOptions): Promise<Endpoint> {
  const { listen, socket, allowHost = [] } = options;
  const tls = tlsOfOptions(options);
  if (socket !== undefined) {
    if (listen !== undefined) throw new EnvironmentError('--listen and --socket cannot be combined');
    if (allowHost.length > 0) throw new EnvironmentError('--allow-host requires --listen');
    return {
      reach: 'this user',
      tls,
      hosts: undefined,
      async listen(server) {
        await listenOn(server, socket);
        return `unix:${socket}`;
      },
      endpoint: () => undefined,
    };
  }
  const asked = readAddress(listen ?? DEFAULT_ADDRESS);
  const address = await resolveAddress(asked);
  const isLocal = isLoopback(address);
  if (!isLocal && !tls && !options.allowPlainHttp) {
    throw new EnvironmentError(`${asked.host} is reachable from other machines, and connections are not encrypted`, [
      'specify a certificate with --tls-cert and --tls-key',
      'or allow this with --allow-plain-http',
    ]);
  }
  if (!isLocal && allowHost.length > 0) {
    throw new EnvironmentError('--allow-host is only for loopback addresses: other addresses accept every host');
  }
  return {
    reach: isLocal ? 'this machine' : 'other machines',
    tls,
    hosts: isLocal ? loopbackHosts([asked.host, ...allowHost]) : undefined,
    listen: async (server) => `${tls ? 'https' : 'http'}://${await listenAt(server, address)}`,
    endpoint: (where) => (isEverywhere(address) ? undefined : where),
  };
}

/** All addresses of the machine: none of them is the one that a client is to call. */
const isEverywhere = ({ host }: Address): boolean => host === '0.0.0.0' || host === '::';

async function keyringOf(session: ServeDeps, { ephemeral, account }: ServeOptions): Promise<Keyring> {
  const { clock, random, region } = session;
  const keyring = ephemeral ? await inMemory({ account, region, clock, random }) : await session.open();
  return keyring;
}

interface SeedTarget extends Pick<Served, 'session' | 'keyring' | 'kms'> {
  readonly options: ServeOptions;
}

async function applySeed(file: string, { session, keyring, kms, options }: SeedTarget): Promise<void> {
  const { applyFile } = await import('../../commands/apply/apply-file.ts');
  const { caller } = session;
  const allOrNothing: OperationUnits['allOrNothing'] = (work) =>
    kms.allOrNothing(({ tx, invoke }) =>
      work({
        tx,
        invoke: async (operation, input, region = session.region) => {
          const origin = { caller, region, sourceIp: '127.0.0.1', userAgent: 'kms serve' };
          return (await invoke(operation, input, origin)).output;
        },
      }),
    );
  const changes = await applyFile(keyring, file, {
    session: { ...session, allOrNothing },
    options: options.seedOptions,
  });
  const made = changes.filter(({ Action }) => Action === 'create' || Action === 'update');
  for (const { Action, Resource, Detail } of changes)
    if (Action === 'skipped') session.say(`skipped ${Resource}: ${Detail}`);
  session.say(`applied ${file}: ${made.length} changes`);
}

async function inMemory(settings: Parameters<typeof import('../../runtime/memory-keyring.ts').memoryKeyring>[0]) {
  const { memoryKeyring } = await import('../../runtime/memory-keyring.ts');
  return (await memoryKeyring(settings)).keyring;
}

/**
 * Of the young garbage of a server little is still in use, so threads that help to collect it are not worth waking: on two
 * cores that were busy with other work, a pause took 3.2 ms with them and 1.8 ms without.
 */
const collectAlone = (): void => setFlagsFromString('--no-parallel-scavenge');
