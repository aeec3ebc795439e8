import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findPlace, type PlaceSource } from '../../src/runtime/find-place.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();

/** A project with a keyring, a folder deep in it, and a home; `@` in a path stands for the folder of all of them. */
function place(): { at: string; source: (more?: Partial<PlaceSource>) => PlaceSource } {
  const at = folder();
  for (const path of ['project/.kms', 'project/deep/er', 'empty', 'home', 'other'])
    mkdirSync(join(at, path), { recursive: true });
  writeFileSync(join(at, 'other', 'mine.db'), '');
  return { at, source: (more) => ({ cwd: join(at, 'empty'), home: join(at, 'home'), env: {}, ...more }) };
}

interface Row {
  readonly name: string;
  readonly cwd?: string;
  readonly named?: string;
  readonly env?: { readonly [name: string]: string };
  readonly keyring: string;
  readonly kind?: 'own' | 'project';
}

const rows: readonly Row[] = [
  { name: 'nothing said', keyring: '@/home/.local/share/pocket-kms/keyring.db', kind: 'own' },
  {
    name: 'the data folder of the desktop',
    env: { XDG_DATA_HOME: '@/data' },
    keyring: '@/data/pocket-kms/keyring.db',
    kind: 'own',
  },
  {
    name: 'an empty data folder',
    env: { XDG_DATA_HOME: '' },
    keyring: '@/home/.local/share/pocket-kms/keyring.db',
    kind: 'own',
  },
  {
    name: 'a relative data folder, which does not count',
    cwd: '@/project/deep',
    env: { XDG_DATA_HOME: 'data', POCKET_KMS_KEYRING: '' },
    keyring: '@/home/.local/share/pocket-kms/keyring.db',
    kind: 'own',
  },
  { name: 'in a project', cwd: '@/project', keyring: '@/project/.kms/keyring.db', kind: 'project' },
  { name: 'deep in a project', cwd: '@/project/deep/er', keyring: '@/project/.kms/keyring.db', kind: 'project' },
  {
    name: 'by the environment',
    cwd: '@/project',
    env: { POCKET_KMS_KEYRING: '@/other' },
    keyring: '@/other/keyring.db',
  },
  {
    name: 'by an option',
    cwd: '@/project',
    env: { POCKET_KMS_KEYRING: '@/other' },
    named: '@/new',
    keyring: '@/new/keyring.db',
  },
  { name: 'relative to where we are', cwd: '@/project', named: '../other', keyring: '@/other/keyring.db' },
  { name: 'a file', named: '@/other/mine.db', keyring: '@/other/mine.db' },
  {
    name: 'an empty environment variable',
    env: { POCKET_KMS_KEYRING: '' },
    keyring: '@/home/.local/share/pocket-kms/keyring.db',
    kind: 'own',
  },
];

describe('the keyring is', () => {
  test.each(rows)('$name', ({ cwd, named, env = {}, keyring, kind = 'named' }) => {
    const { at, source } = place();
    const here = (path: string): string => path.replace('@', at);
    const found = findPlace(
      source({
        ...(cwd === undefined ? {} : { cwd: here(cwd) }),
        ...(named === undefined ? {} : { named: here(named) }),
        env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, here(value)])),
      }),
    );
    expect(found).toMatchObject({ keyring: here(keyring), kind });
    // a copy beside a keyring has a log of its own
    expect(found.log).toBe(join(found.folder, keyring.endsWith('/mine.db') ? 'mine.db.audit.jsonl' : 'audit.jsonl'));
  });
});
