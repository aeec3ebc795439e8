/** `kms xks-proxy`: starts a proxy from its options, and stops it. */
import { readFileSync } from 'node:fs';
import type { TLSSocket } from 'node:tls';
import { EnvironmentError } from '../../model/error.ts';
import { uuid } from '../../crypto/uuid.ts';
import { fileError } from '../../files/file-error.ts';
import { createKms } from '../../pipeline/invoke.ts';
import type { Trace } from '../../pipeline/trace.ts';
import type { XksProxyDeps, XksProxyOptions } from '../../commands/xks-proxy/xks-proxy.ts';
import { startConnections, type Running } from '../http/connections.ts';
import { failureLog, quietly } from '../http/failure-log.ts';
import { isLoopback, listenAt, readAddress, resolveAddress, type Address } from '../http/listen.ts';
import { waitForShutdown } from '../http/shutdown.ts';
import { tlsOfOptions, type TlsFiles } from '../http/tls.ts';
import { openAccessLog } from './access-log.ts';
import type { KeyManager } from './key-manager.ts';
import { keyringKeys } from './keyring-keys.ts';
import { readMap } from './map-file.ts';
import { respond, type RunningProxy } from './respond.ts';
import { logIn, tokenKeys, type TokenAccess } from './token-keys.ts';

const DEFAULT_ADDRESS = '127.0.0.1:4600';

export interface ProxyProgram {
  /** Name and version. */
  readonly version: string;
  readonly trace: Trace | undefined;
}

export async function serveXksProxy(
  session: XksProxyDeps,
  options: XksProxyOptions,
  { version, trace: debug }: ProxyProgram,
): Promise<void> {
  const tls = tlsOf(options);
  const address = await addressOf(options, tls);
  const map = await readMap(options.map);
  const trace = debug && quietly(debug);
  const say = quietly(session.say);
  const failures = failureLog({ say, trace });
  const failed = (requestId: string, thrown: unknown): void => failures.tell(requestId, thrown);
  const log = openAccessLog({ file: options.accessLog, failed });
  const { clock, random } = session;
  try {
    const { keys, close } = await openKeys(session, options, { version, trace, failed });
    try {
      const proxy: RunningProxy = {
        state: { map, keys, version, clock },
        newId: () => uuid(random),
        log,
        failures,
      };
      await serveAt(address, tls, { session, options, proxy, say });
    } finally {
      await close();
    }
  } finally {
    failures.close();
    log.close();
  }
}

interface OpenedKeys {
  readonly keys: KeyManager;
  readonly close: () => Promise<void>;
}

interface OpenDeps extends ProxyProgram {
  readonly failed: (requestId: string, thrown: unknown) => void;
}

async function openKeys(session: XksProxyDeps, options: XksProxyOptions, deps: OpenDeps): Promise<OpenedKeys> {
  const { hsm: clusterId, pinFile } = options;
  if (clusterId !== undefined) return openToken(session, { clusterId, pinFile }, deps);
  if (pinFile !== undefined) throw new EnvironmentError('--pin-file requires --hsm');
  return openKeyring(session, deps);
}

async function openKeyring(session: XksProxyDeps, { version, trace, failed }: OpenDeps): Promise<OpenedKeys> {
  const keyring = await session.open();
  keyring.setLongLived();
  const { clock, random, caller, region } = session;
  const kms = createKms({ keyring, clock, random, trace });
  return {
    keys: keyringKeys({ kms, keyringId: keyring.id, version, caller, region, clock, failed }),
    async close() {
      await keyring.anchor().finally(() => keyring.close());
    },
  };
}

async function openToken(session: XksProxyDeps, access: TokenAccess, { failed }: OpenDeps): Promise<OpenedKeys> {
  const { open, close } = session.ownKeyManagers({ inProcesses: true });
  try {
    const { hsm } = await open();
    const user = await logIn(hsm, access);
    return { keys: tokenKeys({ hsm, user, clock: session.clock, failed }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Served {
  readonly session: XksProxyDeps;
  readonly options: XksProxyOptions;
  readonly proxy: RunningProxy;
  readonly say: (line: string) => void;
}

async function serveAt(address: Address, tls: TlsFiles | undefined, { session, options, proxy, say }: Served) {
  const running = await startConnections((exchange) => respond(proxy, exchange), tls);
  const { clientName } = options;
  if (clientName !== undefined)
    running.server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.getPeerCertificate().subject?.CN !== clientName) socket.destroy();
    });
  // of a terminal that is closed, or from who has changed the map
  const isAttended = session.toTerminal() !== undefined;
  const shutdown = waitForShutdown(isAttended ? ['SIGTERM', 'SIGINT', 'SIGHUP'] : ['SIGTERM', 'SIGINT']);
  const reload = (): void => void reloadMap(options, { proxy, say, running });
  if (!isAttended) process.on('SIGHUP', reload);
  try {
    session.print(`${tls ? 'https' : 'http'}://${await listenAt(running.server, address)}`);
    await shutdown;
    say('stopping after the requests in progress');
  } finally {
    process.off('SIGHUP', reload);
    await running.stop();
  }
}

/** The map, the credentials and the certificates. Where one of them is not valid, nothing changes. */
async function reloadMap(options: XksProxyOptions, { proxy, say, running }: ReloadDeps): Promise<void> {
  try {
    const [map, tls] = [await readMap(options.map), tlsOf(options)];
    proxy.state = { ...proxy.state, map };
    if (tls) running.renewTls(tls);
    say(`the map ${options.map} was read again`);
  } catch (error) {
    if (error instanceof EnvironmentError) say(`the map in use is unchanged: ${error.message}`);
    else proxy.failures.tell('SIGHUP', error);
  }
}

interface ReloadDeps extends Pick<Served, 'proxy' | 'say'> {
  readonly running: Running;
}

async function addressOf({ listen = DEFAULT_ADDRESS }: XksProxyOptions, tls: TlsFiles | undefined): Promise<Address> {
  const asked = readAddress(listen);
  const address = await resolveAddress(asked);
  if (tls || isLoopback(address)) return address;
  throw new EnvironmentError(`${asked.host} is reachable from other machines, and connections are not encrypted`, [
    'specify a certificate with --tls-cert and --tls-key',
  ]);
}

/** "AWS KMS External Key Store Proxy API Specification": of TLS 1.2 and 1.3, what AWS KMS offers. */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
].join(':');

function tlsOf(options: XksProxyOptions): TlsFiles | undefined {
  const files = tlsOfOptions(options);
  const { clientCa, clientName } = options;
  if ((clientCa === undefined) !== (clientName === undefined))
    throw new EnvironmentError('--client-ca and --client-name must be specified together');
  if (clientCa !== undefined && !files) throw new EnvironmentError('--client-ca requires --tls-cert and --tls-key');
  if (!files) return undefined;
  const settings: TlsFiles = { ...files, minVersion: 'TLSv1.2', ciphers: CIPHERS };
  if (clientCa === undefined) return settings;
  return { ...settings, ca: readCa(clientCa), requestCert: true, rejectUnauthorized: true };
}

function readCa(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw fileError(error, `the CA certificate ${file}`);
  }
}
