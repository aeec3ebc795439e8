/** `kms unlock`, calls through the agent, `kms lock`; and what others may put in their way. */
import { execa } from 'execa';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { frame, FrameReader } from '../../src/frontends/agent/frame.ts';
import { BIN, createKey, workplace, type Workplace } from './command.ts';

const OTHER = 12_345;
const RELAY = join(import.meta.dirname, '../support/pipe-relay.ts');
const PASSPHRASE = 'correct horse battery staple';

interface Locked extends Workplace {
  /** The folder of agents. */
  readonly agents: string;
  readonly key: string;
  readonly passphrase: string;
  readonly encrypt: readonly string[];
}

/** A keyring that only a passphrase unlocks, with a key. */
async function locked(env: NodeJS.ProcessEnv = {}): Promise<Locked> {
  const plain = await workplace({ init: false });
  const runtime = join(plain.folder, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const all = { ...plain.env, XDG_RUNTIME_DIR: runtime, ...env };
  const work = { ...plain, env: all };
  const kmsWith: Workplace['kmsWith'] = (options, ...args) => plain.kmsWith({ env: all, ...options }, ...args);
  const text: Workplace['text'] = async (...args) => {
    const { stdout, stderr, exitCode } = await kmsWith({}, ...args);
    if (exitCode !== 0) throw new Error(`kms ${args.join(' ')} exited ${exitCode}: ${stderr}`);
    return stdout;
  };
  const passphrase = join(plain.folder, 'passphrase');
  writeFileSync(passphrase, PASSPHRASE, { mode: 0o600 });
  await text('init', '--account-id', '111122223333', '--passphrase-file', passphrase);
  const made = await text(
    'create-key',
    '--passphrase-file',
    passphrase,
    '--query',
    'KeyMetadata.KeyId',
    '--output',
    'text',
  );
  const key = made.trim();
  const agents = join(runtime, 'pocket-kms');
  onTestFinished(() => {
    for (const { pid } of filesIn(agents)) kill(pid, 'SIGKILL');
  });
  return {
    ...work,
    kmsWith,
    text,
    kms: (...args) => kmsWith({}, ...args),
    json: async (...args) => JSON.parse(await text(...args)) as Record<string, unknown>,
    agents,
    key,
    passphrase,
    encrypt: ['encrypt', '--key-id', key, '--plaintext', 'aGVsbG8='],
  };
}

interface Written {
  readonly path: string;
  readonly socket: string;
  readonly pid: number;
  readonly callerProof: string;
  readonly agentProof: string;
  readonly version: string;
}

function filesIn(folder: string): readonly Written[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => written(join(folder, name)));
  } catch {
    return [];
  }
}

/** The socket of an agent, and its channels. */
const waysIn = ({ agents }: Locked, { socket }: Written): readonly string[] =>
  readdirSync(agents)
    .filter((name) => name.startsWith(socket))
    .map((name) => join(agents, name));

const written = (path: string): Written => ({ ...(JSON.parse(readFileSync(path, 'utf8')) as Written), path });

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended
  }
}

const unlock = (work: Locked, ...args: readonly string[]): Promise<Record<string, unknown>> =>
  work.json('unlock', '--passphrase-file', work.passphrase, ...args);

const isLocked = async (work: Locked): Promise<void> => {
  const { exitCode, stdout, stderr } = await work.kms(...work.encrypt);
  expect([exitCode, stdout, stderr]).toEqual([253, '', expect.stringContaining('the keyring is locked')]);
};

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries > 200) throw new Error('it did not happen');
    await new Promise((resolve) => void setTimeout(resolve, 100));
  }
}

