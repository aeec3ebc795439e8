/** KMS keys of a keyring behind a proxy: who may use them, in what state, and what the keyring's log says of it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createKey, workplace, type Workplace } from '../../e2e/command.ts';
import {
  base64,
  clientOf,
  CREDENTIAL,
  linesOf,
  METADATA,
  request,
  startProxy,
  writeCredential,
  writeMap,
  type Answer,
  type MapKey,
  type RunningProxy,
  type Send,
} from './proxy.ts';

interface Proxied extends RunningProxy {
  readonly send: Send;
  readonly encrypt: (externalKeyId: string, plaintext?: string) => Promise<Answer>;
  /** What an encryption has answered. */
  readonly decrypt: (externalKeyId: string, encrypted: Answer, changes?: object) => Promise<Answer>;
}

const LOG = ['--access-log', 'access.jsonl'];
const AAD = base64('project=nile');

async function proxied(work: Workplace, keys: readonly MapKey[], ...args: string[]): Promise<Proxied> {
  writeCredential(work, 'credential.json', CREDENTIAL);
  const running = await startProxy(work, onTestFinished, '--map', writeMap(work, keys), ...args);
  const { send, close } = clientOf(running.url);
  onTestFinished(close);
  return {
    ...running,
    send,
    encrypt: (id, plaintext = 'Hello World!') =>
      send(request(`keys/${id}/encrypt`, { plaintext: base64(plaintext), additionalAuthenticatedData: AAD })),
    decrypt: (id, { json }, changes) =>
      send(request(`keys/${id}/decrypt`, { ...json, additionalAuthenticatedData: AAD, ...changes })),
  };
}

const opened = { status: 200, json: { plaintext: base64('Hello World!') } };
const refused = (status: number, errorName: string) => ({ status, json: { errorName } });

test('the state of the key decides, and what was encrypted can be decrypted once it is enabled again', async () => {
  const work = await workplace();
  const key = await createKey(work);
  const { encrypt, decrypt, send } = await proxied(work, [{ XksKeyId: 'one', Key: key }]);
  const sealed = await encrypt('one');
  await work.text('disable-key', '--key-id', key);
  expect(await encrypt('one')).toMatchObject(refused(400, 'InvalidStateException'));
  expect(await decrypt('one', sealed)).toMatchObject(refused(400, 'InvalidStateException'));
  expect(await send(request('keys/one/metadata'))).toMatchObject({ status: 200, json: { keyStatus: 'DISABLED' } });
  await work.text('enable-key', '--key-id', key);
  expect(await decrypt('one', sealed)).toMatchObject(opened);
  expect(await send(request('keys/one/metadata'))).toMatchObject({
    json: { keySpec: 'AES_256', keyStatus: 'ENABLED', keyUsage: ['ENCRYPT', 'DECRYPT'] },
  });
  await work.text('schedule-key-deletion', '--key-id', key);
  expect(await decrypt('one', sealed)).toMatchObject(refused(400, 'InvalidStateException'));
  await work.text('cancel-key-deletion', '--key-id', key);
  await work.text('enable-key', '--key-id', key);
  expect(await decrypt('one', sealed)).toMatchObject(opened);
});

test('after a rotation old ciphertexts are decrypted, and new ones are of the new material', async () => {
  const work = await workplace();
  const key = await createKey(work);
  await work.text('settings', 'put', 'TransitionTime', '0');
  await work.text('create-alias', '--alias-name', 'alias/external', '--target-key-id', key);
  const { encrypt, decrypt } = await proxied(work, [{ XksKeyId: 'one', Key: 'alias/external' }]);
  const before = await encrypt('one');
  await work.text('rotate-key-on-demand', '--key-id', key);
  const after = await encrypt('one');
  expect(after.json['ciphertextMetadata']).not.toBe(before.json['ciphertextMetadata']);
  for (const sealed of [before, after]) expect(await decrypt('one', sealed)).toMatchObject(opened);
  expect(await decrypt('one', before, { ciphertextMetadata: after.json['ciphertextMetadata'] })).toMatchObject(
    refused(400, 'InvalidCiphertextException'),
  );
});

