/** `kms xks-proxy` as a process: its start, its files, TLS, its signals, and its sudden end. */
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createKey, workplace, type Workplace } from '../../e2e/command.ts';
import { TOKENS } from '../../support/pkcs11/token.ts';
import {
  base64,
  certificate,
  clientOf,
  CREDENTIAL,
  linesOf,
  request,
  startProxy,
  URI_PATH,
  writeCredential,
  writeMap,
  type ClientOptions,
  type RunningProxy,
  type Send,
} from './proxy.ts';

const CLUSTER = 'cluster-a2b3c4d5e6f';
const NEW = { accessKeyId: 'NEW'.padEnd(24, 'Z'), secret: 'n'.repeat(43) };
const MAP = ['--map', 'map.json'];
const HEALTH = request('health');

async function prepared(): Promise<{ readonly work: Workplace; readonly key: string }> {
  const work = await workplace();
  const key = await createKey(work);
  writeCredential(work, 'credential.json', CREDENTIAL);
  writeMap(work, [{ XksKeyId: 'foo', Key: key }]);
  return { work, key };
}

/** Files alone: they are read before the keyring. */
async function filesOnly(): Promise<Workplace> {
  const work = await workplace({ init: false });
  writeCredential(work, 'credential.json', CREDENTIAL);
  writeMap(work, []);
  return work;
}

const start = (work: Workplace, ...args: string[]): Promise<RunningProxy> =>
  startProxy(work, onTestFinished, ...MAP, ...args);

function client(url: string, tls?: ClientOptions): Send {
  const { send, close } = clientOf(url, tls);
  onTestFinished(close);
  return send;
}

const encrypt = (text: string) => request('keys/foo/encrypt', { plaintext: base64(text) });

