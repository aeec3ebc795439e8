/**
 * The single executable on a machine without Node: no PATH, nothing in the environment but a home. What Node does in one is
 * in the Node.js documentation, "Single executable applications": it runs on "a system that does not have Node.js
 * installed", arguments from the second on are the program's, `import()` does not work with a code cache, and with
 * `"execArgvExtension": "none"` NODE_OPTIONS is ignored. What the command answers is what it answers from files.
 */
import { execa } from 'execa';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-executable-'));
const program = join(folder, 'bin/kms');
const env = { HOME: folder, TZ: 'UTC' };

const kms = (...args: string[]) =>
  execa(program, args, { cwd: folder, env, extendEnv: false, reject: false, stripFinalNewline: false });

/** The output of what must succeed, with nothing on stderr. */
async function text(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await kms(...args);
  expect({ args, exitCode, stderr }).toEqual({ args, exitCode: 0, stderr: '' });
  return stdout;
}

const write = (name: string, content: string): void => writeFileSync(join(folder, name), content);
const createKey = async (...args: string[]): Promise<string> =>
  (await text('create-key', ...args, '--query', 'KeyMetadata.KeyId', '--output', 'text')).trim();
const POLICY = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}';

let id = '';

beforeAll(async () => {
  execFileSync(process.execPath, [join(root, 'scripts/build-executable.ts'), program], { stdio: 'pipe' });
  await text('init', '--account-id', '111122223333', '--region', 'eu-central-1');
  id = await createKey();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

test('says its version, and that of the Node that it is made of', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const said = `pocket-kms/${version} Node.js/${process.versions.node} ${process.platform}/${process.arch}\n`;
  expect(await text('--version')).toBe(said);
});

test('encrypts and decrypts, verifies the log and the keyring', async () => {
  await text('create-alias', '--alias-name', 'alias/app', '--target-key-id', id);
  const output = ['--output', 'text'];
  const context = ['--encryption-context', 'a=b'];
  const encrypt = ['encrypt', '--key-id', 'alias/app', '--plaintext', 'aGVsbG8=', ...context];
  const sealed = await text(...encrypt, '--query', 'CiphertextBlob', ...output);
  expect(await text('decrypt', '--ciphertext-blob', sealed.trim(), ...context, '--query', 'Plaintext', ...output)).toBe(
    'aGVsbG8=\n',
  );
  expect((await kms('decrypt', '--ciphertext-blob', sealed.trim())).exitCode).toBe(254);
  expect(JSON.parse(await text('audit', 'verify'))).toMatchObject({ Valid: true, Problems: [] });
  expect(JSON.parse(await text('keyring', 'verify'))).toMatchObject({ Valid: true });
});

// Node.js binaries of 25 and later are linked with libatomic, which small images of Debian and Ubuntu lack (nodejs/node on
// GitHub, "Node should run on Debian/Ubuntu-based images without having to manually install libatomic first"); the README
// says so of the executable too
test.runIf(process.platform === 'linux')('needs the system libraries that Node needs, libatomic among them', () => {
  const librariesOf = (file: string): readonly string[] =>
    [...execFileSync('ldd', [file], { encoding: 'utf8' }).matchAll(/lib[\w+-]+\.so\.\d+/g)]
      .map(([name]) => name)
      .toSorted();
  expect(librariesOf(program)).toEqual(librariesOf(process.execPath));
  expect(librariesOf(program)).toContain('libatomic.so.1');
});

// what each needs of libraries is in the file
test.each([
  ['ECC_SECG_P256K1', 'ECDSA_SHA_256'],
  ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512'],
  ['ML_DSA_44', 'ML_DSA_SHAKE_256'],
  ['RSA_2048', 'RSASSA_PSS_SHA_256'],
])('signs with %s', async (spec, algorithm) => {
  const key = await createKey('--key-spec', spec, '--key-usage', 'SIGN_VERIFY');
  const common = ['--key-id', key, '--message', 'aGVsbG8=', '--signing-algorithm', algorithm];
  const signature = (await text('sign', ...common, '--query', 'Signature', '--output', 'text')).trim();
  expect(JSON.parse(await text('verify', ...common, '--signature', signature))).toMatchObject({ SignatureValid: true });
});

test('has every output format, help, and the formats of input', async () => {
  expect(await text('list-keys', '--output', 'table')).toContain('ListKeys');
  expect(await text('list-keys', '--output', 'yaml')).toContain('KeyArn: arn:aws:kms:eu-central-1:111122223333:key/');
  expect(await text('help')).toContain('OPERATIONS OF AWS KMS');
  expect(await text('encrypt', 'help')).toContain('kms encrypt - Encrypts up to 4096 bytes under a KMS key');
  write('seed.yaml', 'Keys:\n  - KeyId: 1234abcd-12ab-34cd-56ef-1234567890ab\n');
  expect(await text('apply', 'seed.yaml')).toContain('1234abcd-12ab-34cd-56ef-1234567890ab');
});

test('lints, in colour too, and explains', async () => {
  write('policy.json', POLICY);
  const linted = await kms('lint', 'policy.json', '--color', 'on');
  expect(linted.exitCode).toBe(1);
  expect(linted.stdout).toContain('policy.json:1:');
  const explained = await text('explain-access', '--key', id, '--action', 'kms:Decrypt');
  expect(JSON.parse(explained)).toMatchObject({ Answer: 'YES' });
});

test('writes profiles', async () => {
  await text('configure', 'set', 'region', 'eu-west-1', '--profile', 'other');
  expect(await text('configure', 'get', 'region', '--profile', 'other')).toBe('eu-west-1\n');
});

test('encrypts files in the message format of the AWS Encryption SDK, which is in it', async () => {
  write('plain', 'secret');
  await text('envelope', 'encrypt', '--key-ids', id, '--from', 'plain', '--to', 'sealed');
  const { Keys } = JSON.parse(await text('list-keys')) as { Keys: { KeyId: string; KeyArn: string }[] };
  const arn = Keys.find(({ KeyId }) => KeyId === id)!.KeyArn;
  await text('envelope', 'decrypt', '--key-ids', arn, '--from', 'sealed', '--to', 'opened');
  expect(readFileSync(join(folder, 'opened'), 'utf8')).toBe('secret');
});

// the MIT license asks for its notice "in all copies or substantial portions", the BSD licenses for theirs "in binary form"
test('has the license notices of every library in it beside it', () => {
  const text = readFileSync(`${program}-licenses.txt`, 'utf8');
  for (const name of ['@noble/curves', '@noble/hashes', '@aws-crypto/client-node', 'commander', 'yaml', 'bn.js']) {
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(text).toContain(`\n${name} ${version} (`);
  }
  expect(text).toContain('Copyright (c) 2022 Paul Miller (https://paulmillr.com)');
  expect(text).toContain('Copyright Node.js contributors. All rights reserved.');
});

test('serves, and stops', async () => {
  const server = execa(program, ['serve', '--ephemeral', '--listen', '127.0.0.1:0'], { env, extendEnv: false });
  const url = await new Promise<string>((resolve) =>
    server.stdout.once('data', (line) => resolve(String(line).trim())),
  );
  const response = await fetch(`${url}/ping`);
  expect(await response.text()).toBe('healthy\n');
  server.kill('SIGTERM');
  expect((await server).exitCode).toBe(0);
});

// the same document: with "none" the variable is ignored, and what the user gives is in process.argv from the second on
test('is no Node: neither options in the environment nor those on its command line are for Node', async () => {
  write('planted.cjs', 'console.log("planted")');
  const options = { NODE_OPTIONS: `--require ${join(folder, 'planted.cjs')}`, NODE_PATH: folder };
  const { stdout, exitCode } = await execa(program, ['list-aliases', '--query', "Aliases[?AliasName=='x']"], {
    env: { ...env, ...options },
    extendEnv: false,
  });
  expect([stdout, exitCode]).toEqual(['[]', 0]);
  const { exitCode: refused, stdout: nothing } = await kms('-e', 'console.log("planted")');
  expect([refused, nothing]).toEqual([252, '']);
});

// Node.js documentation, "Command-line options": NODE_COMPILE_CACHE and NODE_V8_COVERAGE name folders for it to write to.
// Whoever can write to the folder of a compile cache determines the code that is read from it
test('no files for Node, and none from it: a compile cache, a report of coverage', async () => {
  const [cache, coverage] = [join(folder, 'cache'), join(folder, 'coverage')];
  const options = { env: { ...env, NODE_COMPILE_CACHE: cache, NODE_V8_COVERAGE: coverage }, extendEnv: false };
  await execa(program, ['encrypt', '--key-id', id, '--plaintext', 'aGVsbG8='], options);
  await execa(program, ['lint', '--all', '--region', 'eu-west-2'], options);
  const files = [cache, coverage].filter((path) => existsSync(path)).flatMap((path) => filesUnder(path));
  expect(files).toEqual([]);
});

const filesUnder = (path: string): readonly string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
