/** A request as a value: what came over a connection, read whole and bounded. */
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { KmsError } from '../api/error.ts';
import type { Connection } from '../service/authorize.ts';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: { readonly [name: string]: string };
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly connection: Connection;
}

/** In bytes. The largest request of the model, a key policy or an attestation document in base64, is below half of it. */
const BODY_LIMIT = 1 << 20;

/** @throws RequestEntityTooLargeException; the rest of the body is not read then */
export async function readRequest(message: IncomingMessage): Promise<HttpRequest> {
  const { pathname, searchParams } = urlOf(message.url);
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value!]),
  );
  return {
    method: message.method ?? '',
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers,
    body: await readBody(message),
    sourceIp: (message.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
    userAgent: headers['user-agent'] ?? '',
    connection: { tls: tlsOf(message, headers['host'] ?? '') },
  };
}

/** A path that is none is not found. */
function urlOf(text = '/'): Pick<URL, 'pathname' | 'searchParams'> {
  if (text.startsWith('/') && URL.canParse(text, 'http://localhost')) return new URL(`http://localhost${text}`);
  return { pathname: text, searchParams: new URLSearchParams() };
}

function readBody(message: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (Number(message.headers['content-length'] ?? 0) > BODY_LIMIT) return reject(tooLarge());
    const pieces: Buffer[] = [];
    let length = 0;
    message.on('data', (piece: Buffer) => {
      length += piece.length;
      pieces.push(piece);
      if (length <= BODY_LIMIT) return;
      message.pause();
      reject(tooLarge());
    });
    message.on('end', () => resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)));
    message.on('error', reject); // the caller has gone
  });
}

const tooLarge = (): KmsError =>
  new KmsError('RequestEntityTooLargeException', `The request is larger than ${BODY_LIMIT} bytes.`);

function tlsOf({ socket }: IncomingMessage, host: string): Connection['tls'] {
  if (!(socket instanceof TLSSocket)) return undefined;
  const { standardName } = socket.getCipher();
  return { tlsVersion: socket.getProtocol() ?? '', cipherSuite: standardName, clientProvidedHostHeader: host };
}