test('from unlock to lock', async () => {
  const work = await locked();
  await isLocked(work);
  expect(await work.json('agent', 'status')).toEqual({ Keyring: work.keyring, Unlocked: false });
  // execa waits for the end of its output, as $(kms unlock) does
  const started = await unlock(work);
  expect(started).toMatchObject({ Keyring: work.keyring, Unlocked: true, Calls: 0 });
  const sealed = await work.json(...work.encrypt);
  const opened = await work.json('decrypt', '--ciphertext-blob', String(sealed['CiphertextBlob']));
  expect(opened['Plaintext']).toBe('aGVsbG8=');
  expect(await work.json('agent', 'status')).toMatchObject({
    Unlocked: true,
    Calls: 2,
    ProcessId: started['ProcessId'],
  });
  expect(work.events().map((event) => event['eventName'])).toEqual(['CreateKey', 'Encrypt', 'Decrypt']);
  expect(await work.json('lock')).toEqual({ Keyring: work.keyring, WasUnlocked: true });
  await until(() => !existsSync(work.agents));
  expect(await work.json('lock')).toEqual({ Keyring: work.keyring, WasUnlocked: false });
  await isLocked(work);
  expect(await work.json('audit', 'verify', '--passphrase-file', work.passphrase)).toMatchObject({ Valid: true });
});

test('the process has neither secrets nor the variables of the shell that started it', async () => {
  const work = await locked({ AWS_SECRET_ACCESS_KEY: 'secret-of-the-shell' });
  const { ProcessId: pid } = await unlock(work);
  const of = (name: string): string => readFileSync(`/proc/${String(pid)}/${name}`, 'utf8');
  expect(of('environ')).not.toContain('secret-of-the-shell');
  expect(of('cmdline').split('\0').slice(1)).toEqual([BIN, '__agent', '']);
  expect(of('environ') + of('cmdline')).not.toContain(PASSPHRASE);
});

test('a call through it loads none of the larger modules of Node.js', async () => {
  const work = await locked();
  await unlock(work);
  const list = join(work.folder, 'loaded');
  const watch = join(work.folder, 'watch.cjs');
  const save = `require('node:fs').writeFileSync(${JSON.stringify(list)}, process.moduleLoadList.join('\\n'))`;
  writeFileSync(watch, `process.on('exit', () => ${save})`);
  const args = ['--require', watch, BIN, ...work.encrypt];
  const loaded = async (...more: readonly string[]): Promise<readonly string[]> => {
    await execa(process.execPath, [...args, ...more], { cwd: work.folder, env: work.env, extendEnv: false });
    return ['crypto', 'sqlite', 'net'].filter((name) =>
      readFileSync(list, 'utf8').split('\n').includes(`NativeModule ${name}`),
    );
  };
  expect(await loaded()).toEqual([]);
  expect(await loaded('--passphrase-file', work.passphrase)).toEqual(['crypto', 'sqlite']);
});

test('answers, errors and events are those of calls without it', async () => {
  const work = await locked();
  const lines = [
    ['describe-key', '--key-id', work.key],
    ['list-keys', '--max-items', '1'],
    ['encrypt', '--key-id', 'missing', '--plaintext', 'aGk='],
    ['decrypt', '--ciphertext-blob', 'AAAA'],
    ['create-alias', '--alias-name', 'no', '--target-key-id', work.key],
    ['sign', '--key-id', work.key, '--message', 'aGk=', '--signing-algorithm', 'ECDSA_SHA_256'],
    ['list-keys', '--as', 'arn:aws:iam::111122223333:role/reader', '--source-ip', '192.0.2.1'],
    ['list-keys', '--region', 'eu-west-1'],
    ['list-keys', '--region', 'nowhere'],
    ['list-keys', '--session-policy', '{"Version":"2012-10-17","Statement":[]}'],
    ['encrypt', '--key-id', work.key],
  ];
  const tell = ({
    eventName,
    userIdentity,
    errorCode,
    errorMessage,
    awsRegion,
    sourceIPAddress,
    userAgent,
    requestParameters,
  }: Record<string, unknown>) => ({
    eventName,
    userIdentity,
    errorCode,
    errorMessage,
    awsRegion,
    sourceIPAddress,
    userAgent,
    requestParameters,
  });
  const passOf = async (...more: readonly string[]) => {
    const before = work.events().length;
    const ran = [];
    for (const line of lines) ran.push(await work.kms(...line, ...more));
    return { ran, events: work.events().slice(before).map(tell) };
  };
  const usual = await passOf('--passphrase-file', work.passphrase);
  await unlock(work);
  expect(await passOf()).toEqual(usual);
  expect((await work.json('agent', 'status'))['Calls']).toBeGreaterThanOrEqual(7);
  expect(usual.ran.map(({ exitCode }) => exitCode)).toContain(254);
  // what explains a call, or shows its way, is not made by the agent
  for (const option of ['--why', '--debug']) expect((await work.kms(...work.encrypt, option)).exitCode).toBe(253);
});

