import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { BIN, createKey, workplace } from './command.ts';

const lines = (...requests: (object | string)[]): string =>
  requests.map((request) => `${typeof request === 'string' ? request : JSON.stringify(request)}\n`).join('');

const answers = (stdout: string): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('answers come in order, failures among them, and every call is logged', async () => {
  const work = await workplace();
  const key = await createKey(work);
  const before = work.events().length;
  const input = lines(
    { Operation: 'CreateAlias', Input: { AliasName: 'alias/b', TargetKeyId: key }, Id: 1 },
    { Operation: 'encrypt', Input: { KeyId: 'alias/b', Plaintext: 'aGVsbG8=' }, Id: 'two' },
    { Operation: 'DescribeKey', Input: { KeyId: 'alias/nope' } },
    '',
    'not json',
    '[]',
    { Input: {} },
    { Operation: 'Nope' },
    { Operation: 'Encrypt', Input: { KeyId: key, Plaintext: '*' } },
    { Operation: 'ListAliases' },
  );
  const { stdout, exitCode, stderr } = await work.kmsWith({ input }, 'batch');
  expect({ exitCode, stderr }).toEqual({ exitCode: 254, stderr: '' });
  const got = answers(stdout);
  expect(got).toMatchObject([
    { Id: 1, Output: {} },
    { Id: 'two', Output: { EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' } },
    { Error: { Code: 'NotFoundException', Message: expect.stringContaining('alias/nope is not found.') } },
    { Error: { Code: 'SerializationException', Message: expect.stringContaining('the line is not JSON') } },
    { Error: { Code: 'SerializationException', Message: expect.stringContaining('the line is not an object') } },
    { Error: { Code: 'SerializationException', Message: expect.stringContaining('the line has no Operation') } },
    { Error: { Code: 'UnknownOperationException', Message: 'Nope is not an operation' } },
    { Error: { Code: 'SerializationException' } },
    { Output: { Aliases: expect.any(Array), Truncated: false } },
  ]);
  const blob = (got[1]!['Output'] as { CiphertextBlob: string }).CiphertextBlob;
  expect(await work.text('decrypt', '--ciphertext-blob', blob, '--query', 'Plaintext', '--output', 'text')).toBe(
    'aGVsbG8=\n',
  );
  expect(work.events().length - before).toBe(4 + 1); // the four calls that reached the pipeline, and the decryption
});

test.each([
  [{ Operation: 'ListKeys', Parameters: {} }, 'SerializationException', 'the line has an unknown member Parameters: '],
  [{ Operation: 'ListKeys', input: {} }, 'SerializationException', 'the line has an unknown member input: '],
  [
    { Operation: 'ListKeys', Input: { limit: 1 } },
    'ParamValidation',
    'Unknown parameter in input: "limit", must be one of: Limit, Marker',
  ],
  [
    {
      Operation: 'CreateKey',
      Input: {
        Tags: [
          { TagKey: 'a', TagValue: 'b' },
          { Key: 'a', TagValue: 'b' },
        ],
      },
    },
    'ParamValidation',
    'Unknown parameter in Tags[1]: "Key", must be one of: TagKey, TagValue',
  ],
])('unknown members are refused, and nothing is done: %j', async (request, code, message) => {
  const work = await workplace();
  const before = work.events().length;
  const { stdout, exitCode } = await work.kmsWith({ input: lines({ ...request, Id: 7 }) }, 'batch');
  expect(exitCode).toBe(254);
  const [answer] = answers(stdout);
  expect(answer).toMatchObject({ Error: { Code: code, Message: expect.stringContaining(message) } });
  expect(work.events().length).toBe(before);
});

test('a line is no longer than a request over HTTP; what comes after it is answered', async () => {
  const work = await workplace();
  const request = JSON.stringify({ Operation: 'ListAliases' });
  const input = [request.padEnd(1_048_576), request.padEnd(1_048_577), request, ''].join('\n');
  const { stdout, exitCode } = await work.kmsWith({ input }, 'batch');
  expect(exitCode).toBe(254);
  const message = 'the line has more than 1048576 bytes: expected {"Operation": "...", "Input": {...}}';
  expect(answers(stdout)).toMatchObject([
    { Output: {} },
    { Error: { Code: 'SerializationException', Message: message } },
    { Output: {} },
  ]);
});

test('an Id that is nested deeply is refused; what comes after it is answered', async () => {
  const work = await workplace();
  const line = (depth: number): string => `{"Operation":"ListKeys","Id":${'['.repeat(depth)}${']'.repeat(depth)}}\n`;
  const { stdout, stderr } = await work.kmsWith({ input: line(100_000) + line(100) }, 'batch');
  expect(stderr).toBe('');
  const Message = expect.stringContaining('Id is nested too deeply') as string;
  expect(answers(stdout)).toMatchObject([{ Error: { Code: 'SerializationException', Message } }, { Output: {} }]);
});

test('bytes that are not UTF-8 are refused, not replaced', async () => {
  const work = await workplace();
  const line = '{"Operation":"CreateKey","Input":{"Description":"\xff"}}\n{"Operation":"ListKeys"}\n';
  const { stdout } = await work.kmsWith({ input: Buffer.from(line, 'latin1') }, 'batch');
  expect(answers(stdout)).toMatchObject([{ Error: { Code: 'SerializationException' } }, { Output: { Keys: [] } }]);
});

test('--stop-on-error stops there; without failures the status is 0', async () => {
  const work = await workplace();
  const input = lines(
    { Operation: 'ListKeys' },
    { Operation: 'DescribeKey', Input: { KeyId: 'x' } },
    { Operation: 'ListKeys' },
  );
  const stopped = await work.kmsWith({ input }, 'batch', '--stop-on-error');
  expect(answers(stopped.stdout).length).toBe(2);
  expect(stopped.exitCode).toBe(254);
  const fine = await work.kmsWith({ input: lines({ Operation: 'ListKeys' }) }, 'batch');
  expect(fine.exitCode).toBe(0);
});

test('a program can ask, read the answer, and ask again', async () => {
  const work = await workplace();
  const child = spawn(process.execPath, [BIN, 'batch'], {
    cwd: work.folder,
    env: work.env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answered = createInterface(child.stdout)[Symbol.asyncIterator]();
  for (let round = 0; round < 3; round += 1) {
    child.stdin.write(lines({ Operation: 'CreateKey', Id: round }));
    const { value } = await answered.next();
    expect(JSON.parse(value as string)).toMatchObject({ Id: round, Output: { KeyMetadata: { Enabled: true } } });
  }
  child.stdin.end();
  await new Promise((closed) => child.on('close', closed));
});
