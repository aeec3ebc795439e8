/** Texts of the keyring: creation, trust, unlock slots, verification, backups and its clock. */
import type { CommandTexts } from '../command-text/command-text.ts';

const NEW_KEY_FILE =
  'The key file to create for the new slot; it must not exist. Default: a file in the folder keys of the user configuration.';
const NEW_PASSPHRASE = 'Prompt for a new passphrase, twice, on the terminal. Default: off, a key file is created.';
const NEW_PASSPHRASE_FILE =
  'The file that contains the new passphrase, owned by the user with mode 0600. A final newline is removed.';
const NEW_PASSPHRASE_FD = 'The open file descriptor to read the new passphrase from.';

export const keyring: CommandTexts = {
  Init: {
    summary: 'Creates a keyring',
    description: [
      'Creates the keyring file and the folder of the audit log, at the location of --keyring or POCKET_KMS_KEYRING, in an existing .kms folder of a parent folder, or at the location of the user keyring. With --project, creates them in the folder .kms of the current folder, with a .gitignore that excludes all files except the keyring file. The new keyring is trusted (kms keyring trust).',
      'Creates a key file in the user configuration folder. Both files are required to decrypt: keep a backup of each. With --passphrase, --passphrase-file or --passphrase-fd, the keyring is unlocked by a passphrase instead. --region sets the default Region of the keyring (default: us-east-1), --key-file the location of the new key file.',
    ],
    members: {
      AccountId: 'The AWS account ID of the keyring, 12 digits, for ARNs and policies. Default: 000000000000.',
      Passphrase: 'Prompt for a passphrase, twice, on the terminal. Default: off, a key file is created.',
      Project: 'Create a project keyring in the folder .kms of the current folder. Default: off.',
    },
    errors: [],
    examples: [
      { title: 'Create the user keyring', lines: ['kms init --account-id 111122223333 --region eu-central-1'] },
      { title: 'Create a project keyring with a passphrase', lines: ['kms init --project --passphrase'] },
    ],
    seeAlso: ['KeyringStatus', 'KeyringTrust', 'KeyringAddSlot', 'CreateKey'],
  },

  KeyringStatus: {
    summary: 'Shows the location and the unlock slots of the keyring',
    description: [
      'Does not prompt for a passphrase. For a keyring that cannot be unlocked, the reason is included. Generation is the number of transactions, Term the number of domain keys, Events the number of lines in the audit log.',
      'FoundBy shows how the keyring was found, TrustedBy why it is trusted. Fingerprint is derived from the root key: compare it with the fingerprint from the owner of the keyring.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'Show the status as a table', lines: ['kms keyring status --output table'] }],
    seeAlso: ['Init', 'KeyringTrust', 'KeyringVerify', 'KeyringAddSlot'],
  },

  KeyringTrust: {
    summary: 'Trusts a keyring that was not created by this user',
    description: [
      'A project keyring (in a .kms folder) is used only if this user created it (kms init, kms keyring restore) or trusted it. Trust is stored in the user configuration by keyring ID and fingerprint of the root key. It applies to all copies of the keyring, and not to another keyring with the same ID.',
      'Unlocks the keyring with --key-file, --passphrase-file, --passphrase-fd, their environment variables, a passphrase from the terminal, or the key file in the user configuration, but never with a key file that is recorded in the keyring. Sets the modes of its files to 0600 and of its folder to 0700. ID:FINGERPRINT, as shown by kms keyring status, can be trusted before the keyring is available.',
      'Another keyring, which is used because it is named, has its custom key stores reach nothing: no PKCS#11 library is loaded and no proxy is connected to.',
      'The environment variable POCKET_KMS_TRUST=ID:FINGERPRINT trusts a keyring in one environment, such as a pipeline.',
    ],
    members: {
      Target:
        'The keyring folder, the keyring file, the project folder, or ID:FINGERPRINT. Default: the keyring that other commands use.',
      List: 'List the trusted keyrings, including those that this user created. Default: off.',
      Remove: 'The ID of the keyring to remove from the trusted keyrings.',
    },
    errors: [],
    examples: [
      {
        title: 'Trust the keyring of a cloned repository',
        lines: ['kms keyring trust --passphrase-file ~/team-passphrase'],
      },
      {
        title: 'Trust a keyring by its fingerprint',
        lines: ['kms keyring trust ef134f2a180ba05de91ab32d2976f51d:0f5c3a8de1b24f6790c2a41d7e9b6835'],
      },
      { title: 'List the trusted keyrings', lines: ['kms keyring trust --list --output table'] },
    ],
    seeAlso: ['KeyringStatus', 'Init', 'KeyringRestore'],
  },

  KeyringAddSlot: {
    summary: 'Adds an unlock slot',
    description: [
      'An unlock slot contains the root key of the keyring, wrapped under a key file or a passphrase. A keyring has 1 to 32 slots, and each of them unlocks it. Records are not rewritten. Without options, a new key file is created.',
    ],
    members: {
      NewKeyFile: NEW_KEY_FILE,
      NewPassphrase: NEW_PASSPHRASE,
      NewPassphraseFile: NEW_PASSPHRASE_FILE,
      NewPassphraseFd: NEW_PASSPHRASE_FD,
    },
    errors: [],
    examples: [
      { title: 'Add a passphrase', lines: ['kms keyring add-slot --new-passphrase'] },
      { title: 'Add a key file for a build server', lines: ['kms keyring add-slot --new-key-file build.key'] },
    ],
    seeAlso: ['KeyringRemoveSlot', 'KeyringChangePassphrase', 'KeyringStatus'],
  },

  KeyringRemoveSlot: {
    summary: 'Removes an unlock slot',
    description: [
      'The key file or passphrase of the slot no longer unlocks the keyring. It still unlocks earlier copies of the keyring file. The last slot cannot be removed.',
    ],
    members: { Slot: 'The number of the slot, as shown by kms keyring status.' },
    errors: [],
    examples: [{ title: 'Remove a slot', lines: ['kms keyring remove-slot 2'] }],
    seeAlso: ['KeyringAddSlot', 'KeyringStatus', 'KeyringRekey'],
  },

  KeyringChangePassphrase: {
    summary: 'Changes the passphrase of an unlock slot',
    description: [
      'Rewrites only the slot, not the records. Without options, prompts for the new passphrase on the terminal.',
    ],
    members: {
      Slot: 'The number of the slot. Default: the only passphrase slot.',
      NewPassphraseFile: NEW_PASSPHRASE_FILE,
      NewPassphraseFd: NEW_PASSPHRASE_FD,
    },
    errors: [],
    examples: [{ title: 'Prompt for a new passphrase', lines: ['kms keyring change-passphrase'] }],
    seeAlso: ['KeyringAddSlot', 'KeyringStatus'],
  },

  KeyringRekey: {
    summary: 'Creates a new domain key that seals new records',
    description: ['Existing records remain sealed under the earlier domain key until they are next written.'],
    members: {},
    errors: [],
    examples: [{ title: 'Create a new domain key', lines: ['kms keyring rekey'] }],
    seeAlso: ['KeyringStatus', 'KeyringRemoveSlot'],
  },

  SettingsList: {
    summary: 'Lists the settings of the keyring',
    description: [
      'LogMaxSize and LogMaxAge are the size and the age at which the audit log continues in a new file, with the call that finds it so (kms audit rotate help). A size of at least 4KiB, such as 100MiB; a duration of at least 1m, such as 7d; or off. Default: off.',
      'TransitionTime is the time that AWS KMS takes to complete an operation: a new replica key is Creating, the keys of kms update-primary-region are Updating, and a rotation on demand is in progress. kms apply completes the replica keys that it creates, as AWS CloudFormation does. 0 to 1h. Default: 2s.',
      'PrincipalsMustExist is whether users and roles that are not in the keyring are rejected, as AWS does, in key policies and trust policies (MalformedPolicyDocumentException) and as grantee or retiring principals of new grants (InvalidArnException). Accounts, services and federated users are not checked. true or false. Default: false.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'List the settings as a table', lines: ['kms settings list --output table'] }],
    seeAlso: ['SettingsGet', 'SettingsPut', 'Clock'],
  },

  SettingsGet: {
    summary: 'Shows a setting of the keyring',
    description: ['The settings are described in kms settings list help.'],
    members: { Name: 'The name of the setting.' },
    errors: [],
    examples: [
      { title: 'Print the transition time', lines: ['kms settings get TransitionTime --query Value --output text'] },
    ],
    seeAlso: ['SettingsList', 'SettingsPut'],
  },

  SettingsPut: {
    summary: 'Changes a setting of the keyring',
    description: [
      'The settings are described in kms settings list help. A change applies to later calls, and writes an event to the audit log.',
    ],
    members: {
      Name: 'The name of the setting.',
      Value:
        'The new value: a size or off for LogMaxSize, a duration or off for LogMaxAge, a duration from 0 to 1h for TransitionTime, true or false for PrincipalsMustExist.',
    },
    errors: [],
    examples: [
      {
        title: 'Complete replication, primary changes and rotations on demand at once',
        lines: ['kms settings put TransitionTime 0'],
      },
      {
        title: 'Reject key policies with unknown users and roles',
        lines: ['kms settings put PrincipalsMustExist true'],
      },
    ],
    seeAlso: ['SettingsList', 'SettingsGet'],
  },

  KeyringVerify: {
    summary: 'Verifies every record of the keyring',
    description: [
      'Detects records that were modified, swapped, copied, deleted, added or rolled back. Exits with status 1 if a problem is found.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'Verify the keyring in a script', lines: ['kms keyring verify --output off || echo damaged'] }],
    seeAlso: ['AuditVerify', 'KeyringBackup', 'KeyringRestore'],
  },

  KeyringBackup: {
    summary: 'Copies the keyring to a file',
    description: [
      'The keyring can be in use. The copy is a keyring that is unlocked by the same key files and passphrases; they are not included. The audit log, its head and its old files are not included; they can be copied at any time.',
    ],
    members: { File: 'The file to create; it must not exist.' },
    errors: [],
    examples: [
      {
        title: 'Create a backup with the current date in its name',
        lines: ['kms keyring backup "keyring-$(date +%F).db"'],
      },
    ],
    seeAlso: ['KeyringRestore', 'KeyringVerify'],
  },

  KeyringRestore: {
    summary: 'Restores a keyring from a backup',
    description: [
      'Verifies the backup first. An existing keyring is replaced if it has the same keyring ID, and never overwritten otherwise. The audit log is continued, with an event that records the restore.',
      'The restored keyring is trusted, as if by kms keyring trust. Restore only a backup whose origin you trust.',
      'CloudHSM key stores are disconnected afterwards, and nothing is deleted in their clusters before they are connected again: the keyring that the backup is of may use the keys.',
    ],
    members: { File: 'The backup file.' },
    errors: [],
    examples: [{ title: 'Restore a backup', lines: ['kms keyring restore keyring-2026-01-31.db'] }],
    seeAlso: ['KeyringBackup', 'KeyringVerify', 'AuditVerify'],
  },

  Clock: {
    summary: 'Shows the clock of the keyring',
    description: [
      'The clock of a keyring is the system clock plus the offset of kms clock advance. Returns both times and the offset.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'Print the time of the keyring', lines: ['kms clock --query Time --output text'] }],
    seeAlso: ['ClockAdvance'],
  },

  ClockAdvance: {
    summary: 'Moves the clock of the keyring forward permanently',
    description: [
      'Scheduled actions that become due (deletions, expiration of imported key material, rotations) run immediately and in order, each with its event. The change is recorded in the audit log. The clock cannot be moved back: use a keyring for tests.',
    ],
    members: {
      Duration:
        'The duration in weeks (w), days (d), hours (h), minutes (m) and seconds (s), such as 400d, 36h or 1d12h30m.',
    },
    errors: [],
    examples: [{ title: 'Advance the clock to the end of a waiting period', lines: ['kms clock advance 30d'] }],
    seeAlso: ['Clock', 'ScheduleKeyDeletion', 'EnableKeyRotation'],
  },
};
