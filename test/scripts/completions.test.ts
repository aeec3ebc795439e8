/** The generated completion scripts, asked by the shells themselves; where a shell is missing, its rows are skipped. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { everyCommand } from '../../src/frontends/cli/table/commands.ts';
import { localCommands } from '../../src/frontends/cli/local-commands.ts';
import { register } from '../../src/frontends/cli/help/register.ts';
import { bashCompletion, fishCompletion, zshCompletion } from '../../scripts/completions.ts';

const nowhere = { env: {}, home: '/nowhere' };
const commands = await everyCommand(localCommands({ source: nowhere, profile: undefined, terminal: false }));
const registry = register(commands, () => '');

const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-completion-'));
const script = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const BASH = script('kms.bash', bashCompletion(registry));
const ZSH = script('kms.zsh', zshCompletion(registry));
const FISH = script('kms.fish', fishCompletion(registry));
const work = join(folder, 'work');
mkdirSync(join(work, 'folder'), { recursive: true });
for (const file of ['secret.txt', 'backup.db']) writeFileSync(join(work, file), '');
afterAll(() => rmSync(folder, { recursive: true }));

const env = { ...process.env, HOME: folder };

/** Bash gives a function the line; `compopt` works only while readline is asking. */
const bash = (line: string): readonly string[] =>
  execFileSync(
    'bash',
    [
      '--norc',
      '-c',
      `source ${BASH}; compopt() { :; }; COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'; COMP_LINE=$1 COMP_POINT=\${#1}; _kms; printf '%s\\n' "\${COMPREPLY[@]}"`,
      'bash',
      line,
    ],
    { cwd: work, env, encoding: 'utf8' },
  )
    .split('\n')
    .filter((found) => found !== '')
    .toSorted();

const fish = (line: string): readonly string[] =>
  execFileSync('fish', ['--no-config', '-c', `source ${FISH}; complete -C $argv[1]`, line], {
    cwd: work,
    env,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((found) => found !== '')
    .map((found) => found.split('\t')[0]!)
    .toSorted();

/** Bash breaks words at colons and equals signs and wants what stands behind the last one; fish wants the whole word. */
const ROWS: readonly { line: string; bash: readonly string[]; fish?: readonly string[] }[] = [
  { line: 'kms encr', bash: ['encrypt'] },
  { line: 'kms keyring st', bash: ['status'] },
  { line: 'kms --region x --debug list-keys --max', bash: ['--max-items'] },
  { line: 'kms configure se', bash: ['set'] },
  { line: 'kms encrypt --key-i', bash: ['--key-id'] },
  { line: 'kms encrypt --key-id keyring --plain', bash: ['--plaintext'] },
  { line: 'kms generate-data-key --key-spec ', bash: ['AES_128', 'AES_256'] },
  { line: 'kms generate-data-key --key-spec=AES_1', bash: ['AES_128'], fish: ['--key-spec=AES_128'] },
  { line: 'kms --output te', bash: ['text'] },
  { line: 'kms list-keys --output ya', bash: ['yaml', 'yaml-stream'] },
  { line: 'kms encrypt --plaintext f', bash: ['file://', 'fileb://'] },
  { line: 'kms encrypt --plaintext fileb://se', bash: ['//secret.txt'], fish: ['fileb://secret.txt'] },
  { line: 'kms encrypt --plaintext=file://se', bash: ['//secret.txt'], fish: ['--plaintext=file://secret.txt'] },
  { line: 'kms encrypt --plaintext fileb://fo', bash: ['//folder/'], fish: ['fileb://folder/'] },
  { line: 'kms --key-file ba', bash: ['backup.db'] },
  { line: 'kms keyring restore ba', bash: ['backup.db'] },
  { line: 'kms nonsense-', bash: [] },
];

describe('bash', () => {
  test.each(ROWS)('$line', (row) => expect(bash(row.line)).toEqual(row.bash));
  test('all commands, and help', () => {
    const words = new Set(commands.map(({ name }) => name.split(' ')[0]!));
    expect(bash('kms ')).toEqual([...words, 'help'].toSorted());
  });
});

describe('fish', () => {
  test.each(ROWS)('$line', (row) => expect(fish(row.line)).toEqual(row.fish ?? row.bash));
});

test('zsh can read its script', () => {
  expect(spawnSync('zsh', ['-n', ZSH], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});
