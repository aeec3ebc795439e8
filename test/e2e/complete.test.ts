/** What completions are told: the names of this keyring, silently, and without a trace in the log. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { putAlias } from '../../src/keyring/alias.ts';
import { openKeyring } from '../../src/keyring/keyring.ts';
import { logFile } from '../../src/keyring/log-file.ts';
import { keyFileMaterial, type KeyFileSlot } from '../../src/keyring/slot.ts';
import { sqliteStore } from '../../src/keyring/sqlite-store.ts';
import { BIN, createKey, SCRIPT, workplace, type Workplace } from './command.ts';

const lines = ({ stdout }: { readonly stdout: string }): readonly string[] =>
  stdout.split('\n').filter((line) => line !== '');

async function withAlias(): Promise<{ readonly work: Workplace; readonly key: string }> {
  const work = await workplace();
  const key = await createKey(work);
  await work.text('create-alias', '--alias-name', 'alias/app', '--target-key-id', key);
  return { work, key };
}

describe('kms __complete', () => {
  test('keys, aliases, profiles, Regions; no event', async () => {
    const { work, key } = await withAlias();
    await work.text('configure', 'set', 'region', 'eu-west-1', '--profile', 'ours');
    mkdirSync(join(work.folder, '.aws'));
    writeFileSync(join(work.folder, '.aws/config'), '[default]\nregion = us-east-1\n[profile theirs]\n[services s]\n');
    const log = readFileSync(work.log, 'utf8');
    expect(lines(await work.kms('__complete', 'key'))).toEqual([
      `alias/app\t${key}`,
      `${key}\tSYMMETRIC_DEFAULT, Enabled`,
    ]);
    expect(lines(await work.kms('__complete', 'key-id', 'create-alias', '--target-key-id'))).toEqual([
      `${key}\tSYMMETRIC_DEFAULT, Enabled`,
    ]);
    expect(lines(await work.kms('__complete', 'alias', 'delete-alias'))).toEqual([`alias/app\t${key}`]);
    expect(lines(await work.kms('__complete', 'key', '--region', 'eu-west-1'))).toEqual([]);
    expect(lines(await work.kms('__complete', 'key', '--profile', 'ours'))).toEqual([]);
    expect(lines(await work.kms('__complete', 'profile')).toSorted()).toEqual(['default', 'ours', 'theirs']);
    expect(lines(await work.kms('__complete', 'region'))).toContain('eu-central-1');
    expect(readFileSync(work.log, 'utf8')).toBe(log);
  });

  test.each<[string, readonly string[]]>([
    ['nothing asked', []],
    ['an unknown kind', ['nonsense']],
    ['no keyring', ['key', '--keyring', '/nope']],
    ['a profile that is not there', ['key', '--profile', 'nope']],
    ['a wrong key file', ['key', '--key-file', '/etc/passwd']],
    ['a value that is not finished', ['key', '--region']],
  ])('is silent: %s', async (_, words) => {
    const work = await workplace();
    expect(await work.kms('__complete', ...words)).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('is silent when the keyring is locked, and asks for no passphrase on a terminal', async () => {
    const work = await workplace({ init: false });
    const passphrase = join(work.folder, 'passphrase');
    writeFileSync(passphrase, 'correct horse', { mode: 0o600 });
    await work.text('init', '--passphrase-file', passphrase);
    renameSync(passphrase, `${passphrase}.away`);
    const line = `"${process.execPath}" "${BIN}" __complete key`;
    const { stdout, status } = spawnSync(SCRIPT, ['-qec', line, '/dev/null'], {
      env: work.env,
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  });
});

/** As a name it is allowed, or anybody can write it; as a word of a shell it does something. */
const HOSTILE_ALIASES = ['alias/a;touch${IFS}PWNED', 'alias/$(touch PWNED)', 'alias/`touch PWNED`', 'alias/a|touch'];
const HOSTILE_PROFILES = ['x;touch PWNED', '$(touch PWNED)', '-x y', "a'b", 'a\u001b[2Jb', 'a\u202eb'];

async function hostile(): Promise<{ readonly work: Workplace; readonly key: string }> {
  const made = await withAlias();
  const { work, key } = made;
  const keyring = await openKeyring(
    {
      store: sqliteStore(work.keyring),
      log: logFile(work.log),
      random: (length) => new Uint8Array(randomBytes(length)),
    },
    async (slots) => {
      const [slot] = slots as readonly [KeyFileSlot];
      return keyFileMaterial(readFileSync(slot.path), slot.path);
    },
  );
  // the API allows some of these names, an older or another program might have written the others
  await keyring.transact(async (tx) => {
    const home = { account: '111122223333', region: 'us-east-1' };
    for (const name of HOSTILE_ALIASES) putAlias(tx, { ...home, name, targetKeyId: key, created: 0, updated: 0 });
  });
  keyring.close();
  await work.text('update-key-description', '--key-id', key, '--description', 'a\u001b[2J\u202e\nalias/forged\tx');
  mkdirSync(join(work.folder, '.aws'));
  const profiles = HOSTILE_PROFILES.map((name) => `[profile ${name}]\nregion = us-east-1\n`).join('');
  writeFileSync(join(work.folder, '.aws/config'), `${profiles}[profile fine]\n`);
  for (const name of ['f;touch PWNED', 'f$(touch PWNED)', 'f g']) writeFileSync(join(work.folder, name), '');
  return made;
}

