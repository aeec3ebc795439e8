/**
 * Our own commands on keys of custom key stores: a token of SoftHSM, and an external key store whose proxy fails in the middle
 * of a command. Nothing is printed or written by halves then.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CLOUD_HSM, PUBLIC, SECRET } from '../operations/custom-key-stores/stores.ts';
import { certificateAuthority } from '../support/certificates.ts';
import { startProxy, type ExternalProxy } from '../support/external-proxy.ts';
import { temporaryFolders } from '../support/folder.ts';
import { softHsmToken } from '../support/pkcs11/token.ts';
import { workplace, type Ran, type Workplace } from './command.ts';

const folder = temporaryFolders();
const HOST = PUBLIC.XksProxyUriEndpoint.replace('https://', '');
const EXTERNAL_KEYS = { one: { material: '0b'.repeat(32) }, two: { material: '0c'.repeat(32) } };

let work: Workplace;
let remove: () => void;
let proxy: ExternalProxy;
let env: NodeJS.ProcessEnv;

const kms = (input: string, ...words: string[]): Promise<Ran> => work.kmsWith({ env, input }, ...words);
const done = async (ran: Promise<Ran>): Promise<string> => {
  const { stdout, stderr, exitCode } = await ran;
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return stdout;
};
const at = (name: string): string => join(work.folder, name);

beforeAll(async () => {
  work = await workplace({ until: (one) => (remove = one) });
  const token = softHsmToken(folder());
  env = { ...work.env, ...token.env };
  const authority = certificateAuthority(folder());
  proxy = await startProxy({
    prefix: '/example',
    credentials: { [PUBLIC.XksProxyAuthenticationCredential.AccessKeyId]: SECRET },
    keys: EXTERNAL_KEYS,
    tls: authority.sign(HOST),
  });
  writeFileSync(at('ca.pem'), authority.cert);
  await done(kms('', 'hsm', 'add', CLOUD_HSM.CloudHsmClusterId, ...token.addOptions));
  await done(kms('', 'xks', 'add', HOST, '--connect', `127.0.0.1:${proxy.port}`, '--ca', at('ca.pem')));
  const store = async (input: object): Promise<string> => {
    const words = ['create-custom-key-store', '--cli-input-json', JSON.stringify(input), '--output', 'text'];
    const id = (await done(kms('', ...words))).trim();
    await done(kms('', 'connect-custom-key-store', '--custom-key-store-id', id));
    return id;
  };
  const key = async (alias: string, ...words: string[]): Promise<void> => {
    const made = await done(kms('', 'create-key', ...words, '--query', 'KeyMetadata.KeyId', '--output', 'text'));
    await done(kms('', 'create-alias', '--alias-name', `alias/${alias}`, '--target-key-id', made.trim()));
  };
  const cluster = await store({ ...CLOUD_HSM, KeyStorePassword: token.password });
  const external = await store(PUBLIC);
  await key('plain');
  await key('cluster', '--origin', 'AWS_CLOUDHSM', '--custom-key-store-id', cluster);
  for (const id of Object.keys(EXTERNAL_KEYS)) {
    await key(id, '--origin', 'EXTERNAL_KEY_STORE', '--custom-key-store-id', external, '--xks-key-id', id);
  }
});
afterEach(async () => {
  await proxy.behave({});
  await proxy.configure({ keys: EXTERNAL_KEYS });
});
afterAll(async () => {
  await proxy.stop();
  remove();
});

describe.each(['cluster', 'one'])('a key of a custom key store (%s)', (name) => {
  const key = `alias/${name}`;

  test('env: set, get, exec, export and rewrap, there and back', async () => {
    const file = ['--file', `${name}.env`];
    const long = 'a'.repeat(9000);
    await done(kms('secret', 'env', 'set', 'SHORT', '--key-id', key, ...file));
    await done(kms(long, 'env', 'set', 'LONG', '--key-id', key, ...file));
    for (const to of ['alias/plain', key]) {
      await done(kms('', 'env', 'rewrap', '--key-id', to, ...file));
      expect(await done(kms('', 'env', 'get', 'SHORT', ...file))).toBe('secret\n');
      const shell = ['--', 'sh', '-c', 'echo "$SHORT $LONG"'];
      expect(await done(kms('', 'env', 'exec', ...file, ...shell))).toBe(`secret ${long}\n`);
    }
    expect(readFileSync(at(`${name}.env`), 'utf8')).not.toMatch(/secret|aaaaaaaaaa/);
  });

  test('seal and open, envelope, batch', async () => {
    writeFileSync(at(name), 'secret');
    await done(kms('', 'seal', name, '--key-id', key));
    expect(await done(kms('', 'open', `${name}.sealed`, '--to', '-'))).toBe('secret');
    await done(kms('secret', 'envelope', 'encrypt', '--key-ids', 'alias/plain', key, '--to', `${name}.message`));
    expect(await done(kms('', 'envelope', 'decrypt', '--from', `${name}.message`))).toBe('secret');
    const request = { Operation: 'Encrypt', Input: { KeyId: key, Plaintext: 'c2VjcmV0' } };
    const { Output } = JSON.parse(await done(kms(`${JSON.stringify(request)}\n`, 'batch'))) as {
      readonly Output: { readonly CiphertextBlob: string };
    };
    const words = ['decrypt', '--ciphertext-blob', Output.CiphertextBlob, '--query', 'Plaintext', '--output', 'text'];
    expect(await done(kms('', ...words))).toBe('c2VjcmV0\n');
  });

  test('show, lint and explain-access ask nobody outside', async () => {
    await proxy.behave({ error: [500, 'InternalException'] });
    expect(await done(kms('', 'show', key))).toContain('Enabled');
    expect(await done(kms('', 'lint', '--key-id', key))).toBe('no findings\n');
    expect(await done(kms('', 'explain-access', '--action', 'kms:Decrypt', '--key', key))).toContain('"YES"');
  });
});

/** Values 1 to 5 are under a key that goes on working, 6 to 10 under one that does not. */
describe('the proxy fails in the middle', () => {
  const FAILURES: Readonly<Record<string, () => Promise<void>>> = {
    'the external key is disabled': () =>
      proxy.configure({ keys: { ...EXTERNAL_KEYS, two: { ...EXTERNAL_KEYS.two, status: 'DISABLED' } } }),
    'another key is behind its ID': () =>
      proxy.configure({ keys: { ...EXTERNAL_KEYS, two: { material: '0d'.repeat(32) } } }),
    'it is gone': () => proxy.behave({ close: 'unread' }),
    'its answers are cut': () => proxy.behave({ close: 'half' }),
  };
  let before: string;
  beforeAll(async () => {
    for (let number = 1; number <= 10; number += 1) {
      const key = number <= 5 ? 'alias/one' : 'alias/two';
      await done(kms(`value ${number}`, 'env', 'set', `V${number}`, '--key-id', key, '--file', 'many.env'));
    }
    before = readFileSync(at('many.env'), 'utf8');
  });

  test.each(Object.keys(FAILURES))('%s: nothing is printed, run or written; then all works', async (name) => {
    await FAILURES[name]!();
    const files = readdirSync(work.folder);
    const file = ['--file', 'many.env'];
    for (const words of [
      ['rewrap', '--key-id', 'alias/plain', ...file],
      ['rewrap', '--key-id', 'alias/cluster', ...file],
      ['export', ...file],
      ['exec', ...file, '--', 'touch', 'ran'],
    ]) {
      const ran = await kms('', 'env', ...words);
      expect(ran).toMatchObject({ exitCode: 254, stdout: '' });
      expect(ran.stderr).toMatch(/V\d+ in many\.env/);
    }
    expect(readFileSync(at('many.env'), 'utf8')).toBe(before);
    expect(readdirSync(work.folder)).toEqual(files);
    await proxy.behave({});
    await proxy.configure({ keys: EXTERNAL_KEYS });
    expect(await done(kms('', 'env', 'get', 'V10', ...file))).toBe('value 10\n');
    expect((await kms('', 'audit', 'verify')).exitCode).toBe(0);
  });

  test('batch answers each request, and exits with 254', async () => {
    await FAILURES['the external key is disabled']!();
    const requests = ['one', 'two', 'one'].map((key) =>
      JSON.stringify({ Operation: 'Encrypt', Input: { KeyId: `alias/${key}`, Plaintext: 'aGVsbG8=' } }),
    );
    const { stdout, exitCode } = await kms(`${requests.join('\n')}\n`, 'batch');
    expect(exitCode).toBe(254);
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { Output?: object; Error?: object });
    expect(answers.map(({ Output, Error: error }) => (Output ? 'done' : error))).toMatchObject([
      'done',
      { Code: 'KMSInvalidStateException', Message: 'The external key is not enabled in its external key manager.' },
      'done',
    ]);
  });

  test('seal and open leave no file behind', async () => {
    writeFileSync(at('plain'), 'secret');
    await done(kms('', 'seal', 'plain', '--key-id', 'alias/two', '--to', 'sealed'));
    await FAILURES['the external key is disabled']!();
    const files = readdirSync(work.folder);
    expect(await kms('', 'seal', 'plain', '--key-id', 'alias/two')).toMatchObject({ exitCode: 254, stdout: '' });
    expect(await kms('', 'open', 'sealed', '--to', 'opened')).toMatchObject({ exitCode: 254, stdout: '' });
    expect(readdirSync(work.folder)).toEqual(files);
  });
});
