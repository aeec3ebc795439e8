/** Texts of messages of the AWS Encryption SDK. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const envelope: CommandTexts = {
  EnvelopeEncrypt: {
    summary: 'Encrypts data of any size as an AWS Encryption SDK message',
    description: [
      'Generates a data key under the first KMS key, encrypts the data with it in frames, and writes a message that the AWS Encryption SDKs and the AWS Encryption CLI can decrypt (message format 2, with key commitment and a signature). Each additional KMS key can decrypt the message too. Memory use does not depend on the size of the data.',
    ],
    members: {
      KeyIds: 'The KMS keys to encrypt under: key IDs, key ARNs, alias names or alias ARNs.',
      EncryptionContext:
        'Key-value pairs that are authenticated with the data. They are stored in the message in plaintext. Default: none.',
      From: 'The file to read; - is standard input. Default: -.',
      To: 'The file to write; - is standard output. A regular file is replaced atomically after the data is encrypted; devices, pipes and /dev/fd/N are written directly; a symbolic link is followed once. Default: -.',
    },
    errors: [],
    examples: [
      {
        title: 'Encrypt an archive in a pipe',
        lines: ['tar c data | kms envelope encrypt --key-ids alias/app --to data.tar.enc'],
      },
    ],
    seeAlso: ['EnvelopeDecrypt', 'Seal', 'GenerateDataKey'],
    output: 'The message, without --to. It is printed to a terminal only with --to -.',
  },

  EnvelopeDecrypt: {
    summary: 'Decrypts an AWS Encryption SDK message of any size',
    description: [
      'Decrypts messages of format 2, and of format 1 without key commitment, with frames of at most 16 MiB and at most 64 encrypted data keys.',
      'A message records its keys by ARN. Of a multi-Region key, the related key in the Region of the call is used if there is one, or the related key that --key-ids names; otherwise the key in the recorded Region. A call in the Region of the call that finds no key is logged.',
      'No plaintext is written before the whole message is authenticated. Until then the plaintext is in an unlinked temporary file, encrypted under an ephemeral key. The temporary file is in the folder of the output file, which needs free space for twice the data, or in the folder for temporary files (TMPDIR) if the output is not a regular file. If the process is killed (SIGKILL) while it writes the output file, a part of the plaintext can remain in a file .kms-... in the same folder, with mode 0600.',
    ],
    members: {
      KeyIds:
        'The KMS keys to decrypt with: key ARNs, or key IDs, alias names and alias ARNs, which are looked up with DescribeKey. Default: the KMS keys that are recorded in the message.',
      EncryptionContext: 'Key-value pairs that the encryption context of the message must contain. Default: none.',
      From: 'The file to read; - is standard input. Default: -.',
      To: 'The file to write; - is standard output. A regular file is replaced atomically after the message is authenticated, and a new file has mode 0600; devices, pipes and /dev/fd/N are written directly; a symbolic link is followed once. Default: -.',
    },
    errors: [],
    examples: [{ title: 'Decrypt an archive in a pipe', lines: ['kms envelope decrypt --from data.tar.enc | tar x'] }],
    seeAlso: ['EnvelopeEncrypt', 'Open', 'Decrypt'],
    output: 'The plaintext, without --to.',
  },

  Seal: {
    summary: 'Encrypts a file under a KMS key',
    description: [
      'The short form of kms envelope encrypt for one file and one key: writes FILE.sealed, a message of the AWS Encryption SDK. The file itself stays. The output is written completely or not at all.',
    ],
    members: {
      File: 'The file to read; - is standard input, and then the default output is standard output.',
      KeyId: 'The KMS key to encrypt under: key ID, key ARN, alias name or alias ARN.',
      EncryptionContext:
        'Key-value pairs that are authenticated with the data. They are stored in the message in plaintext. Default: none.',
      To: 'The file to write; - is standard output. Default: FILE.sealed.',
      Force: 'Whether a file that exists is replaced. Default: no, it is an error.',
    },
    errors: [],
    examples: [
      { title: 'Encrypt a file into report.pdf.sealed', lines: ['kms seal report.pdf --key-id alias/app'] },
      { title: 'Encrypt in a pipe', lines: ['tar c data | kms seal - --key-id alias/app > data.tar.sealed'] },
    ],
    seeAlso: ['Open', 'EnvelopeEncrypt'],
    output: 'Nothing, or the message if the output is standard output.',
  },

  Open: {
    summary: 'Decrypts a file that kms seal encrypted',
    description: [
      'The short form of kms envelope decrypt for one file: writes the plaintext of FILE.sealed to FILE, with mode 0600. No plaintext is written before the whole message is authenticated.',
    ],
    members: {
      File: 'The file to read; - is standard input, and then the default output is standard output. Without --to, its name must end in .sealed.',
      KeyId:
        'The KMS key to decrypt with: key ARN, or key ID, alias name or alias ARN, which is looked up with DescribeKey. Default: the KMS keys that are recorded in the message.',
      EncryptionContext: 'Key-value pairs that the encryption context of the message must contain. Default: none.',
      To: 'The file to write; - is standard output. Default: FILE without .sealed.',
      Force: 'Whether a file that exists is replaced. Default: no, it is an error.',
    },
    errors: [],
    examples: [
      { title: 'Decrypt report.pdf.sealed into report.pdf', lines: ['kms open report.pdf.sealed'] },
      { title: 'Decrypt in a pipe', lines: ['kms open data.tar.sealed --to - | tar x'] },
    ],
    seeAlso: ['Seal', 'EnvelopeDecrypt'],
    output: 'Nothing, or the plaintext if the output is standard output.',
  },
};
