/**
 * The client of external key store proxies against a proxy that shares no code with it, and that is told to misbehave. What
 * each answer means is from the AWS KMS External Key Store Proxy API Specification ("Error codes" and the section of each
 * call); what KMS does, from the AWS KMS Developer Guide, "Troubleshooting external key stores".
 */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../../src/crypto/secret.ts';
import { createXksClient, type XksClientDeps } from '../../../src/key-managers/xks/client.ts';
import {
  XksError,
  type Xks,
  type XksCiphertext,
  type XksErrorName,
  type XksKeyUseMetadata,
  type XksProxyAddress,
} from '../../../src/key-managers/xks/xks.ts';
import { certificateAuthority, type Authority } from '../../support/certificates.ts';
import {
  startProxy,
  type ExternalProxy,
  type ProxyConfiguration,
  type ProxyLog,
} from '../../support/external-proxy.ts';
import { seeded } from '../../support/fixture.ts';
import { temporaryFolders } from '../../support/folder.ts';

const folder = temporaryFolders();
const HOST = 'xks.example.com';
const ID = 'ABCDEFGHIJKLMNOPQRST';
const SECRET = 'w+3uMCdAeqvnbQOUAROqTpN4iIyMGUWfVJkBKDBdfEY=';
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const address: XksProxyAddress = {
  uriEndpoint: `https://${HOST}`,
  uriPath: '/tenant/kms/xks/v1',
  accessKeyId: ID,
  secret: new Secret(utf8(SECRET)),
  region: 'eu-central-1',
};
const metadata: XksKeyUseMetadata = {
  awsPrincipalArn: 'arn:aws:iam::111122223333:user/Alice',
  kmsOperation: 'Encrypt',
  kmsRequestId: '4112f4d6-db54-4af4-ae30-c55a22a8dfae',
  kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
};
const aad = utf8('project=nile,department=marketing');
const plaintext = randomBytes(60);

let authority: Authority;
let proxy: ExternalProxy;
let clients: Xks[] = [];

const configuration = (): ProxyConfiguration => ({
  prefix: '/tenant',
  credentials: { [ID]: SECRET },
  keys: {
    one: { material: '0b'.repeat(32), metadata: 'key_version=1' },
    plain: { material: '0c'.repeat(32), ivLength: 16 },
    disabled: { material: '0d'.repeat(32), status: 'DISABLED' },
    encrypts: { material: '0e'.repeat(32), usage: ['ENCRYPT'] },
    decrypts: { material: '0f'.repeat(32), usage: ['DECRYPT', 'SIGN'] },
  },
  tls: authority.sign(HOST),
});

beforeAll(async () => {
  authority = certificateAuthority(folder());
  proxy = await startProxy(configuration());
});
afterAll(() => proxy.stop());
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  clients = [];
  await proxy.behave({});
  expect((await logOnce(({ open }) => open === 0)).open).toBe(0);
});

/** Long enough for a machine that does much else at the time; tests of time-outs have their own. */
const PATIENT = 20_000;

function clientOf(deps: Partial<XksClientDeps> & { readonly port?: number; readonly address?: string } = {}): Xks {
  const { port = proxy.port, address: to = '127.0.0.1', ...rest } = deps;
  const client = createXksClient({
    clock: Date.now,
    hosts: () => [],
    findHost: (host) => ({ host, connect: { address: to, port }, authorities: authority.cert }),
    timeout: PATIENT,
    ...rest,
  });
  clients.push(client);
  return client;
}

const encrypt = (client: Xks, key = 'one'): Promise<XksCiphertext> =>
  client.encrypt(address, key, { plaintext, aad, metadata });
const health = (client: Xks, at: Partial<XksProxyAddress> = {}): Promise<unknown> =>
  client.getHealthStatus({ ...address, ...at }, { kmsRequestId: 'one', kmsOperation: 'ConnectCustomKeyStore' });

/** What it fails with; its text has nothing of the proxy's. */
async function errorOf(call: Promise<unknown>): Promise<XksErrorName | 'none'> {
  try {
    await call;
    return 'none';
  } catch (error) {
    if (!(error instanceof XksError)) throw error;
    expect([error.message, ...error.hints].join()).not.toMatch(/PROXYTEXT/);
    return error.errorName;
  }
}

