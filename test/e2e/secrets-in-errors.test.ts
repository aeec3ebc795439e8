/** No failure reveals a secret: plaintext, what was given as a value, a passphrase, or a secret access key. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BIN, createKey, workplace, type Ran, type Workplace } from './command.ts';

const CANARY = `canary-${randomBytes(6).toString('hex')}`;

/** What would tell the secret: as text, and as the bytes that base64 and hex make of it, wherever it begins. */
function isLeakedIn(text: string, secret = CANARY): boolean {
  const bases = [0, 1, 2].map((shift) =>
    Buffer.from('\0'.repeat(shift) + secret)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  );
  return [secret, Buffer.from(secret).toString('hex'), ...bases].some((form) => text.includes(form));
}

test('the search finds every form', () => {
  for (const encoding of ['utf8', 'base64', 'hex'] as const) {
    for (const before of ['', 'a', 'ab', 'abc']) {
      expect(isLeakedIn(Buffer.from(`${before}${CANARY}\0\xff`).toString(encoding))).toBe(true);
    }
  }
});

interface Case {
  readonly name: string;
  readonly words: readonly string[];
  readonly input?: string | Buffer;
  /** Of the env file. */
  readonly env?: string;
  readonly to?: string;
  readonly status: number;
  readonly says: RegExp;
}

const exec = (env: string, ...program: string[]): Pick<Case, 'words' | 'env'> => ({
  words: ['env', 'exec', '--', ...(program.length > 0 ? program : ['true'])],
  env,
});
const set = ['env', 'set', 'NAME', '--key-id', 'alias/a'];
const query = (expression: string): readonly string[] => [
  'decrypt',
  '--ciphertext-blob',
  'fileb://blob',
  '--query',
  expression,
];

