/**
 * Texts of ours that quote data of others: names of files, policies, profiles, records. Nothing of it reaches a terminal
 * as a control character, moves a mark of direction, or begins a line of its own.
 */
import { DatabaseSync } from 'node:sqlite';
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { visible, visibleLines } from '../../src/model/visible.ts';
import { BIN, createKey, SCRIPT, workplace, type Ran, type Workplace } from './command.ts';

const FORGED = 'kms: [OK] all is well';
/** A window title, a cleared screen, C1's CSI, DEL, a mark of direction, a carriage return, and a line of its own. */
const HOSTILE = `x\u001b]0;title\u0007\u001b[2J\u009b31m\u007f\u202e\u2066\r\n${FORGED}\u2028y`;
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const policyWith = (statement: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Root',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: 'kms:*',
        Resource: '*',
      },
      statement,
    ],
  });
/** The same JSON in characters that key policies may have. */
const ascii = (json: string): string =>
  json.replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
const DENY = {
  Sid: HOSTILE,
  Effect: 'Deny',
  Principal: '*',
  Action: 'kms:Decrypt',
  Resource: '*',
  Condition: { StringEquals: { [`kms:EncryptionContext:${HOSTILE}`]: HOSTILE } },
};

interface Scene {
  readonly work: Workplace;
  readonly key: string;
  /** A file of this name, with this text. */
  readonly file: (text: string, name?: string) => string;
}

type Act = (scene: Scene) => Promise<Ran>;