test('each use is an event of the keyring, also a refused one, and its access log has a line without the data', async () => {
  const work = await workplace();
  const key = await createKey(work);
  const { encrypt, decrypt, child, ended } = await proxied(work, [{ XksKeyId: 'one', Key: key }], ...LOG);
  const sealed = await encrypt('one');
  await decrypt('one', sealed);
  await decrypt('one', sealed, { additionalAuthenticatedData: base64('other') });
  await encrypt('two');
  const ofCall = {
    eventSource: 'kms.amazonaws.com',
    sourceIPAddress: '127.0.0.1',
    userAgent: 'kms xks-proxy',
    readOnly: true,
    requestParameters: {
      keyId: key,
      encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      xksRequest: {
        externalKeyId: 'one',
        awsPrincipalArn: METADATA.awsPrincipalArn,
        kmsKeyArn: METADATA.kmsKeyArn,
        kmsOperation: 'Encrypt',
        kmsRequestId: METADATA.kmsRequestId,
      },
    },
    resources: [{ ARN: expect.stringContaining(key), accountId: '111122223333', type: 'AWS::KMS::Key' }],
  };
  const events = work.events().slice(-3);
  expect(events).toMatchObject([
    { ...ofCall, eventName: 'Encrypt' },
    { ...ofCall, eventName: 'Decrypt' },
    { ...ofCall, eventName: 'Decrypt', errorCode: 'InvalidCiphertextException' },
  ]);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0 });
  const lines = linesOf(join(work.folder, 'access.jsonl'));
  const ofRequest = {
    sourceIp: '127.0.0.1',
    method: 'POST',
    accessKeyId: CREDENTIAL.accessKeyId,
    requestMetadata: METADATA,
    durationMs: expect.any(Number),
  };
  expect(lines).toMatchObject([
    { ...ofRequest, operation: 'Encrypt', externalKeyId: 'one', status: 200, requestId: events[0]!['requestID'] },
    { ...ofRequest, operation: 'Decrypt', externalKeyId: 'one', status: 200 },
    { ...ofRequest, operation: 'Decrypt', status: 400, errorName: 'InvalidCiphertextException' },
    { ...ofRequest, operation: 'Encrypt', externalKeyId: 'two', status: 404, errorName: 'KeyNotFoundException' },
  ]);
  const everything = JSON.stringify([lines, work.events()]);
  for (const data of [...Object.values(sealed.json).map(String), base64('Hello World!'), AAD, base64('other')])
    expect(everything).not.toContain(data);
  expect((await work.kms('audit', 'verify')).exitCode).toBe(0);
});

test('the caller of the command needs permission for each use, of which the client is told only that it is missing', async () => {
  const work = await workplace();
  const key = await createKey(work);
  const caller = 'arn:aws:iam::111122223333:user/proxy';
  const may = (...actions: string[]) =>
    work.text(
      'put-key-policy',
      '--key-id',
      key,
      '--policy',
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'kms:*', Resource: '*' },
          { Effect: 'Allow', Principal: { AWS: caller }, Action: actions, Resource: '*' },
        ],
      }),
    );
  await may('kms:DescribeKey');
  const { encrypt, decrypt, send } = await proxied(work, [{ XksKeyId: 'one', Key: key }], '--as', caller, ...LOG);
  const denied = await encrypt('one');
  expect(denied).toMatchObject(refused(403, 'AccessDeniedException'));
  expect(denied.text).not.toContain('111122223333');
  expect(await send(request('keys/one/metadata'))).toMatchObject({ status: 200 });
  await may('kms:Encrypt');
  const sealed = await encrypt('one');
  expect(sealed).toMatchObject({ status: 200 });
  expect(await decrypt('one', sealed)).toMatchObject(refused(403, 'AccessDeniedException'));
  const withIntegrity = { plaintext: base64('x'), ciphertextDataIntegrityValueAlgorithm: 'SHA_256' };
  expect(await send(request('keys/one/encrypt', withIntegrity))).toMatchObject(refused(403, 'AccessDeniedException'));
  expect(await send(request('keys/one/metadata'))).toMatchObject(refused(403, 'AccessDeniedException'));
  await may('kms:Decrypt');
  expect(await decrypt('one', sealed)).toMatchObject(opened);
  const [first] = linesOf(join(work.folder, 'access.jsonl'));
  expect(first!['reason']).toContain('is not authorized to perform: kms:Encrypt on resource');
});

test('only symmetric encryption keys are external keys; others are told as what they are', async () => {
  const work = await workplace();
  const make = async (...args: string[]): Promise<string> =>
    (await work.text('create-key', ...args, '--query', 'KeyMetadata.KeyId', '--output', 'text')).trim();
  const keys = [
    [
      'rsa',
      await make('--key-spec', 'RSA_2048', '--key-usage', 'ENCRYPT_DECRYPT'),
      'RSA_2048',
      'InvalidKeyUsageException',
    ],
    [
      'hmac',
      await make('--key-spec', 'HMAC_256', '--key-usage', 'GENERATE_VERIFY_MAC'),
      'HMAC_256',
      'InvalidKeyUsageException',
    ],
    ['import', await make('--origin', 'EXTERNAL'), 'AES_256', 'InvalidStateException'],
  ] as const;
  const map = [...keys.map(([XksKeyId, Key]) => ({ XksKeyId, Key })), { XksKeyId: 'gone', Key: 'alias/nothing' }];
  const { encrypt, send } = await proxied(work, map);
  for (const [id, , keySpec, errorName] of keys) {
    expect(await send(request(`keys/${id}/metadata`))).toMatchObject({ status: 200, json: { keySpec } });
    expect(await encrypt(id)).toMatchObject(refused(400, errorName));
  }
  expect(await send(request('keys/gone/metadata'))).toMatchObject(refused(404, 'KeyNotFoundException'));
  expect(await encrypt('gone')).toMatchObject(refused(404, 'KeyNotFoundException'));
});

