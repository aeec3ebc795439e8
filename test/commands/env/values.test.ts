/** Values of an env file are decrypted in one transaction, and rewrapped in one, with an event each. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { envRewrap } from '../../../src/commands/env/change.ts';
import { envExport } from '../../../src/commands/env/read.ts';
import { memoryStore } from '../../../src/keyring/memory-store.ts';
import type { Store } from '../../../src/keyring/store.ts';
import { toBase64 } from '../../../src/model/base64.ts';
import { fixture, newKey } from '../../support/fixture.ts';
import { temporaryFolders } from '../../support/folder.ts';
import { sessionParts } from '../../support/session-parts.ts';

const folder = temporaryFolders();
const COUNT = 50;

async function envFile(...more: readonly string[]) {
  const memory = memoryStore();
  let transactions = 0;
  const store: Store = { ...memory, transact: (work) => ((transactions += 1), memory.transact(work)) };
  const home = await fixture('env', { store });
  const { id } = await newKey(home);
  const encrypted = async (name: string): Promise<string> => {
    const input = { KeyId: id, Plaintext: Buffer.from(name), EncryptionContext: { 'pocket-kms:env': name } };
    return `kms:${toBase64((await home.call('Encrypt', input))['CiphertextBlob'] as Uint8Array)}`;
  };
  const lines: string[] = [];
  for (let at = 0; at < COUNT; at += 1) lines.push(`NAME_${at}=${await encrypted(`NAME_${at}`)}`);
  const File = join(folder(), '.env');
  writeFileSync(File, `${[...lines, ...more].join('\n')}\n`);
  const before = home.events().length;
  transactions = 0;
  let printed = '';
  const session = { ...sessionParts(home), printData: (text: string) => (printed = text) !== '' };
  return {
    id,
    File,
    session,
    printed: () => printed,
    transactions: () => transactions,
    events: () =>
      home
        .events()
        .slice(before)
        .map(({ eventName, errorCode }) => errorCode ?? eventName),
  };
}

test('all values in one transaction, in order, with an event each', async () => {
  const { File, session, printed, transactions, events } = await envFile('PLAIN=text');
  await envExport.run({ File, Format: 'json' }, session);
  const names = Array.from({ length: COUNT }, (_, at) => [`NAME_${at}`, `NAME_${at}`]);
  expect(printed()).toBe(JSON.stringify(Object.fromEntries([...names, ['PLAIN', 'text']]), undefined, 2));
  expect(transactions()).toBe(1);
  expect(events()).toEqual(Array(COUNT).fill('Decrypt'));
});

test('the first value that is refused is named, and none behind it is decrypted', async () => {
  const { File, session, printed, events } = await envFile();
  writeFileSync(File, readFileSync(File, 'utf8').replace('NAME_3=', 'OTHER='));
  await expect(envExport.run({ File }, session)).rejects.toThrow(`OTHER in ${File}`);
  expect(printed()).toBe('');
  expect(events()).toEqual(['Decrypt', 'Decrypt', 'Decrypt', 'InvalidCiphertextException']);
});

test.each(['PATH=/tmp', 'BROKEN=kms:x'])('a file with %s is refused before any value is decrypted', async (line) => {
  const { File, session, events } = await envFile(line);
  await expect(envExport.run({ File }, session)).rejects.toThrow(line.slice(0, line.indexOf('=')));
  expect(events()).toEqual([]);
});

test('all are rewrapped in one transaction', async () => {
  const { id, File, session, transactions, events, printed } = await envFile();
  const before = readFileSync(File, 'utf8');
  await envRewrap.run({ File, KeyId: id }, session);
  expect(transactions()).toBe(1);
  expect(events()).toEqual(Array(COUNT).fill('ReEncrypt'));
  expect(readFileSync(File, 'utf8')).not.toBe(before);
  await envExport.run({ File, Format: 'json' }, session);
  expect(Object.keys(JSON.parse(printed()) as object)).toHaveLength(COUNT);
});
