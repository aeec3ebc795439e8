/** Runs all tests and ends with one plain line of counts; fails if any test failed, or if none ran. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './root.ts';

const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-test-'));
const report = join(folder, 'report.json');
const vitest = root('node_modules/vitest/vitest.mjs');
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  { cwd: root('.'), stdio: 'inherit' },
);

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
}
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = JSON.parse(
  readFileSync(report, 'utf8'),
) as Report;
rmSync(folder, { recursive: true });

// a file that cannot even be loaded has no tests to count
const failed = numFailedTests === 0 && (status !== 0 || numFailedTestSuites > 0) ? 1 : numFailedTests;
const skipped = numPendingTests + numTodoTests;
process.stdout.write(`\n${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed > 0 || numPassedTests === 0 ? 1 : 0;
