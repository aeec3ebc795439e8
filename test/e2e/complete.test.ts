/** What completion answers: the names of this keyring, silently, and without a trace in the log; what shells do with it. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { putAlias } from '../../src/keyring/alias.ts';
import { openKeyring } from '../../src/keyring/open.ts';
import { logFile } from '../../src/keyring/log-file.ts';
import { keyFileMaterial, type KeyFileSlot } from '../../src/keyring/slot.ts';
import { sqliteStore } from '../../src/keyring/sqlite-store.ts';
import { BIN, createKey, SCRIPT, workplace, type Workplace } from './command.ts';
import { TOKENS } from '../support/pkcs11/token.ts';
import { onTerminal } from './on-terminal.ts';

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
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'a' }] });
    await work.text('identity-provider', 'put', 'https://token.example/x', '--jwks', keys, '--client-ids', 'app');
    const log = readFileSync(work.log, 'utf8');
    const found = async (...words: string[]): Promise<readonly string[]> =>
      lines(await work.kms('__complete', ...words));
    const keyLine = `${key}\tSYMMETRIC_DEFAULT, Enabled`;
    const aliasLine = `alias/app\t${key}`;
    expect(await found('encrypt', '--key-id', '')).toEqual([aliasLine, keyLine, ':']);
    expect(await found('encrypt', '--key-id=')).toEqual([aliasLine, keyLine, ':']);
    expect(await found('encrypt', '--key-id', 'alias/a')).toEqual([aliasLine, ':']);
    expect(await found('create-alias', '--target-key-id', '')).toEqual([keyLine, ':']);
    expect(await found('create-alias', '--alias-name', '')).not.toContain(aliasLine);
    expect(await found('delete-alias', '--alias-name', '')).toEqual([aliasLine, ':']);
    const elsewhere = ['file://', 'fileb://', ':nospace'];
    expect(await found('--region', 'eu-west-1', 'encrypt', '--key-id', '')).toEqual(elsewhere);
    expect(await found('encrypt', '--key-id', '', '--profile', 'ours', '--key-id', '')).toEqual(elsewhere);
    expect((await found('--profile', '')).toSorted()).toEqual([':', 'default', 'ours', 'theirs']);
    for (const command of ['get', 'delete'])
      expect(await found('identity-provider', command, '')).toEqual(['https://token.example/x\tapp', ':']);
    expect(await found('--region', '')).toContain('eu-central-1');
    expect(readFileSync(work.log, 'utf8')).toBe(log);
  });

  test('custom key stores, clusters, hosts of proxies, trust roots; no event', async () => {
    const { work } = await withAlias();
    const token = TOKENS.NSS(join(work.folder, 'token'));
    const cluster = 'cluster-a2b3c4d5e6f';
    await work.text('hsm', 'add', cluster, ...token.addOptions);
    await work.text('xks', 'add', 'xks.example.com');
    const certificate = join(work.folder, 'ca.crt');
    writeFileSync(certificate, 'certificate');
    const members = ['--cloud-hsm-cluster-id', cluster, '--key-store-password', 'kmsPswd1'];
    const name = ['--custom-key-store-name', 'example', '--trust-anchor-certificate', `file://${certificate}`];
    const { CustomKeyStoreId } = await work.json('create-custom-key-store', ...name, ...members);
    const made = ['attestation', 'document', 'doc.cbor', '--test-root', 'test-root'];
    const { Fingerprint } = await work.json(...made);
    await work.text('attestation', 'trust-root', 'add', 'test-root/root.pem');
    const log = readFileSync(work.log, 'utf8');
    const found = async (...words: string[]): Promise<readonly string[]> =>
      lines(await work.kms('__complete', ...words));
    const stores = [`${String(CustomKeyStoreId)}\texample, DISCONNECTED`, ':'];
    for (const command of ['connect-custom-key-store', 'create-key', 'describe-custom-key-stores', 'generate-random'])
      expect(await found(command, '--custom-key-store-id', 'cks-')).toEqual(stores);
    for (const command of ['remove', 'status']) {
      expect(await found('hsm', command, '')).toEqual([`${cluster}\t${token.label}`, ':']);
      expect(await found('xks', command, '')).toEqual(['xks.example.com', ':']);
    }
    expect(await found('xks-proxy', '--hsm', '')).toEqual([`${cluster}\t${token.label}`, ':']);
    expect(await found('create-custom-key-store', '--cloud-hsm-cluster-id', '')).toEqual([
      `${cluster}\t${token.label}`,
      ':',
    ]);
    expect(await found('hsm', 'add', '')).toEqual([':']);
    expect(await found('attestation', 'trust-root', 'remove', '')).toEqual([Fingerprint, ':']);
    expect(readFileSync(work.log, 'utf8')).toBe(log);
  });

  test.each<[string, readonly string[]]>([
    ['no keyring', ['--keyring', '/nope', 'encrypt', '--key-id', 'a']],
    ['a profile that is not there', ['--profile', 'nope', 'encrypt', '--key-id', 'a']],
    ['a wrong key file', ['--key-file', '/etc/passwd', 'encrypt', '--key-id', 'a']],
    ['a value that is not finished', ['encrypt', '--key-id', 'a', '--region', '--key-id', '']],
    ['a command that is not there', ['nonsense', '']],
    ['an option that is not there', ['encrypt', '--nonsense=']],
  ])('is silent: %s', async (_, words) => {
    const work = await workplace();
    expect(await work.kms('__complete', ...words)).toMatchObject({ exitCode: 0, stdout: ':\n', stderr: '' });
  });

  test('opens no keyring for commands, options and enumerations', async () => {
    const work = await workplace({ init: false });
    mkdirSync(join(work.folder, 'ring'));
    writeFileSync(work.keyring, 'no database', { mode: 0o600 });
    for (const words of [[''], ['encrypt', '--'], ['generate-data-key', '--key-spec', ''], ['--output', '']])
      expect((await work.kms('__complete', ...words)).stdout).toMatch(/\n.*\n:\n$/);
  });

  test('is silent when the keyring is locked, and asks for no passphrase on a terminal', async () => {
    const work = await workplace({ init: false });
    const passphrase = join(work.folder, 'passphrase');
    writeFileSync(passphrase, 'correct horse', { mode: 0o600 });
    await work.text('init', '--passphrase-file', passphrase);
    renameSync(passphrase, `${passphrase}.away`);
    const line = `"${process.execPath}" "${BIN}" __complete encrypt --key-id a`;
    const { stdout, status } = spawnSync(SCRIPT, ['-qec', line, '/dev/null'], {
      env: work.env,
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect({ stdout, status }).toEqual({ stdout: ':\r\n', status: 0 });
  });
});

/** As a name it is allowed, or anybody can write it; as a word of a shell it does something. */
const HOSTILE_ALIASES = ['alias/a;touch${IFS}PWNED', 'alias/$(touch PWNED)', 'alias/`touch PWNED`', 'alias/a|touch'];
const HOSTILE_PROFILES = [
  'x;touch PWNED',
  '$(touch PWNED)',
  '`touch PWNED`',
  '-x y',
  '--debug',
  '--as=x',
  '=touch',
  '~root',
  '{a,b}',
  "a'b",
  'a\u001b[2Jb',
  'a\u202eb',
  'ä',
];
/** Their first letters tell them apart. */
const HOSTILE_FILES = [
  'a$(touch PWNED)\u0001',
  'b`touch PWNED`',
  "c';touch PWNED;'\"x",
  'd:`touch PWNED`$(touch PWNED)',
  'e=(touch PWNED)|touch PWNED&',
  'f g\n$(touch PWNED)',
];

