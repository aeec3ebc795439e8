/** A server over a keyring in memory, on a port of its own, and clients for it. */
import { KMSClient } from '@aws-sdk/client-kms';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { uuid } from '../../../src/crypto/uuid.ts';
import { addAccessKey, newKeyPair, secretText, type KeyPair } from '../../../src/keyring/access-key.ts';
import type { CallerVerification } from '../../../src/frontends/http/caller.ts';
import { failureLog } from '../../../src/frontends/http/failure-log.ts';
import type { HostRule } from '../../../src/frontends/http/host.ts';
import { listenAt } from '../../../src/frontends/http/listen.ts';
import { SERVER_LIMITS, type Running, type ServerLimits } from '../../../src/frontends/http/connections.ts';
import { startServer } from '../../../src/frontends/http/server.ts';
import type { TlsFiles } from '../../../src/frontends/http/tls.ts';
import { createSts } from '../../../src/runtime/sts.ts';
import { ACCOUNT, fixture, REGION, ROOT, type Fixture } from '../../support/fixture.ts';

export interface Service {
  readonly home: Fixture;
  readonly running: Running;
  readonly port: number;
  readonly url: string;
  /** What whoever runs the server was told. */
  readonly said: string[];
  readonly client: (credentials?: Credentials, region?: string) => KMSClient;
  /** An access key of this principal. */
  accessKey(principal: string): Promise<Credentials>;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const ANY: Credentials = { accessKeyId: 'any', secretAccessKey: 'thing' };
export const USER = `arn:aws:iam::${ACCOUNT}:user/Alice`;

export interface ServiceOptions {
  readonly home?: Fixture;
  readonly tls?: TlsFiles;
  readonly limits?: Partial<ServerLimits>;
  readonly required?: CallerVerification['required'];
  readonly processKey?: KeyPair;
  readonly hosts?: HostRule;
}

export async function service(options: ServiceOptions = {}): Promise<Service> {
  const made = await startService(options);
  onTestFinished(() => made.running.stop());
  return made;
}

/** For a whole file: whoever starts it stops it. */
export async function startService({
  home: given,
  tls,
  limits,
  required = 'by the keyring',
  processKey,
  hosts,
}: ServiceOptions = {}): Promise<Service> {
  const home = given ?? (await fixture('http'));
  // signatures are made with the machine's own clock
  home.now = Date.now();
  const { keyring, random, kms } = home;
  const clock = (): number => home.now;
  const said: string[] = [];
  const failures = failureLog({ say: (line) => said.push(line), trace: (_, message) => said.push(message) });
  const running = await startServer(
    {
      kms,
      sts: createSts({ keyring, clock, random }),
      verification: { required, defaultCaller: () => ROOT, processKey, clock },
      hosts,
      newId: () => uuid(random),
      failures,
    },
    tls,
    { ...SERVER_LIMITS, ...limits },
  );
  await listenAt(running.server, { host: '127.0.0.1', port: 0 });
  const { port } = running.server.address() as AddressInfo;
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  return {
    home,
    running,
    port,
    url,
    said,
    client: (credentials = ANY, region = REGION) =>
      new KMSClient({ endpoint: url, region, credentials, maxAttempts: 1 }),
    accessKey: (principal) =>
      keyring.transact(async (tx) => {
        const key = newKeyPair(random);
        await addAccessKey(tx, { ...key, principal, created: home.now });
        return { accessKeyId: key.id, secretAccessKey: secretText(key.secret) };
      }),
  };
}

/** A connection as it is: bytes written, and everything that comes back until the other side ends. */
export function rawConnection(port: number): { readonly socket: Socket; readonly ended: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  const ended = new Promise<string>((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(pieces).toString('latin1')));
  });
  onTestFinished(() => void socket.destroy());
  return { socket, ended };
}

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/kms/aws4_request, SignedHeaders=host;x-amz-date, Signature=00';

/** A whole request, as latin-1 text. */
export function requestText(operation: string, input: object | string, more: readonly string[] = []): string {
  const body = typeof input === 'string' ? input : JSON.stringify(input);
  return [
    'POST / HTTP/1.1',
    'Host: localhost',
    `X-Amz-Target: TrentService.${operation}`,
    'Content-Type: application/x-amz-json-1.1',
    `Authorization: ${AUTHORIZATION}`,
    `Content-Length: ${Buffer.byteLength(body, 'latin1')}`,
    ...more,
    '',
    body,
  ].join('\r\n');
}