const ROWS: { readonly [what: string]: Act } = {
  'a keyring that is not there': ({ work }) => work.kms('list-keys', '--keyring', HOSTILE),
  'a key file that is not there': ({ work }) => work.kms('list-keys', '--key-file', HOSTILE),
  'an unknown command': ({ work }) => work.kms(HOSTILE),
  'an unknown option': ({ work }) => work.kms('list-keys', `--${HOSTILE}`),
  'a wrong value': ({ work }) => work.kms('list-keys', '--limit', HOSTILE),
  'an unknown key': ({ work }) => work.kms('describe-key', '--key-id', HOSTILE),
  'a member that is no enumeration': ({ work }) => work.kms('create-key', '--key-spec', HOSTILE),
  'a member of the wrong type': ({ work }) => work.kms('audit', 'lookup-events', '--start-time', HOSTILE),
  'an unknown member': ({ work }) => work.kms('create-key', '--cli-input-json', JSON.stringify({ [HOSTILE]: 1 })),
  'shorthand, without =': ({ work }) => work.kms('create-key', '--tags', HOSTILE),
  'shorthand, a key twice': ({ work }) => work.kms('create-key', '--tags', `a="${HOSTILE}",a=b`),
  JSON: ({ work }) => work.kms('create-key', '--tags', `[${HOSTILE}`),
  'JSON of an object': ({ work }) => work.kms('create-key', '--tags', '{}', HOSTILE),
  'a query': ({ work }) => work.kms('list-keys', '--query', `a ${HOSTILE}`),
  'a query that ends too early': ({ work }) => work.kms('list-keys', '--query', `"${HOSTILE}".`),
  'a query for another type': ({ work }) => work.kms('list-keys', '--query', `abs('${HOSTILE}')`),
  'a number': ({ work }) => work.kms('list-keys', '--cli-read-timeout', HOSTILE),
  'a flag with a value': ({ work }) => work.kms('list-keys', `--debug=${HOSTILE}`),
  'an encoding': ({ work, file }) =>
    work.kmsWith(
      { env: { ...work.env, AWS_CLI_FILE_ENCODING: HOSTILE } },
      'create-key',
      '--description',
      `file://${file('x')}`,
    ),
  'a pager': ({ work }) =>
    work.kmsWith({ env: { ...work.env, AWS_PAGER: HOSTILE } }, 'list-keys', '--query', '[]', '--output', HOSTILE),
  'the ID of a keyring': ({ work }) => work.kms('keyring', 'trust', '--remove', HOSTILE),
  "a local command's member": ({ work }) => work.kms('organization', 'put', '--policy', 'x', '--type', HOSTILE),
  'an unknown profile': ({ work }) => work.kms('list-keys', '--profile', HOSTILE),
  'an unknown setting': ({ work }) => work.kms('configure', 'set', HOSTILE, 'x'),
  'a wrong setting': ({ work }) => work.kms('configure', 'set', 'region', HOSTILE),
  'an unknown caller': ({ work }) => work.kms('list-keys', '--as', HOSTILE),
  'an unknown action': ({ work, key }) => work.kms('who-can', HOSTILE, '--key', key),
  'an address': ({ work }) => work.kms('serve', '--listen', HOSTILE),
  '--debug': ({ work }) => work.kms('list-keys', '--debug', '--keyring', HOSTILE),
  'a policy that is refused': ({ work, key, file }) =>
    work.kms('put-key-policy', '--key-id', key, '--policy', `file://${file(policyWith({ ...DENY, Effect: HOSTILE }))}`),
  'a policy that is warned of': ({ work, key, file }) =>
    work.kms('put-key-policy', '--key-id', key, '--policy', `file://${file(policyWith(DENY))}`),
  'policy diff --text': ({ work, file }) =>
    work.kms(
      'policy',
      'diff',
      file(policyWith({ ...DENY, Effect: 'Allow', Principal: { AWS: '999999999999' } }), 'a.json'),
      file(policyWith(DENY), 'b.json'),
      '--account-id',
      '111122223333',
      '--text',
    ),
  'explain-access --tree': async ({ work, key, file }) => {
    await work.text('put-key-policy', '--key-id', key, '--policy', `file://${file(ascii(policyWith(DENY)))}`);
    return work.kms('explain-access', '--action', 'Decrypt', '--key', key, '--tree');
  },
  '--why': async ({ work, key, file }) => {
    const policy = policyWith({ ...DENY, Action: 'kms:DescribeKey', Condition: undefined });
    await work.text('put-key-policy', '--key-id', key, '--policy', `file://${file(ascii(policy))}`);
    return work.kms('describe-key', '--key-id', key, '--why');
  },
  'a session policy that is refused': ({ work, key, file }) =>
    work.kms('describe-key', '--key-id', key, '--session-policy', `file://${file(policyWith(DENY))}`),
  'lint, the name of a file': ({ work, file }) => work.kms('lint', file('{', HOSTILE.replaceAll('/', '_'))),
  'lint, a file': ({ work, file }) => work.kms('lint', file(policyWith(DENY))),
  'lint, a file that is not there': ({ work }) => work.kms('lint', HOSTILE),
  'lint, a configuration': ({ work, file }) =>
    work.kms('lint', file(policyWith(DENY)), '--config', file(JSON.stringify({ [HOSTILE]: 1 }), 'config.json')),
  'a seed': ({ work, file }) => work.kms('apply', file(JSON.stringify({ Keys: [{ KeyId: HOSTILE }] }), 'seed.json')),
  'an env file': ({ work, file }) => work.kms('env', 'exec', '--file', file(`${HOSTILE}\n`), '--', 'true'),
  'a program that is not there': ({ work, file }) =>
    work.kms('env', 'exec', '--file', file('A=b\n'), '--', HOSTILE.replaceAll('\n', ' ')),
  'an envelope that is not there': ({ work }) => work.kms('envelope', 'decrypt', '--from', HOSTILE),
  'a backup that is not there': ({ work }) => work.kms('keyring', 'restore', HOSTILE),
  'JSON errors': ({ work }) => work.kms('list-keys', '--keyring', HOSTILE, '--cli-error-format', 'json'),
  'YAML errors': ({ work }) => work.kms('list-keys', '--keyring', HOSTILE, '--cli-error-format', 'yaml'),
  'text errors': ({ work }) => work.kms('list-keys', '--keyring', HOSTILE, '--cli-error-format', 'text'),
  'table errors': ({ work }) => work.kms('list-keys', '--keyring', HOSTILE, '--cli-error-format', 'table'),
  'the key file that a slot names': async ({ work }) => {
    const at = join(work.folder, HOSTILE.replaceAll('/', '_'));
    mkdirSync(at);
    const ring = join(work.folder, 'other');
    await work.text('init', '--keyring', ring, '--key-file', join(at, 'key'));
    renameSync(join(at, 'key'), join(work.folder, 'away'));
    return work.kms('list-keys', '--keyring', ring);
  },
  'a record that does not belong there': async ({ work }) => {
    const db = new DatabaseSync(work.keyring);
    db.prepare('INSERT INTO record (path, value) VALUES (?, ?)').run(`key/${HOSTILE}`, Buffer.from('x'));
    db.close();
    const { stdout, ...ran } = await work.kms('keyring', 'verify');
    expect(stdout).toContain('is not part of the keyring'); // JSON: an answer, which is as it is
    return { ...ran, stdout: '' };
  },
};

