/** `kms envelope`: files as messages of the AWS Encryption SDK, with all settings. */
import { encryptionContext, fileName, keyId } from '../../model/members.ts';
import { integer, list, required, structure } from '../../model/shape.ts';
import { localCommand } from '../command/local-command.ts';
import { decryptMessage, encryptMessage, type EnvelopeDeps } from './message.ts';
import { STANDARD } from './transfer.ts';

const files = { From: fileName, To: fileName };

export const envelopeEncrypt = localCommand({
  name: 'EnvelopeEncrypt',
  command: 'envelope encrypt',
  input: structure({ KeyIds: required(list(keyId, { min: 1 })), EncryptionContext: encryptionContext, ...files }),
  output: structure({ Bytes: integer() }),
  silent: true,
  async run({ KeyIds, EncryptionContext: context = {}, From: from = STANDARD, To: to }, session: EnvelopeDeps) {
    return { Bytes: await encryptMessage({ keyIds: KeyIds, context, from, to, existing: 'replace' }, session) };
  },
});

export const envelopeDecrypt = localCommand({
  name: 'EnvelopeDecrypt',
  command: 'envelope decrypt',
  input: structure({ KeyIds: list(keyId, { min: 1 }), EncryptionContext: encryptionContext, ...files }),
  output: structure({ Bytes: integer() }),
  silent: true,
  async run(
    { KeyIds, EncryptionContext: context = {}, From: from = STANDARD, To: to = STANDARD },
    session: EnvelopeDeps,
  ) {
    return { Bytes: await decryptMessage({ keyIds: KeyIds, context, from, to, existing: 'replace' }, session) };
  },
});
