/** What a call loads: its cost must not depend on how many commands and operations there are. */
import { execa } from 'execa';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { OPERATION_NAMES } from '../../src/operations/index.ts';
import { LOCAL_COMMANDS } from '../../src/commands/index.ts';
import { BIN, workplace } from './command.ts';

const DIST = join(import.meta.dirname, '../../dist');

interface Loaded {
  /** Of ours, in the order in which they were compiled. */
  readonly files: readonly string[];
  /** Of Node.js. */
  readonly modules: readonly string[];
}

/** What a call loads, as Node.js has it at its end. */
async function loaded({ agent }: { readonly agent: boolean }, ...words: string[]): Promise<Loaded> {
  const place = await workplace();
  const { folder } = place;
  const runtime = join(folder, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const env = agent ? { ...place.env, XDG_RUNTIME_DIR: runtime } : place.env;
  const { KeyId: key } = (await place.json('create-key'))['KeyMetadata'] as { KeyId: string };
  const kms = (...line: string[]) => place.kmsWith({ env }, ...line);
  if (agent) {
    onTestFinished(async () => void (await kms('lock')));
    expect((await kms('unlock')).exitCode).toBe(0);
  }
  const probe = join(folder, 'probe.cjs');
  writeFileSync(
    probe,
    `const vm = require('node:vm');
    const files = [];
    vm.Script = class extends vm.Script {
      constructor(code, options) { super(code, options); files.push(options.filename); }
    };
    process.once('exit', () => require('node:fs').writeSync(2, JSON.stringify({ files, modules: process.moduleLoadList })));`,
  );
  const args = ['--require', probe, BIN, ...words, '--key-id', key];
  const { stderr } = await execa(process.execPath, args, { env, cwd: folder, extendEnv: false });
  const { files, modules } = JSON.parse(stderr) as Loaded;
  return {
    files: files.map((file) => basename(file)),
    modules: modules.flatMap((name) => name.split('NativeModule ').slice(1)),
  };
}

const ENCRYPT = ['encrypt', '--plaintext', 'aGVsbG8='];

test('encrypt loads two files beside the loader, and no chunk', async () => {
  expect((await loaded({ agent: false }, ...ENCRYPT)).files).toEqual(['kms.cjs', 'engine.cjs']);
});

test('through an agent, it loads neither the engine nor what only that needs', async () => {
  const { files, modules } = await loaded({ agent: true }, ...ENCRYPT);
  expect(files).toEqual(['kms.cjs', 'agent-client.cjs']);
  expect(modules).toContain('fs');
  for (const name of ['crypto', 'sqlite', 'net', 'stream', 'os']) expect(modules).not.toContain(name);
});

test('through an agent, other operations load their shapes as well', async () => {
  expect((await loaded({ agent: true }, 'get-key-rotation-status')).files).toEqual([
    'kms.cjs',
    'rotation-shapes.cjs',
    'agent-client.cjs',
  ]);
});

test('another operation loads its own family, and no list of operations or commands', async () => {
  const { files } = await loaded({ agent: false }, 'get-key-rotation-status');
  expect(files).toContain('rotation.cjs');
  expect(files).not.toContain('commands.cjs');
  expect(files).not.toContain('encryption.cjs');
});

test.each(['kms.cjs', 'engine.cjs'])('%s has one family of operations at most, and no local command', (file) => {
  const text = readFileSync(join(DIST, file), 'latin1');
  const inFile = (names: readonly string[]): readonly string[] =>
    names.filter((name) => text.includes(`name:\`${name}\``) || text.includes(`command:\`${name}\``));
  expect(inFile(OPERATION_NAMES)).toEqual(file === 'kms.cjs' ? ['Decrypt', 'Encrypt', 'ReEncrypt'] : []);
  expect(inFile(LOCAL_COMMANDS.flatMap(({ name, command }) => [name, command]))).toEqual([]);
});

// their code has import() of a package or a module of Node.js, which Node.js warns about
test.each([
  ['keyring', 'backup', 'copy.db'],
  ['list-keys', '--cli-input-yaml', 'Limit: 1'],
  ['apply', 'seed.yaml'],
  ['configure', 'set', 'output', 'json'],
])('kms %s %s says nothing on stderr', async (...words) => {
  const work = await workplace();
  writeFileSync(join(work.folder, 'seed.yaml'), 'Keys: [{KeyId: 12345678-1234-4234-8234-123456789012}]\n');
  const { exitCode, stderr } = await work.kms(...words);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

test.runIf(process.platform === 'linux')('the build leaves a code cache of each hot file', () => {
  const [version, ...others] = readdirSync(join(DIST, 'cache'));
  expect(others).toEqual([]);
  expect(readdirSync(join(DIST, 'cache', version!)).toSorted()).toEqual(
    readdirSync(DIST)
      .filter((name) => name.endsWith('.cjs'))
      .map((name) => `${name}.bin`)
      .toSorted(),
  );
});
