/** The completion scripts, asked by the shells themselves; the answers are the command's own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BIN, createKey, workplace, type Workplace } from './command.ts';
import { onTerminal } from './on-terminal.ts';

const scripts = join(import.meta.dirname, '../../completions');
const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));
for (const file of ['secret.txt', 'backup.db', 'say "a" $b.txt']) writeFileSync(join(folder, file), '');
mkdirSync(join(folder, 'folder'));
mkdirSync(join(folder, 'bin'));
writeFileSync(join(folder, 'bin/kms'), `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`, { mode: 0o755 });
const PATH = `${folder}/bin:${process.env['PATH']}`;

let work: Workplace;
let removeWork = (): void => {};
afterAll(() => removeWork());
beforeAll(async () => {
  work = await workplace({ until: (remove) => (removeWork = remove) });
  await work.text('create-alias', '--alias-name', 'alias/app', '--target-key-id', await createKey(work));
});

const ask = (program: string, args: readonly string[]): readonly string[] =>
  execFileSync(program, args, { cwd: folder, env: { ...work.env, PATH }, encoding: 'utf8' })
    .split('\n')
    .filter((found) => found !== '')
    .map((found) => found.split('\t')[0]!)
    .toSorted();

/** Bash gives a function the line; `compopt` works only while readline is asking. */
const bash = (line: string): readonly string[] =>
  ask('bash', [
    '--norc',
    '-c',
    `source ${scripts}/kms.bash; compopt() { :; }; COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'; COMP_LINE=$1 COMP_POINT=\${#1}; _kms; printf '%s\\n' "\${COMPREPLY[@]}"`,
    'bash',
    line,
  ]);
const fish = (line: string): readonly string[] =>
  ask('fish', ['--no-config', '-c', `source ${scripts}/kms.fish; complete -C $argv[1]`, line]);

/** Bash breaks words at colons and equals signs and wants what stands behind the last one; fish wants the whole word. */
const ROWS: readonly { line: string; bash: readonly string[]; fish?: readonly string[] }[] = [
  { line: 'kms encr', bash: ['encrypt'] },
  { line: 'kms keyring st', bash: ['status'] },
  { line: 'kms configure ', bash: ['get', 'help', 'list', 'set'] },
  { line: 'kms --region x --debug list-keys --max', bash: ['--max-items'] },
  { line: 'kms encrypt --key-i', bash: ['--key-id'] },
  { line: 'kms encrypt --key-id keyring --plain', bash: ['--plaintext'] },
  { line: 'kms encrypt --key-id al', bash: ['alias/app'] },
  { line: 'kms encrypt --key-id=al', bash: ['alias/app'], fish: ['--key-id=alias/app'] },
  { line: 'kms generate-data-key --key-spec ', bash: ['AES_128', 'AES_256'] },
  { line: 'kms generate-data-key --key-spec=AES_1', bash: ['AES_128'], fish: ['--key-spec=AES_128'] },
  { line: 'kms list-keys --output ya', bash: ['yaml', 'yaml-stream'] },
  { line: 'kms --region us-gov-e', bash: ['us-gov-east-1'] },
  { line: 'kms encrypt --plaintext f', bash: ['file://', 'fileb://'] },
  { line: 'kms encrypt --plaintext fileb://se', bash: ['//secret.txt'], fish: ['fileb://secret.txt'] },
  { line: 'kms encrypt --plaintext=file://se', bash: ['//secret.txt'], fish: ['--plaintext=file://secret.txt'] },
  { line: 'kms encrypt --plaintext fileb://fo', bash: ['//folder/'], fish: ['fileb://folder/'] },
  { line: 'kms --key-file ba', bash: ['backup.db'] },
  { line: 'kms --key-file=ba', bash: ['backup.db'], fish: ['--key-file=backup.db'] },
  { line: 'kms keyring restore ba', bash: ['backup.db'] },
  { line: 'kms envelope encrypt --from ba', bash: ['backup.db'] },
  { line: 'kms lint --baseline=ba', bash: ['backup.db'], fish: ['--baseline=backup.db'] },
  { line: 'kms what-can --key al', bash: ['alias/app'] },
  { line: 'kms what-can --key-id al', bash: ['alias/app'] },
  { line: 'kms env exec -- ba', bash: ['backup.db'] },
  { line: 'kms nonsense-', bash: [] },
];

test.each(ROWS)('bash: $line', (row) => expect(bash(row.line)).toEqual(row.bash));
test.each(ROWS)('fish: $line', (row) => expect(fish(row.line)).toEqual(row.fish ?? row.bash));

/** What stands on the line once the tabulator has been pressed. */
describe('zsh', () => {
  test('on a terminal', async () => {
    const setUp = `autoload -Uz compinit; compinit -u -D; source ${scripts}/kms.zsh; unsetopt beep`;
    const typed: readonly (readonly [line: string, completed: string])[] = [
      ['encr', '<encrypt>'],
      ['keyring st', '<keyring><status>'],
      ['encrypt --key-i', '<encrypt><--key-id>'],
      ['encrypt --key-id al', '<encrypt><--key-id><alias/app>'],
      ['encrypt --key-id=al', '<encrypt><--key-id=alias/app>'],
      ['encrypt --key-id "al', '<encrypt><--key-id><alias/app>'],
      ['generate-data-key --key-spec=AES_1', '<generate-data-key><--key-spec=AES_128>'],
      ['encrypt --plaintext fileb://se', '<encrypt><--plaintext><fileb://secret.txt>'],
      ['--key-file=ba', '<--key-file=backup.db>'],
      ['keyring restore say', '<keyring><restore><say "a" $b.txt>'],
      ['keyring restore "say', '<keyring><restore><say "a" $b.txt>'],
    ];
    writeFileSync(
      join(folder, 'bin/kms'),
      `#!/bin/sh
[ "$1" = __complete ] && exec "${process.execPath}" "${BIN}" "$@"
{ printf '<%s>' "$@"; echo; } >>"${folder}/entered"
`,
    );
    await onTerminal(work, `cd ${folder}; exec zsh -f -i`, {
      env: { PATH, LC_ALL: 'C.UTF-8' },
      keys: [`${setUp}\n`, ...typed.flatMap(([line]) => [`kms ${line}\t`, '\n']), 'exit\n'],
    });
    const entered = execFileSync('cat', [join(folder, 'entered')], { encoding: 'utf8' }).trimEnd();
    expect(entered.split('\n')).toEqual(typed.map(([, words]) => words));
  }, 60_000);
});
