/** Texts of the keyring: its life, its unlock slots, copies of it, and its clock. */
import type { CommandTexts } from '../command-text/command-text.ts';

const NEW_KEY_FILE =
  'A key file to be made for the new slot; it must not exist yet. Default: one in the folder keys of the configuration.';
const NEW_PASSPHRASE = 'Asks for a new passphrase, twice, on the terminal. Default: off, the new slot gets a key file.';
const NEW_PASSPHRASE_FILE =
  'A file that holds the new passphrase: yours, closed to others (mode 0600). A line end at its end does not count.';
const NEW_PASSPHRASE_FD = 'An open file descriptor to read the new passphrase from.';

export const keyring: CommandTexts = {
  Init: {
    summary: 'Creates a keyring',
    description: [
      'Makes the keyring file and the place of the audit log, at the place that --keyring or POCKET_KMS_KEYRING names, else in a folder .kms above the current one, else at your own place. With --project it is made in the folder .kms of the current one, with a .gitignore that leaves the keyring file alone to git. The new keyring is trusted (kms keyring trust).',
      'A key file is made beside your configuration, so a copy of the keyring alone is of no use; keep a copy of both. With --passphrase, --passphrase-file or --passphrase-fd the keyring is unlocked by a passphrase instead. --region sets its default Region (us-east-1), --key-file the place of the new key file.',
    ],
    members: {
      AccountId:
        'The account that the keys belong to, 12 digits; it stands in ARNs and policies. Default: 000000000000.',
      Passphrase: 'Asks for a passphrase, twice, on the terminal. Default: off, a key file is made.',
      Project: 'Makes the keyring of a project: in the folder .kms of the current folder. Default: off.',
    },
    errors: [],
    examples: [
      { title: 'Your own keyring', lines: ['kms init --account-id 111122223333 --region eu-central-1'] },
      { title: 'A keyring for a project, beside its sources', lines: ['kms init --project --passphrase'] },
    ],
    seeAlso: ['KeyringStatus', 'KeyringTrust', 'KeyringAddSlot', 'CreateKey'],
  },

  KeyringStatus: {
    summary: 'Shows the location and the unlock slots of the keyring',
    description: [
      'Works on a locked keyring too, and then tells the reason. Generation counts the transactions, Term the domain keys, Events the lines of the audit log.',
      'FoundBy tells how the keyring was found, TrustedBy why it is used. Fingerprint is derived from the root key: compare it with that of whom you have the keyring from.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'For people', lines: ['kms keyring status --output table'] }],
    seeAlso: ['Init', 'KeyringTrust', 'KeyringVerify', 'KeyringAddSlot'],
  },

  KeyringTrust: {
    summary: 'Trusts a keyring that was not created by this user',
    description: [
      'A keyring in a folder .kms, here or above, came with the folder: it is used only if you have made it (kms init, kms keyring restore) or trusted it. Trust is by the ID of the keyring and the fingerprint of its root key, and is kept in your configuration, so it holds for every copy of the keyring and for no other one of the same ID.',
      'Unlocks the keyring with what you name (--key-file, --passphrase-file, --passphrase-fd, their environment variables, a passphrase on the terminal) or with the key file of your configuration, never with a file that the keyring names. Closes its files to others (0600, its folder 0700). ID:FINGERPRINT, which kms keyring status tells, is trusted without a keyring at hand.',
      'POCKET_KMS_TRUST=ID:FINGERPRINT trusts in one environment, like that of a pipeline.',
    ],
    members: {
      Target:
        'The folder of the keyring, the keyring file, the folder of the project, or ID:FINGERPRINT. Default: the keyring that other commands find.',
      List: 'Lists the keyrings that you trust, those that you made included. Default: off.',
      Remove: 'The ID of a keyring that is no longer trusted.',
    },
    errors: [],
    examples: [
      { title: 'The keyring of a clone', lines: ['kms keyring trust --passphrase-file ~/team-passphrase'] },
      {
        title: 'A fingerprint that somebody told you',
        lines: ['kms keyring trust ef134f2a180ba05de91ab32d2976f51d:0f5c3a8de1b24f6790c2a41d7e9b6835'],
      },
      { title: 'Whom you trust', lines: ['kms keyring trust --list --output table'] },
    ],
    seeAlso: ['KeyringStatus', 'Init', 'KeyringRestore'],
  },

  KeyringAddSlot: {
    summary: 'Adds an unlock slot',
    description: [
      'An unlock slot wraps the root key of the keyring under a key file or a passphrase. A keyring can have several, and each of them opens it; no record is written anew. Without options the slot gets a new key file. A keyring has 32 slots at the most.',
    ],
    members: {
      NewKeyFile: NEW_KEY_FILE,
      NewPassphrase: NEW_PASSPHRASE,
      NewPassphraseFile: NEW_PASSPHRASE_FILE,
      NewPassphraseFd: NEW_PASSPHRASE_FD,
    },
    errors: [],
    examples: [
      { title: 'A passphrase beside the key file', lines: ['kms keyring add-slot --new-passphrase'] },
      { title: 'A key file for a build server', lines: ['kms keyring add-slot --new-key-file build.key'] },
    ],
    seeAlso: ['KeyringRemoveSlot', 'KeyringChangePassphrase', 'KeyringStatus'],
  },

  KeyringRemoveSlot: {
    summary: 'Removes an unlock slot',
    description: [
      'Whoever has only what opened this slot cannot open the keyring any more, unless they kept a copy of the old file. The last slot cannot be removed.',
    ],
    members: { Slot: 'The number of the slot, as kms keyring status tells it.' },
    errors: [],
    examples: [{ title: 'Remove a slot', lines: ['kms keyring remove-slot 2'] }],
    seeAlso: ['KeyringAddSlot', 'KeyringStatus', 'KeyringRekey'],
  },

  KeyringChangePassphrase: {
    summary: 'Changes the passphrase of an unlock slot',
    description: [
      'Rewrites one slot, whatever the size of the keyring. Without options the passphrase is asked for on the terminal.',
    ],
    members: {
      Slot: 'The number of the slot. Default: the only passphrase slot.',
      NewPassphraseFile: NEW_PASSPHRASE_FILE,
      NewPassphraseFd: NEW_PASSPHRASE_FD,
    },
    errors: [],
    examples: [{ title: 'On the terminal', lines: ['kms keyring change-passphrase'] }],
    seeAlso: ['KeyringAddSlot', 'KeyringStatus'],
  },

  KeyringRekey: {
    summary: 'Creates a new domain key, which seals records from now on',
    description: [
      'Records that are there keep the domain key they were sealed under, which goes on opening them; a record moves to the new one when it is next written.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'A new term', lines: ['kms keyring rekey'] }],
    seeAlso: ['KeyringStatus', 'KeyringRemoveSlot'],
  },

  KeyringVerify: {
    summary: 'Verifies every record of the keyring',
    description: [
      'Finds records that were changed, exchanged, copied, deleted, added or put back to an earlier state. Exits 1 if anything is wrong.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'In a script', lines: ['kms keyring verify --output off || echo damaged'] }],
    seeAlso: ['AuditVerify', 'KeyringBackup', 'KeyringRestore'],
  },

  KeyringBackup: {
    summary: 'Copies the keyring to a file, while it may be in use',
    description: [
      'The copy is a keyring itself and is opened by the same key files and passphrases; they are not part of it. The audit log is a file of its own and can be copied at any time.',
    ],
    members: { File: 'The file to be made; it must not exist yet.' },
    errors: [],
    examples: [{ title: 'A backup of today', lines: ['kms keyring backup "keyring-$(date +%F).db"'] }],
    seeAlso: ['KeyringRestore', 'KeyringVerify'],
  },

  KeyringRestore: {
    summary: 'Restores a keyring from a backup',
    description: [
      'The backup is verified first. A keyring of the same ID at the place is replaced; another one is never overwritten. The audit log goes on where it stands, with an event that tells of the restore.',
    ],
    members: { File: 'The backup.' },
    errors: [],
    examples: [{ title: 'Restore a backup', lines: ['kms keyring restore keyring-2026-01-31.db'] }],
    seeAlso: ['KeyringBackup', 'KeyringVerify', 'AuditVerify'],
  },

  Clock: {
    summary: 'Shows the clock of the keyring',
    description: [
      'A keyring goes by the clock of the system, unless its own was moved forward with kms clock advance. Answers both times, and how far they are apart.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'What time it is', lines: ['kms clock --query Time --output text'] }],
    seeAlso: ['ClockAdvance'],
  },

  ClockAdvance: {
    summary: 'Moves the clock of the keyring forward permanently',
    description: [
      'What falls due by the new time is done at once, in its order and with events of its own: deletions, expiry of imported material, rotations. The clock never goes back, so try it on a keyring that you can do without. An event tells of it.',
    ],
    members: {
      Duration:
        'How far: weeks, days, hours, minutes and seconds, each a number and its letter, like 400d, 36h or 1d12h30m.',
    },
    errors: [],
    examples: [{ title: 'To the end of a waiting period', lines: ['kms clock advance 30d'] }],
    seeAlso: ['Clock', 'ScheduleKeyDeletion', 'EnableKeyRotation'],
  },
};
