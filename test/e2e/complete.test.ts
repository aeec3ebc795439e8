/** What completions are told: the names of this keyring, silently, and without a trace in the log. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
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
