/**
 * An external key store proxy for tests, written from the AWS KMS External Key Store Proxy API Specification and sharing no
 * code with src/. It is a program of its own: `node xks-proxy.js CONFIGURATION`, where the configuration is JSON:
 *
 *   prefix       what stands before /kms/xks/v1 in paths: '', '/tenant', or a list of such
 *   credentials  { accessKeyId: secret }
 *   keys         { id: { material (64 hex digits), status?, usage?, metadata? (text), ivLength? } }
 *   tls          { key, cert } (PEM) and other options of tls.createServer(); without it, plain HTTP
 *   port         0: any
 *
 * It prints a line {"port":N}, then answers each line of standard input, a command in JSON, with a line; at its end it exits.
 *
 *   {"do":"behave","as":BEHAVIOR,"times":N}   for the next N requests or connections; without N, until another command
 *   {"do":"configure", ...}                   other credentials, keys
 *   {"do":"secure","tls":{...}}               another certificate, for new connections
 *   {"do":"log"}                              the requests since the last time: path, operation, connection, answered; state of connections
 *   {"do":"closeIdle","how":"end"|"reset"}    closes all connections
 *
 * A behavior: {"connectDelay":ms} before TLS; {"headerDelay":ms} before the answer; {"bodyDelay":ms} after half of the body;
 * {"error":[status, name, message?]}; {"status":N}; {"body":TEXT}; {"patch":{member:value}} of a good answer, with "seal": true
 * the integrity value made for it; {"raw":TEXT or "bytes":BASE64, "end":bool} instead of HTTP; {"endless":"body"|"headers"|"informational"};
 * {"close":"unread"|"reused"|"silent"|"half"}: the connection is reset before the request is read, or if it had one before; after
 * that; in the middle of the body.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { createInterface } from 'node:readline';

const configuration = JSON.parse(process.argv[2]);
let log = [];
let behavior = {};
let times = Infinity;
const sockets = new Map();
let connections = 0;

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

function takeBehavior() {
  if (times <= 0 || behavior.connectDelay) return {};
  times -= 1;
  return behavior;
}

class Refusal extends Error {
  constructor(status, name, message) {
    super(message);
    this.status = status;
    this.name = name;
  }
}
const refuse = (status, name, message) => {
  throw new Refusal(status, name, message);
};

/** Appendix A, task 4. */
function verifySignature(request, body) {
  const fail = (why) => refuse(401, 'AuthenticationFailedException', why);
  const header =
    /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([a-z0-9-]+)\/kms-xks-proxy\/aws4_request, *SignedHeaders=([a-z0-9;-]+), *Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    );
  if (!header) fail('no signature');
  const [, id, date, region, names, signature] = header;
  const secret = Object.hasOwn(configuration.credentials, id) ? configuration.credentials[id] : fail('unknown ID');
  const list = names.split(';');
  if (!list.includes('host') || !list.includes('x-amz-date')) fail('unsigned headers');
  const instant = request.headers['x-amz-date'] ?? '';
  if (!/^\d{8}T\d{6}Z$/.test(instant) || !instant.startsWith(date)) fail('no date');
  const time = Date.parse(instant.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Math.abs(Date.now() - time) > 300_000) fail('another time');
  const canonicalHeaders = list.map((name) => `${name}:${String(request.headers[name]).trim()}\n`).join('');
  const canonical = `POST\n${request.url}\n\n${canonicalHeaders}\n${names}\n${sha256(body).toString('hex')}`;
  const scope = `${date}/${region}/kms-xks-proxy/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${instant}\n${scope}\n${sha256(canonical).toString('hex')}`;
  const mac = (key, data) => createHmac('sha256', key).update(data).digest();
  const key = mac(mac(mac(mac(`AWS4${secret}`, date), region), 'kms-xks-proxy'), 'aws4_request');
  if (!timingSafeEqual(mac(key, toSign), Buffer.from(signature, 'hex'))) fail('wrong signature');
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function bytes(body, name, { optional = false, lengths, max } = {}) {
  const value = body[name];
  if (value === undefined && optional) return Buffer.alloc(0);
  if (typeof value !== 'string' || !BASE64.test(value)) refuse(400, 'ValidationException', `${name} is not base64`);
  const decoded = Buffer.from(value, 'base64');
  const fits = (!lengths || lengths.includes(decoded.length)) && decoded.length <= (max ?? Infinity);
  if (!fits) refuse(400, 'ValidationException', `${name} has a wrong length`);
  return decoded;
}

/** "Encrypt": both with their lengths. */
function managerAad(aad, metadata) {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(aad.length);
  return Buffer.concat([head, aad, Buffer.from([metadata.length]), metadata]);
}

const integrityValue = (aad, metadata, iv, ciphertext, tag) => sha256(aad, metadata, iv, ciphertext, tag);

const METADATA = ['awsPrincipalArn', 'kmsOperation', 'kmsRequestId'];
const KNOWN_METADATA = [...METADATA, 'awsSourceVpc', 'awsSourceVpce', 'kmsKeyArn', 'kmsViaService'];

