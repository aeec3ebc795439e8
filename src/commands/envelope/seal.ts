/** `kms seal` and `kms open`: the short forms of `kms envelope` for one file and one key. */
import { EnvironmentError } from '../../model/error.ts';
import { encryptionContext, fileName, namedKey } from '../../model/members.ts';
import { boolean, integer, required, structure } from '../../model/shape.ts';
import { localCommand } from '../command/local-command.ts';
import { decryptMessage, encryptMessage, type EnvelopeDeps } from './message.ts';
import { STANDARD } from './transfer.ts';

const SUFFIX = '.sealed';

const options = { EncryptionContext: encryptionContext, To: fileName, Force: boolean };

const existingFile = (force: boolean | undefined): 'replace' | { readonly hint: string } =>
  force ? 'replace' : { hint: 'specify --force to replace it, or another file with --to' };

export const seal = localCommand({
  name: 'Seal',
  command: 'seal',
  input: structure({ File: required(fileName), KeyId: required(namedKey), ...options }),
  output: structure({ Bytes: integer() }),
  positionals: ['File'],
  silent: true,
  async run({ File: from, KeyId, EncryptionContext: context = {}, To, Force }, session: EnvelopeDeps) {
    const to = To ?? (from === STANDARD ? undefined : from + SUFFIX);
    return {
      Bytes: await encryptMessage({ keyIds: [KeyId], context, from, to, existing: existingFile(Force) }, session),
    };
  },
});

export const open = localCommand({
  name: 'Open',
  command: 'open',
  input: structure({ File: required(fileName), KeyId: namedKey, ...options }),
  output: structure({ Bytes: integer() }),
  positionals: ['File'],
  silent: true,
  async run({ File: from, KeyId, EncryptionContext: context = {}, To, Force }, session: EnvelopeDeps) {
    const keyIds = KeyId === undefined ? undefined : [KeyId];
    const to = To ?? openedName(from);
    return { Bytes: await decryptMessage({ keyIds, context, from, to, existing: existingFile(Force) }, session) };
  },
});

function openedName(file: string): string {
  if (file === STANDARD) return STANDARD;
  const name = /^(.*[^/])\.sealed$/s.exec(file)?.[1];
  if (name !== undefined) return name;
  throw new EnvironmentError(`the name of ${file} does not end in ${SUFFIX}`, ['--to names the file to write']);
}
