/** Commands that write: what is there before, what is run, and how what they leave is opened. A row each. */

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { root } from '../../../scripts/root.ts';

/** One group after the other; those of a group at once. */
type Requests = readonly (readonly (readonly [operation: string, input: object])[])[];

export interface Scenario {
  readonly name: string;
  /** Whether there is a keyring with a key before: at `ring` in the stage's folder. */
  readonly base: 'empty' | 'ring';
  /** Like one of the others in what it writes: `npm run crash` alone takes it. */
  readonly isByHand?: boolean;
  /** Files in the working folder before, by their names. */
  readonly files?: { readonly [name: string]: string };
  /** Commands that make what is there before. */
  readonly before?: readonly (readonly string[])[];
  /** A file of these that then loses its last bytes. */
  readonly cut?: string;
  /** A file of these that then gets these bytes at its end. */
  readonly appended?: { readonly file: string; readonly text: string };
  /** The command: words of it in braces stand for what `before` has (stage.ts). */
  readonly args: readonly string[];
  /** A script that is run instead of kms: one that the harness must find out. */
  readonly script?: string;
  readonly input?: string;
  /** The command is a server on the socket file `socket`: these are called, and then it is ended. */
  readonly requests?: Requests;
  readonly status?: number;
  /** Transactions in which it changes the keyring; more than one state between before and after is no mistake then. */
  readonly commits?: number;
  /** The keyring, if it is not at `ring`. */
  readonly keyring?: string;
  readonly env?: { readonly [name: string]: string | undefined };
  readonly cwd?: string;
  /** Ways to unlock it before and after: the options of the next command. */
  readonly unlocking?: readonly (readonly string[])[];
  /** What makes the keyring if there is none. */
  readonly first?: readonly string[];
  /** Plaintext that must never be in a file. */
  readonly secrets?: readonly string[];
  /** Files that hold it before. */
  readonly secretFiles?: readonly string[];
}

const PASSPHRASE = 'correct horse battery';
const PLAINTEXT = 'plaintext-that-is-in-no-file';
const ENCRYPT = ['Encrypt', { KeyId: 'alias/app', Plaintext: 'aGVsbG8=' }] as const;
/** The library is not loaded: any file is one. */
const CLUSTER = ['cluster-2a23b4cdefg', '--module', '/bin/true', '--token', 'experiments'];
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const byHand = (scenario: Scenario): Scenario => Object.assign(scenario, { isByHand: true });

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Root',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
});
const SEED = JSON.stringify({
  Keys: ['1', '2', '3'].map((digit) => ({
    KeyId: `${digit.repeat(8)}-1111-4111-8111-111111111111`,
    Description: `seeded ${digit}`,
    Aliases: [`alias/seeded-${digit}`],
  })),
});
const ROOT = 'arn:aws:iam::111122223333:root';
const ALICE = 'arn:aws:iam::111122223333:user/Alice';
const IDENTITY_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' }],
});

const TRUST_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: ALICE }, Action: 'sts:AssumeRole' }],
});
const ROLE = 'arn:aws:iam::111122223333:role/App';
const GROUP = 'arn:aws:iam::111122223333:group/Readers';
const ENDPOINT_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }],
});
const TEST_ROOT = readFileSync(root('test/vectors/attestation/test-root.pem'), 'utf8');
const ENDPOINT = 'vpce-1a2b3c4d';
const ISSUER = 'https://token.example';
const JWKS = JSON.stringify({
  keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'a', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
});
const PROVIDER = [ISSUER, '--jwks', JWKS, '--client-ids', 'sts.amazonaws.com'] as const;

/** The next call finds the log larger than it may be. */
const LONG_LOG: readonly (readonly string[])[] = [
  ...Array.from({ length: 6 }, () => ['list-keys']),
  ['settings', 'put', 'LogMaxSize', '4KiB'],
];

const call = (...args: readonly string[]): Scenario => {
  const options = args.findIndex((word) => word.startsWith('--') || word.includes(':'));
  return { name: args.slice(0, options === -1 ? undefined : options).join(' '), base: 'ring', args };
};