async function hostile(): Promise<{ readonly work: Workplace; readonly key: string }> {
  const made = await withAlias();
  const { work, key } = made;
  const keyring = await openKeyring(
    {
      store: sqliteStore(work.keyring),
      log: logFile(work.log),
      random: (length) => new Uint8Array(randomBytes(length)),
      clock: Date.now,
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
  return made;
}

describe('names that others chose', () => {
  test('are offered if they are plain words, with remarks that do nothing to a terminal', async () => {
    const { work, key } = await hostile();
    const { stdout } = await work.kms('__complete', 'encrypt', '--key-id', '');
    expect(stdout).toBe(
      `alias/app\t${key}\n${key}\tSYMMETRIC_DEFAULT, Enabled, a\\u001b[2J\\u202e alias/forged x\n:\n`,
    );
    expect(lines(await work.kms('__complete', '--profile', ''))).toEqual(['fine', ':']);
  });

  const scripts = join(import.meta.dirname, '../../completions');
  /** As people have them, and as the words of a line begin. */
  const SHELLS: readonly (readonly [shell: string, start: string, setUp: string])[] = [
    ['bash', 'bash --norc -i', `bind 'set bell-style none'; source ${scripts}/kms.bash`],
    [
      'zsh',
      'zsh -f -i',
      `autoload -Uz compinit; compinit -u -D; source ${scripts}/kms.zsh; compdef _kms kms; unsetopt beep`,
    ],
  ];
  const FILE_WORDS = ['keyring restore ', 'keyring restore "', '--keyring='];
  const SCHEME_WORDS = ['--policy file://', '--policy file://"'];
  const LINES: readonly string[] = [
    'encrypt --key-id ',
    'encrypt --key-id alias/',
    'encrypt --key-id "',
    'encrypt --key-id=',
    '--profile ',
    ...HOSTILE_FILES.flatMap((name) =>
      [...FILE_WORDS, ...SCHEME_WORDS.map((words) => `put-key-policy ${words}`)].flatMap((words) =>
        (/^\w[:=]/.test(name) ? [name[0]!, name.slice(0, 2)] : [name[0]!]).map((start) => words + start),
      ),
    ),
  ];

  async function enteredIn([, start, setUp]: (typeof SHELLS)[number]): Promise<string> {
    const { work } = await hostile();
    const bin = join(work.folder, 'bin');
    const at = join(work.folder, 'at');
    for (const folder of [bin, at]) mkdirSync(folder);
    for (const name of HOSTILE_FILES) writeFileSync(join(at, name), '');
    // completions are those of the real command; a command that is entered is not run, and its arguments are recorded
    const kms = `#!/bin/sh
[ "$1" = __complete ] && exec "${process.execPath}" "${BIN}" "$@"
{ printf '<%s>' "$@"; echo; } >>"${work.folder}/entered"
`;
    writeFileSync(join(bin, 'kms'), kms, { mode: 0o755 });
    // Ctrl-C, since a quote may still be open
    const keys = LINES.flatMap((line) => [`kms ${line}\t`, '\n'].concat(/['"]/.test(line) ? '\u0003' : []));
    const { screen } = await onTerminal(work, `cd at; exec ${start}`, {
      env: { PATH: `${bin}:${process.env['PATH']}`, LC_ALL: 'C.UTF-8' },
      keys: [`${setUp}\n`, ...keys, '\u0003', 'exit\n'],
    });
    expect({ screen, made: readdirSync(at).toSorted() }).toEqual({ screen, made: HOSTILE_FILES.toSorted() });
    return readFileSync(join(work.folder, 'entered'), 'utf8');
  }

  test('in bash and zsh, completed and entered, nothing of them runs', async () => {
    await Promise.all(
      SHELLS.map(async (row) => {
        const entered = await enteredIn(row);
        const words = [
          '<encrypt><--key-id><alias/app>',
          '<--profile><fine>',
          ...HOSTILE_FILES.slice(0, 5).flatMap((name) => [
            `<keyring><restore><${name}>`,
            `<put-key-policy><--policy><file://${name}>`,
          ]),
        ];
        const missing = words.filter((word) => !entered.includes(word));
        expect({ shell: row[0], missing, entered: missing.length === 0 || entered }).toEqual({
          shell: row[0],
          missing: [],
          entered: true,
        });
      }),
    );
  }, 180_000);

  test('in fish what kms offers is entered as it is, and nothing of it runs', async () => {
    const { work } = await hostile();
    const bin = join(work.folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'kms'), `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`, { mode: 0o755 });
    const script = `source ${scripts}/kms.fish
      for line in 'kms encrypt --key-id ' 'kms --profile '
        for found in (complete -C $line)
          set found (string split \\t $found)[1]
          echo $found
          eval "true $found"
        end
      end`;
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script], {
      cwd: work.folder,
      env: { ...work.env, PATH: `${bin}:${process.env['PATH']}` },
      encoding: 'utf8',
    });
    const offered = stdout.split('\n').filter((line) => line !== '');
    expect({ stderr, offered: offered.filter((word) => !/^[0-9a-f-]{36}$/.test(word)) }).toEqual({
      stderr: '',
      offered: ['alias/app', 'fine'],
    });
    expect(readdirSync(work.folder)).not.toContain('PWNED');
  });
});
