/** The text of many calls in one process. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const batch: CommandTexts = {
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
};
