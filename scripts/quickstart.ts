/** The first minute: the main job on real input in a new temporary keyring, each command with its real answer. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './root.ts';

const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-quickstart-'));
const env = {
  PATH: process.env['PATH'],
  HOME: folder,
  POCKET_KMS_KEYRING: join(folder, 'keyring'),
};

/** Runs `kms` with these words, prints what a person would have typed and what came back. */
function kms(words: readonly string[], { expect = 0, show = true }: { expect?: number; show?: boolean } = {}): string {
  process.stdout.write(`\n$ kms ${words.map(quote).join(' ')}\n`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [root('bin/kms.js'), ...words], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  if (show) process.stdout.write(stdout + stderr);
  if (status !== expect) {
    process.stderr.write(`quickstart: this should have exited ${expect}, but exited ${status}\n${show ? '' : stderr}`);
    process.exit(1);
  }
  return stdout.trim();
}

const quote = (word: string): string => (/^[\w./:=@,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
const say = (line: string): void => void process.stdout.write(`\n# ${line}\n`);

try {
  say('a new keyring, in a temporary folder');
  kms(['init', '--account-id', '111122223333', '--region', 'eu-central-1']);

  say('a key, and a name for it');
  const keyId = kms(['create-key', '--description', 'quickstart', '--query', 'KeyMetadata.KeyId', '--output', 'text']);
  kms(['create-alias', '--alias-name', 'alias/app', '--target-key-id', keyId]);
  kms(['describe-key', '--key-id', 'alias/app', '--output', 'table']);

  say('a real file, encrypted with an encryption context');
  const secret = readFileSync(root('LICENSE')).subarray(0, 4096);
  writeFileSync(join(folder, 'secret.txt'), secret);
  const context = ['--encryption-context', 'purpose=quickstart'];
  const blob = kms(
    [
      'encrypt',
      '--key-id',
      'alias/app',
      '--plaintext',
      'fileb://secret.txt',
      ...context,
      '--query',
      'CiphertextBlob',
      '--output',
      'text',
    ],
    { show: false },
  );
  process.stdout.write(`${blob.slice(0, 72)}... (${blob.length} characters of base64)\n`);
  writeFileSync(join(folder, 'secret.enc'), Buffer.from(blob, 'base64'));

  say('decrypted again: without the context it does not open, with it it does');
  kms(['decrypt', '--ciphertext-blob', 'fileb://secret.enc'], { expect: 254 });
  const opened = kms(
    ['decrypt', '--ciphertext-blob', 'fileb://secret.enc', ...context, '--query', 'Plaintext', '--output', 'text'],
    { show: false },
  );
  const same = Buffer.from(opened, 'base64').equals(secret);
  process.stdout.write(`${same ? 'the same' : 'NOT THE SAME'} ${secret.length} bytes\n`);
  if (!same) process.exit(1);

  say('a data key, for data of any size');
  kms(['generate-data-key', '--key-id', 'alias/app', '--key-spec', 'AES_256', ...context]);

  say('a key policy that only lets one role decrypt; the caller here is the root user');
  const root1 = { AWS: 'arn:aws:iam::111122223333:root' };
  const role = { AWS: 'arn:aws:iam::111122223333:role/reader' };
  writeFileSync(
    join(folder, 'policy.json'),
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Manage',
          Effect: 'Allow',
          Principal: root1,
          Action: ['kms:Describe*', 'kms:Get*', 'kms:PutKeyPolicy'],
          Resource: '*',
        },
        { Sid: 'Use', Effect: 'Allow', Principal: role, Action: 'kms:Decrypt', Resource: '*' },
      ],
    }),
  );
  kms(['put-key-policy', '--key-id', keyId, '--policy', 'file://policy.json']);
  kms(['encrypt', '--key-id', 'alias/app', '--plaintext', 'c2VjcmV0'], { expect: 254 });

  say('every call is in the audit log, and the log proves that nothing was changed');
  kms([
    'audit',
    'lookup-events',
    '--lookup-attributes',
    'AttributeKey=EventName,AttributeValue=Encrypt',
    '--query',
    'Events[].[EventTime,EventName,Username]',
    '--output',
    'text',
  ]);
  kms(['audit', 'verify']);
} finally {
  rmSync(folder, { recursive: true });
}
