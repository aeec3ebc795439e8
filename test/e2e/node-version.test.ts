/**
 * A Node.js whose SQLite is too old for this program: reported before anything else, with where to get another. What the
 * environment asks of Node.js.
 */
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, workplace } from './command.ts';

const start = (versions: object) => {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, ...${JSON.stringify(versions)} } })`;
  return execa(process.execPath, ['-e', `${pretend}; require(${JSON.stringify(BIN)})`, '--', 'kms', '--version'], {
    reject: false,
  });
};

// what process.versions says in the release of that number; ADR 13 says why SQLite 3.53.3
const tooOld: readonly [node: string, sqlite: string | null][] = [
  ['18.20.0', null],
  ['22.23.0', '3.53.4'],
  ['24.7.0', '3.50.4'],
  ['24.18.1', '3.53.1'],
  ['25.9.0', '3.51.3'],
  ['26.4.0', '3.53.2'],
];
test.each(tooOld)('node %s with SQLite %s is refused', async (node, sqlite) => {
  const { exitCode, stdout, stderr } = await start({ node, sqlite });
  expect([exitCode, stdout]).toEqual([253, '']);
  expect(stderr).toBe(
    `kms: node 24.19, or 26.5, or newer is needed, with SQLite 3.53.3 or newer; this is node ${node} with SQLite ${sqlite ?? 'none'} (${process.execPath})
hint: https://nodejs.org/en/download has one, as have version managers: nvm install 26
hint: in a checkout of pocket-kms, npm run build:executable makes a kms that needs no node`,
  );
});

test.each([
  ['24.19.0', '3.53.3'],
  ['26.5.0', '3.53.3'],
  ['26.10.0', '3.53.4'],
  ['30.0.0', '4.0.0'],
])('node %s with SQLite %s will do', async (node, sqlite) => {
  const { exitCode, stderr } = await start({ node, sqlite });
  expect([exitCode, stderr]).toEqual([0, '']);
});

// Node.js documentation, "Command-line options", NODE_V8_COVERAGE: Node.js writes such a report to the folder
test('no report of coverage is written', async () => {
  const work = await workplace();
  const coverage = join(work.folder, 'coverage');
  for (const args of [['--version'], ['list-keys'], ['lint', '--all']]) {
    const { exitCode } = await work.kmsWith({ env: { ...work.env, NODE_V8_COVERAGE: coverage } }, ...args);
    expect([args, exitCode]).toEqual([args, 0]);
  }
  expect(existsSync(coverage)).toBe(false);
});