const CASES: readonly Case[] = [
  { name: 'env exec: NUL', ...exec('NUL'), status: 253, says: /the value of NUL in \.env contains NUL/ },
  { name: 'env exec: not UTF-8', ...exec('BYTES'), status: 253, says: /the value of BYTES in \.env is not UTF-8/ },
  { name: 'env exec: under another name', ...exec('MOVED'), status: 254, says: /MOVED in \.env/ },
  { name: 'env exec: a line that is none', ...exec(CANARY), status: 253, says: /\.env:1 is not NAME=VALUE/ },
  { name: 'env exec: NUL in the file', ...exec(`A=${CANARY}\0`), status: 253, says: /the value of A contains NUL/ },
  { name: 'env exec: no base64', ...exec(`A=kms:${CANARY}!`), status: 253, says: /value of A is not kms: and base64/ },
  {
    name: 'env exec: a decisive name',
    ...exec(`LD_PRELOAD=${CANARY}`),
    status: 253,
    says: /LD_PRELOAD must be encrypted/,
  },
  { name: 'env exec: no program', ...exec('GOOD', '/nowhere'), status: 127, says: /\/nowhere: not found/ },
  {
    name: 'env exec: not executable',
    ...exec('GOOD', './blob'),
    status: 253,
    says: /blob cannot be started: permission denied/,
  },
  { name: 'env exec: too large', ...exec(`A=${CANARY.repeat(9000)}`), status: 253, says: /are too large/ },
  { name: 'env set: NUL', words: set, input: `${CANARY}\0`, status: 253, says: /the value of NAME contains NUL/ },
  {
    name: 'env set: not UTF-8',
    words: set,
    input: Buffer.concat([Buffer.from(CANARY), Buffer.of(0xff)]),
    status: 253,
    says: /the value of NAME is not UTF-8/,
  },
  {
    name: 'env set: too long',
    words: set,
    input: CANARY.repeat(8000),
    status: 253,
    says: /NAME .*larger than 131,067/,
  },
  { name: 'env set: empty', words: set, input: '\n', status: 253, says: /the value of NAME is empty/ },
  {
    name: 'env set: no key',
    words: ['env', 'set', 'A', '--key-id', 'alias/no'],
    input: CANARY,
    status: 254,
    says: /No/,
  },
  { name: 'env set: no folder', words: [...set, '--file', 'no/f'], input: CANARY, status: 253, says: /folder no does/ },
  { name: 'env get: moved', words: ['env', 'get', 'MOVED'], env: 'MOVED', status: 254, says: /MOVED in \.env/ },
  { name: 'env get: another', words: ['env', 'get', 'X'], env: 'GOOD', status: 253, says: /\.env has no variable X/ },
  {
    name: 'env export: to a full disk',
    words: ['env', 'export'],
    env: 'GOOD',
    to: '/dev/full',
    status: 255,
    says: /disk is full/,
  },
  {
    name: 'env rewrap: moved',
    words: ['env', 'rewrap', '--key-id', 'alias/a'],
    env: 'MOVED',
    status: 254,
    says: /MOVED in \.env/,
  },
  { name: 'env set: full', words: [...set, '--file', '/dev/full'], input: CANARY, status: 253, says: /disk is full/ },
  ...['abs(Plaintext)', 'sum([Plaintext])', 'keys(Plaintext)', 'sort_by([Plaintext], &[@])', 'max_by([@], &@)'].map(
    (expression): Case => ({
      name: `decrypt --query ${expression}`,
      words: query(expression),
      status: 255,
      says: /In function \w+\(\), invalid type for value, expected one of: \[.*\], received: "\w+"/,
    }),
  ),
  { name: 'decrypt: a full disk', words: query('@'), to: '/dev/full', status: 255, says: /disk is full/ },
  {
    name: 'batch: a full disk',
    words: ['batch'],
    input: '{"Operation":"Decrypt","Input":{"CiphertextBlob":"BLOB"}}\n',
    to: '/dev/full',
    status: 255,
    says: /disk is full/,
  },
  ...['/dev/full', 'folder/', 'no/f'].map((to): Case => ({
    name: `envelope decrypt --to ${to}`,
    words: ['envelope', 'decrypt', '--from', 'message', '--to', to],
    status: 253,
    says: /full|is a folder|does not exist/,
  })),
  { name: 'open: altered at its end', words: ['open', 'altered', '--to', 'o'], status: 253, says: /Invalid Signature/ },
  {
    name: 'envelope decrypt: altered at its end',
    words: ['envelope', 'decrypt', '--from', 'altered'],
    status: 253,
    says: /Invalid Signature/,
  },
  {
    name: 'envelope decrypt: another context',
    words: ['envelope', 'decrypt', '--from', 'message', '--encryption-context', 'a=b'],
    status: 254,
    says: /InvalidCiphertext/,
  },
  {
    name: 'a wrong passphrase',
    words: ['list-keys', '--passphrase-file', 'pass'],
    status: 253,
    says: /does not unlock/,
  },
  {
    name: 'a key file that is none',
    words: ['list-keys', '--key-file', 'pass'],
    status: 253,
    says: /is not a pocket-kms key file/,
  },
  {
    name: 'a password that is too long',
    words: ['create-custom-key-store', '--custom-key-store-name', 'x', '--key-store-password', CANARY.repeat(3)],
    status: 254,
    says: /ValidationException/,
  },
  {
    name: 'a password as bytes',
    words: ['create-custom-key-store', '--custom-key-store-name', 'x', '--key-store-password', 'fileb://pass'],
    status: 252,
    says: /Invalid type for parameter KeyStorePassword, type: <class 'bytes'>/,
  },
  {
    name: 'a credential as bytes',
    words: [
      'update-custom-key-store',
      '--custom-key-store-id',
      'x',
      '--xks-proxy-authentication-credential',
      'AccessKeyId=x,RawSecretAccessKey@=fileb://pass',
    ],
    status: 252,
    says: /Invalid type for parameter XksProxyAuthenticationCredential.RawSecretAccessKey, type: <class 'bytes'>/,
  },
];

let work: Workplace;
let blobs: ReadonlyMap<string, string>;

const bytesOf: ReadonlyMap<string, Buffer> = new Map([
  ['GOOD', Buffer.from(CANARY)],
  ['NUL', Buffer.from(`${CANARY}\0`)],
  ['BYTES', Buffer.concat([Buffer.from(CANARY), Buffer.of(0xff)])],
  ['OTHER', Buffer.from(CANARY)],
]);

let removeFolder = (): void => {};
afterAll(() => removeFolder());

