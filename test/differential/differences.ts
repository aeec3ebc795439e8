/** Where `kms` does not print what aws-cli 2.9 printed, and why. A row that no longer differs fails the test. */
import type { Case } from './cases.ts';

interface Difference {
  readonly reason: string;
  readonly lines: readonly string[];
  /** Only under this ~/.aws/config. */
  readonly config?: string;
  /** Only with this answer of the service. */
  readonly answer?: string;
}

const TAGS = 'tag-resource --key-id k --tags';
const CONTEXT = 'encrypt --key-id k --plaintext aGVsbG8= --encryption-context';

const DIFFERENCES: readonly Difference[] = [
  {
    reason:
      '2.9 lists all choices and does not repeat a word that resembles none; 2.36 names it (transcripts.ts has both forms)',
    lines: [
      '--key-id k describe-key',
      'create-key --o X',
      'describe-key --key-id k --color maybe',
      'describe-key --key-id k --output xml',
      'describe-key --key-id k --output JSON',
      'describe-key --key-id k --cli-binary-format raw',
      'nonsense',
      'ListKeys',
      'keys',
      'create',
      "''",
      '--key-id k encrypt',
      'encrypt --generate-cli-skeleton bogus',
    ],
  },
  { reason: 'a command of our own: aws kms has no waiters', lines: ['wait'] },
  { reason: 'without a command, some to start with are listed below', lines: ['', '--query x', '--output json'] },
  {
    reason: 'a hint about the unknown option follows',
    lines: [
      'describe-key --KEY-ID k',
      'describe-key --key_id k',
      '--debugx describe-key --key-id k',
      'create-key --descriptionx x',
      'create-key --key-id k --bogus',
      '--bogus encrypt',
    ],
  },
  {
    reason: '2.9 reads --profile with a parser of its own first, whose usage tells of itself',
    lines: ['describe-key --key-id k --profile'],
  },
  { reason: '2.9 has no --cli-error-format', lines: ['describe-key --key-id k --cli'] },
  {
    reason: 'there is no endpoint: beyond its scheme the address is not looked at',
    lines: ['describe-key --key-id k --endpoint-url foo:80/x'],
  },
  {
    reason:
      'a file without JSON for a list is an error of its own, where aws takes a text for a list of characters, or fails inside',
    lines: [`${TAGS} file://tags.txt`, `${TAGS} fileb://tags.json`],
  },
  {
    reason: '2.9 does not know @= in shorthand; 2.36 does',
    lines: [
      `${CONTEXT} 'a@=file://key.txt'`,
      `${CONTEXT} 'a@=file://nope'`,
      `${CONTEXT} 'a@=text'`,
      `${CONTEXT} a@b=c`,
      'generate-data-key --key-id k --recipient AttestationDocument@=fileb://bin.dat',
    ],
  },
  {
    reason: 'the model has moved since it was recorded: SourceArn in grant constraints, service principals as grantees',
    lines: [
      'create-grant --key-id k --grantee-principal p --operations Decrypt --constraints Nope={a=b}',
      'create-grant --generate-cli-skeleton',
      `create-grant --cli-input-json '{"Constraints":{"EncryptionContextSubset":{"a":1}}}'`,
      `create-grant --cli-input-json '{"Operations":[1,"Decrypt",null]}'`,
    ],
  },
  {
    reason: 'Python 3.12 and later print an OrderedDict with braces (transcripts.ts has that form)',
    lines: [`${TAGS} '[{"TagKey":"a","TagValue":{"x":"y"}},{"TagKey":"","TagValue":""}]'`],
  },
  {
    reason: 'what the policy linter has to say stands on stderr first; --quiet silences it',
    lines: ['put-key-policy --key-id k --policy file://policy.json', 'create-key --po x'],
  },
  {
    reason: 'without validation an unknown member is left out, where aws fails inside',
    lines: [`${TAGS} Key=a`],
    config: '[default]\nparameter_validation = false\n',
  },
  {
    reason: '2.9 does not warn; 2.36 does',
    lines: ['list-keys --max-items 0', 'list-keys --max-items -1'],
  },
  {
    reason: 'a message of the service that quotes a line end begins no line of its own on stderr',
    lines: ['describe-key --key-id k', 'list-keys', 'describe-key --key-id k --output text --query KeyMetadata'],
    answer: 'multi-line',
  },
  { reason: 'the profile default needs no configuration', lines: ['describe-key --key-id k --profile default'] },
];

export const differenceOf = (example: Case): Difference | undefined =>
  DIFFERENCES.find(
    ({ lines, config = example.config, answer = example.answer }) =>
      lines.includes(example.line) && config === example.config && answer === example.answer,
  );