export const SCENARIOS: readonly Scenario[] = [
  { name: 'init', base: 'empty', args: ['init', '--account-id', '111122223333'] },
  {
    name: 'init with a passphrase',
    base: 'empty',
    files: { words: PASSPHRASE },
    args: ['init', '--passphrase-file', 'words'],
    unlocking: [['--passphrase-file', 'words']],
    first: ['init', '--passphrase-file', 'words'],
    secrets: [PASSPHRASE],
    secretFiles: ['words'],
  },
  {
    name: 'init with a key file',
    base: 'empty',
    args: ['init', '--key-file', 'here.key'],
    unlocking: [['--key-file', 'here.key']],
    first: ['init', '--key-file', 'another.key'],
  },
  {
    name: 'init --project',
    base: 'empty',
    env: { POCKET_KMS_KEYRING: undefined },
    keyring: '.kms/keyring.db',
    args: ['init', '--project'],
  },
  {
    name: 'keyring trust',
    base: 'empty',
    env: { POCKET_KMS_KEYRING: undefined },
    keyring: '.kms/keyring.db',
    before: [
      ['init', '--project'],
      ['keyring', 'trust', '--remove', '{id}'],
    ],
    args: ['keyring', 'trust'],
    unlocking: [[], ['--keyring', '{folder}/.kms', '--key-file', '{key-file}']],
  },
  {
    name: 'the first key at the usual place',
    base: 'empty',
    env: { POCKET_KMS_KEYRING: undefined },
    keyring: 'home/.local/share/pocket-kms/keyring.db',
    args: ['create-key'],
    commits: 2, // the keyring, and the key in it
    first: ['create-key'],
  },

  call('create-key', '--description', 'second', '--tags', 'TagKey=stage,TagValue=test'),
  call('create-key', '--key-spec', 'ECC_NIST_P256', '--key-usage', 'SIGN_VERIFY'),
  { ...call('encrypt', '--key-id', 'alias/app', '--plaintext', base64(PLAINTEXT)), secrets: [PLAINTEXT] },
  call('decrypt', '--ciphertext-blob', '{blob}'),
  call('generate-data-key', '--key-id', 'alias/app', '--key-spec', 'AES_256'),
  {
    ...call('encrypt', '--key-id', 'alias/none', '--plaintext', 'aGVsbG8='),
    name: 'a call that is refused',
    status: 254,
  },
  call('create-alias', '--alias-name', 'alias/new', '--target-key-id', '{key}'),
  call('delete-alias', '--alias-name', 'alias/app'),
  call('put-key-policy', '--key-id', '{key}', '--policy', POLICY),
  call('tag-resource', '--key-id', '{key}', '--tags', 'TagKey=a,TagValue=b'),
  call('create-grant', '--key-id', '{key}', '--grantee-principal', ALICE, '--operations', 'Encrypt'),
  call('schedule-key-deletion', '--key-id', '{key}', '--pending-window-in-days', '7'),
  call('rotate-key-on-demand', '--key-id', '{key}'),
  {
    ...call('create-key', '--origin', 'EXTERNAL'),
    name: 'get-parameters-for-import',
    before: [['create-key', '--origin', 'EXTERNAL']],
    args: [
      'get-parameters-for-import',
      '--key-id',
      '{last-key}',
      '--wrapping-algorithm',
      'RSAES_OAEP_SHA_256',
      '--wrapping-key-spec',
      'RSA_2048',
    ],
  },
  {
    name: 'batch',
    base: 'ring',
    args: ['batch'],
    input: ['CreateKey', 'CreateKey', 'ListKeys']
      .map((Operation) => `${JSON.stringify({ Operation, Input: {} })}\n`)
      .join(''),
    commits: 3,
  },
  { name: 'apply', base: 'ring', files: { 'seed.json': SEED }, args: ['apply', 'seed.json'] },

  ...[
    call('update-alias', '--alias-name', 'alias/app', '--target-key-id', '{key}'),
    call('untag-resource', '--key-id', '{key}', '--tag-keys', 'a'),
    call('update-key-description', '--key-id', '{key}', '--description', 'another'),
    call('disable-key', '--key-id', '{key}'),
    call('enable-key-rotation', '--key-id', '{key}'),
    {
      ...call('cancel-key-deletion', '--key-id', '{key}'),
      before: [['schedule-key-deletion', '--key-id', '{key}']],
    },
    call('re-encrypt', '--ciphertext-blob', '{blob}', '--destination-key-id', 'alias/app'),
    call('generate-random', '--number-of-bytes', '16'),
    call('generate-data-key-pair', '--key-id', '{key}', '--key-pair-spec', 'ECC_NIST_P256'),
    {
      ...call('identity', 'delete-access-key', '{access-key}'),
      before: [['identity', 'create-access-key', '--principal-arn', ROOT]],
    },
    call('identity', 'assume-role', '--role-arn', 'arn:aws:iam::111122223333:role/App', '--role-session-name', 'one'),
  ].map(byHand),

  call('identity', 'put', ALICE, '--policy', IDENTITY_POLICY, '--policy-name', 'may-encrypt'),
  { ...call('identity', 'delete', ALICE), before: [['identity', 'put', ALICE]] },
  {
    ...call('identity', 'put', ALICE, '--add-to-groups', 'Readers'),
    name: 'identity put --add-to-groups',
    isByHand: true,
    before: [['identity', 'put', GROUP, '--policy', IDENTITY_POLICY]],
  },
  {
    ...call('identity', 'put', ROLE, '--trust-policy', TRUST_POLICY),
    name: 'identity put --trust-policy',
    isByHand: true,
    before: [['identity', 'put', ALICE]],
  },
  call('identity', 'create-access-key', '--principal-arn', ROOT),
  {
    name: 'identity enable-signature-verification',
    isByHand: true,
    base: 'ring',
    args: ['identity', 'enable-signature-verification'],
  },
  {
    name: 'identity disable-signature-verification',
    isByHand: true,
    base: 'ring',
    before: [['identity', 'enable-signature-verification']],
    args: ['identity', 'disable-signature-verification'],
  },
  { ...call('identity-provider', 'put', ...PROVIDER), name: 'identity-provider put' },
  {
    name: 'identity-provider delete',
    isByHand: true,
    base: 'ring',
    before: [['identity-provider', 'put', ...PROVIDER]],
    args: ['identity-provider', 'delete', ISSUER],
  },
  {
    name: 'attestation trust-root add',
    base: 'ring',
    files: { 'root.pem': TEST_ROOT },
    args: ['attestation', 'trust-root', 'add', 'root.pem'],
  },
  {
    name: 'attestation trust-root remove',
    isByHand: true,
    base: 'ring',
    files: { 'root.pem': TEST_ROOT },
    before: [['attestation', 'trust-root', 'add', 'root.pem']],
    args: ['attestation', 'trust-root', 'remove', new X509Certificate(TEST_ROOT).fingerprint256],
  },
  {
    name: 'attestation document',
    base: 'ring',
    args: ['attestation', 'document', 'doc.cbor', '--test-root', 'test-root'],
  },
  { ...call('vpc-endpoint', 'put', ENDPOINT, '--policy', ENDPOINT_POLICY), name: 'vpc-endpoint put' },
  {
    name: 'vpc-endpoint delete',
    isByHand: true,
    base: 'ring',
    before: [['vpc-endpoint', 'put', ENDPOINT]],
    args: ['vpc-endpoint', 'delete', ENDPOINT],
  },
  call('organization', 'put', '--organization-id', 'o-a1b2c3d4e5', '--accounts', '111122223333'),
  { ...call('organization', 'delete'), before: [['organization', 'put', '--organization-id', 'o-a1b2c3d4e5']] },
  {
    ...call('clock', 'advance', '30d'),
    before: [['schedule-key-deletion', '--key-id', '{key}', '--pending-window-in-days', '7']],
  },

  { name: 'settings put', base: 'ring', args: ['settings', 'put', 'TransitionTime', '5s'] },

  { name: 'keyring add-slot', base: 'ring', args: ['keyring', 'add-slot'] },
  {
    name: 'keyring add-slot with a named key file',
    base: 'ring',
    args: ['keyring', 'add-slot', '--new-key-file', 'second.key'],
  },
  {
    name: 'keyring add-slot with a passphrase',
    base: 'ring',
    files: { words: PASSPHRASE },
    args: ['keyring', 'add-slot', '--new-passphrase-file', 'words'],
    secrets: [PASSPHRASE],
    secretFiles: ['words'],
  },
  {
    name: 'keyring remove-slot',
    base: 'ring',
    before: [['keyring', 'add-slot']],
    args: ['keyring', 'remove-slot', '2'],
  },
  {
    name: 'keyring change-passphrase',
    base: 'empty',
    files: { words: PASSPHRASE, 'other-words': `other ${PASSPHRASE}` },
    before: [['init', '--passphrase-file', 'words']],
    args: ['keyring', 'change-passphrase', '--passphrase-file', 'words', '--new-passphrase-file', 'other-words'],
    unlocking: [
      ['--passphrase-file', 'words'],
      ['--passphrase-file', 'other-words'],
    ],
    secrets: [PASSPHRASE],
    secretFiles: ['words', 'other-words'],
  },
  { name: 'keyring rekey', base: 'ring', args: ['keyring', 'rekey'] },
  { name: 'keyring backup', base: 'ring', args: ['keyring', 'backup', 'saved.db'] },
  {
    name: 'keyring backup elsewhere',
    base: 'ring',
    args: ['keyring', 'backup', 'folder/below/saved.db'],
  },
  {
    name: 'keyring restore',
    base: 'ring',
    before: [['keyring', 'backup', 'saved.db'], ['create-key'], ['delete-alias', '--alias-name', 'alias/app']],
    args: ['keyring', 'restore', 'saved.db'],
  },
  {
    name: 'keyring restore to a new place',
    base: 'ring',
    before: [['keyring', 'backup', 'saved.db']],
    args: ['keyring', 'restore', 'saved.db', '--keyring', '{folder}/new'],
    keyring: 'new/keyring.db',
    first: ['keyring', 'restore', 'saved.db', '--keyring', '{folder}/new'],
    unlocking: [['--keyring', '{folder}/new']],
  },
  {
    name: 'serve',
    base: 'ring',
    args: ['serve', '--socket', 'socket'],
    requests: [
      [['CreateKey', {}]],
      [ENCRYPT],
      [ENCRYPT, ENCRYPT, ['CreateKey', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }], ENCRYPT],
      [ENCRYPT, ENCRYPT],
      [['CreateKey', { Description: 'third' }]],
      [['CreateKey', { Description: 'fourth' }]],
    ],
    commits: 5,
  },
  {
    name: 'a call after a line that is not whole',
    base: 'ring',
    appended: { file: 'ring/audit.jsonl', text: '{"eventVersion":"1.11","userIdentity":{"ty' },
    args: ['list-keys'],
  },
  {
    name: 'a call after a change whose lines are not whole',
    base: 'ring',
    before: [['create-key']],
    cut: 'ring/audit.jsonl',
    args: ['list-keys'],
  },
  {
    name: 'a change after one whose lines are not whole',
    base: 'ring',
    before: [['create-key']],
    cut: 'ring/audit.jsonl',
    args: ['create-key'],
  },
  {
    name: 'audit restart',
    base: 'ring',
    args: ['audit', 'restart'],
  },
  { name: 'audit rotate', base: 'ring', args: ['audit', 'rotate'] },
  {
    name: 'audit rotate --compress',
    base: 'ring',
    before: [['audit', 'rotate'], ['list-keys']],
    args: ['audit', 'rotate', '--compress'],
  },
  {
    name: 'a call that rotates the log',
    base: 'ring',
    before: LONG_LOG,
    args: ['create-key'],
  },
  {
    name: 'a call that rotates the log and changes nothing',
    base: 'ring',
    isByHand: true,
    before: LONG_LOG,
    args: ['encrypt', '--key-id', 'alias/app', '--plaintext', base64(PLAINTEXT)],
    secrets: [PLAINTEXT],
  },
  {
    name: 'serve that rotates the log',
    base: 'ring',
    before: LONG_LOG,
    args: ['serve', '--socket', 'socket'],
    requests: [
      [['CreateKey', {}]],
      ...Array.from({ length: 6 }, () => [ENCRYPT]),
      [['CreateKey', { Description: 'third' }]],
      [['CreateKey', { Description: 'fourth' }]],
      [ENCRYPT],
    ],
    commits: 8,
  },

  {
    name: 'env set',
    base: 'ring',
    files: { '.env': 'PLAIN=1\n' },
    args: ['env', 'set', 'TOKEN', '--key-id', 'alias/app', '--file', '.env'],
    input: PLAINTEXT,
    secrets: [PLAINTEXT],
  },
  {
    name: 'env set of a large value',
    base: 'ring',
    isByHand: true,
    files: { '.env': 'PLAIN=1\n' },
    args: ['env', 'set', 'TOKEN', '--key-id', 'alias/app', '--file', '.env'],
    input: PLAINTEXT.repeat(300),
    secrets: [PLAINTEXT],
  },
  {
    name: 'env unset',
    base: 'ring',
    files: { '.env': 'PLAIN=1\nOTHER=2\n' },
    args: ['env', 'unset', 'PLAIN', '--file', '.env'],
  },
  {
    name: 'env edit',
    base: 'ring',
    files: { '.env': 'PLAIN=1\n' },
    // the draft is beside the stage's folder, which is in memory
    env: { EDITOR: `printf 'PLAIN=1\nTOKEN=${PLAINTEXT}\n' >`, XDG_RUNTIME_DIR: '..' },
    args: ['env', 'edit', '--key-id', 'alias/app', '--file', '.env'],
    secrets: [PLAINTEXT],
  },
  {
    name: 'env rewrap',
    base: 'ring',
    files: { '.env': 'PLAIN=1\n' },
    before: [['env', 'edit', '--key-id', 'alias/app', '--file', '.env']],
    env: { EDITOR: `printf 'PLAIN=1\nTOKEN=${PLAINTEXT}\n' >` },
    args: ['env', 'rewrap', '--key-id', 'alias/app', '--file', '.env'],
    secrets: [PLAINTEXT],
  },
  {
    name: 'seal',
    base: 'ring',
    isByHand: true,
    files: { plain: PLAINTEXT.repeat(3000) },
    args: ['seal', 'plain', '--key-id', 'alias/app'],
    secrets: [PLAINTEXT],
    secretFiles: ['plain'],
  },
  {
    name: 'open',
    base: 'ring',
    isByHand: true,
    files: { plain: PLAINTEXT.repeat(3000) },
    before: [['seal', 'plain', '--key-id', 'alias/app']],
    args: ['open', 'plain.sealed', '--to', 'opened'],
  },
  {
    name: 'envelope encrypt',
    base: 'ring',
    files: { plain: PLAINTEXT.repeat(3000) },
    args: ['envelope', 'encrypt', '--key-ids', 'alias/app', '--from', 'plain', '--to', 'sealed'],
    secrets: [PLAINTEXT],
    secretFiles: ['plain'],
  },
  {
    name: 'envelope decrypt',
    base: 'ring',
    files: { plain: PLAINTEXT.repeat(3000) },
    before: [['envelope', 'encrypt', '--key-ids', 'alias/app', '--from', 'plain', '--to', 'sealed']],
    args: ['envelope', 'decrypt', '--from', 'sealed', '--to', 'opened'],
  },
  {
    name: 'envelope decrypt of a message that was cut',
    base: 'ring',
    files: { plain: PLAINTEXT.repeat(3000) },
    before: [['envelope', 'encrypt', '--key-ids', 'alias/app', '--from', 'plain', '--to', 'sealed']],
    cut: 'sealed',
    args: ['envelope', 'decrypt', '--from', 'sealed', '--to', 'opened'],
    status: 253,
    secrets: [PLAINTEXT],
    secretFiles: ['plain'],
  },
  { name: 'configure set', base: 'ring', args: ['configure', 'set', 'region', 'eu-west-1'] },
  { name: 'xks add', base: 'ring', args: ['xks', 'add', 'xks.example.com', '--connect', '127.0.0.1:8443'] },
  {
    name: 'xks remove',
    isByHand: true,
    base: 'ring',
    before: [['xks', 'add', 'xks.example.com', '--connect', '127.0.0.1:8443']],
    args: ['xks', 'remove', 'xks.example.com'],
  },
  { name: 'hsm add', isByHand: true, base: 'ring', args: ['hsm', 'add', ...CLUSTER] },
  {
    name: 'hsm remove',
    isByHand: true,
    base: 'ring',
    before: [['hsm', 'add', ...CLUSTER]],
    args: ['hsm', 'remove', CLUSTER[0]!],
  },
  { name: 'shim install', base: 'ring', args: ['shim', 'install', 'shim'] },
  {
    name: 'lint --write-known-findings',
    base: 'ring',
    files: { 'policy.json': POLICY.replace('"kms:*"', '"*"') },
    args: ['lint', 'policy.json', '--account-id', '111122223333', '--write-known-findings', 'known.json'],
  },
  {
    name: 'policy format --write',
    base: 'ring',
    files: { 'policy.json': POLICY },
    args: ['policy', 'format', 'policy.json', '--write'],
  },
];
