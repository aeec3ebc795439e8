/**
 * docs/threat-model.md: every row of its tables either names a test that shows it, by file and title, or says that it is
 * a limit. A test that was renamed or removed takes its promise with it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const document = readFileSync(join(ROOT, 'docs/threat-model.md'), 'utf8');

interface Promise {
  readonly sentence: string;
  readonly shownBy: string;
}

/** Rows of tables whose second column is headed "shown by". */
function promisesIn(text: string): readonly Promise[] {
  const promises: Promise[] = [];
  let isPromises = false;
  for (const line of text.split('\n')) {
    const cells = line.startsWith('|')
      ? line
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim())
      : [];
    if (cells.length === 0) isPromises = false;
    else if (cells[1] === 'shown by') isPromises = true;
    else if (isPromises && !/^-+$/.test(cells[0]!)) promises.push({ sentence: cells[0]!, shownBy: cells[1] ?? '' });
  }
  return promises;
}

const promises = promisesIn(document);
const shown = promises.filter(({ shownBy }) => shownBy !== 'limit');

test('there are promises, and limits', () => {
  expect(shown.length).toBeGreaterThan(40);
  expect(promises.length).toBeGreaterThan(shown.length);
});

test.each(shown)('$sentence', ({ shownBy }) => {
  const references = Array.from(shownBy.matchAll(/`(test\/[^`]+)`: "([^"]+)"/g), ([, file, title]) => [file!, title!]);
  expect(references).not.toEqual([]);
  for (const [file, title] of references) {
    expect(existsSync(join(ROOT, file!)), file).toBe(true);
    expect(readFileSync(join(ROOT, file!), 'utf8'), file).toContain(title);
  }
});

/** What is outside of tables describes: who, where, in which order. Promises in prose would have no test. */
test('prose promises nothing', () => {
  const prose = document.split('\n').filter((line) => !line.startsWith('|'));
  expect(prose.filter((line) => /\b(never|always|cannot|impossible|guarantee)/i.test(line))).toEqual([]);
});
