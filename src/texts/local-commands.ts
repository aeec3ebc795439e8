/** Texts of our own commands: the keyring, the audit log, profiles. */
import type { CommandTexts } from './text.ts';

const NEW_KEY_FILE =
  'A key file to be made for the new slot; it must not exist yet. Default: one in the folder keys of the configuration.';
const NEW_PASSPHRASE = 'Asks for a new passphrase, twice, on the terminal. Default: off, the new slot gets a key file.';
const NEW_PASSPHRASE_FILE =
  'A file that holds the new passphrase: yours, closed to others (mode 0600). A line end at its end does not count.';
const NEW_PASSPHRASE_FD = 'An open file descriptor to read the new passphrase from.';
const SETTINGS =
  'principal, account, region, output, cli_binary_format, cli_timestamp_format, cli_pager, cli_auto_prompt or session_tags';

export const localCommands: CommandTexts = {
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

  AuditVerify: {
    summary: 'Verifies the digest chain of the audit log',
    description: [
      'Every line carries a MAC over itself and the line before it, and the keyring holds the end of the chain. Finds lines that were edited, moved, added or removed, a log that was cut, and a log or keyring that was put back. Exits 1 if anything is wrong.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'What is wrong, and where', lines: ['kms audit verify --query Problems --output table'] }],
    seeAlso: ['AuditTail', 'AuditRestart', 'KeyringVerify'],
  },

  AuditTail: {
    summary: 'Prints the last events of the audit log, and follows it',
    description: ['Prints events as they stand in the log, one JSON document a line. The keyring is not unlocked.'],
    members: {
      Lines: 'How many of the last events. Default: 10.',
      Follow: 'Goes on and prints events as they come, until it is interrupted. Default: off.',
    },
    errors: [],
    examples: [
      {
        title: 'Watch who does what',
        lines: ["kms audit tail --follow | jq -r '[.eventTime, .eventName, .errorCode] | @tsv'"],
      },
    ],
    seeAlso: ['AuditLookupEvents', 'AuditVerify'],
    output: 'The events, one JSON document a line, whatever --output says.',
  },

  AuditLookupEvents: {
    summary: 'Finds events in the audit log',
    description: [
      "Takes the filters and answers in the form of CloudTrail's lookup-events, the newest event first. An event must fit all filters. The keyring is not unlocked, and the chain is not verified.",
    ],
    members: {
      LookupAttributes: 'What events must have: names of attributes and their values. Default: everything.',
      StartTime: 'Only events of this time and later. Default: from the first.',
      EndTime: 'Only events of this time and earlier. Default: to the last.',
      MaxResults: 'At most so many events. Default: all.',
    },
    errors: [],
    examples: [
      {
        title: 'Who decrypted, and when',
        lines: [
          'kms audit lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=Decrypt \\',
          "    --query 'Events[].[EventTime, Username]' --output text",
        ],
      },
    ],
    seeAlso: ['AuditTail', 'AuditVerify'],
  },

  AuditRestart: {
    summary: 'Starts a new audit log file and keeps the old one',
    description: [
      'For a log that cannot be repaired: without it every call is refused. The old file gets a new name beside it; the new one goes on with the numbers of the chain and begins with an event that says so.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'Go on after damage', lines: ['kms audit verify', 'kms audit restart'] }],
    seeAlso: ['AuditVerify'],
  },

  GetCallerIdentity: {
    summary: 'Shows the caller that calls are made as',
    description: [
      'Answers account, ARN and unique ID of the caller, as AWS STS does. The caller is the root user of the account of the keyring, unless the profile names another principal.',
    ],
    members: {},
    errors: [],
    examples: [
      { title: 'The ARN of a profile', lines: ['kms get-caller-identity --profile reader --query Arn --output text'] },
    ],
    seeAlso: ['Configure', 'ConfigureSet'],
  },

  Configure: {
    summary: 'Configures a profile interactively',
    description: [
      'A profile says whom calls are made as, and which Region and output format they have. --profile names it; the one without a name is default. Needs a terminal.',
      'Region, output format and the settings that begin with cli_ are taken from the configuration of the AWS CLI where a profile here has none.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'A profile for a role', lines: ['kms configure --profile reader'] }],
    seeAlso: ['ConfigureSet', 'ConfigureGet', 'ConfigureList', 'GetCallerIdentity'],
  },

  ConfigureSet: {
    summary: 'Sets a setting of a profile',
    description: ['An empty value removes the setting.'],
    members: {
      Name: `The setting: ${SETTINGS}.`,
      Value:
        'Its value: for principal an ARN or the host name of a service, for account 12 digits, for session_tags pairs like Department=IT,Project=X.',
    },
    errors: [],
    examples: [
      {
        title: 'A profile for a role',
        lines: ['kms configure set principal arn:aws:iam::111122223333:role/reader --profile reader'],
      },
    ],
    seeAlso: ['Configure', 'ConfigureGet'],
  },

  ConfigureGet: {
    summary: 'Gets a setting of a profile',
    description: ['Prints the value and nothing else. Exits 1 if it is not set.'],
    members: { Name: `The setting: ${SETTINGS}.` },
    errors: [],
    examples: [{ title: 'The Region of a profile', lines: ['kms configure get region --profile reader'] }],
    seeAlso: ['ConfigureSet', 'ConfigureList'],
    output: 'The value, on one line.',
  },

  ConfigureList: {
    summary: 'Lists all profiles and their settings',
    description: [
      'Answers what is in the configuration file of kms; options, environment variables and the configuration of the AWS CLI are not looked at.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'For people', lines: ['kms configure list --output table'] }],
    seeAlso: ['Configure', 'GetCallerIdentity'],
  },

  Wait: {
    summary: 'Waits until a KMS key is in a key state',
    description: [
      'Asks kms describe-key again and again, at first every tenth of a second and later every two seconds; every question is an event in the audit log. Exits 255 if the time is over before the key is in that state.',
    ],
    members: {
      KeyId: 'The KMS key: key ID, key ARN, alias name or alias ARN.',
      KeyState: 'The key state to wait for. Default: Enabled.',
      Timeout: 'How many seconds to wait at most. Default: 300.',
    },
    errors: [],
    examples: [
      { title: 'Until a key can be used', lines: ['kms wait --key-id alias/app'] },
      { title: 'At most ten seconds', lines: ['kms wait --key-id alias/app --key-state Disabled --timeout 10'] },
    ],
    seeAlso: ['DescribeKey'],
  },

  Shim: {
    summary: 'Prints a shell function aws that sends aws kms to kms',
    description: [
      'For scripts that call aws: aws kms ... and aws sts get-caller-identity come to kms, everything else goes to the real AWS CLI. Works in sh, bash and zsh, in the shell that evaluates it and not in the programs it starts; kms shim install is for those. kms and the real aws are looked for in the absolute entries of PATH only: what lies in the current folder is never run for them.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'In this shell', lines: ['eval "$(kms shim)"'] }],
    seeAlso: ['ShimInstall'],
    output: 'The function, as shell source.',
  },

  ShimInstall: {
    summary: 'Installs a program named aws that sends aws kms to kms',
    description: [
      'The same as kms shim, but for programs too: put the folder before that of the real aws on PATH. A file of that name is never overwritten. The program leaves PATH as it is, never runs itself, and ends with status 127 where there is no real aws.',
    ],
    members: { Directory: 'The folder; it is made if it is not there.' },
    errors: [],
    examples: [
      {
        title: 'For a script and all it starts',
        lines: ['kms shim install shims', 'PATH="$PWD/shims:$PATH" ./script.sh'],
      },
    ],
    seeAlso: ['Shim'],
  },

  EnvSet: {
    summary: 'Encrypts a value into an env file',
    description: [
      'Asks for the value on a terminal, without showing it; elsewhere reads it from standard input, without its last line end. Encrypts it, and writes NAME=kms:CIPHERTEXT into the env file in place of the line of that name, or at its end. The ciphertext is bound to the name: under another name it does not decrypt.',
      'A value has 1 to 4,096 bytes of UTF-8 without NUL: what an environment variable can have. An env file has at most 1 MiB.',
      'Such a file can be committed: it holds no plaintext.',
    ],
    members: {
      Name: 'The name of the variable: letters, digits and _, not starting with a digit.',
      KeyId: 'The KMS key to encrypt under: key ID, key ARN, alias name or alias ARN.',
      File: 'The env file; it is made if it is not there, with mode 0600. Into a pipe or device the line alone is written. Default: .env.',
    },
    errors: [],
    examples: [
      { title: 'A password, asked for', lines: ['kms env set DB_PASSWORD --key-id alias/app'] },
      { title: 'From a pipe', lines: ['openssl rand -hex 32 | kms env set SESSION_KEY --key-id alias/app'] },
    ],
    seeAlso: ['EnvExec', 'Encrypt'],
  },

  EnvExec: {
    summary: 'Runs a program with the values of an env file, decrypted',
    description: [
      "Decrypts every NAME=kms:CIPHERTEXT of the env file and runs the program with all names of the file in its environment. Plaintext is written nowhere. The exit status is the program's; 127 if it is not there, 128 and the number of the signal that ended it.",
      'A line is NAME=VALUE, with export before it or not; a value may stand in quotes; nothing is expanded; lines that are empty or start with # are skipped. Of several lines with one name, the last counts. Names of the file take the place of those in the environment.',
      'Who can write the file can choose the values that are not encrypted. So names that decide which code programs run (PATH, LD_PRELOAD, NODE_OPTIONS, BASH_ENV, GIT_SSH_COMMAND, POCKET_KMS_... and the like) are refused there, unless they are encrypted. That list cannot be complete: read the env file of somebody else before you use it.',
    ],
    members: { File: 'The env file; - is standard input. Default: .env.' },
    errors: [],
    examples: [{ title: 'In a Makefile', lines: ['kms env exec -- ./deploy.sh --verbose'] }],
    seeAlso: ['EnvSet', 'Decrypt'],
    output: 'What the program prints.',
  },

  Batch: {
    summary: 'Runs many calls in one process, one JSON line each',
    description: [
      'Reads one request a line from standard input, {"Operation": "Encrypt", "Input": {...}, "Id": ...}, and prints one answer a line, in the same order: {"Id": ..., "Output": {...}} or {"Id": ..., "Error": {"Code": ..., "Message": ...}}. Members are named as in the API; blobs are base64. A failure is answered and the next line is read. Every call is an event in the audit log.',
      'Exits 0 if all calls succeeded, 254 if one was refused.',
    ],
    members: { StopOnError: 'Stop at the first call that is refused.' },
    errors: [],
    examples: [
      {
        title: 'A thousand data keys',
        lines: [
          'yes \'{"Operation":"GenerateDataKey","Input":{"KeyId":"alias/app","KeySpec":"AES_256"}}\' | head -1000 | kms batch',
        ],
      },
    ],
    seeAlso: ['Encrypt', 'Decrypt', 'GenerateDataKey'],
    output: 'One JSON object a line.',
  },

  EnvelopeEncrypt: {
    summary: 'Encrypts data of any size as an AWS Encryption SDK message',
    description: [
      'Makes a data key under the first KMS key, encrypts the data with it in frames, and writes a message that every AWS Encryption SDK and its command line can read (message format 2, with key commitment and a signature). Every further KMS key can decrypt it too. Memory stays constant whatever the size.',
    ],
    members: {
      KeyIds: 'One or more KMS keys: key ARNs or alias ARNs, or key IDs and alias names of the caller.',
      EncryptionContext: 'Pairs that are authenticated with the data and stand in the message, readable.',
      From: 'The file to read; - is standard input. Default: -.',
      To: 'The file to write, in one step when all is done; - is standard output. A device, a pipe and /dev/fd/N are written into; a symbolic link is followed once. Default: -.',
    },
    errors: [],
    examples: [
      {
        title: 'A backup, in a pipe',
        lines: ['tar c data | kms envelope encrypt --key-ids alias/app --to data.tar.enc'],
      },
    ],
    seeAlso: ['EnvelopeDecrypt', 'GenerateDataKey'],
    output: 'The message, if no --to is given; on a terminal only with --to -.',
  },

  EnvelopeDecrypt: {
    summary: 'Decrypts an AWS Encryption SDK message of any size',
    description: [
      'Reads messages of format 2, and of format 1 without key commitment, in frames of at most 16 MiB and with at most 64 data keys.',
      'Nothing is written before the whole message is authenticated: until then the plaintext is in a temporary file without a name, encrypted under a key that only this process has. It lies in the folder of the file to write, whose disk needs space for twice the data, or, without one, in the folder for temporary files (TMPDIR). A process that is killed (SIGKILL) while it then writes the file can leave a part of the plaintext beside it, in a file .kms-... with mode 0600; other signals leave nothing.',
    ],
    members: {
      KeyIds: 'The KMS keys that may decrypt it. Default: whichever the message names.',
      EncryptionContext: 'Pairs that the message must have, or it is refused.',
      From: 'The file to read; - is standard input. Default: -.',
      To: 'The file to write, in one step when all is authenticated; - is standard output. A new file has mode 0600. A device, a pipe and /dev/fd/N are written into; a symbolic link is followed once. Default: -.',
    },
    errors: [],
    examples: [{ title: 'A backup, in a pipe', lines: ['kms envelope decrypt --from data.tar.enc | tar x'] }],
    seeAlso: ['EnvelopeEncrypt', 'Decrypt'],
    output: 'The plaintext, if no --to is given.',
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

  Quickstart: {
    summary: 'Runs a guided tour in a temporary keyring',
    description: [
      'Shows a keyring, a key, encryption with an encryption context, a data key, a key policy with a refusal, and the audit log: each step as the command and its real answer. Nothing of yours is touched; the temporary keyring is removed at the end.',
      'On a terminal Enter goes on to the next step. Elsewhere it runs through.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'The first minute', lines: ['kms quickstart'] }],
    seeAlso: ['Init', 'CreateKey', 'Encrypt', 'AuditVerify'],
    output: 'The commands and their answers.',
  },
};