beforeAll(async () => {
  work = await workplace({ until: (remove) => void (removeFolder = remove) });
  const key = await createKey(work);
  await work.text('create-alias', '--alias-name', 'alias/a', '--target-key-id', key);
  const encrypt = async (bytes: Buffer, ...more: string[]): Promise<string> => {
    const Plaintext = bytes.toString('base64');
    return (await work.json('encrypt', '--key-id', key, '--plaintext', Plaintext, ...more))['CiphertextBlob'] as string;
  };
  blobs = new Map(
    await Promise.all(
      Array.from(bytesOf, async ([name, bytes]) => {
        const blob = await encrypt(bytes, '--encryption-context', `pocket-kms:env=${name}`);
        return [name, `${name}=kms:${blob}\n`] as const;
      }),
    ),
  );
  writeFileSync(join(work.folder, 'blob'), Buffer.from(await encrypt(Buffer.from(CANARY)), 'base64'));
  writeFileSync(join(work.folder, 'pass'), CANARY, { mode: 0o600 });
  await work.kmsWith({ input: CANARY.repeat(1000) }, 'envelope', 'encrypt', '--key-ids', key, '--to', 'message');
  const altered = readFileSync(join(work.folder, 'message'));
  altered[altered.length - 20]! ^= 1;
  writeFileSync(join(work.folder, 'altered'), altered);
  const slot = ['--new-passphrase-file', 'other'];
  writeFileSync(join(work.folder, 'other'), 'another one', { mode: 0o600 });
  await work.text('keyring', 'add-slot', ...slot);
});

/** What stands for a ciphertext by its name. */
function envFile(text: string): string {
  if (text === 'MOVED') return blobs.get('OTHER')!.replace('OTHER', 'MOVED');
  return blobs.get(text) ?? text;
}

async function run({ words, input = '', to }: Case, ...more: string[]): Promise<Ran> {
  const at = words.indexOf('--');
  const all = at === -1 ? [...words, ...more] : [...words.slice(0, at), ...more, ...words.slice(at)];
  const blob = readFileSync(join(work.folder, 'blob')).toString('base64');
  const ran = await execa(
    'bash',
    ['-c', `exec "$@" ${to === undefined ? '' : `> ${to}`}`, 'bash', process.execPath, BIN, ...all],
    {
      cwd: work.folder,
      env: work.env,
      extendEnv: false,
      input: typeof input === 'string' ? input.replace('BLOB', blob) : input,
      reject: false,
    },
  );
  return { stdout: ran.stdout ?? '', stderr: ran.stderr, exitCode: ran.exitCode, signal: ran.signal };
}

test.each(CASES)('$name', async (one) => {
  if (one.env !== undefined) writeFileSync(join(work.folder, '.env'), envFile(one.env));
  for (const more of [[], ['--debug'], ['--cli-error-format', 'json']]) {
    const { stdout, stderr, exitCode } = await run(one, ...more);
    expect({ exitCode, stdout }).toEqual({ exitCode: one.status, stdout: '' });
    expect(stderr).toMatch(one.says);
    expect(isLeakedIn(stderr)).toBe(false);
  }
  expect(isLeakedIn(readFileSync(work.log, 'utf8'))).toBe(false);
});

test('the secret is where it should be when nothing fails', async () => {
  writeFileSync(join(work.folder, '.env'), envFile('GOOD'));
  expect(isLeakedIn((await run({ ...CASES[0]!, words: ['env', 'exec', '--', 'printenv', 'GOOD'] })).stdout)).toBe(true);
  expect(isLeakedIn((await run({ ...CASES[0]!, words: query('Plaintext') })).stdout)).toBe(true);
  expect(isLeakedIn((await run({ ...CASES[0]!, words: ['envelope', 'decrypt', '--from', 'message'] })).stdout)).toBe(
    true,
  );
});

test.each([
  ['generate-data-key --key-id alias/a --key-spec AES_256', 'abs(Plaintext)'],
  ['generate-random --number-of-bytes 32', 'abs(Plaintext)'],
  ['generate-data-key-pair --key-id alias/a --key-pair-spec ECC_NIST_P256', 'abs(PrivateKeyPlaintext)'],
  ['identity create-access-key arn:aws:iam::111122223333:user/u', 'abs(SecretAccessKey)'],
  ['identity create-access-key arn:aws:iam::111122223333:user/u', 'abs(@)'],
])('%s --query %s: the answer is not quoted', async (words, expression) => {
  const { stdout, stderr } = await work.kms(...words.split(' '), '--query', expression);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^\nkms: \[ERROR\]: In function abs\(\), invalid type for value, expected one of: .*\n$/);
});
