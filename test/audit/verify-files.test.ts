/** Several files of a log, as one chain: what is reported of them, whatever was done to them. */
import { expect, test } from 'vitest';
import { CHAIN_START, link, MAX_LINE, type ChainHead } from '../../src/audit/chain.ts';
import { verifyFiles, type FileProblem, type OldFile } from '../../src/audit/verify-files.ts';
import { Secret } from '../../src/crypto/secret.ts';

const key = new Secret(new Uint8Array(32).fill(1));
const EVENTS = 4;

interface File {
  file: string;
  sequence: number;
  lines: Uint8Array[];
}

/** Files of four events each, of which all but the first begin with one that says what they follow. */
function chainOf(
  count: number,
  first: object = { eventName: 'CreateKey' },
  with_ = key,
): { files: File[]; ends: ChainHead[] } {
  const ends: ChainHead[] = [CHAIN_START];
  const files: File[] = [];
  for (let number = 0; number < count; number += 1) {
    let head = ends.at(-1)!;
    const putAside = files.at(-1)?.file;
    const lines: Uint8Array[] = [];
    for (let at = 0; at < EVENTS; at += 1) {
      const begins = { eventName: 'RotateAuditLog', requestParameters: { follows: ends.at(-1), putAside } };
      const event = at > 0 ? { eventName: `Event${at}` } : number > 0 ? begins : first;
      const linked = link(event, 1, { key: with_, head });
      lines.push(linked.line.subarray(0, -1));
      ({ head } = linked);
    }
    ends.push(head);
    files.push({ file: `audit-${head.sequence}.jsonl`, sequence: head.sequence, lines });
  }
  return { files, ends };
}

async function* inStream(lines: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* lines;
}
const old = ({ file, sequence, lines }: File): OldFile => ({ file, sequence, lines: () => inStream(lines) });

/** The last of four is in use. */
async function reportOf(change: (files: File[]) => void = () => {}) {
  const { files, ends } = chainOf(4);
  const current = files.pop()!;
  change(files);
  return verifyFiles(
    { file: 'audit.jsonl', lines: () => inStream(current.lines), key, start: ends[3]!, head: ends[4]! },
    files.map(old),
  );
}
const short = ({ file, line, kind, message }: FileProblem): string => `${file}:${line} ${kind}: ${message}`;
const edited = (line: Uint8Array, from: string, to: string): Uint8Array =>
  Buffer.from(Buffer.from(line).toString().replace(from, to));

test('each begins where the one before it ended', async () => {
  expect(await reportOf()).toEqual({
    files: [
      { file: 'audit-4.jsonl', first: 1, last: 4, events: 4 },
      { file: 'audit-8.jsonl', first: 5, last: 8, events: 4 },
      { file: 'audit-12.jsonl', first: 9, last: 12, events: 4 },
      { file: 'audit.jsonl', first: 13, last: 16, events: 4 },
    ],
    problems: [],
  });
});

const cases: { readonly [what: string]: readonly [change: (files: File[]) => void, problems: readonly string[]] } = {
  'compressed files': [(files) => files.forEach((one) => (one.file += '.gz')), []],
  'a file whose name was taken': [(files) => (files[1]!.file = 'audit-8-1.jsonl'), []],
  'none of them there': [
    (files) => files.splice(0),
    ['audit.jsonl:0 missing: events 1 to 12 are missing: there is no audit-12.jsonl, compressed or not'],
  ],
  'the first is missing': [
    (files) => files.shift(),
    ['audit-8.jsonl:0 missing: events 1 to 4 are missing: there is no audit-4.jsonl, compressed or not'],
  ],
  'one between is missing': [
    (files) => files.splice(1, 1),
    ['audit-12.jsonl:0 missing: events 5 to 8 are missing: there is no audit-8.jsonl, compressed or not'],
  ],
  'two are missing': [
    (files) => files.splice(1, 2),
    ['audit.jsonl:0 missing: events 5 to 12 are missing: there is no audit-12.jsonl, compressed or not'],
  ],
  'a line was edited': [
    (files) => (files[1]!.lines[2] = edited(files[1]!.lines[2]!, 'Event2', 'Other')),
    ['audit-8.jsonl:3 edited: line 3 (event 7) was changed, or the event before it was'],
  ],
  'the first line was edited': [
    (files) => (files[1]!.lines[0] = edited(files[1]!.lines[0]!, 'RotateAuditLog', 'Other')),
    ['audit-8.jsonl:1 edited: line 1 (event 5) was changed, or the event before it was'],
  ],
  'the first line is none': [
    (files) => (files[1]!.lines[0] = Buffer.from('no event')),
    [
      'audit-8.jsonl:1 edited: line 1 is not a valid audit event',
      'audit-8.jsonl:2 edited: line 2 (event 6) was changed, or the event before it was',
    ],
  ],
  'cut at its beginning': [
    (files) => files[1]!.lines.splice(0, 2),
    ['audit-8.jsonl:1 cut in the middle: line 1 has event 7: events 5 to 6 are missing before it'],
  ],
  'cut at its end': [
    (files) => files[1]!.lines.splice(2),
    ['audit-8.jsonl:2 cut at the end: ends with event 6, but the next file follows event 8'],
  ],
  empty: [
    (files) => files[1]!.lines.splice(0),
    ['audit-8.jsonl:0 cut at the end: ends with event 4, but the next file follows event 8'],
  ],
  'lines in another order': [
    (files) => files[1]!.lines.splice(1, 2, files[1]!.lines[2]!, files[1]!.lines[1]!),
    [
      'audit-8.jsonl:2 cut in the middle: line 2 has event 7: event 6 is missing before it',
      'audit-8.jsonl:3 reordered: line 3 has event 6, expected event 8',
    ],
  ],
  'more lines than it had': [
    (files) => files[0]!.lines.push(files[0]!.lines[3]!),
    ['audit-4.jsonl:5 reordered: line 5 has event 4, expected event 5'],
  ],
  'of another keyring': [
    (files) => (files[1]!.lines = chainOf(2, {}, new Secret(new Uint8Array(32).fill(2))).files[1]!.lines),
    ['audit-8.jsonl:1 wrong key: no line is authenticated with the key of this keyring'],
  ],
  'a file too many': [
    (files) => files.push({ file: 'audit-3.jsonl', sequence: 3, lines: [] }),
    ['audit-3.jsonl:0 not in the chain: no other file of the log follows it'],
  ],
  'a line without an end': [
    (files) => files[1]!.lines.splice(2, 2, new Uint8Array(MAX_LINE + 1)),
    [
      'audit-8.jsonl:3 edited: line 3 is not a valid audit event',
      'audit-8.jsonl:3 edited: what is behind this line was not read',
    ],
  ],
};

