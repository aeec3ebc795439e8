/** Keyrings that earlier versions made (test/vectors/keyring): they open, their log goes on, and all of it verifies. */
import { chmodSync, cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from './command.ts';

const VECTORS = join(import.meta.dirname, '../vectors/keyring');
const blob = readFileSync(join(VECTORS, 'blob.txt'), 'utf8').trim();

/** The numbers of the events in the files, as docs/formats.md says. */
const FILES: { readonly [vector: string]: readonly (readonly [first: number, last: number])[] } = {
  plain: [[1, 6]],
  restarted: [
    [1, 6],
    [7, 8],
  ],
  restored: [[1, 8]],
  rotated: [
    [1, 7],
    [8, 14],
    [15, 17],
  ],
};

test('every vector is tested', () => {
  const folders = readdirSync(VECTORS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).toSorted()).toEqual(Object.keys(FILES).toSorted());
});

test.each(Object.entries(FILES))('%s', async (vector, files) => {
  const work = await workplace({ init: false });
  const ring = join(work.folder, 'ring');
  cpSync(join(VECTORS, vector), ring, { recursive: true });
  cpSync(join(VECTORS, 'test.key'), join(work.folder, 'test.key'));
  chmodSync(ring, 0o700);
  for (const name of readdirSync(ring)) chmodSync(join(ring, name), 0o600);
  chmodSync(join(work.folder, 'test.key'), 0o600);
  const kms = (...args: string[]): Promise<Record<string, unknown>> => work.json(...args, '--key-file', 'test.key');
  const verified = async (): Promise<unknown> => {
    const { Files, ...report } = await kms('audit', 'verify', '--all');
    expect(report).toMatchObject({ Valid: true, Problems: [] });
    return (Files as { FirstEvent: number; LastEvent: number }[]).map(({ FirstEvent, LastEvent }) => [
      FirstEvent,
      LastEvent,
    ]);
  };
  expect(await verified()).toEqual(files);
  expect(
    await kms(
      'decrypt',
      '--ciphertext-blob',
      blob,
      '--encryption-context',
      'Purpose=Test',
      '--query',
      '{P: Plaintext}',
    ),
  ).toEqual({ P: Buffer.from('hello').toString('base64') });
  const { Events } = await kms('audit', 'lookup-events');
  const last = files.at(-1)![1];
  expect(Events).toHaveLength(last + 1);
  await kms('audit', 'rotate', '--compress');
  expect(await verified()).toEqual([...files.slice(0, -1), [files.at(-1)![0], last + 1], [last + 2, last + 2]]);
  expect((await kms('audit', 'lookup-events'))['Events']).toHaveLength(last + 2);
});