function requireMetadata({ requestMetadata }, names, known) {
  for (const name of names) {
    if (typeof requestMetadata?.[name] !== 'string' || requestMetadata[name] === '') {
      refuse(400, 'ValidationException', `requestMetadata.${name} is missing`);
    }
  }
  for (const name of Object.keys(requestMetadata)) {
    if (!known.includes(name)) refuse(400, 'ValidationException', `requestMetadata.${name} is unknown`);
  }
}

function useKey(key, body, usage) {
  requireMetadata(body, [...METADATA, 'kmsKeyArn'], KNOWN_METADATA);
  if (body.encryptionAlgorithm !== 'AES_GCM') refuse(400, 'ValidationException', 'encryptionAlgorithm');
  if (key.status === 'DISABLED') refuse(400, 'InvalidStateException', 'the key is disabled');
  if (!(key.usage ?? ['ENCRYPT', 'DECRYPT']).includes(usage)) refuse(400, 'InvalidKeyUsageException', usage);
}

const CALLS = {
  metadata(key, body) {
    requireMetadata(body, METADATA, [...METADATA, 'awsSourceVpc', 'awsSourceVpce']);
    const { usage = ['ENCRYPT', 'DECRYPT'], status = 'ENABLED', spec = 'AES_256' } = key;
    return { keySpec: spec, keyUsage: usage, keyStatus: status };
  },
  encrypt(key, body, { patch = {}, seal = false }) {
    useKey(key, body, 'ENCRYPT');
    const plaintext = bytes(body, 'plaintext', { max: 4300 });
    const aad = bytes(body, 'additionalAuthenticatedData', { optional: true, max: 8192 });
    const metadata = Buffer.from(key.metadata ?? '');
    const iv = randomBytes(key.ivLength ?? 12);
    const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.material, 'hex'), iv);
    cipher.setAAD(managerAad(aad, metadata));
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    const tag = cipher.getAuthTag();
    const answer = {
      ciphertext: ciphertext.toString('base64'),
      initializationVector: iv.toString('base64'),
      authenticationTag: tag.toString('base64'),
      ...(metadata.length > 0 ? { ciphertextMetadata: metadata.toString('base64') } : {}),
    };
    const patched = { ...answer, ...patch };
    const algorithm = body.ciphertextDataIntegrityValueAlgorithm;
    if (algorithm === undefined) return patched;
    if (algorithm !== 'SHA_256') refuse(400, 'ValidationException', 'ciphertextDataIntegrityValueAlgorithm');
    if (!(key.usage ?? ['DECRYPT']).includes('DECRYPT')) refuse(400, 'InvalidKeyUsageException', 'no trial decryption');
    const sealed = seal ? patched : answer;
    const part = (name) => Buffer.from(sealed[name] ?? '', 'base64');
    const value = integrityValue(
      aad,
      part('ciphertextMetadata'),
      part('initializationVector'),
      part('ciphertext'),
      part('authenticationTag'),
    );
    return { ...answer, ciphertextDataIntegrityValue: value.toString('base64'), ...patch };
  },
  decrypt(key, body, { patch = {} }) {
    useKey(key, body, 'DECRYPT');
    const ciphertext = bytes(body, 'ciphertext', { max: 4300 });
    const aad = bytes(body, 'additionalAuthenticatedData', { optional: true, max: 8192 });
    const metadata = bytes(body, 'ciphertextMetadata', { optional: true, max: 20 });
    const iv = bytes(body, 'initializationVector', { lengths: [12, 16] });
    const tag = bytes(body, 'authenticationTag', { lengths: [16] });
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key.material, 'hex'), iv);
    decipher.setAAD(managerAad(aad, metadata));
    decipher.setAuthTag(tag);
    try {
      const plaintext = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
      return { plaintext: plaintext.toString('base64'), ...patch };
    } catch {
      return refuse(400, 'InvalidCiphertextException', 'not what this key has encrypted');
    }
  },
};

const HEALTH = {
  xksProxyFleetSize: 1,
  xksProxyVendor: 'Tests',
  xksProxyModel: 'Second proxy',
  ekmVendor: 'Tests',
  ekmFleetDetails: [{ id: 'one', model: 'Memory', healthStatus: 'ACTIVE' }],
};

function answerOf(request, body, how) {
  if (request.method !== 'POST') refuse(405, 'UnsupportedOperationException', 'POST only');
  if (how.error) refuse(...how.error);
  const bases = [configuration.prefix ?? ''].flat().map((prefix) => `${prefix}/kms/xks/v1/`);
  const base = bases.find((one) => request.url.startsWith(one));
  const rest = base === undefined ? '' : request.url.slice(base.length);
  const named = /^keys\/([A-Za-z0-9._-]{1,128})\/(metadata|encrypt|decrypt)$/.exec(rest);
  if (rest !== 'health' && !named) refuse(404, 'InvalidUriPathException', 'no such path');
  verifySignature(request, body);
  let parsed;
  try {
    parsed = JSON.parse(body.toString());
  } catch {
    refuse(400, 'ValidationException', 'not JSON');
  }
  if (rest === 'health') {
    requireMetadata(parsed, ['kmsRequestId', 'kmsOperation'], ['kmsRequestId', 'kmsOperation']);
    return { ...HEALTH, ...configuration.health, ...how.patch };
  }
  const [, id, call] = named;
  if (!Object.hasOwn(configuration.keys, id)) refuse(404, 'KeyNotFoundException', 'no such key');
  const answer = CALLS[call](configuration.keys[id], parsed, how);
  return call === 'metadata' ? { ...answer, ...how.patch } : answer;
}

