/** The difference of two texts, line by line, in the unified form that patch(1) reads. */

const CONTEXT = 3;

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** @returns nothing if they are the same */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return '';
  const lines = compare(linesOf(before), linesOf(after));
  const shown = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ sign }) => sign !== ' '),
  );
  const hunks: string[] = [];
  let [old, now] = [1, 1];
  for (let at = 0; at < lines.length;) {
    if (!shown[at]) {
      old++;
      now++;
      at++;
      continue;
    }
    let end = at;
    while (end < lines.length && shown[end]) end++;
    const hunk = lines.slice(at, end);
    const [removed, added] = [
      hunk.filter(({ sign }) => sign !== '+').length,
      hunk.filter(({ sign }) => sign !== '-').length,
    ];
    hunks.push(
      `@@ -${removed === 0 ? old - 1 : old},${removed} +${added === 0 ? now - 1 : now},${added} @@\n${hunk.map(({ sign, text }) => sign + text).join('')}`,
    );
    old += removed;
    now += added;
    at = end;
  }
  return `--- ${name}\n+++ ${name}\n${hunks.join('')}`;
}

/** With their line ends; a last line without one says so, as patch(1) wants it. */
function linesOf(text: string): readonly string[] {
  const lines = text.split(/(?<=\n)/).filter((line) => line !== '');
  const last = lines.at(-1);
  return last !== undefined && !last.endsWith('\n')
    ? [...lines.slice(0, -1), `${last}\n\\ No newline at end of file\n`]
    : lines;
}

/** By the longest common subsequence, after what is the same at both ends. */
function compare(a: readonly string[], b: readonly string[]): readonly Line[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const same = (text: string): Line => ({ sign: ' ', text });
  const middle = longest(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  return [...a.slice(0, head).map(same), ...middle, ...a.slice(a.length - tail).map(same)];
}

/** Lines that a table would have too many cells for are all taken out and put in anew. */
const MAX_CELLS = 4_000_000;

function longest(a: readonly string[], b: readonly string[]): readonly Line[] {
  const removed = (text: string): Line => ({ sign: '-', text });
  const added = (text: string): Line => ({ sign: '+', text });
  if (a.length * b.length > MAX_CELLS) return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i * width + j] =
        a[i] === b[j]
          ? table[(i + 1) * width + j + 1]! + 1
          : Math.max(table[(i + 1) * width + j]!, table[i * width + j + 1]!);
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i]! });
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && table[(i + 1) * width + j]! >= table[i * width + j + 1]!)) {
      lines.push(removed(a[i++]!));
    } else {
      lines.push(added(b[j++]!));
    }
  }
  return lines;
}
