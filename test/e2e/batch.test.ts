/**
 * `kms batch`. The format of its lines is our own; answers are those of the API, and what is wrong with the members of an
 * input is said in the words of the AWS CLI (botocore, `validate.py`: "Unknown parameter in input").
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { execa } from 'execa';
import { BIN, createKey, workplace, type Workplace } from './command.ts';

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

test('an Id is answered as it is, or refused; whatever else is wrong with its line, it comes back', async () => {
  const work = await workplace();
  const ids = ['9007199254740991', '-1.5', '1e2', 'null', '"9007199254740993"', '[{"a":1}]'];
  const inexact = ['9007199254740993', '12345678901234567890', '1e400', '{"a":[-1e309]}'];
  const input = [
    ...[...ids, ...inexact].map((id) => `{"Operation":"ListKeys","Id":${id}}`),
    '{"Id":7}',
    '{"Operation":"ListKeys","Parameters":{},"Id":8}',
    '{"Operation":"ListKey","Id":9}',
  ];
  const answered = answers((await work.kmsWith({ input: input.join('\n') }, 'batch')).stdout);
  expect(answered.slice(0, ids.length)).toEqual(
    ids.map((id) => ({ Id: JSON.parse(id) as unknown, Output: expect.any(Object) as object })),
  );
  const Message = expect.stringContaining('Id has a number that is not exact: write it as a string') as string;
  const refused = inexact.map(() => ({ Error: { Code: 'SerializationException', Message } }));
  expect(answered.slice(ids.length, -3)).toEqual(refused);
  expect(answered.slice(-3)).toMatchObject([
    { Id: 7, Error: { Code: 'SerializationException' } },
    { Id: 8, Error: { Code: 'SerializationException' } },
    { Id: 9, Error: { Code: 'UnknownOperationException' } },
  ]);
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

/** A process that reads from a pipe and writes to one. */
function running(work: Workplace, ...args: string[]) {
  const child = spawn(process.execPath, [BIN, 'batch', ...args], {
    cwd: work.folder,
    env: work.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const read = createInterface(child.stdout)[Symbol.asyncIterator]();
  let stderr = '';
  child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
  child.stdin.on('error', () => {}); // its exit status tells
  const ended = new Promise<{ readonly code: number | null; readonly signal: string | null; readonly stderr: string }>(
    (resolve) => child.on('close', (code, signal) => resolve({ code, signal, stderr })),
  );
  const answer = async (): Promise<Record<string, unknown>> =>
    JSON.parse((await read.next()).value as string) as Record<string, unknown>;
  return { child, answer, ended };
}

const verified = async (work: Workplace): Promise<number | undefined> => (await work.kms('audit', 'verify')).exitCode;

test('100,000 requests are answered in order, with one event each, in a log that verifies', async () => {
  const work = await workplace();
  const before = work.events().length;
  const count = 100_000;
  const input = Array.from({ length: count }, (_, Id) => `{"Operation":"ListKeyPolicies","Input":{},"Id":${Id}}\n`);
  const { stdout } = await work.kmsWith({ input: input.join(''), maxBuffer: Infinity }, 'batch');
  const expected = stdout.slice(stdout.indexOf('{"Code"'), stdout.indexOf('}}') + 2);
  expect(stdout).toBe(Array.from({ length: count }, (_, Id) => `{"Id":${Id},"Error":${expected}\n`).join(''));
  expect(work.events().length - before).toBe(count);
  expect(await verified(work)).toBe(0);
}, 300_000);

test('requests that depend on those before them, in one write', async () => {
  const work = await workplace({ init: false });
  const KeyId = 'alias/chain';
  const env = { ...work.env, POCKET_KMS_KEYRING: undefined }; // where a keyring is made for the first key
  const { stdout } = await work.kmsWith(
    {
      env,
      input: lines(
        { Operation: 'CreateKey' },
        { Operation: 'Encrypt', Input: { KeyId, Plaintext: 'aGVsbG8=' } },
        { Operation: 'ListKeys' },
      ),
    },
    'batch',
  );
  const [created, refused, listed] = answers(stdout);
  const { KeyId: id } = (created!['Output'] as { KeyMetadata: { KeyId: string } }).KeyMetadata;
  expect(refused).toMatchObject({ Error: { Code: 'NotFoundException' } });
  expect(listed).toMatchObject({ Output: { Keys: [{ KeyId: id }] } });
  const aliased = await work.kmsWith(
    {
      env,
      input: lines(
        { Operation: 'CreateAlias', Input: { AliasName: KeyId, TargetKeyId: id } },
        { Operation: 'Encrypt', Input: { KeyId, Plaintext: 'aGVsbG8=' } },
        { Operation: 'DisableKey', Input: { KeyId: id } },
        { Operation: 'Encrypt', Input: { KeyId, Plaintext: 'aGVsbG8=' } },
      ),
    },
    'batch',
  );
  expect(answers(aliased.stdout)).toMatchObject([
    { Output: {} },
    { Output: { CiphertextBlob: expect.any(String) } },
    { Output: {} },
    { Error: { Code: 'DisabledException' } },
  ]);
});

test('when the input pauses, what has been asked is answered: in one piece, in several, and amid a line', async () => {
  const work = await workplace();
  const { child, answer, ended } = running(work);
  const request = (Id: number): string => lines({ Operation: 'ListKeys', Id });
  child.stdin.write(request(0) + request(1) + request(2));
  for (const Id of [0, 1, 2]) expect(await answer()).toMatchObject({ Id });
  child.stdin.write(request(3) + request(4).slice(0, 10));
  expect(await answer()).toMatchObject({ Id: 3 });
  child.stdin.write(request(4).slice(10) + request(5).trimEnd().replace('\n', '\r\n'));
  expect(await answer()).toMatchObject({ Id: 4 });
  child.stdin.end(); // the last line has no end
  expect(await answer()).toMatchObject({ Id: 5 });
  expect(await ended).toEqual({ code: 0, signal: null, stderr: '' });
});

test('lines may end in CRLF, and a blank line between them has no answer', async () => {
  const work = await workplace();
  const input = '{"Operation":"ListKeys","Id":1}\r\n\r\n \t\r\n{"Operation":"ListKeys","Id":2}\r\n';
  const { stdout, exitCode } = await work.kmsWith({ input }, 'batch');
  expect(answers(stdout)).toMatchObject([{ Id: 1 }, { Id: 2 }]);
  expect(exitCode).toBe(0);
});

test.each([
  ['a call', { Operation: 'DescribeKey', Input: { KeyId: 'x' } }],
  ['a line', 'not json'],
])('--stop-on-error: %s that fails, and nothing that is written with it is done', async (_, failing) => {
  const work = await workplace();
  const before = work.events().length;
  const { child, answer, ended } = running(work, '--stop-on-error');
  child.stdin.write(lines({ Operation: 'ListKeys', Id: 1 }, failing, { Operation: 'CreateKey' }, 'not json'));
  expect(await answer()).toMatchObject({ Id: 1, Output: {} });
  expect(await answer()).toMatchObject({ Error: {} });
  // the input is still open
  expect(await ended).toEqual({ code: 254, signal: null, stderr: '' });
  const names = work.events().map(({ eventName }) => eventName);
  expect(names.slice(before)).toEqual(typeof failing === 'string' ? ['ListKeys'] : ['ListKeys', 'DescribeKey']);
});

test('when nobody reads the answers any more, no more calls are made', async () => {
  const work = await workplace();
  const before = work.events().length;
  const { child, answer, ended } = running(work);
  child.stdin.write(lines({ Operation: 'ListKeys', Id: 1 }));
  expect(await answer()).toMatchObject({ Id: 1 });
  child.stdout.destroy();
  await new Promise((closed) => child.stdout.once('close', closed));
  child.stdin.write(lines({ Operation: 'ListKeys', Id: 2 }));
  expect(await ended).toEqual({ code: 0, signal: null, stderr: '' }); // the input is still open
  expect(work.events().length - before).toBe(2);
});

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('%s while it waits for input ends it', async (signal) => {
  const work = await workplace();
  const { child, answer, ended } = running(work);
  child.stdin.write(lines({ Operation: 'CreateKey', Id: 1 }));
  expect(await answer()).toMatchObject({ Id: 1 });
  child.kill(signal);
  expect(await ended).toEqual({ code: null, signal, stderr: '' });
  expect(await verified(work)).toBe(0);
});

test('killed amid many requests: what was answered is there', async () => {
  const work = await workplace();
  for (const wanted of [1, 65, 300]) {
    const { child, ended } = running(work);
    const Plaintext = 'aGVsbG8=';
    const made = [{ Operation: 'CreateKey' }, { Operation: 'Encrypt', Input: { KeyId: 'x', Plaintext } }];
    child.stdin.write(lines(...Array.from({ length: 500 }, () => made).flat()));
    let read = '';
    child.stdout.on('data', (piece: Buffer) => {
      read += piece.toString();
      if (answers(read.slice(0, read.lastIndexOf('\n') + 1)).length >= wanted) child.kill('SIGKILL');
    });
    await ended;
    const whole = answers(read.slice(0, read.lastIndexOf('\n') + 1));
    const keys = whole.flatMap(({ Output }) =>
      Output ? [(Output as { KeyMetadata: { KeyId: string } }).KeyMetadata] : [],
    );
    expect(keys.length).toBeGreaterThan(0);
    const { Keys } = (await work.json('list-keys', '--query', '{Keys: Keys[].KeyId}')) as { Keys: string[] };
    expect(Keys).toEqual(expect.arrayContaining(keys.map(({ KeyId }) => KeyId)));
    const events = work.events().filter(({ eventName }) => eventName === 'Encrypt');
    expect(events.length).toBeGreaterThanOrEqual(whole.length - keys.length);
    expect(await verified(work)).toBe(0);
  }
}, 120_000);

test('a folder as standard input is an error, and a closed one has no requests', async () => {
  const work = await workplace();
  const shell = (words: string) =>
    execa('sh', ['-c', `"$0" "$1" ${words}`, process.execPath, BIN], {
      cwd: work.folder,
      env: work.env,
      extendEnv: false,
      reject: false,
    });
  // the same words for all that reads it, and no others for what it is
  for (const [command, exitCode] of [
    ['batch', 253],
    ['apply -', 253],
    ['lint -', 2],
  ] as const) {
    const stderr = '\nkms: [ERROR]: standard input is a folder';
    expect(await shell(`${command} < .`)).toMatchObject({ exitCode, stdout: '', stderr });
  }
  expect(await shell('batch <&-')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
});
