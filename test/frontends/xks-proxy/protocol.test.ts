/**
 * What a proxy refuses, by the AWS KMS External Key Store Proxy API Specification: paths, methods, signatures, bodies, sizes. One
 * proxy is asked everything, and afterwards it still answers.
 */
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createKey, workplace, type Workplace } from '../../e2e/command.ts';
import {
  base64,
  clientOf,
  CREDENTIAL,
  linesOf,
  METADATA,
  request,
  startProxy,
  URI_PATH,
  writeCredential,
  writeMap,
  type Send,
  type Sent,
} from './proxy.ts';

const OTHER = { accessKeyId: 'A'.repeat(20), secret: 'other+secret/of=43to64chars'.padEnd(64, 'x') };
const HEALTH = request('health');
const MINUTE = 60_000;
let work: Workplace;
let send: Send;
let url: string;

// a hook that is registered in a hook is not called
const ends: (() => void)[] = [];
const until = (end: () => void): void => void ends.unshift(end);
afterAll(() => {
  for (const end of ends) end();
});

beforeAll(async () => {
  work = await workplace({ until });
  const Key = await createKey(work);
  writeCredential(work, 'credential.json', CREDENTIAL);
  writeCredential(work, 'other.json', OTHER);
  const keys = [
    { XksKeyId: 'foo', Key },
    { XksKeyId: 'health', Key },
    { XksKeyId: 'a.b-c_D', Key },
  ];
  const map = writeMap(work, keys, ['credential.json', 'other.json']);
  ({ url } = await startProxy(work, until, '--map', map, '--access-log', 'access.jsonl'));
  const client = clientOf(url);
  until(client.close);
  send = client.send;
});

afterEach(async () => {
  const plaintext = base64('Hello World!');
  const { status, json } = await send(request('keys/foo/encrypt', { plaintext }));
  expect(status).toBe(200);
  expect(await send(request('keys/foo/decrypt', json))).toMatchObject({ status: 200, json: { plaintext } });
});

const refused = (status: number, errorName: string) => ({ status, json: { errorName } });