describe('what does not start', () => {
  const credential = (change: object, inner: object = {}): string =>
    JSON.stringify({
      XksProxyAuthenticationCredential: {
        AccessKeyId: CREDENTIAL.accessKeyId,
        RawSecretAccessKey: CREDENTIAL.secret,
        ...inner,
      },
      ...change,
    });
  const map = (change: object, more: object[] = []): string =>
    JSON.stringify({ Paths: [{ UriPath: URI_PATH, Credentials: ['credential.json'], Keys: [], ...change }, ...more] });
  const path = { UriPath: URI_PATH, Credentials: ['credential.json'], Keys: [] };
  const keys = (...all: object[]): string => map({ Keys: all });
  const foo = { XksKeyId: 'foo', Key: 'alias/foo' };

  test.each([
    ['no YAML', 'Paths: [', /^the map map\.json: .* at line 1, column 9/],
    [
      'a member twice',
      'Paths:\n  - UriPath: a\n    UriPath: b\n',
      /^the map map\.json: Map keys must be unique at line 3, column 5/,
    ],
    ['a list', '[]', /^the map map\.json: neither an object of JSON nor a mapping of YAML/],
    ['nothing', '', /^the map map\.json: neither an object/],
    ['no paths', '{}', /Value null at 'paths'/],
    ['an unknown member', '{"Paths": [], "Path": 1}', /unknown member Path in the file\nhint: members there: Paths/],
    ['an unknown member of a path', map({ Key: [] }), /unknown member Key in Paths\[0\]\nhint: members there: UriPath/],
    ['an unknown member of a key', keys({ ...foo, KeyId: 'x' }), /unknown member KeyId in Paths\[0\]\.Keys\[0\]/],
    ['no key', keys({ XksKeyId: 'foo' }), /Value null at 'paths\.1\.member\.keys\.1\.member\.key'/],
    [
      'a usage that is none',
      keys({ ...foo, Usage: ['SIGN'] }),
      /Value 'SIGN' at 'paths\.1\.member\.keys\.1\.member\.usage/,
    ],
    [
      'an external key ID with a slash',
      keys({ ...foo, XksKeyId: 'a/b' }),
      /Value 'a\/b' at 'paths\.1\.member\.keys\.1\.member\.xksKeyId'/,
    ],
    ['an external key ID of dots', keys({ ...foo, XksKeyId: '..' }), /Value '\.\.' at/],
    [
      'an external key ID of YAML that is a number',
      'Paths: [{UriPath: /kms/xks/v1, Credentials: [c], Keys: [{XksKeyId: 12, Key: a}]}]',
      /NUMBER_VALUE can not be converted to a String/,
    ],
    ['an external key twice', keys(foo, foo), /XksKeyId foo occurs more than once/],
    [
      'a path with a dot',
      map({ UriPath: '/a.b/kms/xks/v1' }),
      /Value '\/a\.b\/kms\/xks\/v1' at 'paths\.1\.member\.uriPath'/,
    ],
    ['a path with another end', map({ UriPath: '/kms/xks/v2' }), /at 'paths\.1\.member\.uriPath'/],
    ['a path with an empty part', map({ UriPath: '//kms/xks/v1' }), /at 'paths\.1\.member\.uriPath'/],
    ['a path twice', map({}, [path]), /UriPath \S+ occurs more than once/],
    ['no credentials', map({ Credentials: [] }), /at 'paths\.1\.member\.credentials'/],
    ['a credential twice', map({ Credentials: ['credential.json', 'credential.json'] }), /AccessKeyId \w+ occurs more/],
    [
      'a credential that is not there',
      map({ Credentials: ['none'] }),
      /^the credential file \/.*\/none does not exist/,
    ],
  ])('a map with %s', async (_, text, message) => {
    const work = await filesOnly();
    writeFileSync(join(work.folder, 'map.json'), text);
    const { stderr, exitCode, stdout } = await work.kms('xks-proxy', ...MAP, '--listen', '127.0.0.1:0');
    expect(stderr.replace('kms: [ERROR]: ', '').trimStart()).toMatch(message);
    expect([exitCode, stdout]).toEqual([253, '']);
  });

  test.each([
    ['no JSON', 'xyz', /: not a JSON object/],
    ['nothing of it', '{}', /: XksProxyAuthenticationCredential is missing/],
    ['an unknown member', credential({ More: 1 }), /: unknown member "More"/],
    ['another path', credential({ XksProxyUriPath: '/kms/xks/v1' }), /: XksProxyUriPath is "\/kms\/xks\/v1", and not /],
    ['a short ID', credential({}, { AccessKeyId: 'SHORT' }), /: AccessKeyId must be 20 to 30/],
    ['an ID of other characters', credential({}, { AccessKeyId: '1'.repeat(20) }), /: AccessKeyId must be/],
    ['a short secret', credential({}, { RawSecretAccessKey: 'hunter2' }), /: RawSecretAccessKey must be 43 to 64/],
    [
      'a secret of other characters',
      credential({}, { RawSecretAccessKey: 'hunter2-'.repeat(6) }),
      /: RawSecretAccessKey/,
    ],
  ])('a credential file with %s, whose secret is not shown', async (_, text, message) => {
    const work = await filesOnly();
    writeFileSync(join(work.folder, 'credential.json'), text);
    const { stderr, exitCode } = await work.kms('xks-proxy', ...MAP, '--listen', '127.0.0.1:0');
    expect(stderr).toMatch(/the credential file \/.*\/credential\.json: /);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/hunter2|xyz/);
    expect(exitCode).toBe(253);
  });

  test('a map that others can write, or that is a link', async () => {
    const work = await filesOnly();
    const file = join(work.folder, 'map.json');
    chmodSync(file, 0o666);
    expect((await work.kms('xks-proxy', ...MAP)).stderr).toMatch(/the map map.json is writable by other users/);
    chmodSync(file, 0o644);
    symlinkSync(file, join(work.folder, 'link.json'));
    expect((await work.kms('xks-proxy', '--map', 'link.json')).stderr).toMatch(/the map link.json is a symbolic link/);
  });

  test('a credential file that others can read, or that is a link', async () => {
    const work = await filesOnly();
    const file = join(work.folder, 'credential.json');
    chmodSync(file, 0o640);
    expect((await work.kms('xks-proxy', ...MAP)).stderr).toMatch(/is accessible to other users\nhint: chmod 600/);
    chmodSync(file, 0o600);
    symlinkSync(file, join(work.folder, 'link'));
    writeMap(work, [], ['link']);
    expect((await work.kms('xks-proxy', ...MAP)).stderr).toMatch(/link is a symbolic link/);
  });

  test.each([
    ['an address that is no address', ['--listen', 'here'], /here is not a valid address/],
    [
      'other machines in clear',
      ['--listen', '0.0.0.0:0'],
      /connections are not encrypted\nhint: specify a certificate/,
    ],
    ['half of TLS', ['--tls-cert', 'x'], /must be specified together/],
    ['half of mutual TLS', ['--client-ca', 'x'], /--client-ca and --client-name must be specified together/],
    ['mutual TLS without TLS', ['--client-ca', 'x', '--client-name', 'y'], /--client-ca requires --tls-cert/],
    ['an access log that is a folder', ['--access-log', '.'], /is a folder/],
    ['an access log in no folder', ['--access-log', 'none/log'], /does not exist/],
  ])('%s', async (_, args, message) => {
    const work = await filesOnly();
    const { stderr, exitCode } = await work.kms('xks-proxy', ...MAP, ...args);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(253);
  });

  test('without a map; without a keyring; on a port in use', async () => {
    const { work } = await prepared();
    expect(await work.kms('xks-proxy')).toMatchObject({ exitCode: 252 });
    const nowhere = { env: { ...work.env, POCKET_KMS_KEYRING: join(work.folder, 'none') } };
    const none = await work.kmsWith(nowhere, 'xks-proxy', ...MAP, '--listen', '127.0.0.1:0');
    expect(none).toMatchObject({ exitCode: 253, stdout: '' });
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const taken = await work.kms('xks-proxy', ...MAP, '--listen', `127.0.0.1:${port}`);
    expect(taken.stderr).toContain(`cannot listen on 127.0.0.1:${port}: the address is already in use`);
    expect(taken.exitCode).toBe(253);
  });
});

