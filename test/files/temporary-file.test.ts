import { constants, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { O_TMPFILE, temporaryFile } from '../../src/files/temporary-file.ts';
import { temporaryFolders } from '../support/folder.ts';

const newFolder = temporaryFolders();
let drawn = 0;
const random = (length: number): Uint8Array => new Uint8Array(length).fill((drawn += 1));
const SECRET = Buffer.from('canary-41d7 '.repeat(100_000));

/** What is in the files that this process has open without a name in that folder. */
const unnamedIn = (folder: string): readonly Buffer[] =>
  readdirSync('/proc/self/fd')
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${folder}/`);
      } catch {
        return false;
      }
    })
    .map((fd) => readFileSync(`/proc/self/fd/${fd}`));

async function readBack(file: { read(): AsyncIterable<Uint8Array> }): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of file.read()) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe.each([
  ['without a name from the beginning', process.arch],
  ['where the flag is not known', 'pdp11'],
])('%s', (_, arch) => {
  test('no name leads to it, it cannot be read in the file, and it is read back', async () => {
    const folder = newFolder();
    const real = process.arch;
    Object.defineProperty(process, 'arch', { value: arch });
    try {
      const file = await temporaryFile(folder, { random });
      expect(readdirSync(folder)).toEqual([]);
      await file.write([SECRET.subarray(0, 7), SECRET.subarray(7, 700_001)]);
      await file.write([SECRET.subarray(700_001)]);
      expect(readdirSync(folder)).toEqual([]);
      const [content, ...others] = unnamedIn(folder);
      expect({ length: content?.length, others: others.length }).toEqual({ length: SECRET.length, others: 0 });
      expect(content!.includes('canary')).toBe(false);
      expect((await readBack(file)).equals(SECRET)).toBe(true);
      expect((await readBack(file)).equals(SECRET)).toBe(true);
      await file.close();
      expect(unnamedIn(folder)).toEqual([]);
    } finally {
      Object.defineProperty(process, 'arch', { value: real });
    }
  });
});

test('the flag is a folder flag with one bit more, as in the headers of Linux', () => {
  const flag = O_TMPFILE[process.arch]!;
  expect(flag & constants.O_DIRECTORY).toBe(constants.O_DIRECTORY);
  expect(flag - constants.O_DIRECTORY).toBe(0o20000000);
});

test('nothing, and a folder that is not there', async () => {
  const file = await temporaryFile(newFolder(), { random });
  await file.write([]);
  expect(await readBack(file)).toHaveLength(0);
  await file.close();
  const nowhere = `${newFolder()}/nowhere`;
  await expect(temporaryFile(nowhere, { random })).rejects.toThrow(
    `the folder for temporary files ${nowhere} does not exist`,
  );
});