describe('paths', () => {
  const body = HEALTH.body;
  test.each([
    '/',
    '/kms/xks/v1/health',
    URI_PATH,
    `${URI_PATH}/`,
    `${URI_PATH}/health/`,
    `${URI_PATH}//health`,
    `/${URI_PATH}/health`,
    `${URI_PATH}/health?`,
    `${URI_PATH}/health?a=b`,
    `${URI_PATH}/health#`,
    `${URI_PATH}/Health`,
    `${URI_PATH}/keys/health`,
    `${URI_PATH}/keys//metadata`,
    `${URI_PATH}/keys/foo`,
    `${URI_PATH}/keys/foo/`,
    `${URI_PATH}/keys/foo/metadata/`,
    `${URI_PATH}/keys/foo/delete`,
    `${URI_PATH}/keys/./metadata`,
    `${URI_PATH}/keys/../health`,
    `${URI_PATH}/keys/../metadata`,
    `${URI_PATH}/keys/foo/../foo/metadata`,
    `${URI_PATH}/keys/foo%2Fmetadata`,
    `${URI_PATH}/keys/f%6fo/metadata`,
    `${URI_PATH}/keys/%2e%2e/metadata`,
    `${URI_PATH}/keys/foo/bar/metadata`,
    `${URI_PATH}/keys/foo%00/metadata`,
    `${URI_PATH}/keys/%C3%A9/metadata`,
    `${URI_PATH}/keys/foo;a=b/metadata`,
    `${URI_PATH}/keys/foo\\metadata`,
    `${URI_PATH}/keys/${'a'.repeat(129)}/metadata`,
    `${URI_PATH.replace('v1', 'v2')}/health`,
    `${URI_PATH.replace('example', 'Example')}/health`,
    `/example/uri/path/../path/prefix/kms/xks/v1/health`,
    `http://localhost${URI_PATH}/health`,
    `${URI_PATH}/${'a/'.repeat(2000)}health`,
  ])('%s is not found', async (path) => {
    expect(await send({ path, body })).toMatchObject(refused(404, 'InvalidUriPathException'));
  });

  test('bytes that are no ASCII are no path', async () => {
    const head = `POST ${URI_PATH}/keys/f\u00f6\u00f6/metadata HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`;
    expect(await raw(head)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('a path comes before a signature, that before a body, that before a key', async () => {
    const [none, wrong] = [{ authorization: null }, { ...CREDENTIAL, secret: OTHER.secret }];
    expect(await send({ path: '/x', body: '{', headers: none })).toMatchObject(refused(404, 'InvalidUriPathException'));
    const unknown = `${URI_PATH}/keys/none/encrypt`;
    expect(await send({ path: unknown, body: '{', credential: wrong })).toMatchObject(
      refused(401, 'AuthenticationFailedException'),
    );
    expect(await send({ path: unknown, body: '{' })).toMatchObject(refused(400, 'ValidationException'));
    expect(await send(request('keys/none/encrypt', { plaintext: '' }))).toMatchObject(
      refused(400, 'ValidationException'),
    );
    expect(await send(request('keys/none/encrypt', { plaintext: 'QQ==' }))).toMatchObject(
      refused(404, 'KeyNotFoundException'),
    );
  });

  test('the external key IDs of the specification', async () => {
    for (const id of ['health', 'a.b-c_D'])
      expect(await send(request(`keys/${id}/metadata`))).toMatchObject({ status: 200 });
    for (const id of ['FOO', '...', 'constructor', '__proto__', 'a'.repeat(128)])
      expect(await send(request(`keys/${id}/metadata`))).toMatchObject(refused(404, 'KeyNotFoundException'));
  });
});

describe('methods', () => {
  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE'])('%s is 405', async (method) => {
    for (const path of [HEALTH.path, `${URI_PATH}/keys/foo/encrypt`, '/'])
      expect(await send({ ...HEALTH, path, method })).toMatchObject({
        status: 405,
        headers: { allow: 'POST' },
        text: '',
      });
  });
  test('load balancers need no signature', async () => {
    const headers = { authorization: null, 'x-amz-date': null };
    expect(await send({ path: '/ping', method: 'GET', body: '', headers })).toMatchObject({ status: 200 });
    expect(await send({ path: '/ping', method: 'HEAD', body: '', headers })).toMatchObject({ status: 200, text: '' });
    expect(await send({ path: '/ping', body: '', headers })).toMatchObject(refused(404, 'InvalidUriPathException'));
  });
});

describe('signatures', () => {
  const spaced = (text: string): string => text.replace(/, /g, ',   ');
  const joined = (text: string): string => text.replace(/, /g, ',');
  test('of either credential, with blanks after the commas or none', async () => {
    expect(await send({ ...HEALTH, credential: OTHER })).toMatchObject({ status: 200 });
    for (const change of [spaced, joined]) {
      const answer = await send({ ...HEALTH, rewrite: change });
      expect(answer).toMatchObject({ status: 200 });
    }
  });
  test('for nearly five minutes, either way', async () => {
    for (const minutes of [-4.9, 4.9])
      expect(await send({ ...HEALTH, signed: { time: Date.now() + minutes * MINUTE } })).toMatchObject({ status: 200 });
  });

  const wrong: { readonly [name: string]: Partial<Sent> | (() => Partial<Sent>) } = {
    'of another path': { signed: { path: `${URI_PATH}/keys/foo/metadata` } },
    'of another body': { signed: { body: HEALTH.body.replace('Encrypt', 'Decrypt') } },
    'of another method': { signed: { method: 'GET' } },
    'for another service': { signed: { service: 'kms' } },
    'of another day': { signed: { date: '20200101' } },
    'that is too old': () => ({ signed: { time: Date.now() - 5.2 * MINUTE } }),
    'that is of the future': () => ({ signed: { time: Date.now() + 5.2 * MINUTE } }),
    'with the secret of the other credential': { credential: { ...CREDENTIAL, secret: OTHER.secret } },
    'of an unknown access key ID': { credential: { ...CREDENTIAL, accessKeyId: 'B'.repeat(20) } },
    'of an access key ID with other case': {
      credential: { ...CREDENTIAL, accessKeyId: CREDENTIAL.accessKeyId.toLowerCase() },
    },
    'of an access key ID that objects have': { credential: { ...CREDENTIAL, accessKeyId: '__proto__' } },
    'that is missing': { headers: { authorization: null } },
    'that is empty': { headers: { authorization: '' } },
    'without a date': { headers: { 'x-amz-date': null } },
    'with another date': { headers: { 'x-amz-date': '20260101T000000Z' } },
    'with a date that is none': { headers: { 'x-amz-date': 'yesterday' } },
    'with another host': { headers: { host: 'localhost' } },
    'with another content type': { headers: { 'content-type': 'text/plain' } },
    'with a header of AWS that is not signed': { headers: { 'x-amz-target': 'TrentService.Encrypt' } },
    'of another algorithm': { rewrite: (text) => text.replace('SHA256', 'SHA512') },
    'that does not sign the date': { rewrite: (text) => text.replace(';x-amz-date', '') },
    'that does not sign the host': { rewrite: (text) => text.replace('host;', '') },
    'with a letter more': { rewrite: (text) => `${text}0` },
    'with a letter less': { rewrite: (text) => text.slice(0, -1) },
    'in upper case': {
      rewrite: (text) => text.replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase().replace(/^\d*$/, 'A')),
    },
    'in base64': { rewrite: () => 'Basic QTpC' },
  };
  test.each(Object.entries(wrong))('one %s is refused', async (_, change) => {
    const answer = await send({ ...HEALTH, ...(typeof change === 'function' ? change() : change) });
    expect(answer).toMatchObject(refused(401, 'AuthenticationFailedException'));
    expect(answer.json['errorMessage']).toBe('The request has no valid signature.');
  });

  test('a request that came twice is answered twice: signatures are good for five minutes', async () => {
    const signed = { time: Date.now() - MINUTE };
    const [one, two] = [await send({ ...HEALTH, signed }), await send({ ...HEALTH, signed })];
    expect([one.status, two.status]).toEqual([200, 200]);
  });

  test('a header that came twice is not one that was signed', async () => {
    const answer = await send({ ...HEALTH, headers: { 'x-amz-date': ['20260101T000000Z', '20260101T000000Z'] } });
    expect(answer).toMatchObject(refused(400, 'ValidationException'));
  });
});