describe('names that others chose', () => {
  test('are offered if they are plain words, with remarks that do nothing to a terminal', async () => {
    const { work, key } = await hostile();
    const { stdout } = await work.kms('__complete', 'key');
    expect(stdout).toBe(`alias/app\t${key}\n${key}\tSYMMETRIC_DEFAULT, Enabled, a\\u001b[2J\\u202e alias/forged x\n`);
    expect(lines(await work.kms('__complete', 'profile')).toSorted()).toEqual(['fine']);
  });

  const scripts = (name: string): string => join(import.meta.dirname, '../../completions', name);
  const SHELLS: readonly (readonly [shell: string, program: readonly string[], script: (line: string) => string])[] = [
    [
      'bash',
      ['bash', '--norc', '-c'],
      (line) =>
        `source ${scripts('kms.bash')}; compopt() { :; }; COMP_LINE='${line}' COMP_POINT=${line.length} COMP_WORDS=(kms); _kms; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ],
    ['fish', ['fish', '--no-config', '-c'], (line) => `source ${scripts('kms.fish')}; complete -C '${line}'`],
    [
      'zsh',
      ['zsh', '-f', '-c'],
      (line) =>
        `zmodload zsh/zpty; zpty z zsh -f -i; zpty -w z 'PS1=; fpath=(${scripts('')} $fpath); autoload -Uz compinit; compinit -u -D; source ${scripts('kms.zsh')}; compdef _kms kms; zstyle ":completion:*" list-prompt ""; LISTMAX=10000; clear'; sleep 1; zpty -w -n z $'${line}\\t'; sleep 2; zpty -w -n z $'\\n'; sleep 1; zpty -r -t z got; print -r -- "$got"; while zpty -r -t z got; do print -r -- "$got"; done; zpty -d z`,
    ],
  ];
  test.each(SHELLS)(
    'in %s nothing of them runs',
    async (shell, [program, ...options], script) => {
      const { work } = await hostile();
      const kms = join(work.folder, 'kms');
      writeFileSync(kms, `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`, { mode: 0o755 });
      const run = (text: string): string =>
        execFileSync(program!, [...options, text], {
          cwd: work.folder,
          env: { ...work.env, PATH: `${work.folder}:${process.env['PATH']}`, TERM: 'dumb' },
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        });
      let offered = '';
      for (const line of [
        'kms encrypt --key-id ',
        'kms encrypt --key-id alias/',
        'kms --profile ',
        'kms keyring restore f',
      ]) {
        const found = run(script(line));
        offered += found;
        // each is entered as it was offered; what zsh offers stands in its line already, and fish writes files so itself
        if (shell === 'zsh' || (shell === 'fish' && line.includes('restore'))) continue;
        for (const word of found.split('\n').map((text) => text.split('\t')[0]!)) if (word !== '') run(`: ${word}`);
      }
      expect(readdirSync(work.folder)).not.toContain('PWNED');
      expect(offered).toContain('alias/app');
    },
    60_000,
  );
});

test('the script for bash asks it', async () => {
  const { work, key } = await withAlias();
  const kms = join(work.folder, 'kms');
  writeFileSync(kms, `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
  chmodSync(kms, 0o755);
  const script = join(import.meta.dirname, '../../completions/kms.bash');
  const complete = (line: string): readonly string[] =>
    execFileSync(
      'bash',
      [
        '--norc',
        '-c',
        `source "$0"; compopt() { :; }; COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDS=("$2"); _kms; printf '%s\\n' "\${COMPREPLY[@]}"`,
        script,
        line,
        kms,
      ],
      { env: work.env, encoding: 'utf8' },
    )
      .split('\n')
      .filter((found) => found !== '');
  expect(complete('kms encrypt --key-id ')).toEqual(['alias/app', key]);
  expect(complete('kms encrypt --key-id al')).toEqual(['alias/app']);
  expect(complete('kms encrypt --key-id=al')).toEqual(['alias/app']);
  expect(complete('kms encrypt --key-id fi')).toEqual(['file://', 'fileb://']);
  expect(complete('kms --region us-gov-e')).toEqual(['us-gov-east-1']);
});