test.each(Object.entries(cases))('%s', async (_, [change, problems]) => {
  const report = await reportOf(change);
  expect(report.problems.map(short)).toEqual(problems);
});

test('contents of two files that were exchanged', async () => {
  const { problems } = await reportOf((files) => {
    [files[0]!.lines, files[1]!.lines] = [files[1]!.lines, files[0]!.lines];
  });
  expect(new Set(problems.map(({ file }) => file))).toEqual(new Set(['audit-4.jsonl', 'audit-8.jsonl']));
});

test('lines without end are not read for ever', async () => {
  let read = 0;
  const { files, ends } = chainOf(2);
  const report = await verifyFiles(
    { file: 'audit.jsonl', lines: () => inStream(files[1]!.lines), key, start: ends[1]!, head: ends[2]! },
    [
      {
        file: 'audit-4.jsonl.gz',
        sequence: 4,
        async *lines() {
          for (;;) {
            read += 1;
            yield Buffer.from('x');
          }
        },
      },
    ],
  );
  expect(read).toBeLessThan(20_000);
  expect(report.problems.length).toBeLessThan(2_000);
  expect(report.problems.at(-1)!.message).toMatch(/more problems/);
});

test('a file that cannot be read to its end: what was read is verified', async () => {
  const { files, ends } = chainOf(2);
  const report = await verifyFiles(
    { file: 'audit.jsonl', lines: () => inStream(files[1]!.lines), key, start: ends[1]!, head: ends[2]! },
    [
      {
        file: 'audit-4.jsonl.gz',
        sequence: 4,
        async *lines() {
          yield* files[0]!.lines.slice(0, 3);
          throw new Error('unexpected end of file');
        },
      },
    ],
  );
  expect(report.problems.map(short)).toEqual(['audit-4.jsonl.gz:3 damaged: unexpected end of file']);
});

test.each([
  ['BeginAuditLog', []],
  ['RestoreKeyring', []],
  ['RestartAuditLog', ['audit.jsonl:0 missing: events 1 to 4 are missing']],
  ['RotateAuditLog', ['audit.jsonl:0 missing: events 1 to 4 are missing']],
])('a log that begins with %s, and put no file aside', async (eventName, problems) => {
  const start = { sequence: 4, mac: 'a'.repeat(64) };
  const { line, head } = link({ eventName, requestParameters: { follows: start } }, 1, { key, head: start });
  const report = await verifyFiles(
    { file: 'audit.jsonl', lines: () => inStream([line.subarray(0, -1)]), key, start, head },
    [],
  );
  expect(report.problems.map(short)).toEqual(problems);
});

test('a file of an earlier version, which does not say what it follows', async () => {
  const { files, ends } = chainOf(1);
  const lines: Uint8Array[] = [];
  let head = ends[1]!;
  for (const event of [{ eventName: 'RestartAuditLog' }, { eventName: 'ListKeys' }]) {
    const linked = link(event, 1, { key, head });
    lines.push(linked.line.subarray(0, -1));
    ({ head } = linked);
  }
  const { line, head: end } = link(
    { eventName: 'RotateAuditLog', requestParameters: { follows: head, putAside: 'audit-6.jsonl' } },
    1,
    { key, head },
  );
  const reported = async (first: File): Promise<readonly string[]> => {
    const report = await verifyFiles(
      { file: 'audit.jsonl', lines: () => inStream([line.subarray(0, -1)]), key, start: head, head: end },
      [first, { file: 'audit-6.jsonl', sequence: 6, lines }].map(old),
    );
    return report.problems.map(short);
  };
  const first = files[0]!;
  expect(await reported(first)).toEqual([]);
  expect(await reported({ ...first, lines: first.lines.slice(0, 3) })).toEqual([
    'audit-6.jsonl:1 cut in the middle: line 1 has event 5: event 4 is missing before it',
  ]);
});
