/**
 * The checks of AWS's public test client for proxies, with statuses and plaintexts, against the command: over
 * HTTP and HTTPS, over a keyring and tokens.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, workplace, type Workplace } from '../../e2e/command.ts';
import { TOKENS, type TestToken } from '../../support/pkcs11/token.ts';
import {
  certificate,
  clientOf,
  CREDENTIAL,
  METADATA,
  startProxy,
  URI_PATH,
  writeCredential,
  writeMap,
  type Answer,
  type Send,
} from './proxy.ts';

type Bytes = string | { readonly bytes: number };

interface Check {
  readonly name: string;
  readonly target: string;
  readonly kmsOperation?: string;
  readonly body?: { readonly [member: string]: Bytes };
  readonly change?: 'access key ID' | 'secret' | 'URI path' | 'no metadata' | 'empty metadata';
  readonly status: number;
  readonly errorName?: string;
  readonly member?: string;
  readonly then?: { readonly name: string; readonly aad?: Bytes; readonly status: number; readonly errorName?: string };
}

const file = join(import.meta.dirname, '../../vectors/xks-proxy/checks.json');
const { groups } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly groups: readonly { readonly name: string; readonly checks: readonly Check[] }[];
};

test('there are 49', () => {
  const counts = groups.map(({ checks }) => checks.reduce((sum, check) => sum + (check.then ? 2 : 1), 0));
  expect(counts).toEqual([6, 8, 21, 6, 4, 4]);
});

/** Bytes that are only counted are the same wherever as many of them occur in a check. */
function valuesOf(body: Check['body'] = {}): { readonly [member: string]: string } {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, valueOf(value)]));
}
const random = randomBytes(8192);
const valueOf = (value: Bytes): string =>
  typeof value === 'string' ? value : random.subarray(0, value.bytes).toString('base64');

const metadataOf = ({ change, kmsOperation }: Check): object => {
  if (change === 'no metadata') return {};
  return { requestMetadata: change === 'empty metadata' ? {} : { ...METADATA, kmsOperation } };
};

const requestOf = (check: Check) => ({
  path: `${check.change === 'URI path' ? URI_PATH.replace('/kms/', '/invalid/kms/') : URI_PATH}/${check.target}`,
  credential: {
    accessKeyId: `${check.change === 'access key ID' ? 'Invalid' : ''}${CREDENTIAL.accessKeyId}`,
    secret: `${check.change === 'secret' ? 'Invalid' : ''}${CREDENTIAL.secret}`,
  },
  body: JSON.stringify(
    { ...metadataOf(check), ...valuesOf(check.body), ...(check.body && { encryptionAlgorithm: 'AES_GCM' }) },
    undefined,
    2,
  ),
});

const bytesOf = (value: unknown): Buffer => Buffer.from((value as string | undefined) ?? '', 'base64');
const lengthOf = (value: unknown): number => bytesOf(value).length;

function expectCiphertext(check: Check, { json }: Answer): void {
  const {
    plaintext,
    additionalAuthenticatedData: aad,
    ciphertextDataIntegrityValueAlgorithm: wanted,
  } = valuesOf(check.body);
  expect(lengthOf(json['ciphertext'])).toBe(lengthOf(plaintext));
  expect([12, 16]).toContain(lengthOf(json['initializationVector']));
  expect(lengthOf(json['authenticationTag'])).toBe(16);
  expect(lengthOf(json['ciphertextMetadata'])).toBeLessThanOrEqual(20);
  const parts = [
    json['ciphertextMetadata'],
    json['initializationVector'],
    json['ciphertext'],
    json['authenticationTag'],
  ];
  const integrity = createHash('sha256')
    .update(Buffer.concat([bytesOf(aad), ...parts.map(bytesOf)]))
    .digest('base64');
  expect(json['ciphertextDataIntegrityValue']).toBe(wanted === undefined ? undefined : integrity);
}

interface Served {
  readonly Key: string;
  readonly args: readonly string[];
  readonly env: { readonly [name: string]: string };
}