describe('TLS', () => {
  test('1.2 and 1.3, with the cipher suites of AWS KMS', async () => {
    const { work } = await prepared();
    const { cert, key } = certificate(work);
    const { url } = await start(work, '--tls-cert', cert, '--tls-key', key);
    const ca = readFileSync(cert);
    expect(await client(url, { ca })(HEALTH)).toMatchObject({ status: 200 });
    expect(await client(url, { ca, maxVersion: 'TLSv1.2' })(HEALTH)).toMatchObject({ status: 200 });
    await expect(
      client(url, { ca, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' })(HEALTH),
    ).rejects.toThrow();
    await expect(client(url)(HEALTH)).rejects.toThrow('self-signed certificate');
    expect(work.events().at(-1)).toMatchObject({ eventName: 'GenerateRandom', tlsDetails: { tlsVersion: 'TLSv1.3' } });
  });

  test('mutual: a certificate of the CA with the name, and no other', async () => {
    const { work } = await prepared();
    const { cert, key } = certificate(work);
    const [known, other] = [
      certificate(work, 'client', '/CN=cks.kms.us-east-1.amazonaws.com'),
      certificate(work, 'other'),
    ];
    const tls = ['--tls-cert', cert, '--tls-key', key, '--client-ca', known.cert];
    const { url } = await start(work, ...tls, '--client-name', 'cks.kms.us-east-1.amazonaws.com');
    const ca = readFileSync(cert);
    const own = (files: typeof known) => ({ cert: readFileSync(files.cert), key: readFileSync(files.key) });
    expect(await client(url, { ca, ...own(known) })(HEALTH)).toMatchObject({ status: 200 });
    await expect(client(url, { ca, ...own(other) })(HEALTH)).rejects.toThrow();
    await expect(client(url, { ca })(HEALTH)).rejects.toThrow();
    // each request on a connection of its own, which resumes the session of the one before
    const { send, close } = clientOf(url, { ca, ...own(known), keepAlive: false });
    onTestFinished(close);
    for (let turn = 0; turn < 3; turn += 1) expect(await send(HEALTH)).toMatchObject({ status: 200 });
    const { url: named } = await start(work, ...tls, '--client-name', 'somebody.else');
    await expect(client(named, { ca, ...own(known) })(HEALTH)).rejects.toThrow();
  });
});

describe('signals', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s completes the requests that are in progress', async (signal) => {
    const { work } = await prepared();
    const { url, child, ended, said } = await start(work);
    const send = client(url);
    await send(HEALTH);
    const answers = Promise.all(Array.from({ length: 20 }, (_, at) => send(encrypt(`text ${at}`))));
    // they have arrived once another one that was sent after them is answered
    await send(HEALTH);
    child.kill(signal);
    expect((await answers).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(said()).toBe('kms: stopping after the requests in progress\n');
    await expect(send(HEALTH)).rejects.toThrow();
  });

  test('SIGHUP reads the map and the credentials again, with nothing interrupted', async () => {
    const { work, key } = await prepared();
    const { url, child, said } = await start(work);
    const send = client(url);
    const again = async (text: string): Promise<void> => {
      child.kill('SIGHUP');
      await expect.poll(said).toContain(text);
    };
    writeCredential(work, 'new.json', NEW);
    const keys = [
      { XksKeyId: 'foo', Key: key },
      { XksKeyId: 'bar', Key: key },
    ];
    expect((await send({ ...HEALTH, credential: NEW })).status).toBe(401);
    expect((await send(request('keys/bar/metadata'))).status).toBe(404);
    writeMap(work, keys, ['credential.json', 'new.json']);
    await again('the map map.json was read again');
    for (const credential of [CREDENTIAL, NEW]) expect((await send({ ...HEALTH, credential })).status).toBe(200);
    expect((await send(request('keys/bar/metadata'))).status).toBe(200);
    writeFileSync(join(work.folder, 'map.json'), '{');
    await again('the map in use is unchanged: the map map.json: ');
    expect((await send(HEALTH)).status).toBe(200);
    writeMap(work, keys, ['new.json']);
    child.kill('SIGHUP');
    await expect.poll(async () => (await send(HEALTH)).status).toBe(401);
    expect((await send({ ...HEALTH, credential: NEW })).status).toBe(200);
  });

  test('SIGHUP reads the certificate again, for new connections', async () => {
    const { work } = await prepared();
    const [one, two] = [certificate(work), certificate(work, 'renewed')];
    const { url, child, said } = await start(work, '--tls-cert', one.cert, '--tls-key', one.key);
    const [old, renewed] = [readFileSync(one.cert), readFileSync(two.cert)];
    const send = client(url, { ca: old });
    expect(await send(HEALTH)).toMatchObject({ status: 200 });
    copyFileSync(two.cert, one.cert);
    child.kill('SIGHUP');
    await expect.poll(said).toContain('the map in use is unchanged: the certificate');
    copyFileSync(two.key, one.key);
    child.kill('SIGHUP');
    await expect.poll(said).toContain('was read again');
    expect(await client(url, { ca: renewed })(HEALTH)).toMatchObject({ status: 200 });
    await expect(client(url, { ca: old })(HEALTH)).rejects.toThrow('self-signed');
    expect(await send(HEALTH)).toMatchObject({ status: 200 });
  });

  test('killed at any time, all that was answered is in the log, and can be decrypted by the next one', async () => {
    const { work } = await prepared();
    const { url, child, ended } = await start(work);
    const send = client(url);
    const answered: { readonly [member: string]: unknown }[] = [];
    const calls = Array.from({ length: 8 }, async (_, at) => {
      for (;;) {
        const answer = await send(encrypt(`text ${at}`)).catch(() => undefined);
        if (!answer) return;
        answered.push(answer.json);
      }
    });
    await expect.poll(() => answered.length, { timeout: 10_000 }).toBeGreaterThan(50);
    child.kill('SIGKILL');
    await Promise.all([...calls, ended]);
    const events = work.events().filter(({ eventName }) => eventName === 'Encrypt');
    expect(events.length).toBeGreaterThanOrEqual(answered.length);
    expect((await work.kms('audit', 'verify')).exitCode).toBe(0);
    const next = client((await start(work)).url);
    for (const json of answered.slice(-10))
      expect(await next(request('keys/foo/decrypt', json))).toMatchObject({ status: 200 });
  });
});

