/** Texts of the audit log. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const audit: CommandTexts = {
  AuditVerify: {
    summary: 'Verifies the digest chain of the audit log',
    description: [
      'Each line has a MAC over its content and the MAC of the previous line, and the keyring stores the end of the chain. Detects lines that were modified, moved, added or removed, a truncated log, and a log or keyring that was rolled back. Exits with status 1 if a problem is found.',
      'With --all, verifies the old files beside the log too, compressed or not, as one chain: each file must begin where the one before it ended. Reports missing and damaged files. The log of a copy or of a restored keyring begins where it was copied or restored.',
    ],
    members: { All: 'Verify the old files of the log too. Default: off.' },
    errors: [],
    examples: [
      { title: 'List the problems as a table', lines: ['kms audit verify --query Problems --output table'] },
      { title: 'Verify all events since the keyring was created', lines: ['kms audit verify --all'] },
    ],
    seeAlso: ['AuditTail', 'AuditRotate', 'AuditRestart', 'KeyringVerify'],
  },

  AuditTail: {
    summary: 'Prints the last events of the audit log, and follows it',
    description: [
      'On a terminal, prints one line per event: time (UTC), event, caller, key ID and result. In a pipe, and with --output or --query, prints the events unchanged, one JSON document per line.',
      'Reads the log from its end, and its old files, compressed or not, if the log has fewer events. Events must match all filters. Unlocks the keyring only for an alias given with --key-id, and for a duration given with --since where the clock of the keyring was moved.',
    ],
    members: {
      Lines: 'The number of events. Default: 10, or all events with --since.',
      Follow: 'Print new events as they are written, until interrupted. Default: off.',
      Since:
        'Print only events at or after this time: a duration before now, in the time of the keyring, such as 2h or 1d12h, or a timestamp in ISO 8601 format. Default: the first event.',
      KeyId:
        'Print only events about this key, or calls that named it: key ID, key ARN, alias name or alias ARN. Default: all events.',
      Failed: 'Print only calls that failed. Default: off.',
    },
    errors: [],
    examples: [
      {
        title: 'List the failed calls of the last day',
        lines: ['kms audit tail --since 1d --failed'],
      },
      {
        title: 'Follow the log',
        lines: ["kms audit tail --follow | jq -r '[.eventTime, .eventName, .errorCode] | @tsv'"],
      },
    ],
    seeAlso: ['AuditLookupEvents', 'AuditVerify'],
    output: 'Lines on a terminal. Otherwise the events, one JSON document per line, whatever the format of --output.',
  },

  AuditLookupEvents: {
    summary: 'Finds events in the audit log',
    description: [
      'Accepts the filters of CloudTrail lookup-events and returns events in the same format, latest event first. Reads the log and its old files, compressed or not, as far as they are needed. Events must match all filters. Does not unlock the keyring or verify the digest chain.',
    ],
    members: {
      LookupAttributes: 'The attribute keys and values that events must match. Default: all events.',
      StartTime: 'Return only events at or after this time. Default: the first event.',
      EndTime: 'Return only events at or before this time. Default: the last event.',
      MaxResults: 'The maximum number of events to return. Default: all.',
    },
    errors: [],
    examples: [
      {
        title: 'List the time and caller of Decrypt calls',
        lines: [
          'kms audit lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=Decrypt \\',
          "    --query 'Events[].[EventTime, Username]' --output text",
        ],
      },
    ],
    seeAlso: ['AuditTail', 'AuditVerify'],
  },

  AuditRotate: {
    summary: 'Continues the audit log in a new file, and keeps the old one',
    description: [
      'Without limits, rotates the log at once. With limits, rotates it if one of them is reached, and otherwise does nothing and exits with status 0, so that it can be run regularly. The settings LogMaxSize and LogMaxAge do the same with every call (kms settings list help).',
      'The old file is renamed in its folder, to a name with the number of its last event: names sort in the order of the events. The new file continues the sequence numbers and the digest chain, and starts with an event that says what it follows. Calls of other processes and servers continue in the new file. A log with no more than its first event is not rotated by a limit.',
    ],
    members: {
      MaxSize:
        'Rotate if the log has at least this size: a number of bytes, or a number with the unit kB, KiB, MB, MiB, GB or GiB. Default: no limit.',
      MaxAge:
        'Rotate if the log is at least this old, counted from its first event: a duration, such as 1d or 12h. Default: no limit.',
      Compress:
        'Compress all old files with gzip, also those that were rotated before. The uncompressed file is removed when the compressed one is on the disk and was read back. Default: off.',
    },
    errors: [],
    examples: [
      { title: 'Rotate the log daily, from cron', lines: ['kms audit rotate --max-age 1d --compress --output off'] },
      {
        title: 'Rotate the log with the call that finds it larger than 100 MiB',
        lines: ['kms settings put LogMaxSize 100MiB'],
      },
    ],
    seeAlso: ['AuditVerify', 'AuditLookupEvents', 'SettingsPut'],
  },

  AuditRestart: {
    summary: 'Starts a new audit log file and keeps the old one',
    description: [
      'Use this command if the log is damaged and calls fail. The old file is renamed in its folder. The new file continues the sequence numbers of the chain and starts with an event that records the restart.',
      'CloudHSM key stores are disconnected, since the keyring may be a copy, or one of an earlier time: connect them again.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'Restart a damaged log', lines: ['kms audit verify', 'kms audit restart'] }],
    seeAlso: ['AuditVerify', 'AuditRotate'],
  },
};
