/** `kms env set`, over a keyring in memory and with what a terminal would answer. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { fromBase64 } from '../../../src/model/base64.ts';
import { utf8 } from '../../../src/crypto/bytes.ts';
import { envSet } from '../../../src/commands/env/change.ts';
import { fixture, newKey, type Fixture } from '../../support/fixture.ts';
import { temporaryFolders } from '../../support/folder.ts';
import { sessionParts } from '../../support/session-parts.ts';

const folder = temporaryFolders();

/** @param answer what is typed; undefined: there is no terminal to ask on, but standard input is one */
const sessionOf = (home: Fixture, answer: string | undefined): Parameters<typeof envSet.run>[1] => ({
  ...sessionParts(home),
  askSecret: async () => (answer === undefined ? undefined : utf8(answer)),
  isTerminal: () => true,
  stdin: () => Readable.from([]),
});

test('what is typed is encrypted, bound to its name, in place of the line of that name', async () => {
  const home = await fixture('env');
  const { id } = await newKey(home);
  const File = join(folder(), '.env');
  writeFileSync(File, '# of the service\nTOKEN=kms:old\nPORT=80\n');
  const session = sessionOf(home, 'secret');
  expect(await envSet.run({ Name: 'TOKEN', KeyId: id, File }, session)).toEqual({ File, Name: 'TOKEN' });
  const [comment, token, ...rest] = readFileSync(File, 'utf8').split('\n');
  expect([comment, ...rest]).toEqual(['# of the service', 'PORT=80', '']);
  const CiphertextBlob = fromBase64(token!.slice('TOKEN=kms:'.length));
  const decrypt = (name: string) =>
    home.call('Decrypt', { CiphertextBlob, EncryptionContext: { 'pocket-kms:env': name } });
  expect(await decrypt('TOKEN')).toMatchObject({ Plaintext: new Uint8Array(utf8('secret')) });
  await expect(decrypt('OTHER')).rejects.toThrow();
});

test.each([
  ['nothing', '', 'the value of TOKEN is empty'],
  ['more than a variable can be', 'x'.repeat(131_066), 'the value of TOKEN has more than 131,065 bytes'],
  ['NUL', 'a\0b', 'the value of TOKEN contains NUL'],
  ['no terminal to ask on', undefined, 'there is no terminal to prompt for the value of TOKEN'],
])('%s: no call, and no file', async (_, answer, message) => {
  const home = await fixture('env');
  const { id } = await newKey(home);
  const events = home.events().length;
  const File = join(folder(), '.env');
  await expect(envSet.run({ Name: 'TOKEN', KeyId: id, File }, sessionOf(home, answer))).rejects.toThrow(message);
  expect(existsSync(File)).toBe(false);
  expect(home.events().length).toBe(events);
});