describe('what is quoted from others', () => {
  test.each(Object.entries(ROWS))('%s', async (_, act) => {
    const work = await workplace();
    const key = await createKey(work);
    const file = (text: string, name = 'file.json'): string => {
      const path = join(work.folder, name);
      writeFileSync(path, text);
      return path;
    };
    const { stdout, stderr } = await act({ work, key, file });
    const shown = stdout + stderr;
    expect(CONTROLS.exec(shown)).toBeNull();
    expect(shown.split('\n').filter((line) => line.startsWith(FORGED))).toEqual([]);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});

test('the audit log is shown as it is in a pipe, and on a terminal so that nothing of it acts there', async () => {
  const work = await workplace();
  await work.text('create-key', '--description', 'a\u009b31m\u202eb');
  const { stdout: piped } = await work.kms('audit', 'tail');
  expect(piped).toContain('a\u009b31m\u202eb');
  const { stdout } = spawnSync(
    SCRIPT,
    ['-qec', `"${process.execPath}" "${BIN}" audit tail --output json`, '/dev/null'],
    {
      env: work.env,
      encoding: 'utf8',
      timeout: 20_000,
    },
  );
  expect(stdout).toContain('a\\u009b31m\\u202eb');
  expect(stdout).not.toMatch(/[\u007f-\u009f\u202a-\u202e]/);
  // what JSON means has not changed
  const shown = stdout.split(/\r?\n/).filter((line) => line.startsWith('{'));
  expect(shown.map((line) => JSON.parse(line) as unknown)).toEqual(
    piped
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown),
  );
});

test('one function: a line stays one, lines of ours stay lines, JSON keeps its meaning', () => {
  expect(visible(HOSTILE)).not.toMatch(CONTROLS);
  expect(visible(HOSTILE)).not.toContain('\n');
  expect(visibleLines('a\n\tb\r\u001bc')).toBe('a\n\tb\\u000d\\u001bc');
  expect(visible('\ud83d\ude00 é \ud800')).toBe('\ud83d\ude00 é \\ud800');
  const json = JSON.stringify({ [HOSTILE]: HOSTILE });
  expect(JSON.parse(visible(json))).toEqual(JSON.parse(json));
});

test.each(['json', 'text', 'table', 'yaml', 'yaml-stream'])(
  'answers as %s are what they are in a pipe, and nothing of them acts on a terminal',
  async (format) => {
    const work = await workplace();
    const Description = 'a\u009b31m\u202eb\u001b]0;title\u0007\u001b[31mred';
    const key = await createKey(work);
    await work.text('update-key-description', '--key-id', key, '--description', Description);
    const words = ['describe-key', '--key-id', key, '--output', format];
    const { stdout: piped } = await work.kms(...words);
    if (format === 'text') expect(piped).toContain(Description);
    const { stdout } = spawnSync(SCRIPT, ['-qec', `"${process.execPath}" "${BIN}" ${words.join(' ')}`, '/dev/null'], {
      env: { ...work.env, AWS_PAGER: '' },
      encoding: 'utf8',
    });
    expect(stdout).toContain('\\u202eb');
    // the colors of a table are its own
    expect(CONTROLS.exec(stdout.replaceAll('\r\n', '\n').replaceAll(/\u001b\[(?!31m)[\d;]*m/g, ''))).toBeNull();
  },
);
