/** Texts about the program as a whole and about its groups of commands. */
import type { Example } from './command-text/command-text.ts';

export const PROGRAM = {
  summary: 'AWS KMS in one encrypted file',
  description: [
    'An offline implementation of AWS KMS with the command line of aws kms: the same commands, options, output and exit codes. It performs the cryptographic operations, evaluates key policies, and writes a tamper-evident audit log. All keys are in one encrypted file, the keyring.',
    'Scripts written for aws kms run when aws kms is replaced by kms. No AWS account, credentials or network are required.',
  ],
  examples: [
    {
      title: 'Create a keyring, a key and an alias',
      lines: [
        'kms init',
        'kms create-key',
        'kms create-alias --alias-name alias/app --target-key-id 1234abcd-12ab-34cd-56ef-1234567890ab',
      ],
    },
    {
      title: 'Encrypt and decrypt data',
      lines: [
        'kms encrypt --key-id alias/app --plaintext fileb://secret.txt',
        'kms decrypt --ciphertext-blob fileb://secret.enc',
      ],
    },
  ] as readonly Example[],
} as const;

/** What `kms` alone shows. */
export const FIRST_COMMANDS: readonly string[] = ['quickstart', 'create-key', 'encrypt', 'decrypt', 'ls'];

/** Groups of commands, by their first word. */
export const GROUP_TEXTS: { readonly [name: string]: string } = {
  agent: 'Show the process that holds the keyring open',
  audit: 'Verify, follow and search the audit log',
  configure: 'Configure profiles: principal, Region and output format',
  envelope: 'Encrypt and decrypt AWS Encryption SDK messages',
  env: 'Encrypt environment variables in an env file',
  identity: 'Manage users, groups, roles, role sessions and access keys',
  keyring: 'Manage the keyring: unlock slots, trust, verification, backups',
  organization: 'Manage organizations and their control policies',
  attestation: 'Manage attestation documents of Nitro Enclaves and NitroTPM',
  'trust-root': 'Manage the trust roots of attestation documents',
  'identity-provider': 'Manage OpenID Connect providers',
  'vpc-endpoint': 'Manage VPC endpoint policies',
  hsm: 'Manage the PKCS#11 tokens that stand for CloudHSM clusters',
  xks: 'Manage the hosts of external key store proxies',
  settings: 'Show and change the settings of the keyring',
  policy: 'Compare, check, generate and format key policies',
  clock: 'Show and advance the clock of the keyring',
  shim: 'Redirect aws kms to kms in scripts',
};

export const ENVIRONMENT: readonly (readonly [name: string, text: string])[] = [
  ['POCKET_KMS_KEYRING', 'The keyring folder or keyring file.'],
  ['POCKET_KMS_KEY_FILE', 'The key file that unlocks the keyring.'],
  ['POCKET_KMS_PASSPHRASE_FILE', 'The file that contains the passphrase of the keyring.'],
  ['POCKET_KMS_TRUST', 'The project keyrings to trust: ID:FINGERPRINT, separated by commas.'],
  ['POCKET_KMS_LINT', 'Set to off to skip the lint of policies before they are written.'],
  ['CREDENTIALS_DIRECTORY', 'Set by systemd for a service: the file pocket-kms-key in this folder is the key file.'],
  ['AWS_PROFILE, AWS_DEFAULT_PROFILE', 'The default profile.'],
  ['AWS_REGION, AWS_DEFAULT_REGION', 'The default Region.'],
  ['AWS_DEFAULT_OUTPUT', 'The default output format.'],
  ['AWS_CLI_ERROR_FORMAT', 'The default format of errors.'],
  ['AWS_CLI_AUTO_PROMPT', 'Whether to prompt for missing options: on, on-partial or off.'],
  ['AWS_PAGER, PAGER', 'The pager. An empty value disables it.'],
  ['AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE', 'The locations of the AWS CLI configuration files.'],
  ['NO_COLOR', 'Disables color if set and not empty.'],
  ['XDG_RUNTIME_DIR', 'The base folder of the sockets of agents (kms unlock). Without it, there are no agents.'],
  ['XDG_DATA_HOME, XDG_CONFIG_HOME', 'The base folders of the user keyring, and of profiles and key files.'],
];

export const FILES: readonly (readonly [path: string, text: string])[] = [
  ['~/.local/share/pocket-kms/keyring.db', 'The user keyring.'],
  [
    '.kms/keyring.db',
    'A project keyring. It is found from every subfolder, and used if this user created or trusted it.',
  ],
  ['audit.jsonl', 'The audit log, in the folder of the keyring.'],
  ['audit-N.jsonl, audit-N.jsonl.gz', 'An old file of the audit log, up to event N.'],
  [
    'audit.jsonl.head',
    'The end of the audit log. It belongs to the log: both are copied, restored or removed together.',
  ],
  ['~/.config/pocket-kms/config.json', 'The profiles, written by kms configure.'],
  ['~/.aws/config', 'Profiles of the AWS CLI. Region, output format and cli_ settings are read; credentials are not.'],
  ['~/.config/pocket-kms/trusted/ID.json', 'The fingerprint of a trusted keyring, by its ID.'],
  ['~/.config/pocket-kms/keys/ID.key', 'The key file of a keyring, by its ID.'],
  [
    '$XDG_RUNTIME_DIR/pocket-kms/ID.json',
    'The agent that holds a keyring open, by the ID of the keyring; its socket and pipes are beside it.',
  ],
];

export const EXIT_STATUS: readonly (readonly [status: string, text: string])[] = [
  ['0', 'Success.'],
  ['1', 'The result is negative: a verification or lint found problems, or a setting is not set.'],
  ['130', 'Interrupted (SIGINT).'],
  ['252', 'The command line or its parameters are not valid. No changes were made.'],
  ['253', 'Environment error: no keyring, a locked or damaged keyring, or a full disk.'],
  ['254', 'The call failed with an AWS KMS error.'],
  ['255', 'Any other error, including internal errors.'],
];