describe('bodies', () => {
  const of = (body: string): Sent => ({ path: `${URI_PATH}/keys/foo/encrypt`, body });
  const metadata = (change: object): Sent => request('keys/foo/encrypt', { plaintext: 'QQ==' }, change);
  const encrypt = (members: object): Sent => request('keys/foo/encrypt', members);
  const decrypt = (change: object): Sent =>
    request('keys/foo/decrypt', {
      ciphertext: 'QQ==',
      initializationVector: base64(Buffer.alloc(16)),
      authenticationTag: base64(Buffer.alloc(16)),
      ciphertextMetadata: base64(Buffer.alloc(17)),
      ...change,
    });
  const wrong: { readonly [name: string]: readonly [status: number, errorName: string, sent: Sent] } = {
    'no body': [400, 'ValidationException', of('')],
    'half an object': [400, 'ValidationException', of('{"requestMetadata":')],
    'a list': [400, 'ValidationException', of('[]')],
    'a text': [400, 'ValidationException', of('"{}"')],
    null: [400, 'ValidationException', of('null')],
    'what is nested deeply': [400, 'ValidationException', of('['.repeat(30_000))],
    'two objects': [400, 'ValidationException', of('{}{}')],
    'metadata that is a text': [400, 'ValidationException', of('{"requestMetadata":"x"}')],
    'metadata that is null': [400, 'ValidationException', of('{"requestMetadata":null}')],
    'no principal': [400, 'ValidationException', metadata({ awsPrincipalArn: undefined })],
    'no key ARN': [400, 'ValidationException', metadata({ kmsKeyArn: undefined })],
    'no operation': [400, 'ValidationException', metadata({ kmsOperation: undefined })],
    'no request ID': [400, 'ValidationException', metadata({ kmsRequestId: undefined })],
    'a request ID that is a number': [400, 'ValidationException', metadata({ kmsRequestId: 1 })],
    'a principal of 2,049 characters': [400, 'ValidationException', metadata({ awsPrincipalArn: 'a'.repeat(2049) })],
    'half a surrogate pair': [
      400,
      'ValidationException',
      of(metadata({ kmsRequestId: '?' }).body.replace('?', '\\ud800')),
    ],
    'another algorithm': [400, 'ValidationException', encrypt({ plaintext: 'QQ==', encryptionAlgorithm: 'AES_CBC' })],
    'another integrity value': [
      400,
      'ValidationException',
      encrypt({ plaintext: 'QQ==', ciphertextDataIntegrityValueAlgorithm: 'MD5' }),
    ],
    'an empty plaintext': [400, 'ValidationException', encrypt({ plaintext: '' })],
    'a plaintext that is null': [400, 'ValidationException', encrypt({ plaintext: null })],
    'a plaintext that is a list': [400, 'ValidationException', encrypt({ plaintext: ['QQ=='] })],
    'base64 without padding': [400, 'ValidationException', encrypt({ plaintext: 'QQ' })],
    'base64 with bits that say nothing': [400, 'ValidationException', encrypt({ plaintext: 'QR==' })],
    'base64 for URLs': [400, 'ValidationException', encrypt({ plaintext: '-_-_' })],
    'base64 with line ends': [400, 'ValidationException', encrypt({ plaintext: 'QUJD\nQUJD' })],
    'base64 with text behind it': [400, 'ValidationException', encrypt({ plaintext: 'QQ==QQ==' })],
    'AAD that is no base64': [
      400,
      'ValidationException',
      encrypt({ plaintext: 'QQ==', additionalAuthenticatedData: '?' }),
    ],
    '4,301 bytes': [501, 'UnsupportedOperationException', encrypt({ plaintext: base64(Buffer.alloc(4301)) })],
    'AAD of 8,193 bytes': [
      501,
      'UnsupportedOperationException',
      encrypt({ plaintext: 'QQ==', additionalAuthenticatedData: base64(Buffer.alloc(8193)) }),
    ],
    'a huge body': [501, 'UnsupportedOperationException', of(' '.repeat(65_537))],
    'no ciphertext': [400, 'ValidationException', decrypt({ ciphertext: undefined })],
    'no IV': [400, 'ValidationException', decrypt({ initializationVector: undefined })],
    'no tag': [400, 'ValidationException', decrypt({ authenticationTag: undefined })],
    'a ciphertext of 4,301 bytes': [
      501,
      'UnsupportedOperationException',
      decrypt({ ciphertext: base64(Buffer.alloc(4301)) }),
    ],
    'zeros for a ciphertext': [400, 'InvalidCiphertextException', decrypt({})],
    'no ciphertext metadata': [400, 'InvalidCiphertextException', decrypt({ ciphertextMetadata: undefined })],
    'an IV of 12 bytes': [
      400,
      'InvalidCiphertextException',
      decrypt({ initializationVector: base64(Buffer.alloc(12)) }),
    ],
    'a tag of 15 bytes': [400, 'InvalidCiphertextException', decrypt({ authenticationTag: base64(Buffer.alloc(15)) })],
    'an empty tag': [400, 'InvalidCiphertextException', decrypt({ authenticationTag: '' })],
  };
  test.each(Object.entries(wrong))('%s', async (_, [status, errorName, sent]) => {
    const answer = await send(sent);
    expect(answer).toMatchObject(refused(status, errorName));
    expect(answer.json['errorMessage']).toMatch(/^[ -~]{1,511}$/);
  });

  test('what a message quotes is printable ASCII', async () => {
    const { json } = await send(encrypt({ plaintext: 'QQ==', encryptionAlgorithm: 'é\u202e\u0000'.repeat(400) }));
    expect(json['errorMessage']).toMatch(/^[ -~]{511}$/);
  });

  test('the sizes of the specification, members that are unknown, operations that are unknown', async () => {
    const plaintext = base64(Buffer.alloc(4300, 7));
    const additionalAuthenticatedData = base64(Buffer.alloc(8192, 9));
    const long = `arn:aws:iam::123456789012:role/${'é'.repeat(2000)}`.padEnd(2048, 'x');
    const about = {
      awsPrincipalArn: long,
      kmsKeyArn: long,
      kmsOperation: 'KmsOperationOfTheFuture',
      awsSourceVpc: 'vpc-1',
      awsSourceVpce: 'vpce-1',
      sourceIdentity: { is: 'unknown' },
    };
    const cdiv = { ciphertextDataIntegrityValueAlgorithm: 'SHA_256' };
    const { status, json } = await send(
      request('keys/foo/encrypt', { plaintext, additionalAuthenticatedData, ...cdiv, more: 1 }, about),
    );
    expect(status).toBe(200);
    expect(Buffer.from(json['ciphertext'] as string, 'base64')).toHaveLength(4300);
    const opened = await send(request('keys/foo/decrypt', { ...json, additionalAuthenticatedData }, about));
    expect(opened.json).toEqual({ plaintext });
  });

  test('empty AAD is none', async () => {
    const { json } = await send(encrypt({ plaintext: 'QQ==', additionalAuthenticatedData: '' }));
    expect(await send(request('keys/foo/decrypt', json))).toMatchObject({ json: { plaintext: 'QQ==' } });
  });

  test('of a member that occurs twice the last one counts, in the answer and in the log', async () => {
    const body = JSON.stringify({
      requestMetadata: METADATA,
      encryptionAlgorithm: 'AES_GCM',
      plaintext: base64('two'),
    });
    const twice = body.replace('{', `{"requestMetadata":{"kmsRequestId":"first"},"plaintext":"${base64('one')}",`);
    const { json } = await send(of(twice));
    expect(await send(request('keys/foo/decrypt', json))).toMatchObject({ json: { plaintext: base64('two') } });
    const line = linesOf(join(work.folder, 'access.jsonl')).at(-2)!;
    expect(line['requestMetadata']).toMatchObject({ kmsRequestId: METADATA.kmsRequestId });
  });

  test('changes of any part of a ciphertext are noticed', async () => {
    const { json } = await send(encrypt({ plaintext: base64('Hello World!') }));
    for (const [name, value] of Object.entries(json)) {
      const bytes = Buffer.from(value as string, 'base64');
      for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1;
        const answer = await send(request('keys/foo/decrypt', { ...json, [name]: base64(changed) }));
        expect(answer, `${name} at ${at}`).toMatchObject(refused(400, 'InvalidCiphertextException'));
      }
    }
  });
});