const keyOfKeyring = async (work: Workplace): Promise<Served> => ({ Key: await createKey(work), args: [], env: {} });

/** As somebody makes it who has pkcs11-tool. */
async function keyOfToken(work: Workplace, { pkcs11Tool, addOptions, password, env }: TestToken): Promise<Served> {
  const clusterId = 'cluster-a2b3c4d5e6f';
  const how = ['--key-type', 'AES:32', '--sensitive', '--private', '--usage-decrypt'];
  pkcs11Tool(['--keygen', '--label', 'key of the token', ...how], password);
  await work.text('hsm', 'add', clusterId, ...addOptions);
  writeFileSync(join(work.folder, 'pin'), `${password}\n`, { mode: 0o600 });
  return { Key: 'key of the token', args: ['--hsm', clusterId, '--pin-file', 'pin'], env };
}

describe.each(['a keyring, over HTTP', 'a keyring, over HTTPS', 'a token of SoftHSM', 'a token of NSS'])(
  '%s',
  (what) => {
    let work: Workplace;
    let send: Send;
    // a hook that is registered in a hook is not called
    const ends: (() => void)[] = [];
    const until = (end: () => void): void => void ends.unshift(end);
    afterAll(() => {
      for (const end of ends) end();
    });
    beforeAll(async () => {
      work = await workplace({ until });
      const token = what.endsWith('NSS') ? TOKENS.NSS : what.endsWith('SoftHSM') ? TOKENS.SoftHSM : undefined;
      const { Key, args, env } = token ? await keyOfToken(work, token(work.folder)) : await keyOfKeyring(work);
      writeCredential(work, 'credential.json', CREDENTIAL);
      const map = writeMap(work, [
        { XksKeyId: 'foo', Key },
        { XksKeyId: 'encrypt_only_key', Key, Usage: ['ENCRYPT'] },
        { XksKeyId: 'decrypt_only_key', Key, Usage: ['DECRYPT'] },
        { XksKeyId: 'impotent_key', Key, Usage: [] },
      ]);
      const { cert, key } = certificate(work);
      const isTls = what.endsWith('HTTPS');
      const tls = isTls ? ['--tls-cert', cert, '--tls-key', key] : [];
      Object.assign(work.env, env);
      const { url } = await startProxy(work, until, '--map', map, ...tls, ...args);
      expect(url).toMatch(isTls ? /^https:/ : /^http:/);
      const client = clientOf(url, { ca: readFileSync(cert) });
      until(client.close);
      send = client.send;
    });

    describe.each(groups)('$name', ({ checks }) => {
      test.each(checks)('$name', async (check) => {
        const answer = await send(requestOf(check));
        expect(answer).toMatchObject({ status: check.status });
        expect(answer.headers['content-type']).toBe('application/json');
        expect(answer.json['errorName']).toBe(check.errorName);
        if (check.errorName !== undefined) expect(answer.json['errorMessage']).toMatch(/^[ -~]{1,511}$/);
        if (check.member !== undefined) expect(answer.json).toHaveProperty(check.member);
        if (check.member === 'ciphertext') expectCiphertext(check, answer);
        if (!check.then) return;
        const { aad, status, errorName } = check.then;
        const { ciphertextDataIntegrityValue: _, ...ciphertext } = answer.json;
        const opened = await send({
          path: `${URI_PATH}/${check.target.replace(/encrypt$/, 'decrypt')}`,
          body: JSON.stringify({
            requestMetadata: { ...METADATA, kmsOperation: 'Decrypt' },
            ...ciphertext,
            ...(aad !== undefined && { additionalAuthenticatedData: valueOf(aad) }),
            encryptionAlgorithm: 'AES_GCM',
          }),
        });
        expect(opened).toMatchObject({ status });
        expect(opened.json['errorName']).toBe(errorName);
        if (errorName === undefined) expect(opened.json).toEqual({ plaintext: valueOf(check.body!['plaintext']!) });
      });
    });
  },
);
