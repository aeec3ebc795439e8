/** What is wrong with a command line, a file that it names, or the sessionOptions is reported with its kind and its name. */
import { execFileSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createKey, workplace } from './command.ts';

/** Nine times itself, thirty times. */
const BOMB = [
  'a0: &a0 x',
  ...Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(',')}]`),
].join('\n');
const SESSION = '{"Statement":[{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*"}]}';
const DEEP = '['.repeat(100_000);
const files: { readonly [name: string]: string | Uint8Array } = {
  'bomb.yaml': BOMB,
  'deep.json': DEEP,
  'not-utf8': Uint8Array.of(0x61, 0xff),
  plain: 'text',
};

const rows: readonly (readonly [line: string, status: number, says: RegExp])[] = [
  ['organization put --type x --policy y', 252, /'type' .*SERVICE_CONTROL_POLICY/],
  ['organization put --level 9 --policy y', 252, /'level' .*less than or equal to/],
  ['env set a-b --key-id KEY', 252, /'name' /],
  ['keyring remove-slot 0', 252, /parameter Slot, value: 0/],
  [`list-keys --keyring ${'a'.repeat(300)}`, 253, /the keyring .*a has a name that is too long/],
  ['list-keys --passphrase-file not-utf8', 253, /the passphrase is not UTF-8/],
  ['envelope encrypt --key-ids ../../.. --from plain --to out', 253, /--key-ids must be key IDs/],
  ['envelope decrypt --key-ids ../../.. --from plain --to out', 253, /--key-ids must be key IDs/],
  [
    'envelope encrypt --key-ids KEY --encryption-context aws-crypto-public-key=1 --from plain --to out',
    253,
    /--encryption-context cannot have aws-crypto-public-key/,
  ],
  ['list-keys --cli-input-yaml file://bomb.yaml', 252, /'cli-input-yaml': Invalid YAML received/],
  ['list-keys --cli-input-yaml file://deep.json', 252, /'cli-input-yaml': Invalid YAML received/],
  ['list-keys --cli-input-json file://deep.json', 252, /'cli-input-json': Invalid JSON received/],
  ['list-keys --as arn:aws:iam::111122223333:other/x', 252, /--as must be an ARN of a user, role/],
  ['list-keys --session-policy {}', 252, /'--session-policy': .*a policy requires a Statement element/],
  ['list-keys --session-policy SESSION', 253, /--session-policy does not apply to arn:aws:iam::111122223333:root/],
  [
    'list-keys --as s3.amazonaws.com --session-policy SESSION',
    253,
    /--session-policy does not apply to s3.amazonaws.com/,
  ],
  [`explain-access --action Encrypt --key KEY --principal x`, 253, /--principal must be an ARN of a user, role/],
  [`what-can --key KEY --principal arn:aws-mars:iam::111122223333:root`, 253, /--principal must be an ARN of a user/],
  [
    'identity put arn:aws:iam::111122223333:other/x',
    253,
    /--arn must be the ARN of a user, group, role or role session/,
  ],
  ['apply bomb.yaml', 253, /bomb.yaml: too many aliases/],
  ['apply deep.json', 253, /deep.json: /],
];

describe('reported as what it is', () => {
  test.each(rows)('%s', async (line, status, says) => {
    const work = await workplace();
    const key = await createKey(work);
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(work.folder, name), content, { mode: 0o600 });
    const ran = await work.kmsWith(
      { input: 'x', timeout: 20_000 },
      ...line.replace('KEY', key).replace('SESSION', SESSION).split(' '),
    );
    expect(ran).toMatchObject({ exitCode: status, stdout: '', stderr: expect.stringMatching(says) });
    expect(ran.stderr).not.toMatch(/^ {4}at |Error:/m);
  });
});

test.each(['audit tail', 'audit lookup-events', 'audit verify', 'list-keys', 'audit tail --follow'])(
  'a pipe in the place of the log is not waited for: %s',
  async (line) => {
    const work = await workplace();
    renameSync(work.log, `${work.log}.away`);
    execFileSync('mkfifo', ['-m', '600', work.log]);
    const ran = await work.kmsWith({ timeout: 20_000 }, ...line.split(' '));
    expect(ran).toMatchObject({ exitCode: 253, stderr: expect.stringContaining('is not a regular file') });
  },
);
