/** The keyring's file is replaced while `kms serve` has it open: nothing is acknowledged that is not in it. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BIN, createKey, workplace, type Workplace } from '../../e2e/command.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A client signs always; over a socket file, which only we can open, nobody looks at how. */
const SIGNED =
  'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/kms/aws4_request, SignedHeaders=host;x-amz-target, Signature=00';

async function served(work: Workplace) {
  const socket = join(work.folder, 'kms.sock');
  const child = spawn(process.execPath, [BIN, 'serve', '--socket', socket], { cwd: work.folder, env: work.env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const createKeyOver = (): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: SIGNED,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'TrentService.CreateKey',
      };
      const call = request({ socketPath: socket, method: 'POST', path: '/', headers }, (response) => {
        let body = '';
        response.on('data', (piece: Buffer) => (body += piece.toString()));
        response.on('end', () => resolve({ status: response.statusCode!, body }));
      });
      call.on('error', reject);
      call.end('{}');
    });
  return { createKeyOver, said: () => said, child };
}

const idIn = ({ body }: Answer): string => (JSON.parse(body) as { KeyMetadata: { KeyId: string } }).KeyMetadata.KeyId;

const REPLACEMENTS: readonly [name: string, replace: (work: Workplace, other: string) => void][] = [
  ['another keyring is moved to its place', (work, other) => renameSync(other, work.keyring)],
  [
    'it is removed and written anew',
    (work) => {
      const bytes = readFileSync(work.keyring);
      rmSync(work.keyring);
      writeFileSync(work.keyring, bytes, { mode: 0o600 });
    },
  ],
  [
    'the whole folder is put back from a copy',
    (work) => {
      const folder = dirname(work.keyring);
      cpSync(folder, `${folder}.copy`, { recursive: true });
      renameSync(folder, `${folder}.old`);
      renameSync(`${folder}.copy`, folder);
    },
  ],
  ['its write-ahead log is removed', (work) => rmSync(`${work.keyring}-wal`)],
];

test.each(REPLACEMENTS)('%s', async (_, replace) => {
  const work = await workplace();
  await createKey(work);
  const other = join(work.folder, 'other');
  mkdirSync(other, { mode: 0o700 });
  await work.text('init', '--keyring', other);
  const { createKeyOver, said, child } = await served(work);
  const before = await createKeyOver();
  expect(before.status).toBe(200);
  // twenty calls, one after the other, around the moment at which the file is replaced
  const acknowledged: string[] = [idIn(before)];
  const after: Answer[] = [];
  for (let call = 0; call < 20; call += 1) {
    if (call === 5) replace(work, join(other, 'keyring.db'));
    const answer = await createKeyOver();
    if (call < 5) acknowledged.push(idIn(answer));
    else after.push(answer);
  }
  expect(after.map(({ status }) => status)).toEqual(Array.from({ length: 15 }, () => 500));
  expect(said()).toContain('was replaced while this process had it open: restart the process');
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('close', resolve));
  expect(acknowledged.length).toBe(6);
});

test('many at once around it: what was acknowledged is in the file that was there', async () => {
  const work = await workplace();
  const { createKeyOver, child } = await served(work);
  await createKeyOver();
  const calls = Array.from({ length: 20 }, async (_, call) => {
    await new Promise((resolve) => setTimeout(resolve, call));
    return createKeyOver();
  });
  await new Promise((resolve) => setTimeout(resolve, 8));
  const moved = join(work.folder, 'moved');
  mkdirSync(moved, { mode: 0o700 });
  const folder = dirname(work.keyring);
  renameSync(folder, join(moved, 'ring'));
  mkdirSync(folder, { mode: 0o700 });
  const answers = await Promise.all(calls);
  expect((await createKeyOver()).status).toBe(500);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  rmSync(folder, { recursive: true });
  renameSync(join(moved, 'ring'), folder);
  const { Keys } = (await work.json('list-keys')) as { Keys: { KeyId: string }[] };
  const kept = new Set(Keys.map(({ KeyId }) => KeyId));
  const acknowledged = answers.filter(({ status }) => status === 200).map(idIn);
  expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
});
