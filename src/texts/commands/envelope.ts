/** Texts of messages of the AWS Encryption SDK. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const envelope: CommandTexts = {
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
};
