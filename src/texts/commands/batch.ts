/** The text of kms batch. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const batch: CommandTexts = {
  Batch: {
    summary: 'Runs the requests on standard input, one JSON document per line',
    description: [
      'Reads one request per line, {"Operation": "Encrypt", "Input": {...}, "Id": ...}, and prints one response per line in the same order: {"Id": ..., "Output": {...}} or {"Id": ..., "Error": {"Code": ..., "Message": ...}}. Members have the names of the API; blobs are in base64. After a request that fails, the next one is processed. Each call has an event in the audit log.',
      'Requests that are there at the same time share a transaction, up to 64 of them. None waits for others to arrive: a program can write a request, read the response, and write the next one. A request is made after the changes of those before it. Stops when standard output is closed.',
      'Exits with status 0 if all requests succeeded, and 254 if one failed.',
    ],
    members: { StopOnError: 'Stop at the first request that fails. Default: off.' },
    errors: [],
    examples: [
      {
        title: 'Generate 1000 data keys',
        lines: [
          'yes \'{"Operation":"GenerateDataKey","Input":{"KeyId":"alias/app","KeySpec":"AES_256"}}\' | head -1000 | kms batch',
        ],
      },
    ],
    seeAlso: ['Encrypt', 'Decrypt', 'GenerateDataKey'],
    output: 'One JSON document per line.',
  },
};