test('a hint asks the agent for the alias', async () => {
  const work = await locked();
  await unlock(work);
  await work.text('create-alias', '--alias-name', 'alias/app', '--target-key-id', work.key);
  const { stderr } = await work.kms('encrypt', '--key-id', 'app', '--plaintext', 'aGk=');
  expect(stderr).toContain('did you mean --key-id alias/app?');
});

test('pages of a list', async () => {
  const work = await locked();
  await unlock(work);
  for (let at = 0; at < 4; at += 1) await createKey(work);
  const listed = await work.json('list-keys', '--page-size', '2');
  expect(listed['Keys']).toHaveLength(5);
  expect(work.events().filter((event) => event['eventName'] === 'ListKeys')).toHaveLength(3);
});

test.each(['--key-file', '--passphrase-file', 'POCKET_KMS_KEY_FILE', 'POCKET_KMS_PASSPHRASE_FILE'])(
  'a wrong key or passphrase by %s fails, whatever the agent has',
  async (how) => {
    const work = await locked();
    await unlock(work);
    const wrong = join(work.folder, 'wrong');
    writeFileSync(wrong, 'wrong', { mode: 0o600 });
    const ran = how.startsWith('--')
      ? await work.kms(...work.encrypt, how, wrong)
      : await work.kmsWith({ env: { ...work.env, [how]: wrong } }, ...work.encrypt);
    expect([ran.exitCode, ran.stdout]).toEqual([253, '']);
  },
);

test.each([
  ['--for', ['--for', '1s']],
  ['--idle', ['--idle', '1s']],
])('%s ends it', async (_, options) => {
  const work = await locked();
  await unlock(work, ...options);
  await until(() => !existsSync(work.agents));
  await isLocked(work);
});

test.each(['0s', '8 hours', '8d', '-1h'])('%s is no time for it', async (time) => {
  const work = await locked();
  const { exitCode, stderr } = await work.kms('unlock', '--passphrase-file', work.passphrase, `--for=${time}`);
  expect([exitCode, stderr]).toEqual([253, expect.stringContaining('not a valid duration')]);
  expect(existsSync(work.agents)).toBe(false);
});

