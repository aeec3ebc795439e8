/**
 * Load over HTTP: connections that send one request after the other. Either the requests are prepared beforehand, so that the
 * client costs little beside the server, or they are made by the client of Node.js, which costs more than many a server. The
 * processor time of a server is read from /proc, where there is one.
 */
import { createHash, createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface AccessKey {
  readonly id: string;
  readonly secret: string;
}

export interface Request {
  readonly port: number;
  readonly operation: string;
  readonly input: object;
  /** Absent: any credentials. */
  readonly accessKey?: AccessKey | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Signed {
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** Signed now: the signature is good for five minutes. */
function signed({ port, operation, input, accessKey }: Request): Signed {
  const body = JSON.stringify(input);
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers: { readonly [name: string]: string } = {
    'content-type': 'application/x-amz-json-1.1',
    host: `127.0.0.1:${port}`,
    'x-amz-date': time,
    'x-amz-target': `TrentService.${operation}`,
  };
  const { id, secret } = accessKey ?? { id: 'any', secret: 'thing' };
  const scope = [time.slice(0, 8), 'us-east-1', 'kms', 'aws4_request'];
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = `POST\n/\n\n${lines.join('')}\n${names}\n${sha256(body)}`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope.join('/')}\n${sha256(canonical)}`;
  const signature = hmac(scope.reduce<string | Buffer>(hmac, `AWS4${secret}`), text).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${id}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`;
  return { headers: { ...headers, authorization, 'content-length': String(Buffer.byteLength(body)) }, body };
}

export function requestBytes(request: Request): Buffer {
  const { headers, body } = signed(request);
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST / HTTP/1.1\r\n${head.join('')}\r\n${body}`);
}

/** Sends the same request again and again. */
interface Client {
  send(): Promise<Answer>;
  close(): void;
}

const CLIENTS = {
  lean(request: Request): Client {
    const bytes = requestBytes(request);
    const connection = new Connection(request.port);
    return { send: () => connection.send(bytes), close: () => connection.close() };
  },
  ordinary(request: Request): Client {
    const { headers, body } = signed(request);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const options = { agent, host: '127.0.0.1', port: request.port, method: 'POST', headers };
    return {
      send: () =>
        new Promise((resolve, reject) => {
          const sent = httpRequest(options, (message) => {
            let text = '';
            message.setEncoding('utf8').on('data', (piece: string) => (text += piece));
            message.on('end', () => resolve({ status: message.statusCode ?? 0, body: text }));
          });
          sent.on('error', reject).end(body);
        }),
      close: () => agent.destroy(),
    };
  },
} as const;

export type ClientName = keyof typeof CLIENTS;

/** A connection that is opened again when the server has closed it, as some do after each answer. */
export class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #waiting: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void } | undefined;
  #received = '';

  constructor(port: number) {
    this.#port = port;
  }

  send(bytes: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket ??= this.#open();
      this.#socket.write(bytes);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1');
    this.#received = '';
    socket.on('data', (piece: string) => this.#take(socket, piece));
    const lost = (error?: Error): void => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#waiting?.reject(error ?? new Error('the server closed the connection'));
    };
    return socket.on('error', lost).on('close', () => lost());
  }

  #take(socket: Socket, piece: string): void {
    this.#received += piece;
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#received.slice(0, end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < end + 4 + length) return;
    const body = this.#received.slice(end + 4, end + 4 + length);
    this.#received = this.#received.slice(end + 4 + length);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (/^HTTP\/1\.0|\r\nconnection: *close/i.test(head)) {
      this.#socket = undefined;
      socket.destroy();
    }
    waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }
}

export async function ask(request: Request): Promise<{ readonly [member: string]: unknown }> {
  const connection = new Connection(request.port);
  try {
    const { status, body } = await connection.send(requestBytes(request));
    if (status !== 200) throw new Error(`${request.operation}: ${status} ${body}`);
    return body === '' ? {} : (JSON.parse(body) as { readonly [member: string]: unknown });
  } finally {
    connection.close();
  }
}

/** A call to a server, as ask() makes it. */
export type Call = (operation: string, input: object) => ReturnType<typeof ask>;

export interface Material {
  readonly KeyId: string;
  readonly Plaintext: string;
  readonly CiphertextBlob: unknown;
  /** Key IDs. */
  readonly rsa: string;
  readonly ecc: string;
}

/** Keys of a server, and what is encrypted and signed with them. */
export async function materialOf(call: Call): Promise<Material> {
  const key = async (input: object = {}): Promise<string> =>
    ((await call('CreateKey', input))['KeyMetadata'] as { KeyId: string }).KeyId;
  const signing = (KeySpec: string) => key({ KeySpec, KeyUsage: 'SIGN_VERIFY' });
  const KeyId = await key();
  const Plaintext = Buffer.alloc(32, 1).toString('base64');
  const { CiphertextBlob } = await call('Encrypt', { KeyId, Plaintext });
  return { KeyId, Plaintext, CiphertextBlob, rsa: await signing('RSA_2048'), ecc: await signing('ECC_NIST_P256') };
}

/** Of a process, in milliseconds of all its threads; undefined where /proc does not tell. */
export function processorTime(pid: number): number | undefined {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return undefined;
  const fields = readFileSync(file, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10; // hundredths of a second (proc(5))
}

export interface Measured {
  /** Requests a second. */
  readonly rate: number;
  /** In milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server, in milliseconds a request. */
  readonly cpu: number | undefined;
}

export interface Load {
  readonly request: Request;
  readonly client: ClientName;
  readonly connections: number;
  readonly seconds: number;
  /** Of the server. */
  readonly pid: number;
}

export async function measure({ request, client, connections, seconds, pid }: Load): Promise<Measured> {
  const open = Array.from({ length: connections }, () => CLIENTS[client](request));
  const times: number[] = [];
  const together = (duration: number, keep: boolean): Promise<unknown> => {
    const until = performance.now() + duration * 1000;
    return Promise.all(
      open.map(async (connection) => {
        while (performance.now() < until) {
          const start = performance.now();
          const { status, body } = await connection.send();
          if (status !== 200) throw new Error(`${request.operation}: ${status} ${body}`);
          if (keep) times.push(performance.now() - start);
        }
      }),
    );
  };
  await together(Math.min(2, seconds / 2), false); // warms the code and the connections
  const [start, before] = [performance.now(), processorTime(pid)];
  await together(seconds, true);
  const elapsed = (performance.now() - start) / 1000;
  const after = processorTime(pid);
  for (const connection of open) connection.close();
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? 0;
  const cpu = before === undefined || after === undefined ? undefined : (after - before) / times.length;
  return { rate: times.length / elapsed, p50: at(0.5), p99: at(0.99), cpu };
}
