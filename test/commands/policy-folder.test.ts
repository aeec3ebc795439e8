/** Folders that are linted, and the configuration that is found for a file. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configAbove } from '../../src/commands/lint/config-search.ts';
import { readFiles } from '../../src/commands/lint/lint-files.ts';
import { policyFilesIn } from '../../src/commands/lint/policy-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kms-lint-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), '{}');
  }
}

test('files of policies, without dependencies, hidden folders and links', () => {
  write(
    'b/x.tf',
    'a.json',
    'b/y.txt',
    '.git/z.json',
    'node_modules/p/z.json',
    'b/node_modules/z.yaml',
    'policylint.json',
  );
  symlinkSync(join(folder, 'a.json'), join(folder, 'link.json'));
  symlinkSync(folder, join(folder, 'b', 'loop'));
  expect(policyFilesIn(folder).map((path) => relative(folder, path))).toEqual(['a.json', 'b/x.tf']);
});

test('files of a folder that cannot be checked are named, unless they have nothing of KMS', () => {
  const broken = 'Statement: [\n---\nAction: kms:*\n';
  const files = {
    'a.yaml': broken,
    'b.yaml': 'a: [\n---\n',
    'c.json': Buffer.from('\ufeff{"Statement": "kms:"}', 'utf16le'),
    'd.json': '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}',
    'e.yaml': `Statement: ${'['.repeat(20_000)}kms:`,
    '\u001b[2Jf.json': Buffer.from([0xff]),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const notes: string[] = [];
  const documents = readFiles([folder], { kind: undefined, say: (line) => void notes.push(line.replace(folder, '')) });
  expect(documents.map(({ name }) => relative(folder, name))).toEqual(['d.json']);
  expect(notes).toEqual([
    expect.stringMatching(/^not checked: \/\\u001b\[2Jf\.json is not UTF-8/),
    expect.stringMatching(/^not checked: \/a\.yaml:2:1: /),
    expect.stringMatching(/^not checked: \/c\.json/),
    'not checked: /e.yaml is nested too deeply',
  ]);
});

test('more than 20,000 files are refused, and deeper folders than 32 left out', () => {
  write(`${'d/'.repeat(40)}deep.json`);
  expect(policyFilesIn(folder)).toEqual([]);
  for (let index = 0; index <= 20_000; index++) writeFileSync(join(folder, `${index}.json`), '');
  expect(() => policyFilesIn(folder)).toThrow(/has more than 20000 files/);
});

test('the nearest configuration up to the repository', () => {
  write(
    'policylint.json',
    'repo/.git/HEAD',
    'repo/a/policy.json',
    'repo/a/b/policylint.json',
    'repo/a/b/c/policy.json',
  );
  const found = (name: string): string | undefined => configAbove(join(folder, name));
  expect(found('repo/a/policy.json')).toBeUndefined(); // the one above is not of the repository
  expect(found('repo/a/b/c/policy.json')).toBe(relative(process.cwd(), join(folder, 'repo/a/b/policylint.json')));
  expect(found('policy.json')).toBe(relative(process.cwd(), join(folder, 'policylint.json')));
});

// only root can give a file to another user
test.skipIf(process.getuid?.() !== 0)('in a folder that everyone can write, a file of another user is none', () => {
  write('policylint.json', '.git/HEAD');
  const isFound = (): boolean => configAbove(join(folder, 'policy.json')) !== undefined;
  chmodSync(folder, 0o777);
  expect(isFound()).toBe(true);
  chownSync(join(folder, 'policylint.json'), 12_345, 12_345);
  expect(isFound()).toBe(false);
  chmodSync(folder, 0o755);
  expect(isFound()).toBe(true);
});

test('a link, or a folder, is no configuration', () => {
  write('elsewhere.json', 'p/policylint.json/x', 'q/policy.json');
  symlinkSync(join(folder, 'elsewhere.json'), join(folder, 'q/policylint.json'));
  expect(configAbove(join(folder, 'q/policy.json'))).toBeUndefined();
  expect(configAbove(join(folder, 'p/policy.json'))).toBeUndefined();
});