test('keys of other Regions are named by their ARN', async () => {
  const work = await workplace();
  const arn = (
    await work.text('create-key', '--region', 'eu-west-1', '--query', 'KeyMetadata.Arn', '--output', 'text')
  ).trim();
  const id = arn.split('/')[1]!;
  const { encrypt, decrypt } = await proxied(work, [
    { XksKeyId: 'arn', Key: arn },
    { XksKeyId: 'id', Key: id },
  ]);
  expect(await decrypt('arn', await encrypt('arn'))).toMatchObject(opened);
  expect(work.events().at(-1)).toMatchObject({ eventName: 'Decrypt', awsRegion: 'eu-west-1' });
  expect(await encrypt('id')).toMatchObject(refused(404, 'KeyNotFoundException'));
});

test('a replica key decrypts what its primary key encrypted, also after a rotation', async () => {
  const work = await workplace();
  await work.text('settings', 'put', 'TransitionTime', '0');
  const arn = (
    await work.text('create-key', '--multi-region', '--query', 'KeyMetadata.Arn', '--output', 'text')
  ).trim();
  await work.text('replicate-key', '--key-id', arn, '--replica-region', 'eu-west-1');
  const { encrypt, decrypt } = await proxied(work, [
    { XksKeyId: 'primary', Key: arn },
    { XksKeyId: 'replica', Key: arn.replace('us-east-1', 'eu-west-1') },
  ]);
  const before = await encrypt('primary');
  expect(await decrypt('replica', before)).toMatchObject(opened);
  await work.text('rotate-key-on-demand', '--key-id', arn);
  const after = await encrypt('replica');
  for (const sealed of [before, after]) expect(await decrypt('replica', sealed)).toMatchObject(opened);
});

test('each URI path has its own credentials and keys', async () => {
  const work = await workplace();
  const Key = await createKey(work);
  const other = { accessKeyId: 'OTHER'.padEnd(20, 'Z'), secret: 'o'.repeat(64) };
  writeCredential(work, 'one.json', CREDENTIAL);
  writeCredential(work, 'two.json', other);
  const paths = [
    { UriPath: '/one/kms/xks/v1', Credentials: ['one.json'], Keys: [{ XksKeyId: 'a', Key }] },
    { UriPath: '/kms/xks/v1', Credentials: ['two.json'], Keys: [{ XksKeyId: 'b', Key }] },
  ];
  writeFileSync(join(work.folder, 'map.json'), JSON.stringify({ Paths: paths }));
  const { url } = await startProxy(work, onTestFinished, '--map', 'map.json');
  const { send, close } = clientOf(url);
  onTestFinished(close);
  const { body } = request('health');
  const status = async (path: string, credential: typeof other): Promise<number> =>
    (await send({ path, body, credential })).status;
  for (const [path, own, foreign, key, none] of [
    ['/one/kms/xks/v1', CREDENTIAL, other, 'a', 'b'],
    ['/kms/xks/v1', other, CREDENTIAL, 'b', 'a'],
  ] as const) {
    expect(await status(`${path}/health`, own)).toBe(200);
    expect(await status(`${path}/health`, foreign)).toBe(401);
    expect(await status(`${path}/keys/${key}/metadata`, own)).toBe(200);
    expect(await status(`${path}/keys/${key}/metadata`, foreign)).toBe(401);
    expect(await status(`${path}/keys/${none}/metadata`, own)).toBe(404);
  }
});

test('a ciphertext of one key is not one of another', async () => {
  const work = await workplace();
  const { encrypt, decrypt } = await proxied(work, [
    { XksKeyId: 'one', Key: await createKey(work) },
    { XksKeyId: 'two', Key: await createKey(work) },
  ]);
  const sealed = await encrypt('one');
  expect(await decrypt('two', sealed)).toMatchObject(refused(400, 'InvalidCiphertextException'));
  expect(await decrypt('one', sealed)).toMatchObject(opened);
});

test('the health check makes a call that needs no key, at most every half minute', async () => {
  const work = await workplace();
  const { send } = await proxied(work, [{ XksKeyId: 'one', Key: await createKey(work) }]);
  const count = work.events().length;
  const [first, second] = [await send(request('health')), await send(request('health'))];
  expect(first).toMatchObject({
    status: 200,
    json: {
      xksProxyFleetSize: 1,
      xksProxyVendor: 'Pocket KMS',
      xksProxyModel: expect.stringMatching(/^pocket-kms\//),
      ekmVendor: 'Pocket KMS',
      ekmFleetDetails: [{ id: expect.any(String), model: expect.any(String), healthStatus: 'ACTIVE' }],
    },
  });
  expect(second.json).toEqual(first.json);
  expect(work.events().slice(count)).toMatchObject([{ eventName: 'GenerateRandom', userAgent: 'kms xks-proxy' }]);
});
