/** What a call loads: its cost must not depend on how many commands and operations there are. */
import { execa } from 'execa';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { OPERATION_NAMES } from '../../src/operations/index.ts';
import { LOCAL_COMMANDS } from '../../src/commands/index.ts';
import { BIN, workplace } from './command.ts';

const LOADER = ['kms.cjs', 'kms.js'];

/** The files that a call loads, as Node.js has them at its end. */
async function loaded(...words: string[]): Promise<readonly string[]> {
  const place = await workplace();
  const { folder, env } = place;
  const { KeyId: key } = (await place.json('create-key'))['KeyMetadata'] as { KeyId: string };
  const probe = join(folder, 'probe.cjs');
  writeFileSync(
    probe,
    `process.once('exit', () => process.stderr.write(JSON.stringify(Object.keys(require.cache).filter((file) => file !== __filename))))`,
  );
  const args = ['--require', probe, BIN, ...words, '--key-id', key];
  const { stderr } = await execa(process.execPath, args, { env, cwd: folder, extendEnv: false });
  return (JSON.parse(stderr) as string[]).map((file) => basename(file)).toSorted();
}

test('encrypt loads one file beside the loader, and no chunk', async () => {
  expect(await loaded('encrypt', '--plaintext', 'aGVsbG8=')).toEqual(LOADER);
});

test('another operation loads its own family, and no list of operations or commands', async () => {
  const files = await loaded('get-key-rotation-status');
  expect(files).toContain('rotation.cjs');
  expect(files).not.toContain('commands.cjs');
  expect(files).not.toContain('encryption.cjs');
});

const HOT = readFileSync(join(import.meta.dirname, '../../dist/kms.cjs'), 'latin1');
const inHotFile = (names: readonly string[]): readonly string[] =>
  names.filter((name) => HOT.includes(`name:\`${name}\``) || HOT.includes(`command:\`${name}\``));

test('that file has the rows of one family and of no local command', () => {
  expect(inHotFile(OPERATION_NAMES)).toEqual(['Decrypt', 'Encrypt', 'ReEncrypt']);
  expect(inHotFile(LOCAL_COMMANDS.flatMap(({ name, command }) => [name, command]))).toEqual([]);
});