describe('connections', () => {
  test('one is kept for many requests, in chunks or not', async () => {
    const { path, body } = HEALTH;
    const answer = await send({ path, body, headers: { 'content-length': null, 'transfer-encoding': 'chunked' } });
    expect(answer).toMatchObject({ status: 200, headers: { connection: 'keep-alive' } });
  });
  test('a length and chunks at once are no request', async () => {
    const head = `POST ${URI_PATH}/health HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect(await raw(`${head}0\r\n\r\nGET /ping HTTP/1.1\r\nHost: a\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
  });
  test('no host is no request; what is no HTTP is left', async () => {
    expect(await raw(`POST ${URI_PATH}/health HTTP/1.1\r\nContent-Length: 0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw('\u0016\u0003\u0001\u0002\u0000\u0001')).toMatch(/^HTTP\/1\.1 400 |^$/);
    expect(await raw(`POST /${'a'.repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });
  test('a large body is not read to its end', async () => {
    const head = `POST ${URI_PATH}/health HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n`;
    expect(await raw(head)).toMatch(/^HTTP\/1\.1 501 .*Connection: close.*UnsupportedOperationException/is);
  });
  test('who does not send a body is not waited for by others', async () => {
    const sockets = Array.from({ length: 50 }, () => connect(Number(new URL(url).port), '127.0.0.1'));
    for (const socket of sockets)
      socket.on('error', () => {}).write(`POST ${URI_PATH}/health HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n`);
    expect(await send(HEALTH)).toMatchObject({ status: 200 });
    for (const socket of sockets) socket.destroy();
  });
});

/** Everything that is answered, until the connection ends. */
const raw = (text: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (piece: Buffer) => (answer += piece.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.end(Buffer.from(text, 'latin1'));
  });
