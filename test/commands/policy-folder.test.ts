/** Folders that are linted, and the configuration that is found for a file. */
import { chmodSync, chownSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configSearch } from '../../src/commands/lint/config-search.ts';
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

/** @returns from here, and what is told */
function configOf(name: string): { readonly found: string | undefined; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const found = configSearch({ say: (line) => void notes.push(line.replace(folder, '')) })(join(folder, name));
  return { found: found && relative(folder, found), notes };
}

test('the nearest configuration up to the repository', () => {
  write(
    'policylint.json',
    'repo/.git/HEAD',
    'repo/a/policy.json',
    'repo/a/b/policylint.json',
    'repo/a/b/c/policy.json',
  );
  // the one above is not of the repository
  expect(configOf('repo/a/policy.json')).toEqual({ found: undefined, notes: [] });
  expect(configOf('repo/a/b/c/policy.json')).toEqual({ found: 'repo/a/b/policylint.json', notes: [] });
  expect(configOf('policy.json')).toEqual({ found: 'policylint.json', notes: [] });
});

// only root can give a file to another user
test.skipIf(process.getuid?.() !== 0)(
  'a configuration of another user is not used, in whatever folder, and told once',
  () => {
    write(
      'repo/.git/HEAD',
      'repo/policylint.json',
      'repo/a/policylint.json',
      'repo/a/policy.json',
      'repo/a/other.json',
    );
    const config = join(folder, 'repo/a/policylint.json');
    expect(configOf('repo/a/policy.json').found).toBe('repo/a/policylint.json');
    for (const mode of [0o755, 0o777]) {
      chmodSync(join(folder, 'repo/a'), mode);
      chownSync(config, 12_345, 12_345);
      expect(configOf('repo/a/policy.json')).toEqual({
        found: 'repo/policylint.json',
        notes: ['/repo/a/policylint.json is not used: it belongs to another user; --config uses it'],
      });
    }
    const notes: string[] = [];
    const search = configSearch({ say: (line) => void notes.push(line) });
    for (const name of ['policy.json', 'other.json']) search(join(folder, 'repo/a', name));
    expect(notes).toHaveLength(1);
    // a link to it, and a link of that user to ours
    rmSync(join(folder, 'repo/policylint.json'));
    symlinkSync(config, join(folder, 'repo/policylint.json'));
    expect(configOf('repo/policy.json').found).toBeUndefined();
    chownSync(config, 0, 0);
    expect(configOf('repo/policy.json').found).toBe('repo/policylint.json');
    lchownSync(join(folder, 'repo/policylint.json'), 12_345, 12_345);
    expect(configOf('repo/policy.json').found).toBeUndefined();
    // whatever else others put there must not stop anyone
    rmSync(config);
    mkdirSync(config);
    chownSync(config, 12_345, 12_345);
    expect(configOf('repo/a/policy.json').found).toBeUndefined();
  },
);

test('a link to a configuration is followed; what is there and is no file is refused, not passed over', () => {
  write('elsewhere.json', 'policylint.json', 'p/policylint.json/x', 'q/policy.json', 'r/policy.json', 's/policy.json');
  symlinkSync('../elsewhere.json', join(folder, 'q/policylint.json'));
  symlinkSync('policylint.json', join(folder, 'r/policylint.json'));
  symlinkSync('/dev/zero', join(folder, 's/policylint.json'));
  expect(configOf('q/policy.json').found).toBe('q/policylint.json');
  expect(() => configOf('p/policy.json')).toThrow('policylint.json is not a file');
  expect(() => configOf('r/policy.json')).toThrow(/policylint\.json/);
  expect(() => configOf('s/policy.json')).toThrow('policylint.json is not a file');
});
