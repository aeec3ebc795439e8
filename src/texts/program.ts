/** Texts about the program as a whole and about its groups of commands. */
import type { Example } from './command-text/command-text.ts';

export const PROGRAM = {
  summary: 'AWS KMS in one encrypted file',
  description: [
    'The aws kms command line, offline: the same commands, options, output and exit codes, with real cryptography, key policies that are evaluated, and a log that shows every change. All keys are in one encrypted file, the keyring.',
    'Scripts written for aws kms run when aws kms is replaced by kms. No account, no credentials and no network are needed.',
  ],
  examples: [
    {
      title: 'A keyring, a key, a name for it',
      lines: [
        'kms init',
        'kms create-key',
        'kms create-alias --alias-name alias/app --target-key-id 1234abcd-12ab-34cd-56ef-1234567890ab',
      ],
    },
    {
      title: 'Encrypt and decrypt',
      lines: [
        'kms encrypt --key-id alias/app --plaintext fileb://secret.txt',
        'kms decrypt --ciphertext-blob fileb://secret.enc',
      ],
    },
  ] as readonly Example[],
} as const;

/** First words that stand for several commands. */
export const GROUP_TEXTS: { readonly [name: string]: string } = {
  audit: 'The audit log: verify, watch, search',
  configure: 'Profiles: whom calls are made as, Region and output',
  envelope: 'Data of any size, as AWS Encryption SDK messages',
  env: 'Secrets of programs, as ciphertexts in an env file',
  identity: 'Users, groups, roles and sessions: what is known of them, and their access keys',
  keyring: 'The keyring: status, unlock slots, verification, copies',
  organization: 'Organizations: accounts and control policies',
  'vpc-endpoint': 'VPC endpoints and their policies',
  policy: 'Key policies: compared, made from use, laid out',
  clock: 'The clock of the keyring',
  shim: 'Lets scripts that call aws kms run unchanged',
};

export const ENVIRONMENT: readonly (readonly [name: string, text: string])[] = [
  ['POCKET_KMS_KEYRING', 'The folder of the keyring, or the keyring file.'],
  ['POCKET_KMS_KEY_FILE', 'The key file that unlocks the keyring.'],
  ['POCKET_KMS_PASSPHRASE_FILE', 'A file with the passphrase that unlocks the keyring.'],
  [
    'POCKET_KMS_TRUST',
    'Keyrings of projects that are trusted in this environment: ID:FINGERPRINT, with commas between several.',
  ],
  ['POCKET_KMS_LINT', 'off: policies are sent without a look at them.'],
  ['CREDENTIALS_DIRECTORY', 'Set by systemd for a unit: the file pocket-kms-key in it is taken as key file.'],
  ['AWS_PROFILE, AWS_DEFAULT_PROFILE', 'The profile.'],
  ['AWS_REGION, AWS_DEFAULT_REGION', 'The Region.'],
  ['AWS_DEFAULT_OUTPUT', 'The output format.'],
  ['AWS_CLI_ERROR_FORMAT', 'The format of errors.'],
  ['AWS_CLI_AUTO_PROMPT', 'Whether to ask for what a command line lacks: on, on-partial or off.'],
  ['AWS_PAGER, PAGER', 'The pager; empty for none.'],
  ['AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE', 'Where the configuration of the AWS CLI is.'],
  ['NO_COLOR', 'No color, if it is set and not empty.'],
  ['XDG_DATA_HOME, XDG_CONFIG_HOME', 'Where your own keyring, and your profiles and key files are.'],
];

export const FILES: readonly (readonly [path: string, text: string])[] = [
  ['~/.local/share/pocket-kms/keyring.db', 'Your own keyring.'],
  ['.kms/keyring.db', 'The keyring of a project: found from every folder below, used if you made or trusted it.'],
  ['audit.jsonl', 'The audit log, beside the keyring.'],
  ['~/.config/pocket-kms/config.json', 'Profiles; kms configure writes them.'],
  ['~/.aws/config', 'Profiles of the AWS CLI: Region, output and habits are taken from it, credentials are not.'],
  ['~/.config/pocket-kms/trusted/ID.json', 'The fingerprint of the keyring with this ID, which you made or trusted.'],
  ['~/.config/pocket-kms/keys/ID.key', 'The key file of the keyring with this ID.'],
];

export const EXIT_STATUS: readonly (readonly [status: string, text: string])[] = [
  ['0', 'Done.'],
  ['1', 'The answer is no: a verification found something, a setting is not set.'],
  ['130', 'Interrupted.'],
  ['252', 'The command line or its parameters are wrong; nothing was done.'],
  ['253', 'The sessionOptions are wrong: no keyring, locked, damaged, full disk.'],
  ['254', 'The call was refused, with an error of AWS KMS.'],
  ['255', 'Anything else, defects of the program included.'],
];