test('many clients at once, beside commands and a rotation', async () => {
  const { work, key } = await prepared();
  await work.text('settings', 'put', 'TransitionTime', '0');
  const { url } = await start(work, '--access-log', 'access.jsonl');
  const send = client(url);
  const run = async (at: number): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) {
      const plaintext = base64(`text ${at} ${turn}`);
      const cdiv = { ciphertextDataIntegrityValueAlgorithm: 'SHA_256' };
      const { json, status } = await send(request('keys/foo/encrypt', { plaintext, ...cdiv }));
      expect(status).toBe(200);
      expect(await send(request('keys/foo/decrypt', json))).toMatchObject({ json: { plaintext } });
    }
  };
  const commands = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn += 1) await work.text('rotate-key-on-demand', '--key-id', key);
  };
  await Promise.all([commands(), ...Array.from({ length: 30 }, (_, at) => run(at))]);
  expect((await work.kms('audit', 'verify')).exitCode).toBe(0);
  expect(linesOf(join(work.folder, 'access.jsonl'))).toHaveLength(600);
  expect(work.events().filter(({ eventName }) => eventName === 'Decrypt')).toHaveLength(600);
}, 60_000);

describe('the access log', () => {
  test('is made for this user alone, and appended to', async () => {
    const { work } = await prepared();
    const file = join(work.folder, 'access.jsonl');
    for (const count of [1, 2]) {
      const { url, child, ended } = await start(work, '--access-log', 'access.jsonl');
      await client(url)(HEALTH);
      child.kill('SIGTERM');
      await ended;
      expect(linesOf(file)).toHaveLength(count);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('has a line for whoever is refused, with the reason, and nothing that a terminal would act on', async () => {
    const { work } = await prepared();
    const { url } = await start(work, '--access-log', 'access.jsonl');
    const send = client(url);
    await send({ ...HEALTH, path: `${HEALTH.path}%1b[31m` });
    await send({ ...HEALTH, signed: { time: 0 } });
    await send({ ...HEALTH, path: '/ping', method: 'GET', body: '' });
    await send({ ...HEALTH, method: 'GET' });
    await send(request('health', {}, { kmsRequestId: '\u009b31m\u202e' }));
    await send({ ...HEALTH, path: `/${'a'.repeat(15_000)}` });
    const text = readFileSync(join(work.folder, 'access.jsonl'), 'utf8');
    expect(text).toMatch(/^[ -~\n]*$/);
    expect(linesOf(join(work.folder, 'access.jsonl'))).toMatchObject([
      { status: 404, errorName: 'InvalidUriPathException' },
      { status: 401, operation: 'GetHealthStatus', reason: expect.stringMatching(/^Signature expired: /) },
      { status: 405, method: 'GET', reason: 'only POST is served' },
      { status: 200, requestMetadata: { kmsRequestId: '\u009b31m\u202e' } },
      { status: 404, path: `/${'a'.repeat(511)}` },
    ]);
    expect(text.split('\n')[1]).not.toContain(CREDENTIAL.accessKeyId);
  });

  test('that cannot be written is told of, and requests are answered', async () => {
    const { work } = await prepared();
    const { url, said } = await start(work, '--access-log', '/dev/full');
    expect((await client(url)(HEALTH)).status).toBe(200);
    await expect.poll(said).toMatch(/the access log \/dev\/full cannot be written: the disk is full/);
  });

  test('may be standard output', async () => {
    const { work } = await prepared();
    const { url, child } = await start(work, '--access-log', '-');
    const line = once(child.stdout!, 'data') as Promise<[Buffer]>;
    await client(url)(HEALTH);
    expect(JSON.parse(String((await line)[0]))).toMatchObject({ status: 200, operation: 'GetHealthStatus' });
  });
});

test('a keyring that cannot be written is an unavailable key manager, of which the client learns no more', async () => {
  const { work } = await prepared();
  const { url, said } = await start(work);
  const send = client(url);
  rmSync(join(work.folder, 'ring'), { recursive: true });
  mkdirSync(join(work.folder, 'ring'));
  expect((await send(HEALTH)).json['ekmFleetDetails']).toMatchObject([{ healthStatus: 'UNAVAILABLE' }]);
  const answer = await send(encrypt('x'));
  expect(answer).toMatchObject({ status: 500, json: { errorName: 'InternalException' } });
  expect(answer.text).not.toContain(work.folder);
  await expect.poll(said).toContain('keyring');
});

test('a token that is taken away is an unavailable key manager, and one that is put back is used again', async () => {
  const work = await workplace({ init: false });
  const token = TOKENS.SoftHSM(work.folder);
  Object.assign(work.env, token.env);
  const label = ['--label', 'key-1', '--key-type', 'AES:32', '--sensitive', '--private', '--usage-decrypt'];
  token.pkcs11Tool(['--keygen', ...label], token.password);
  await work.text('hsm', 'add', CLUSTER, ...token.addOptions);
  writeCredential(work, 'credential.json', CREDENTIAL);
  writeMap(work, [
    { XksKeyId: 'foo', Key: 'key-1' },
    { XksKeyId: 'bar', Key: 'key-2' },
  ]);
  const pin = (text: string): void => writeFileSync(join(work.folder, 'pin'), text, { mode: 0o600 });
  pin('wrongPassword1');
  const hsm = ['--hsm', CLUSTER, '--pin-file', 'pin'];
  expect((await work.kms('xks-proxy', ...MAP, ...hsm)).stderr).toMatch(
    /CKR_PIN_INCORRECT\nhint: the password in pin is not/,
  );
  pin(token.password);
  const { url, child, ended } = await start(work, ...hsm);
  const send = client(url);
  const sealed = await send(encrypt('x'));
  expect(sealed).toMatchObject({ status: 200 });
  const decrypt = request('keys/foo/decrypt', sealed.json);
  expect(await send(request('keys/bar/metadata'))).toMatchObject({
    status: 404,
    json: { errorName: 'KeyNotFoundException' },
  });
  token.remove();
  const gone = await send(decrypt);
  expect(gone.status).toBeGreaterThanOrEqual(404);
  expect(gone.json['errorName']).not.toBe('InvalidCiphertextException');
  token.putBack();
  await expect.poll(async () => (await send(decrypt)).json).toEqual({ plaintext: base64('x') });
  child.kill('SIGTERM');
  expect(await ended).toEqual({ code: 0, signal: null });
}, 30_000);
