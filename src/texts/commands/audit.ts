/** Texts of the audit log. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const audit: CommandTexts = {
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
};
