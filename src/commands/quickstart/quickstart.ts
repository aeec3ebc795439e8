/** `kms quickstart`: demonstrates the main commands with real output in a temporary keyring. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { structure } from '../../model/shape.ts';
import type { CommandLines, Output } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';

interface TourStep {
  /** What it is about, above the command. */
  readonly about?: string;
  /** `$KEY` stands for the key ID that the tour made. */
  readonly words: readonly string[];
  readonly status?: number;
  /** What a shell would do with the output, and its implementation here. */
  readonly after?: After;
  /** Files that must be there before, by name. */
  readonly files?: { readonly [name: string]: string };
}

interface After {
  readonly tail: string;
  readonly to: (stdout: string, place: TourPlace) => string;
}

interface TourPlace {
  readonly folder: string;
  /** By name, without `$`. */
  readonly variables: Map<string, string>;
}

const CONTEXT = ['--encryption-context', 'purpose=quickstart'];
const text = (member: string): readonly string[] => ['--query', member, '--output', 'text'];
const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');

const decodedTo = (name: string): After => ({
  tail: ` | base64 --decode > ${name}`,
  to(stdout, { folder }) {
    writeFileSync(join(folder, name), bytes(stdout));
    return '';
  },
});
const decoded: After = { tail: ' | base64 --decode', to: (stdout) => bytes(stdout).toString() };

const ACCOUNT = '111122223333';
const READER = `arn:aws:iam::${ACCOUNT}:role/reader`;
const statement = (sid: string, principal: string, action: readonly string[]): object => ({
  Sid: sid,
  Effect: 'Allow',
  Principal: { AWS: principal },
  Action: action,
  Resource: '*',
});
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    statement('Manage', `arn:aws:iam::${ACCOUNT}:root`, ['kms:Describe*', 'kms:Get*', 'kms:PutKeyPolicy']),
    statement('Use', READER, ['kms:Decrypt']),
  ],
});

const STEPS: readonly TourStep[] = [
  {
    about: 'create a keyring in a temporary folder',
    words: ['init', '--account-id', ACCOUNT, '--region', 'eu-central-1'],
  },
  {
    about: 'create a key and an alias',
    words: ['create-key', '--description', 'quickstart', ...text('KeyMetadata.KeyId')],
    after: {
      tail: '',
      to(stdout, { variables }) {
        variables.set('KEY', stdout.trim());
        return stdout;
      },
    },
  },
  { words: ['create-alias', '--alias-name', 'alias/app', '--target-key-id', '$KEY'] },
  { words: ['describe-key', '--key-id', 'alias/app', '--output', 'table'] },
  {
    about: 'encrypt a file with an encryption context',
    files: { 'secret.txt': 'the password is hunter2\n' },
    words: [
      'encrypt',
      '--key-id',
      'alias/app',
      '--plaintext',
      'fileb://secret.txt',
      ...CONTEXT,
      ...text('CiphertextBlob'),
    ],
    after: decodedTo('secret.enc'),
  },
  {
    about: 'decrypt it: fails without the encryption context, succeeds with it',
    words: ['decrypt', '--ciphertext-blob', 'fileb://secret.enc'],
    status: 254,
  },
  { words: ['decrypt', '--ciphertext-blob', 'fileb://secret.enc', ...CONTEXT, ...text('Plaintext')], after: decoded },
  {
    about: 'generate a data key, for data of any size',
    words: ['generate-data-key', '--key-id', 'alias/app', '--key-spec', 'AES_256', ...CONTEXT],
  },
  {
    about: 'allow only one role to decrypt; the caller is the root user',
    files: { 'policy.json': POLICY },
    words: ['put-key-policy', '--key-id', '$KEY', '--policy', 'file://policy.json'],
  },
  { words: ['encrypt', '--key-id', 'alias/app', '--plaintext', 'c2VjcmV0'], status: 254 },
  {
    about: 'call as the role, with a profile',
    words: ['configure', 'set', 'principal', READER, '--profile', 'reader'],
  },
  {
    words: [
      'decrypt',
      '--ciphertext-blob',
      'fileb://secret.enc',
      ...CONTEXT,
      ...text('Plaintext'),
      '--profile',
      'reader',
    ],
    after: decoded,
  },
  {
    about: 'verify the audit log, which has an event of each call',
    words: [
      'audit',
      'lookup-events',
      '--lookup-attributes',
      'AttributeKey=EventName,AttributeValue=Decrypt',
      ...text('Events[].[EventTime,EventName,Username]'),
    ],
  },
  { words: ['audit', 'verify'] },
];

const quote = (word: string): string => (/^[\w./:=@,$-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

export const quickstart = localCommand({
  name: 'Quickstart',
  command: 'quickstart',
  input: structure({}),
  output: structure({}),
  anyProfile: true,
  silent: true,
  async run(_, { runLine, pause, printData: print }: CommandLines & Pick<Output, 'printData'>) {
    const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-quickstart-')); // mode 0700
    const place: TourPlace = { folder, variables: new Map() };
    try {
      for (const [index, step] of STEPS.entries()) {
        if (index > 0) await pause();
        await take(step, { place, runLine, print });
      }
      print('\n# the temporary keyring is removed; create your own with kms init, and see kms help');
    } finally {
      rmSync(folder, { recursive: true });
    }
    return {};
  },
});

interface Stage {
  readonly place: TourPlace;
  readonly runLine: CommandLines['runLine'];
  readonly print: (line: string) => void;
}

async function take(
  { about, words, status: expected = 0, after, files = {} }: TourStep,
  { place, runLine, print }: Stage,
): Promise<void> {
  if (about !== undefined) print(`\n# ${about}`);
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(place.folder, name), content);
    print(`# ${name}: ${content.trimEnd()}`);
  }
  const argv = words.map((word) => (word.startsWith('$') ? place.variables.get(word.slice(1))! : word));
  print(`\n$ kms ${argv.map(quote).join(' ')}${after?.tail ?? ''}`);
  const { status, stdout, shown } = await runLine(argv, place.folder);
  if (status !== expected)
    throw new Error(`kms ${words.join(' ')} exited ${status} instead of ${expected}: ${shown.trim()}`);
  const text = after ? after.to(stdout, place) : shown;
  // the folder is the home of these commands
  if (text !== '') print(text.replaceAll(place.folder, '~').replace(/\n$/, ''));
}
