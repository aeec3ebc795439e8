/** The command `kms xks-proxy` as a process, and a client that signs by itself: nothing of src/ is used. */
import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent as PlainAgent, request as requestPlain, type IncomingHttpHeaders } from 'node:http';
import { Agent as TlsAgent, request as requestTls } from 'node:https';
import { join } from 'node:path';
import { BIN, type Workplace } from '../../e2e/command.ts';

export interface Credential {
  readonly accessKeyId: string;
  readonly secret: string;
}

export const CREDENTIAL: Credential = {
  accessKeyId: 'BETWEEN2TENAND3TENCHARACTERS',
  secret: 'PleaseReplaceThisWithSomeSecretOfLength43To64',
};
export const URI_PATH = '/example/uri/path/prefix/kms/xks/v1';

export interface MapKey {
  readonly XksKeyId: string;
  readonly Key: string;
  readonly Usage?: readonly string[];
}

export function writeCredential(work: Workplace, name: string, { accessKeyId, secret }: Credential): void {
  const credential = { AccessKeyId: accessKeyId, RawSecretAccessKey: secret };
  const path = join(work.folder, name);
  writeFileSync(path, JSON.stringify({ XksProxyAuthenticationCredential: credential }));
  chmodSync(path, 0o600);
}

/** With one URI path. */
export function writeMap(work: Workplace, keys: readonly MapKey[], credentials = ['credential.json']): string {
  writeFileSync(
    join(work.folder, 'map.json'),
    JSON.stringify({ Paths: [{ UriPath: URI_PATH, Credentials: credentials, Keys: keys }] }),
  );
  return 'map.json';
}

export interface RunningProxy {
  readonly url: string;
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** @param until ends it with the test, or the file */
export async function startProxy(
  work: Workplace,
  until: (end: () => void) => void,
  ...args: string[]
): Promise<RunningProxy> {
  const child = spawn(process.execPath, [BIN, 'xks-proxy', '--listen', '127.0.0.1:0', ...args], {
    cwd: work.folder,
    env: work.env,
  });
  until(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  const first = new Promise<string>((resolve) =>
    child.stdout.once('data', (piece: Buffer) => resolve(piece.toString())),
  );
  const line = await Promise.race([first, ended.then(({ code }) => `exit ${code}: ${said}`)]);
  return { url: line.trim(), child, said: () => said, ended };
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export function certificate(work: Workplace, name = 'server', subject = '/CN=localhost'): Certificate {
  const [cert, key] = [join(work.folder, `${name}.pem`), join(work.folder, `${name}.key`)];
  if (existsSync(cert)) return { cert, key };
  const extension = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const key256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const files = ['-keyout', key, '-out', cert, '-days', '2', '-subj', subject];
  execFileSync('openssl', ['req', '-x509', ...key256, ...files, ...extension], { stdio: 'ignore' });
  chmodSync(key, 0o600);
  return { cert, key };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: { readonly [member: string]: unknown };
}

export interface Sent {
  /** As it goes over the wire. */
  readonly path: string;
  readonly body: string;
  readonly credential?: Credential;
  readonly method?: string;
  /** Changes of the headers, once they are signed; `null` removes one. */
  readonly headers?: { readonly [name: string]: string | readonly string[] | null };
  /** Of the Authorization header. */
  readonly rewrite?: (authorization: string) => string;
  /** What the signature is made for, if not for what is sent. */
  readonly signed?: {
    readonly path?: string;
    readonly body?: string;
    readonly time?: number;
    readonly service?: string;
    readonly date?: string;
    readonly method?: string;
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** AWS KMS External Key Store Proxy API Specification, Appendix A. The secret's text is the key. */
function authorization(host: string, { path, body, credential = CREDENTIAL, method = 'POST', signed = {} }: Sent) {
  const time = new Date(signed.time ?? Date.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const date = signed.date ?? time.slice(0, 8);
  const scope = [date, 'us-east-1', signed.service ?? 'kms-xks-proxy', 'aws4_request'];
  const names = 'content-type;host;x-amz-date';
  const canonical = [
    signed.method ?? method,
    signed.path ?? path,
    '',
    'content-type:application/json',
    `host:${host}`,
    `x-amz-date:${time}`,
    '',
    names,
    sha256(signed.body ?? body),
  ].join('\n');
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${credential.secret}`);
  const signature = createHmac('sha256', key)
    .update(['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n'))
    .digest('hex');
  return {
    'x-amz-date': time,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential.accessKeyId}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

export interface ClientOptions {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly maxVersion?: 'TLSv1.2';
  readonly ciphers?: string;
  readonly keepAlive?: boolean;
}

export type Send = (sent: Sent) => Promise<Answer>;

/** Keeps its connections. */
export function clientOf(url: string, tls: ClientOptions = {}): { readonly send: Send; readonly close: () => void } {
  const { protocol, host, hostname, port } = new URL(url);
  const isTls = protocol === 'https:';
  const agent = isTls ? new TlsAgent({ keepAlive: true, ...tls }) : new PlainAgent({ keepAlive: true });
  const send: Send = (sent) =>
    new Promise((resolve, reject) => {
      const { path, body, method = 'POST', headers: changes = {} } = sent;
      const headers: { [name: string]: string | string[] } = {
        host,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        ...authorization(host, sent),
      };
      if (sent.rewrite) headers['authorization'] = sent.rewrite(String(headers['authorization']));
      for (const [name, value] of Object.entries(changes)) {
        if (value === null) delete headers[name];
        else headers[name] = typeof value === 'string' ? value : [...value];
      }
      const request = (isTls ? requestTls : requestPlain)({ agent, hostname, port, path, method, headers });
      request.on('error', reject);
      request.on('response', (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(pieces).toString();
          const json = text.startsWith('{') ? (JSON.parse(text) as Answer['json']) : {};
          resolve({ status: response.statusCode!, headers: response.headers, text, json });
        });
      });
      request.end(body);
    });
  return { send, close: () => agent.destroy() };
}

/** As AWS's test client has it: the ARN of the key is malformed, and the service no host. */
export const METADATA = {
  awsPrincipalArn: 'arn:aws:iam::123456789012:user/Alice',
  kmsKeyArn: 'arn:aws:kms:us-east-2:123456789012:/key/1234abcd-12ab-34cd-56ef-1234567890ab',
  kmsOperation: 'Encrypt',
  kmsRequestId: '4112f4d6-db54-4af4-ae30-c55a22a8dfae',
  kmsViaService: 'ebs',
};

export const request = (target: string, members: object = {}, metadata: object = {}): Sent => ({
  path: `${URI_PATH}/${target}`,
  body: JSON.stringify({ requestMetadata: { ...METADATA, ...metadata }, encryptionAlgorithm: 'AES_GCM', ...members }),
});

export const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');

/** Lines of JSON. */
export const linesOf = (path: string): { [name: string]: unknown }[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { [name: string]: unknown });