/** Waits for what the other process has yet to notice. */
async function logOnce(holds: (log: ProxyLog) => boolean): Promise<ProxyLog> {
  for (let tries = 0; ; tries += 1) {
    const log = await proxy.log();
    if (holds(log) || tries === 200) return log;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the four calls', () => {
  test('health and key metadata', async () => {
    const client = clientOf();
    expect(await health(client)).toEqual({
      xksProxyFleetSize: 1,
      xksProxyVendor: 'Tests',
      xksProxyModel: 'Second proxy',
      ekmVendor: 'Tests',
      ekmFleetDetails: [{ id: 'one', model: 'Memory', healthStatus: 'ACTIVE' }],
    });
    const creation = { ...metadata, kmsOperation: 'CreateKey' };
    expect(await client.getKeyMetadata(address, 'decrypts', creation)).toEqual({
      keySpec: 'AES_256',
      keyUsage: ['DECRYPT', 'SIGN'],
      keyStatus: 'ENABLED',
    });
    expect(await client.getKeyMetadata(address, 'disabled', creation)).toMatchObject({ keyStatus: 'DISABLED' });
    const { requests } = await proxy.log();
    // members that the specification does not have for a call are not sent
    expect(requests.map((sent) => sent.metadata)).toEqual([
      { kmsRequestId: 'one', kmsOperation: 'ConnectCustomKeyStore' },
      ...Array.from({ length: 2 }, () => ({
        awsPrincipalArn: metadata.awsPrincipalArn,
        kmsOperation: 'CreateKey',
        kmsRequestId: metadata.kmsRequestId,
      })),
    ]);
  });

  test.each([
    ['with ciphertext metadata', 'one', aad],
    ['with an IV of 16 bytes, without metadata', 'plain', aad],
    ['without AAD', 'one', new Uint8Array()],
    ['with 8,192 bytes of AAD', 'plain', randomBytes(8192)],
  ])('what is encrypted is decrypted: %s', async (_, key, additional) => {
    const client = clientOf();
    for (const size of [1, 60, 4300]) {
      const secret = randomBytes(size);
      const made = await client.encrypt(address, key, { plaintext: secret, aad: additional, metadata });
      expect(made.ciphertext).toHaveLength(size);
      expect(made.ciphertext).not.toEqual(new Uint8Array(secret));
      const back = await client.decrypt(address, key, { ...made, aad: additional, metadata });
      expect(back).toEqual(new Uint8Array(secret));
      const other = client.decrypt(address, key, { ...made, aad: utf8('other'), metadata });
      expect(await errorOf(other)).toBe('InvalidCiphertextException');
    }
  });

  test('where the call came from is told', async () => {
    const client = clientOf();
    const whence = { awsSourceVpc: 'vpc-1', awsSourceVpce: 'vpce-1', kmsViaService: 'ebs' };
    const full = { ...metadata, ...whence };
    const made = await client.encrypt(address, 'one', { plaintext, aad, metadata: full });
    await client.decrypt(address, 'one', { ...made, aad, metadata: full });
    const { requests } = await proxy.log();
    expect(requests.map((sent) => sent.metadata)).toEqual([full, full]);
    expect(requests[0]!.members).toEqual([
      'requestMetadata',
      'plaintext',
      'encryptionAlgorithm',
      'additionalAuthenticatedData',
      'ciphertextDataIntegrityValueAlgorithm',
    ]);
    expect(requests[0]!.headers).toMatchObject({ host: HOST, 'content-type': 'application/json' });
  });

  test('changed ciphertexts, IVs, tags and metadata are refused by the proxy', async () => {
    const client = clientOf();
    const made = await encrypt(client);
    const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
    const { ciphertext, iv, tag, ciphertextMetadata } = made;
    for (const changed of [
      { ...made, ciphertext: flipped(ciphertext) },
      { ...made, iv: flipped(iv) },
      { ...made, tag: flipped(tag) },
      { ...made, ciphertextMetadata: flipped(ciphertextMetadata!) },
      { ciphertext, iv, tag },
    ]) {
      const call = client.decrypt(address, 'one', { ...changed, aad, metadata });
      expect(await errorOf(call)).toBe('InvalidCiphertextException');
    }
  });
});

describe('refusals of the proxy', () => {
  test.each([
    ['another secret', { secret: new Secret(utf8('A'.repeat(43))) }, 'AuthenticationFailedException'],
    ['another access key ID', { accessKeyId: 'ZZZZZZZZZZZZZZZZZZZZ' }, 'AuthenticationFailedException'],
    ['another path', { uriPath: '/other/kms/xks/v1' }, 'InvalidUriPathException'],
  ] as const)('%s', async (_, at, name) => {
    expect(await errorOf(health(clientOf(), at))).toBe(name);
  });

  test('a clock that is too far off', async () => {
    expect(await errorOf(health(clientOf({ clock: () => Date.now() - 301_000 })))).toBe(
      'AuthenticationFailedException',
    );
    expect(await errorOf(health(clientOf({ clock: () => Date.now() - 290_000 })))).toBe('none');
  });

  test.each([
    ['unknown', 'KeyNotFoundException'],
    ['disabled', 'InvalidStateException'],
    ['decrypts', 'InvalidKeyUsageException'],
    ['encrypts', 'InvalidKeyUsageException'], // the integrity value needs a trial decryption
  ])('key %s: %s', async (key, name) => {
    expect(await errorOf(encrypt(clientOf(), key))).toBe(name);
  });

  test.each([
    [400, 'ValidationException'],
    [400, 'InvalidStateException'],
    [400, 'InvalidCiphertextException'],
    [400, 'InvalidKeyUsageException'],
    [401, 'AuthenticationFailedException'],
    [403, 'AccessDeniedException'],
    [404, 'KeyNotFoundException'],
    [404, 'InvalidUriPathException'],
    [429, 'ThrottlingException'],
    [501, 'UnsupportedOperationException'],
    [503, 'DependencyTimeoutException'],
    [500, 'InternalException'],
    [500, 'KeyNotFoundException'], // the name decides
    [302, 'AccessDeniedException'],
  ] as const)('%d %s comes once, without the text of the proxy', async (status, name) => {
    await proxy.behave({ error: [status, name, 'PROXYTEXT'] });
    const client = clientOf();
    expect(await errorOf(encrypt(client))).toBe(name);
    expect(await errorOf(health(client))).toBe(name);
    expect((await proxy.log()).requests).toHaveLength(2);
  });
});

