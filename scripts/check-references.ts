/** Fails on a reference that a reader of the repository cannot open, in any tracked text file; references.ts has the rules. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { anchorsIn, problemsIn } from './references.ts';
import { root } from './root.ts';

/** The rules themselves, their test, and what npm writes. */
const EXEMPT = new Set(['scripts/references.ts', 'test/scripts/references.test.ts', 'package-lock.json']);

const files = execFileSync('git', ['ls-files', '-z'], { cwd: root('.'), encoding: 'utf8' }).split('\0');

const manifest = JSON.parse(readFileSync(root('package.json'), 'utf8')) as { scripts: Record<string, string> };
const anchors = new Map<string, readonly string[]>();
const repository = {
  files,
  scripts: Object.keys(manifest.scripts),
  anchorsOf(document: string): readonly string[] {
    const known = anchors.get(document) ?? anchorsIn(readFileSync(root(document), 'utf8'));
    anchors.set(document, known);
    return known;
  },
};

let count = 0;
for (const file of files) {
  const path = root(file);
  if (EXEMPT.has(file) || !statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
  const text = readFileSync(path, 'utf8');
  if (text.includes('\0')) continue; // not text
  for (const problem of problemsIn(text, file, repository)) {
    process.stderr.write(`${file}:${problem}\n`);
    count += 1;
  }
}
if (count > 0) process.exit(1);
