/** An HTTP request as a value, read completely up to a size limit. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { KmsError } from '../../model/error.ts';
import type { Connection } from '../../pipeline/authorize.ts';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: { readonly [name: string]: string };
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string };
  /** Names of the headers that came more than once. */
  readonly repeated: ReadonlySet<string>;
  readonly body: Uint8Array;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly connection: Connection;
}

/** In bytes. The largest request of the model, a key policy or an attestation document in base64, is below half of it. */
const BODY_LIMIT = 1 << 20;

/**
 * Headers that decide what a request means or who makes it. node:http keeps the first or joins them, others the last: two
 * of them are a request that two programs read differently.
 */
const ONCE = /^(?:host|authorization|content-(?:type|length|encoding)|date|origin|user-agent|x-amz-.*)$/;

/**
 * @param limit of the body, in bytes
 * @throws MalformedHttpRequestException, RequestEntityTooLargeException; the rest of the body is not read then
 */
export async function readRequest(message: IncomingMessage, limit = BODY_LIMIT): Promise<HttpRequest> {
  const repeated = repeatedNames(message);
  for (const name of repeated) if (ONCE.test(name)) throw twice(name);
  const { pathname, searchParams } = urlOf(message.url);
  for (const name of new Set(searchParams?.keys()))
    if (searchParams!.getAll(name).length > 1) throw twice(name, 'query parameter');
  const headers = textsOf(message.headers);
  return {
    method: message.method ?? '',
    path: pathname,
    query: searchParams ? Object.fromEntries(searchParams) : {},
    headers,
    repeated,
    body: await readBody(message, limit),
    sourceIp: (message.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
    userAgent: headers['user-agent'] ?? '',
    connection: { tls: tlsOf(message, headers['host'] ?? '') },
  };
}

type Headers = HttpRequest['headers'];

/** node:http joins what comes more than once, but for `set-cookie`. */
function textsOf(headers: IncomingHttpHeaders): Headers {
  if (areTexts(headers)) return headers;
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value!]),
  );
}

function areTexts(headers: IncomingHttpHeaders): headers is Headers {
  for (const name in headers) if (typeof headers[name] !== 'string') return false;
  return true;
}

const NOTHING: ReadonlySet<string> = new Set();

/** If there are as many names as there are headers, each came once. */
function repeatedNames({ headers, rawHeaders }: IncomingMessage): ReadonlySet<string> {
  let names = 0;
  for (const _ in headers) names += 1;
  return 2 * names === rawHeaders.length ? NOTHING : namesTwiceIn(rawHeaders);
}

/** @param raw names and values in turn, as they came */
function namesTwiceIn(raw: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    (seen.has(name) ? again : seen).add(name);
  }
  return again;
}

export const twice = (name: string, what = 'header'): KmsError =>
  new KmsError('MalformedHttpRequestException', `The ${what} '${name}' must not occur more than once.`);

/** Without a query there are no `searchParams`. An invalid path is not found. */
function urlOf(text = '/'): { readonly pathname: string; readonly searchParams?: URLSearchParams } {
  if (text === '/') return { pathname: text };
  if (text.startsWith('/') && URL.canParse(text, 'http://localhost')) return new URL(`http://localhost${text}`);
  return { pathname: text };
}

function readBody(message: IncomingMessage, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (Number(message.headers['content-length'] ?? 0) > limit) return reject(tooLarge(limit));
    const pieces: Buffer[] = [];
    let length = 0;
    message.on('data', (piece: Buffer) => {
      length += piece.length;
      pieces.push(piece);
      if (length <= limit) return;
      message.pause();
      reject(tooLarge(limit));
    });
    message.on('end', () => resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)));
    message.on('error', reject); // the client has disconnected
  });
}

const tooLarge = (limit: number): KmsError =>
  new KmsError('RequestEntityTooLargeException', `The request is larger than ${limit} bytes.`);

function tlsOf({ socket }: IncomingMessage, host: string): Connection['tls'] {
  if (!(socket instanceof TLSSocket)) return undefined;
  const { standardName } = socket.getCipher();
  return { tlsVersion: socket.getProtocol() ?? '', cipherSuite: standardName, clientProvidedHostHeader: host };
}