const RAW_OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}';
const MANAGER = { id: 'i', model: 'm', healthStatus: 'ACTIVE' };
const health200 = (version: string, more = ''): string => {
  const body = JSON.stringify({
    xksProxyFleetSize: 1,
    xksProxyVendor: 'v',
    xksProxyModel: 'm',
    ekmVendor: 'v',
    ekmFleetDetails: [MANAGER],
  });
  return `HTTP/${version} 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
};
const base64 = (length: number): string => Buffer.alloc(length, 7).toString('base64');

describe('answers that are not those of the specification', () => {
  test.each<readonly [string, object]>([
    ['no body', { body: '' }],
    ['no JSON', { body: 'PROXYTEXT' }],
    ['null', { body: 'null' }],
    ['a list', { body: '[]' }],
    ['a text', { body: '"PROXYTEXT"' }],
    ['an empty object', { body: '{}' }],
    ['bytes that are not UTF-8', { raw: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\xff' }],
    ['lists in lists', { body: '['.repeat(30_000) }],
    ['an error without a body', { status: 500, body: '' }],
    ['an error of another form', { status: 503, body: '<html>PROXYTEXT</html>' }],
    ['an error without a name', { status: 400, body: '{"errorMessage":"PROXYTEXT"}' }],
    ['an error whose name is a number', { status: 400, body: '{"errorName":1}' }],
    ['an unknown error name', { error: [400, 'PROXYTEXTException'] }],
    ['the name of a property', { error: [400, 'constructor'] }],
    ['an error with status 200', { error: [200, 'InternalException', 'PROXYTEXT'] }],
    ['204', { raw: 'HTTP/1.1 204 No Content\r\n\r\n', end: true }],
    ['201', { status: 201 }],
    ['a redirect', { status: 307, headers: { location: 'https://xks.example.com/tenant/kms/xks/v1/health' } }],
    ['HTTP/1.0', { raw: health200('1.0') }],
    ['HTTP/2.0', { raw: health200('2.0') }],
    ['no HTTP', { raw: 'PROXYTEXT\r\n\r\n', end: true }],
    ['another protocol', { raw: 'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nPROXYTEXT' }],
    ['a length that is no number', { raw: 'HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\n{}' }],
    ['a length and chunks', { raw: health200('1.1', 'Transfer-Encoding: chunked\r\n') }],
    ['a body shorter than its length', { raw: health200('1.1').slice(0, -5), end: true }],
    ['a chunk that does not end', { raw: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{', end: true }],
    ['half a body', { close: 'half' }],
    ['headers of 100 KB', { raw: health200('1.1', `X: ${'x'.repeat(100_000)}\r\n`) }],
    ['65,537 bytes', { body: health200('1.1').split('\r\n\r\n')[1]!.padEnd(65_537) }],
    ['a body without end', { endless: 'body' }],
    ['headers without end', { endless: 'headers' }],
    ['informational answers without end', { endless: 'informational' }],
    ['a fleet of none', { patch: { xksProxyFleetSize: 0 } }],
    ['a fleet of a half', { patch: { xksProxyFleetSize: 0.5 } }],
    ['no manager', { patch: { ekmFleetDetails: [] } }],
    ['11 managers', { patch: { ekmFleetDetails: Array.from({ length: 11 }, () => MANAGER) } }],
    ['another health', { patch: { ekmFleetDetails: [{ ...MANAGER, healthStatus: 'GOOD' }] } }],
    ['no vendor', { patch: { ekmVendor: undefined, xksProxyVendor: null } }],
  ])('of health: %s', async (_, how) => {
    await proxy.behave(how);
    const client = clientOf();
    expect(await errorOf(health(client))).toBe('XksProxyInvalidResponse');
    expect((await proxy.log()).requests).toHaveLength(1);
    // what is left of the answer is not the next one
    await proxy.behave({});
    expect(await errorOf(encrypt(client))).toBe('none');
  });

  test.each<readonly [string, object]>([
    ['a ciphertext that is too short', { patch: { ciphertext: base64(59) }, seal: true }],
    ['a ciphertext that is too long', { patch: { ciphertext: base64(61) }, seal: true }],
    ['no ciphertext', { patch: { ciphertext: null } }],
    ['an IV of 11 bytes', { patch: { initializationVector: base64(11) }, seal: true }],
    ['an IV of 13 bytes', { patch: { initializationVector: base64(13) }, seal: true }],
    ['a tag of 12 bytes', { patch: { authenticationTag: base64(12) }, seal: true }],
    ['a tag of 17 bytes', { patch: { authenticationTag: base64(17) }, seal: true }],
    ['metadata of 21 bytes', { patch: { ciphertextMetadata: base64(21) }, seal: true }],
    ['another tag than the one that was made', { patch: { authenticationTag: base64(16) } }],
    ['another ciphertext', { patch: { ciphertext: base64(60) } }],
    ['other metadata', { patch: { ciphertextMetadata: base64(13) } }],
    ['no metadata where there was some', { patch: { ciphertextMetadata: null } }],
    ['another integrity value', { patch: { ciphertextDataIntegrityValue: base64(32) } }],
    ['no integrity value', { patch: { ciphertextDataIntegrityValue: null } }],
    ['no base64', { patch: { authenticationTag: `${'A'.repeat(21)}!==` }, seal: true }],
    ['base64 for URLs', { patch: { authenticationTag: `${'_'.repeat(21)}w==` }, seal: true }],
    ['base64 without padding', { patch: { authenticationTag: 'A'.repeat(22) }, seal: true }],
    ['base64 in lines', { patch: { ciphertext: base64(60).replace(/^.{40}/, '$&\n') }, seal: true }],
    ['a number', { patch: { ciphertext: 12 } }],
  ])('of Encrypt: %s', async (_, how) => {
    await proxy.behave(how);
    expect(await errorOf(encrypt(clientOf()))).toBe('XksProxyInvalidResponse');
  });

  test.each<readonly [string, object]>([
    ['a plaintext that is too short', { patch: { plaintext: base64(59) } }],
    ['a plaintext that is too long', { patch: { plaintext: base64(61) } }],
    ['no plaintext', { patch: { plaintext: null } }],
    ['the base64 of another alphabet', { patch: { plaintext: '-'.repeat(80) } }],
  ])('of Decrypt: %s', async (_, how) => {
    const client = clientOf();
    const made = await encrypt(client);
    await proxy.behave(how);
    const call = client.decrypt(address, 'one', { ...made, aad, metadata });
    expect(await errorOf(call)).toBe('XksProxyInvalidResponse');
  });

  test.each<readonly [string, object]>([
    ['no specification', { patch: { keySpec: null } }],
    ['another status', { patch: { keyStatus: 'PENDING' } }],
    ['a usage that is no list', { patch: { keyUsage: 'ENCRYPT' } }],
    ['11 usages', { patch: { keyUsage: Array(11).fill('ENCRYPT') } }],
  ])('of GetKeyMetadata: %s', async (_, how) => {
    await proxy.behave(how);
    expect(await errorOf(clientOf().getKeyMetadata(address, 'one', metadata))).toBe('XksProxyInvalidResponse');
  });

  const body = health200('1.1').split('\r\n\r\n')[1]!;
  const OK = 'HTTP/1.1 200 OK\r\n';
  test.each<readonly [string, object]>([
    [
      'in chunks',
      {
        raw: `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n${(body.length - 1).toString(16)}\r\n${body.slice(1)}\r\n0\r\n\r\n`,
        end: true,
      },
    ],
    ['without a length, until the connection ends', { raw: `${OK}Connection: close\r\n\r\n${body}`, end: true }],
    ['as the last of its connection', { headers: { connection: 'close' } }],
    ['after one that announces it', { raw: `HTTP/1.1 103 Early Hints\r\n\r\n${health200('1.1')}`, end: true }],
    ['without a type', { raw: health200('1.1'), end: true }],
    ['of another reason', { raw: health200('1.1').replace('200 OK', '200 Fine'), end: true }],
    ['in lines', { body: JSON.stringify(JSON.parse(body), undefined, 2) }],
    ['slowly', { bodyDelay: 50 }],
    ['of 65,536 bytes', { body: body.padEnd(65_536) }],
  ])('an answer is taken: %s', async (_, how) => {
    await proxy.behave(how);
    const client = clientOf();
    expect(await errorOf(health(client))).toBe('none');
    await proxy.behave({});
    expect(await errorOf(encrypt(client))).toBe('none');
  });

  test('empty metadata is none', async () => {
    await proxy.behave({ patch: { ciphertextMetadata: '' } });
    const client = clientOf();
    const made = await encrypt(client, 'plain');
    expect(Object.keys(made)).toEqual(['ciphertext', 'iv', 'tag']);
    await proxy.behave({});
    await proxy.log();
    const empty = { ...made, ciphertextMetadata: new Uint8Array(), aad, metadata };
    expect(await client.decrypt(address, 'plain', empty)).toEqual(new Uint8Array(plaintext));
    expect((await proxy.log()).requests[0]!.members).not.toContain('ciphertextMetadata');
  });

  test('members that are not known are allowed, and dropped', async () => {
    await proxy.behave({ patch: { more: { of: ['it'] } } });
    const client = clientOf();
    expect(Object.keys((await health(client)) as object)).not.toContain('more');
    expect(Object.keys(await encrypt(client)).toSorted()).toEqual(['ciphertext', 'ciphertextMetadata', 'iv', 'tag']);
  });
});

describe('answers made of good ones', () => {
  const answer = async (call: string): Promise<object> => {
    const made = await encrypt(clientOf());
    const toBase64 = (value: Uint8Array): string => Buffer.from(value).toString('base64');
    if (call === 'decrypt') return { plaintext: toBase64(plaintext) };
    const parts = [aad, made.ciphertextMetadata!, made.iv, made.ciphertext, made.tag];
    return {
      ciphertext: toBase64(made.ciphertext),
      initializationVector: toBase64(made.iv),
      authenticationTag: toBase64(made.tag),
      ciphertextMetadata: toBase64(made.ciphertextMetadata!),
      ciphertextDataIntegrityValue: createHash('sha256').update(Buffer.concat(parts)).digest('base64'),
    };
  };
  const CRLF = '\r\n';
  const PIECES = [
    CRLF,
    CRLF + CRLF,
    '0',
    '-',
    '{',
    '"',
    '\0',
    '\xff',
    'HTTP/1.1 100',
    'Content-Length: 1',
    ':',
    '\n',
    'ffffffff',
  ];
  /** Bytes changed, cut out, doubled, and pieces of the protocol put in. */
  const mutated = (text: string, random: () => number): string => {
    const at = (limit: number): number => Math.floor(random() * limit);
    let changed = text;
    for (let count = 1 + at(3); count > 0; count -= 1) {
      const [from, to] = [at(changed.length), at(changed.length)].toSorted((one, other) => one - other) as [
        number,
        number,
      ];
      changed = [
        () => changed.slice(0, from) + String.fromCodePoint(at(256)) + changed.slice(from + 1),
        () => changed.slice(0, from) + changed.slice(Math.min(to, from + 8)),
        () => changed.slice(0, to) + changed.slice(from),
        () => changed.slice(0, from) + PIECES[at(PIECES.length)]! + changed.slice(from),
        () => changed.slice(0, from),
      ][at(5)]!();
    }
    return changed;
  };

  test.each(['encrypt', 'decrypt'])('%s: each is refused, or is the good one', async (call) => {
    const bytes = seeded(`answers to ${call}`);
    const random = (): number => Buffer.from(bytes(4)).readUInt32BE() / 2 ** 32;
    const good = JSON.stringify(await answer(call));
    const http = `HTTP/1.1 200 OK${CRLF}Content-Type: application/json${CRLF}Content-Length: ${good.length}${CRLF}${CRLF}${good}`;
    const made = await encrypt(clientOf());
    const seen = new Map<string, number>();
    const rounds = Number(process.env['FUZZ_ANSWERS'] ?? 200);
    for (let round = 0; round < rounds; round += 1) {
      const sent = Buffer.from(mutated(http, random), 'latin1');
      await proxy.behave({ bytes: sent.toString('base64'), end: true });
      const client = clientOf();
      let taken: unknown;
      const work =
        call === 'encrypt'
          ? encrypt(client).then((value) => (taken = value.ciphertext.length))
          : client.decrypt(address, 'one', { ...made, aad, metadata }).then((value) => (taken = value.length));
      const name = await errorOf(work);
      if (name === 'none') expect(taken, sent.toString('latin1')).toBe(60);
      seen.set(name, (seen.get(name) ?? 0) + 1);
      await client.close();
    }
    const other = [...seen.keys()].filter(
      (name) => !['none', 'XksProxyInvalidResponse', 'XksProxyUnreachable'].includes(name),
    );
    expect(other).toEqual([]);
    expect(seen.get('XksProxyInvalidResponse')).toBeGreaterThan(rounds / 4);
  });
});

describe('time', () => {
  const SHORT = 300;

  test.each<readonly [string, object, number]>([
    ['TLS', { connectDelay: 1500 }, 0],
    ['the headers', { headerDelay: 3000 }, 2],
    ['the body', { bodyDelay: 3000 }, 2],
    ['more than an informational answer', { raw: 'HTTP/1.1 103 Early Hints\r\n\r\n' }, 2],
    ['the rest of a body', { raw: RAW_OK.slice(0, -1) }, 2],
  ])('a proxy that does not come to %s is asked twice, and not for longer', async (_, how, requests) => {
    const client = clientOf({ timeout: SHORT });
    await proxy.behave(how);
    const before = (await proxy.log()).connections;
    const start = performance.now();
    expect(await errorOf(health(client))).toBe('XksProxyTimedOut');
    expect(performance.now() - start).toBeGreaterThan(2 * SHORT - 20);
    expect(performance.now() - start).toBeLessThan(2 * SHORT + 2000);
    const log = await proxy.log();
    expect(log.requests).toHaveLength(requests);
    expect(log.connections - before).toBe(2);
    expect((await logOnce(({ open }) => open === 0)).open).toBe(0);
  });

  test('one that is slow once answers the second time', async () => {
    const client = clientOf({ timeout: 1500 });
    await proxy.behave({ headerDelay: 4000 }, 1);
    expect(await errorOf(encrypt(client))).toBe('none');
    expect((await proxy.log()).requests).toHaveLength(2);
  });

  test('an answer that has arrived while this process was busy is read', async () => {
    const client = clientOf({ timeout: 1500 });
    await health(client);
    await proxy.log();
    await proxy.behave({ headerDelay: 300 });
    const call = errorOf(encrypt(client));
    await logOnce(({ requests }) => requests.length > 0);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
    expect(await call).toBe('none');
    expect((await proxy.log()).requests).toHaveLength(0);
  });

  test('the time is 250 ms if nothing else is said', async () => {
    const client = createXksClient({
      clock: Date.now,
      hosts: () => [],
      findHost: (host) => ({ host, connect: { address: '127.0.0.1', port: proxy.port }, authorities: authority.cert }),
    });
    clients.push(client);
    await proxy.behave({ headerDelay: 3000 });
    const start = performance.now();
    expect(await errorOf(health(client))).toBe('XksProxyTimedOut');
    expect(performance.now() - start).toBeGreaterThan(490);
  });
});

/** A keyring that others have written can have anything in its records. */
describe('nothing of a record makes another request of it', () => {
  test.each([
    ['a path', { uriPath: '/admin/delete' }, 'InvalidUriPathException'],
    ['a query', { uriPath: '/a?b=/kms/xks/v1' }, 'InvalidUriPathException'],
    ['dots', { uriPath: '/../kms/xks/v1' }, 'InvalidUriPathException'],
    ['a new line in the path', { uriPath: '/kms/xks/v1\r\nHost: other' }, 'InvalidUriPathException'],
    ['a new line in the access key ID', { accessKeyId: `${ID}\r\nX: y` }, 'AuthenticationFailedException'],
    ['no access key ID', { accessKeyId: '' }, 'AuthenticationFailedException'],
    ['a Region', { region: 'us-east-1\r\n' }, 'AuthenticationFailedException'],
  ] as const)('%s', async (_, changed, errorName) => {
    const { connections } = await proxy.log();
    expect(await errorOf(health(clientOf(), changed))).toBe(errorName);
    expect((await proxy.log()).connections).toBe(connections);
  });

  test.each(['', '.', '..', 'a/b', 'a?b', 'a#b', 'a%2fb', 'a b', 'a\r\nb', 'é', 'a'.repeat(129)])(
    'the external key ID %j',
    async (key) => {
      const { connections } = await proxy.log();
      expect(await errorOf(encrypt(clientOf(), key))).toBe('KeyNotFoundException');
      expect((await proxy.log()).connections).toBe(connections);
    },
  );
});

describe('connections', () => {
  test('calls that follow each other use one', async () => {
    const client = clientOf();
    for (let at = 0; at < 20; at += 1) await encrypt(client);
    const { requests } = await proxy.log();
    expect(new Set(requests.map(({ connection }) => connection)).size).toBe(1);
  });

  test('more calls than there are connections wait no longer than others', async () => {
    const client = clientOf({ timeout: 1000 });
    await proxy.behave({ headerDelay: 20_000 });
    const start = performance.now();
    const names = await Promise.all(Array.from({ length: 300 }, () => errorOf(encrypt(client))));
    expect(new Set(names)).toEqual(new Set(['XksProxyTimedOut']));
    expect(performance.now() - start).toBeLessThan(8000);
    await proxy.behave({});
    expect(await errorOf(clientOf().getKeyMetadata(address, 'one', metadata))).toBe('none');
  });

  test('an entry that was changed holds for the next call; calls under way go on', async () => {
    const second = await startProxy(configuration());
    let port = proxy.port;
    let isListed = true;
    const findHost = (host: string) =>
      isListed ? { host, connect: { address: '127.0.0.1', port }, authorities: authority.cert } : undefined;
    const client = clientOf({ findHost });
    await Promise.all([health(client), health(client)]);
    await proxy.behave({ headerDelay: 500 }, 1);
    const first = errorOf(health(client));
    await logOnce(({ requests }) => requests.length > 0);
    port = second.port;
    expect(await errorOf(health(client))).toBe('none');
    expect((await second.log()).requests).toHaveLength(1);
    expect(await first).toBe('none');
    expect((await logOnce(({ open }) => open === 0)).open).toBe(0);
    isListed = false;
    expect(await errorOf(health(client))).toBe('XksProxyNotAllowed');
    expect((await second.log()).requests).toHaveLength(0);
    await second.stop();
  });

  test('which host a VPC endpoint service has', () => {
    const vpcEndpointServiceName = 'com.amazonaws.vpce.us-east-1.vpce-svc-example1';
    const found = { host: 'private.xks.example.com', vpcEndpointServiceName };
    const hosts = [{ host: 'xks.example.com' }, found];
    const client = clientOf({ hosts: () => hosts, findHost: (host) => hosts.find((one) => one.host === host) });
    expect(client.privateDnsNameOf(vpcEndpointServiceName)).toBe(found.host);
    expect(client.privateDnsNameOf('com.amazonaws.vpce.us-east-1.vpce-svc-example2')).toBeUndefined();
    expect(client.findEntry('https://PRIVATE.xks.example.com')).toBe(found);
    expect(client.findEntry('https://other.example.com')).toBeUndefined();
    expect(client.findEntry('private.xks.example.com')).toBeUndefined();
  });

  test('calls at once have one each, and their own answers', async () => {
    const client = clientOf();
    const secrets = Array.from({ length: 200 }, (_, at) => Buffer.alloc(40, at));
    const backs = await Promise.all(
      secrets.map(async (secret) => {
        const made = await client.encrypt(address, 'one', { plaintext: secret, aad, metadata });
        return client.decrypt(address, 'one', { ...made, aad, metadata });
      }),
    );
    expect(backs).toEqual(secrets.map((secret) => new Uint8Array(secret)));
    const { requests, open } = await proxy.log();
    expect(requests).toHaveLength(400);
    expect(open).toBeGreaterThan(1);
    expect(open).toBeLessThanOrEqual(128);
  });

  test('a slow call does not hold up another', async () => {
    const client = clientOf();
    await health(client);
    await proxy.behave({ headerDelay: 2000 }, 1);
    const slow = encrypt(client).then(() => 'slow');
    await logOnce(({ requests }) => requests.length > 0);
    expect(await Promise.race([slow, encrypt(client).then(() => 'quick')])).toBe('quick');
    expect(await slow).toBe('slow');
  });

  test.each(['end', 'reset'] as const)('those that the proxy has closed in between (%s) are not used', async (how) => {
    const client = clientOf();
    await Promise.all([health(client), health(client), health(client)]);
    await proxy.closeIdle(how);
    expect(await errorOf(encrypt(client))).toBe('none');
  });

  test('one that is closed just then counts as none: a new one takes the request', async () => {
    const client = clientOf();
    await Promise.all([health(client), health(client), health(client)]);
    await proxy.log();
    await proxy.behave({ close: 'unread' }, 1);
    expect(await errorOf(encrypt(client))).toBe('none');
    expect((await proxy.log()).requests).toHaveLength(2);
    // nor is another that has been idle as long
    await Promise.all([health(client), health(client), health(client)]);
    await proxy.log();
    await proxy.behave({ close: 'reused' });
    expect(await errorOf(encrypt(client))).toBe('none');
    expect((await proxy.log()).requests).toHaveLength(2);
    // not more often than once
    await proxy.behave({ close: 'unread' });
    expect(await errorOf(encrypt(client))).toBe('XksProxyUnreachable');
    expect((await proxy.log()).requests).toHaveLength(2);
  });

  test.each(['unread', 'silent'])(
    'a new one that is closed without an answer (%s) is not tried again',
    async (close) => {
      await proxy.behave({ close });
      expect(await errorOf(encrypt(clientOf()))).toBe('XksProxyUnreachable');
      expect((await proxy.log()).requests).toHaveLength(1);
    },
  );

  test('an answer that nobody asked for does no harm', async () => {
    const client = clientOf();
    await proxy.behave({ raw: `${health200('1.1')}${RAW_OK}` }, 1);
    expect(await errorOf(health(client))).toBe('none');
    const names = [await errorOf(health(client)), await errorOf(health(client))];
    expect(['none', 'XksProxyInvalidResponse']).toContain(names[0]);
    expect(names[1]).toBe('none');
  });

  test('close() leaves none, and ends what waits', async () => {
    const client = clientOf();
    await Promise.all([health(client), health(client)]);
    await proxy.behave({ headerDelay: 5000 });
    const waiting = errorOf(encrypt(client));
    await logOnce(({ requests }) => requests.length > 0);
    await client.close();
    expect(await waiting).toBe('XksProxyUnreachable');
    const { connections } = await proxy.log();
    expect(await errorOf(health(client))).toBe('XksProxyUnreachable');
    expect((await proxy.log()).connections).toBe(connections);
    expect((await logOnce(({ open }) => open === 0)).open).toBe(0);
  });

  test('a proxy that is not there', async () => {
    const gone = await startProxy(configuration());
    await gone.stop();
    expect(await errorOf(health(clientOf({ port: gone.port })))).toBe('XksProxyUnreachable');
  });

  test('a new credential is used at once; the old one as long as the proxy takes it', async () => {
    const client = clientOf();
    const [id, secret] = ['BBBBBBBBBBBBBBBBBBBB', 'B'.repeat(43)];
    const changed = { accessKeyId: id, secret: new Secret(utf8(secret)) };
    expect(await errorOf(health(client, changed))).toBe('AuthenticationFailedException');
    await proxy.configure({ credentials: { [ID]: SECRET, [id]: secret } });
    expect(await errorOf(health(client))).toBe('none');
    expect(await errorOf(health(client, changed))).toBe('none');
    await proxy.configure({ credentials: { [id]: secret } });
    expect(await errorOf(health(client))).toBe('AuthenticationFailedException');
    expect(await errorOf(health(client, changed))).toBe('none');
    await proxy.configure({ credentials: { [ID]: SECRET } });
  });
});

describe('TLS', () => {
  const against = async (change: Partial<ProxyConfiguration>): Promise<XksErrorName | 'none'> => {
    const other = await startProxy({ ...configuration(), ...change });
    try {
      return await errorOf(health(clientOf({ port: other.port })));
    } finally {
      await other.stop();
    }
  };
  const versions = (version: string, ciphers?: string): Partial<ProxyConfiguration> => ({
    tls: {
      ...authority.sign(HOST),
      minVersion: version,
      maxVersion: version,
      ...(ciphers === undefined ? {} : { ciphers }),
    },
  });

  test.each([
    ['1.2', () => versions('TLSv1.2')],
    ['1.3', () => versions('TLSv1.3')],
    ['a certificate for all names of the domain', () => ({ tls: authority.sign('*.example.com') })],
  ])('%s is good', async (_, change) => {
    expect(await against(change())).toBe('none');
  });

  test.each([
    ['1.1', () => versions('TLSv1.1', 'DEFAULT:@SECLEVEL=0')],
    ['a cipher suite that KMS does not have', () => versions('TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256')],
    ['a certificate that has expired', () => ({ tls: authority.sign(HOST, -1) })],
    ['a certificate for another name', () => ({ tls: authority.sign('other.example.com') })],
    ['a certificate for a name below', () => ({ tls: authority.sign(`one.${HOST}`) })],
    ['the certificate of another authority', () => ({ tls: certificateAuthority(folder()).sign(HOST) })],
    ['no TLS', () => ({ tls: undefined })],
  ])('%s is not', async (_, change) => {
    expect(await against(change())).toBe('XksProxyTls');
  });

  test('without an authority of its own, a host needs a certificate that is trusted everywhere', async () => {
    const { port } = proxy;
    const findHost = (host: string) => ({ host, connect: { address: '127.0.0.1', port } });
    expect(await errorOf(health(clientOf({ findHost })))).toBe('XksProxyTls');
  });

  test('a certificate that has expired since the last connection', async () => {
    const other = await startProxy(configuration());
    const client = clientOf({ port: other.port });
    expect(await errorOf(health(client))).toBe('none');
    await other.secure(authority.sign(HOST, -1));
    expect(await errorOf(health(client))).toBe('none'); // the same connection
    await other.closeIdle('end');
    expect(await errorOf(health(client))).toBe('XksProxyTls');
    await other.stop();
  });

  test('a proxy that wants the certificate of its client', async () => {
    const at = folder();
    const { key, cert } = authority.sign(HOST);
    writeFileSync(join(at, 'both.pem'), key + cert);
    const server = spawn('openssl', 's_server -accept 127.0.0.1:0 -cert both.pem -Verify 1'.split(' '), {
      cwd: at,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let port: string | undefined;
    for await (const line of createInterface({ input: server.stdout })) {
      port = /^ACCEPT 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port !== undefined) break;
    }
    expect(await errorOf(health(clientOf({ port: Number(port) })))).toBe('XksProxyTls');
    server.kill();
  });

  test('a certificate is verified whatever the environment says', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect(await against({ tls: authority.sign('other.example.com') })).toBe('XksProxyTls');
      expect(await against({ tls: certificateAuthority(folder()).sign(HOST) })).toBe('XksProxyTls');
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });

  test('the proxy sees the name of the host, wherever it is', async () => {
    await health(clientOf());
    expect((await proxy.log()).requests[0]!.headers).toMatchObject({ host: HOST });
  });
});