test('a locked screen locks the keyring', async () => {
  const work = await locked({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' });
  const bin = join(work.folder, 'bin');
  mkdirSync(bin);
  const signal = { type: 'signal', member: 'ActiveChanged', payload: { type: 'b', data: [true] } };
  const script = `#!/bin/sh\nwhile [ ! -e '${work.folder}/dark' ]; do sleep 0.1; done\necho '${JSON.stringify(signal)}'\nsleep 60\n`;
  writeFileSync(join(bin, 'busctl'), script, { mode: 0o755 });
  const env = { ...work.env, PATH: `${bin}:${work.env['PATH']}` };
  expect((await work.kmsWith({ env }, 'unlock', '--passphrase-file', work.passphrase)).exitCode).toBe(0);
  await work.text(...work.encrypt);
  writeFileSync(join(work.folder, 'dark'), '');
  await until(() => !existsSync(work.agents));
  await isLocked(work);
});

describe('one that is gone', () => {
  test('was killed: calls go the usual way, and another one can be started', async () => {
    const work = await locked();
    const { ProcessId: pid } = await unlock(work);
    await work.text(...work.encrypt);
    kill(Number(pid), 'SIGKILL');
    await isLocked(work);
    expect(await work.json('agent', 'status')).toMatchObject({ Unlocked: false });
    await unlock(work);
    await work.text(...work.encrypt);
    const [file, ...others] = filesIn(work.agents);
    expect(others).toEqual([]);
    expect(readdirSync(work.agents)).toHaveLength(1 + waysIn(work, file!).length); // nothing is left of the other one
    expect(await work.json('audit', 'verify', '--passphrase-file', work.passphrase)).toMatchObject({ Valid: true });
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)('%s ends it in order', async (signal) => {
    const work = await locked();
    const { ProcessId: pid } = await unlock(work);
    kill(Number(pid), signal);
    await until(() => !existsSync(work.agents));
    await isLocked(work);
  });

  test('the end of the login session, which removes its folder', async () => {
    const work = await locked();
    const { ProcessId: pid } = await unlock(work);
    rmSync(work.agents, { recursive: true });
    await until(() => !existsSync(`/proc/${String(pid)}`));
  });
});

test('unlocking again begins anew', async () => {
  const work = await locked();
  const first = await unlock(work);
  const second = await unlock(work, '--for', '1h');
  expect(second['ProcessId']).not.toBe(first['ProcessId']);
  await until(() => !existsSync(`/proc/${String(first['ProcessId'])}`));
  expect(filesIn(work.agents).map(({ pid }) => pid)).toEqual([second['ProcessId']]);
  const { exitCode } = await work.kms('unlock'); // it has to be unlocked for that
  expect(exitCode).toBe(253);
});

test('two at once leave one', async () => {
  const work = await locked();
  const ran = await Promise.all([1, 2, 3].map(() => work.kms('unlock', '--passphrase-file', work.passphrase)));
  expect(ran.map(({ exitCode }) => exitCode)).toContain(0);
  await work.text(...work.encrypt);
  const { pid } = filesIn(work.agents)[0]!;
  await work.text('lock');
  await until(() => !existsSync(`/proc/${pid}`));
  expect(existsSync(work.agents)).toBe(false);
});

describe('a keyring that is put back', () => {
  test.each([
    ['over the file', (from: string, to: string) => copyFileSync(from, to), 'put back to an earlier state'],
    ['in the place of the file', (from: string, to: string) => renameSync(from, to), 'was replaced'],
  ])('%s is refused until kms lock', async (_, put, message) => {
    const work = await locked();
    const [old, oldLog] = [join(work.folder, 'old.db'), join(work.folder, 'old.jsonl')];
    for (const end of ['', '.head']) copyFileSync(`${work.log}${end}`, `${oldLog}${end}`);
    copyFileSync(work.keyring, old);
    await unlock(work);
    await work.text('disable-key', '--key-id', work.key);
    put(old, work.keyring);
    chmodSync(work.keyring, 0o600);
    for (const end of ['', '.head']) copyFileSync(`${oldLog}${end}`, `${work.log}${end}`);
    const { exitCode, stdout, stderr } = await work.kms(...work.encrypt);
    expect([exitCode, stdout, stderr]).toEqual([253, '', expect.stringContaining(message)]);
    expect(stderr).toContain('hint: the agent has it open: kms lock ends the agent');
    await work.text('lock');
  });
});

describe('not used', () => {
  const change = (file: Written, members: Partial<Record<string, unknown>>): void => {
    const { path, ...rest } = file;
    writeFileSync(path, JSON.stringify({ ...rest, ...members }), { mode: 0o600 });
  };
  test.each<[string, (work: Locked, file: Written) => void]>([
    ['an agent of another version', (_, file) => change(file, { version: 'pocket-kms/0.0.1' })],
    ['an agent of another keyring file', (_, file) => change(file, { keyring: '/elsewhere/keyring.db' })],
    ['a file with another proof', (_, file) => change(file, { agentProof: '0'.repeat(64) })],
    ['a caller with another proof', (_, file) => change(file, { callerProof: '0'.repeat(64) })],
    ['a file that others can read', (_, file) => chmodSync(file.path, 0o644)],
    ['a file of another user', (_, file) => chownSync(file.path, OTHER, OTHER)],
    ['a file that is malformed', (_, file) => writeFileSync(file.path, '{')],
    [
      'a link',
      (work, file) => {
        renameSync(file.path, join(work.folder, 'file'));
        symlinkSync(join(work.folder, 'file'), file.path);
      },
    ],
    [
      'a socket and channels that others can open',
      (work, file) => waysIn(work, file).forEach((path) => chmodSync(path, 0o666)),
    ],
    [
      'a socket and channels of another user',
      (work, file) => waysIn(work, file).forEach((path) => chownSync(path, OTHER, OTHER)),
    ],
    ['a folder that others can enter', (work) => chmodSync(work.agents, 0o755)],
    ['a folder of another user', (work) => chownSync(work.agents, OTHER, OTHER)],
    [
      'a folder that is a link',
      (work) => {
        renameSync(work.agents, join(work.folder, 'moved'));
        symlinkSync(join(work.folder, 'moved'), work.agents);
      },
    ],
  ])('%s', async (_, tamper) => {
    const work = await locked();
    const { ProcessId: pid } = await unlock(work);
    onTestFinished(() => kill(Number(pid), 'SIGKILL'));
    await work.text(...work.encrypt);
    tamper(work, filesIn(work.agents)[0]!);
    await isLocked(work);
  });

  test('where another fingerprint is trusted', async () => {
    const work = await locked();
    const { KeyringId } = await unlock(work);
    const env = { ...work.env, POCKET_KMS_TRUST: `${String(KeyringId)}:${'0'.repeat(32)}` };
    expect((await work.kmsWith({ env }, ...work.encrypt)).exitCode).toBe(253);
  });

  test('for a keyring file that others can write', async () => {
    const work = await locked();
    await unlock(work);
    chmodSync(work.keyring, 0o666);
    const { exitCode, stderr } = await work.kms(...work.encrypt);
    expect([exitCode, stderr]).toEqual([253, expect.stringContaining('is writable by other users')]);
  });
});

describe('kms unlock without a folder for it', () => {
  test('XDG_RUNTIME_DIR is not set', async () => {
    const work = await locked({ XDG_RUNTIME_DIR: undefined });
    const { exitCode, stderr } = await work.kms('unlock', '--passphrase-file', work.passphrase);
    expect([exitCode, stderr]).toEqual([253, expect.stringContaining('XDG_RUNTIME_DIR is not set')]);
  });
  test.each([
    ['others can enter it', (folder: string) => mkdirSync(folder, { mode: 0o755 })],
    ['it is a file', (folder: string) => writeFileSync(folder, '')],
  ])('%s', async (_, make) => {
    const work = await locked();
    make(work.agents);
    const { exitCode, stderr } = await work.kms('unlock', '--passphrase-file', work.passphrase);
    expect([exitCode, stderr]).toEqual([253, expect.stringContaining(work.agents)]);
  });
});

/** A process of this user that answers in the place of an agent. */
async function impostor(
  work: Locked,
  way: 'socket' | 'channel',
  answer: (message: unknown, file: Written) => unknown,
): Promise<readonly unknown[]> {
  const { ProcessId: pid } = await unlock(work);
  kill(Number(pid), 'SIGKILL');
  const file = filesIn(work.agents)[0]!;
  const socket = join(work.agents, file.socket);
  rmSync(socket);
  const got: unknown[] = [];
  const serve = (input: Readable, output: Writable): void => {
    const reader = new FrameReader();
    input.on('error', () => {});
    input.on('data', (bytes: Uint8Array) => {
      for (const message of reader.push(bytes)) {
        got.push(message);
        const said = answer(message, file);
        if (said === 'end') for (const one of [input, output]) one.destroy();
        else if (said instanceof Uint8Array) output.write(said);
        else if (said !== undefined) output.write(frame(said));
      }
    });
  };
  if (way === 'channel') {
    // one that the agent has left
    const question = waysIn(work, file).find((path) => path.endsWith('.question'))!;
    const relay = spawn(process.execPath, [RELAY, question, question.replace(/question$/, 'answer')]);
    serve(relay.stdout, relay.stdin);
    onTestFinished(() => void relay.kill());
    await until(() =>
      readdirSync(`/proc/${relay.pid}/fd`).some((fd) => linkOf(`/proc/${relay.pid}/fd/${fd}`) === question),
    );
    return got;
  }
  const server = createServer((peer) => serve(peer, peer));
  await new Promise<void>((resolve) => void server.listen(socket, resolve));
  chmodSync(socket, 0o600);
  onTestFinished(() => void server.close());
  return got;
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // closed by now
  }
}

const isHello = (message: unknown): boolean => JSON.stringify(message).includes('"hello"');

describe.each(['socket', 'channel'] as const)('a peer that is none, behind a %s', (way) => {
  test.each([
    ['says nothing', () => undefined],
    ['has no proof', () => ({ proof: '0'.repeat(64) })],
    ['hangs up', () => 'end'],
    ['sends noise', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('%s: it gets no call, which goes the usual way', async (_, answer) => {
    const work = await locked();
    const got = await impostor(work, way, answer);
    await isLocked(work);
    expect(got).toHaveLength(1);
    expect(got.every(isHello)).toBe(true);
  });

  test.each([
    ['hangs up', 'end'],
    ['sends noise', Buffer.from('\0\0\0\x02{}')],
    ['sends an answer of no form', { answer: 'output' }],
  ])('takes a call and %s: an error, and no second call', async (_, said) => {
    const work = await locked();
    await impostor(work, way, (message, { agentProof }) => (isHello(message) ? { proof: agentProof } : said));
    const { exitCode, stdout, stderr } = await work.kms(...work.encrypt);
    expect([exitCode, stdout, stderr]).toEqual([253, '', expect.stringContaining('did not answer the call')]);
    expect(stderr).toContain('hint: whether the call took effect is not known');
    expect(work.events().map((event) => event['eventName'])).toEqual(['CreateKey']);
  });

  test('refuses the call: it goes the usual way', async () => {
    const work = await locked();
    await impostor(work, way, (message, { agentProof }) =>
      isHello(message) ? { proof: agentProof } : { answer: 'refused' },
    );
    await isLocked(work);
  });
});

test('clients that are none change nothing', async () => {
  const work = await locked();
  await unlock(work);
  const { socket, callerProof, version } = filesIn(work.agents)[0]!;
  const hello = { hello: 'pocket-kms agent 1', version, proof: callerProof };
  const call = { ask: 'call', operation: 'ListKeys', input: {}, origin: { userAgent: 'x' } };
  const length = Buffer.from('ffffffff', 'hex');
  const sent: readonly (readonly [bytes: Uint8Array, answers: number])[] = [
    [Buffer.from('GET / HTTP/1.1\r\n\r\n'), 0],
    [length, 0],
    [frame(call), 0],
    [frame({ ...hello, proof: '0'.repeat(64) }), 0],
    [Buffer.concat([frame(hello), frame(call)]), 1],
    [frame({ ...hello, hello: 'pocket-kms agent 2' }), 0],
    [frame({ ...hello, more: 'x'.repeat(5_000) }), 0],
  ];
  for (const [bytes, answers] of sent) expect(await said(join(work.agents, socket), [bytes])).toHaveLength(answers);
  const path = join(work.agents, socket);
  expect(await said(path, [frame(hello), length])).toHaveLength(1);
  expect(await said(path, [frame(hello), frame({ ask: 'other' })])).toHaveLength(1);
  expect(await said(path, [frame(hello), Buffer.concat([frame(call), frame(call)])])).toHaveLength(1);
  const other = frame({ ...hello, version: 'pocket-kms/0.0.1' });
  expect((await said(path, [other, frame(call)]))[1]).toEqual({ answer: 'refused' });
  const unknown = frame({ ...call, operation: 'toString' });
  expect((await said(path, [frame(hello), unknown]))[1]).toEqual({ answer: 'refused' });
  await work.text(...work.encrypt);
});

/** What the agent answers to bytes, each sent after an answer to those before. */
function said(path: string, pieces: readonly Uint8Array[]): Promise<readonly unknown[]> {
  const { promise, resolve } = Promise.withResolvers<readonly unknown[]>();
  const socket = connect(path);
  const [reader, answers, rest] = [new FrameReader(), [] as unknown[], [...pieces]];
  const next = (): void => {
    const piece = rest.shift();
    if (piece) socket.write(piece);
    else setTimeout(() => socket.destroy(), 300);
  };
  socket.on('data', (bytes: Uint8Array) => {
    answers.push(...reader.push(bytes));
    next();
  });
  socket.on('error', () => {});
  socket.on('close', () => resolve(answers));
  next();
  setTimeout(() => socket.destroy(), 3000);
  return promise;
}

test('many calls at once, and the lock among them: each is answered once, or goes the usual way', async () => {
  const work = await locked();
  await unlock(work);
  const calls = Array.from({ length: 8 }, () =>
    execa(process.execPath, [BIN, ...work.encrypt], {
      cwd: work.folder,
      env: work.env,
      extendEnv: false,
      reject: false,
    }),
  );
  const [, ...ran] = await Promise.all([work.text('lock'), ...calls]);
  const made = ran.filter(({ exitCode }) => exitCode === 0).length;
  for (const { exitCode, stderr } of ran) {
    if (exitCode !== 0) expect([exitCode, stderr]).toEqual([253, expect.stringContaining('the keyring is locked')]);
  }
  expect(work.events().filter((event) => event['eventName'] === 'Encrypt')).toHaveLength(made);
});

test('more calls than there are channels at first, and more at once: each is answered once', async () => {
  const work = await locked();
  await unlock(work);
  const call = () =>
    execa(process.execPath, [BIN, ...work.encrypt], { cwd: work.folder, env: work.env, extendEnv: false });
  for (let round = 0; round < 3; round += 1) await Promise.all(Array.from({ length: 16 }, call));
  expect((await work.json('agent', 'status'))['Calls']).toBe(48);
  expect(work.events().filter((event) => event['eventName'] === 'Encrypt')).toHaveLength(48);
  expect(waysIn(work, filesIn(work.agents)[0]!).length).toBeGreaterThan(2);
});

test.each([
  ['there is none', undefined],
  ['it fails', 'exit 1'],
  ['it makes one, and fails', 'mkfifo -m 600 "$3"; exit 1'],
  ['it makes none', 'exit 0'],
  ['it makes files', 'shift 2; touch "$@"'],
  ['it makes pipes that others can open', 'shift 2; for one; do /usr/bin/mkfifo -m 666 "$one"; done'],
  ['it hangs', 'exec sleep 60'],
])('without channels, calls use the socket: mkfifo on PATH: %s', async (_, script) => {
  const work = await locked();
  const bin = join(work.folder, 'bin');
  mkdirSync(bin);
  if (script !== undefined) {
    writeFileSync(join(bin, 'mkfifo'), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`, { mode: 0o755 });
  }
  const env = { ...work.env, PATH: bin };
  const { exitCode } = await work.kmsWith({ env }, 'unlock', '--passphrase-file', work.passphrase);
  expect(exitCode).toBe(0);
  expect(waysIn(work, filesIn(work.agents)[0]!)).toHaveLength(1);
  await work.text(...work.encrypt);
});
