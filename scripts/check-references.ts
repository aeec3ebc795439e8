/** Fails on a reference that a reader of the repository cannot open, in any tracked text file; references.ts has the rules. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { problemsIn } from './references.ts';
import { root } from './root.ts';

/** The rules themselves, their test, and what npm writes. */
const EXEMPT = new Set(['scripts/references.ts', 'test/scripts/references.test.ts', 'package-lock.json']);

const files = execFileSync('git', ['ls-files', '-z'], { cwd: root('.'), encoding: 'utf8' }).split('\0');

let count = 0;
for (const file of files) {
  const path = root(file);
  if (EXEMPT.has(file) || !statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
  const text = readFileSync(path, 'utf8');
  if (text.includes('\0')) continue; // not text
  for (const problem of problemsIn(text, files)) {
    process.stderr.write(`${file}:${problem}\n`);
    count += 1;
  }
}
if (count > 0) process.exit(1);