async function handle(request, response) {
  const how = takeBehavior();
  const entry = { path: request.url, connection: request.socket.number, answered: false };
  log.push(entry);
  const isReused = request.socket.hadRequest === true;
  request.socket.hadRequest = true;
  if (how.close === 'unread' || (how.close === 'reused' && isReused)) return request.socket.destroy();
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const body = Buffer.concat(pieces);
  try {
    const { requestMetadata } = JSON.parse(body.toString());
    entry.operation = requestMetadata?.kmsOperation;
    entry.metadata = requestMetadata;
    entry.headers = request.headers;
    entry.members = Object.keys(JSON.parse(body.toString()));
  } catch {
    entry.operation = undefined;
  }
  if (how.close === 'silent') return request.socket.destroy();
  if (how.headerDelay) await new Promise((resolve) => setTimeout(resolve, how.headerDelay));
  if (how.raw !== undefined || how.bytes !== undefined) {
    request.socket.write(how.raw ?? Buffer.from(how.bytes, 'base64'));
    if (how.end) request.socket.end();
    return undefined;
  }
  if (how.endless) return endless(request.socket, how.endless);
  let status = 200;
  let answer;
  try {
    answer = answerOf(request, body, how);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    status = error.status;
    answer = { errorName: error.name, errorMessage: error.message };
  }
  const text = how.body ?? JSON.stringify(answer);
  response.writeHead(how.status ?? status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...how.headers,
  });
  if (how.bodyDelay || how.close === 'half') {
    response.write(text.slice(0, text.length / 2));
    if (how.close === 'half') return setTimeout(() => request.socket.destroy(), 10);
    await new Promise((resolve) => setTimeout(resolve, how.bodyDelay));
    response.end(text.slice(text.length / 2));
  } else {
    response.end(text);
  }
  entry.answered = true;
  return undefined;
}

function endless(socket, what) {
  const [head, piece] = {
    body: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', `4000\r\n${' '.repeat(0x4000)}\r\n`],
    headers: ['HTTP/1.1 200 OK\r\n', `X-More: ${'x'.repeat(1000)}\r\n`],
    informational: ['', 'HTTP/1.1 102 Processing\r\n\r\n'],
  }[what];
  socket.write(head);
  const write = () => {
    while (!socket.destroyed) if (!socket.write(piece)) return void socket.once('drain', write);
  };
  write();
}

const onRequest = (request, response) => void handle(request, response).catch((error) => request.socket.destroy(error));
// sessions outlive certificates
const ticketKeys = randomBytes(48);
const server = configuration.tls
  ? createHttpsServer({ ...configuration.tls, ticketKeys }, onRequest)
  : createHttpServer(onRequest);
server.keepAliveTimeout = configuration.keepAliveTimeout ?? 60_000;
server.on('secureConnection', (socket) => (socket.number = socket._parent.number));
server.on('clientError', (_error, socket) => socket.destroy());
server.on('tlsClientError', () => {});

// in front of TLS, so that a connection can be kept waiting
const front = createTcpServer({ pauseOnConnect: true }, (socket) => {
  socket.number = ++connections;
  sockets.set(socket, socket.number);
  socket.on('error', () => {});
  socket.on('close', () => sockets.delete(socket));
  const pass = () => {
    if (socket.destroyed) return;
    server.emit('connection', socket);
    if (!configuration.tls) socket.resume();
  };
  const { connectDelay } = behavior;
  if (connectDelay && times > 0) {
    times -= 1;
    setTimeout(pass, connectDelay);
  } else pass();
});

const COMMANDS = {
  behave({ as, times: count = Infinity }) {
    behavior = as;
    times = count;
  },
  configure: (changes) => void Object.assign(configuration, changes),
  secure({ tls }) {
    server.setSecureContext(tls);
    server.setTicketKeys(ticketKeys);
  },
  log() {
    const requests = log;
    log = [];
    return { requests, connections, open: sockets.size };
  },
  closeIdle({ how }) {
    for (const socket of sockets.keys()) {
      if (how === 'reset') socket.resetAndDestroy();
      else socket.end();
    }
  },
};

front.listen(configuration.port ?? 0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: front.address().port })}\n`);
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const command = JSON.parse(line);
      process.stdout.write(`${JSON.stringify(COMMANDS[command.do](command) ?? {})}\n`);
    })
    .on('close', () => process.exit(0));
});
