/** `kms serve` as a process: its start, its signals, and its sudden end. */
import { CreateKeyCommand, DescribeKeyCommand, EncryptCommand, KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { execa } from 'execa';
import { once } from 'node:events';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BIN, createKey, SCRIPT, workplace, type Workplace } from '../../e2e/command.ts';

interface Served {
  readonly url: string;
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly said: () => string;
  /** Signs with these; else with what the credentials file says, if there is one, or with anything. */
  readonly client: (credentials?: Credentials) => KMSClient;
  readonly kms: KMSClient;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const ANY: Credentials = { accessKeyId: 'any', secretAccessKey: 'thing' };

async function served(work: Workplace, ...args: string[]): Promise<Served> {
  const child = spawn(process.execPath, [BIN, 'serve', ...args], { cwd: work.folder, env: work.env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  const first = new Promise<string>((resolve) =>
    child.stdout.once('data', (piece: Buffer) => resolve(piece.toString())),
  );
  const line = await Promise.race([first, ended.then(({ code }) => `exit ${code}: ${said}`)]);
  const url = line.trim();
  const file = args[args.indexOf('--credentials-file') + 1]!;
  const own = args.includes('--credentials-file') ? credentialsIn(join(work.folder, file)) : ANY;
  const client = (credentials = own): KMSClient =>
    new KMSClient({
      endpoint: url.startsWith('http') ? url : 'http://localhost',
      region: 'us-east-1',
      credentials,
      maxAttempts: 1,
    });
  return { url, child, ended, said: () => said, client, kms: client() };
}

function credentialsIn(path: string): Credentials {
  const text = readFileSync(path, 'utf8');
  const value = (name: string): string => new RegExp(`^${name} = (\\S+)$`, 'm').exec(text)![1]!;
  return { accessKeyId: value('aws_access_key_id'), secretAccessKey: value('aws_secret_access_key') };
}

const keyOf = (made: Record<string, unknown>): Credentials => ({
  accessKeyId: made['AccessKeyId'] as string,
  secretAccessKey: made['SecretAccessKey'] as string,
});

const MKFIFO = ['/usr/bin', 'mkfifo'].join('/');
/** A program that is told nothing of the server: what it needs is in its environment. */
const PROGRAM = `
  import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
  const { Keys } = await new KMSClient().send(new ListKeysCommand({}));
  console.log(Keys.length);`;
const LOOPBACK = ['--listen', '127.0.0.1:0'];
const ANYWHERE = [...LOOPBACK, '--credentials-file', 'credentials'];
const ROOT = 'arn:aws:iam::111122223333:root';
const NO_KEY = 'security token';

describe('who is let in', () => {
  test('no caller by an import token: it is not a session token under any name or with any secret', async () => {
    const work = await workplace();
    const made = keyOf(await work.json('identity', 'create-access-key', ROOT));
    const external = (await work.text('create-key', '--origin', 'EXTERNAL', '--query', 'KeyMetadata.KeyId')).trim();
    const wrapping = ['--wrapping-algorithm', 'RSAES_OAEP_SHA_256', '--wrapping-key-spec', 'RSA_2048'];
    const parameters = await work.json('get-parameters-for-import', '--key-id', JSON.parse(external), ...wrapping);
    const sessionToken = Buffer.from(parameters['ImportToken'] as string, 'base64').toString('base64url');
    const { client } = await served(work, ...LOOPBACK);
    const list = (credentials: Credentials): Promise<unknown> => client(credentials).send(new ListKeysCommand({}));
    await list(made);
    for (const accessKeyId of ['import-token', 'importToken', 'ASIAAAAAAAAAAAAAAAAA', made.accessKeyId]) {
      for (const secretAccessKey of ['', 'undefined', made.secretAccessKey]) {
        await expect(list({ accessKeyId, secretAccessKey, sessionToken })).rejects.toThrow(NO_KEY);
      }
    }
  });

  test('a caller that can read the credentials file, which exists as long as the server', async () => {
    const work = await workplace();
    const path = join(work.folder, 'credentials');
    const { url, said, client, child, ended } = await served(work, ...ANYWHERE);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toContain(`region = us-east-1\nendpoint_url = ${url}\n`);
    expect(said()).toBe(
      `kms: requests must be signed with the temporary access key of this server (calls are made as ${ROOT})\n` +
        'kms: the access key is in credentials: set AWS_SHARED_CREDENTIALS_FILE to this path\n',
    );
    const id = await createKey(work);
    const { Keys } = await client().send(new ListKeysCommand({}));
    expect(Keys!.map(({ KeyId }) => KeyId)).toEqual([id]);
    const env = { HOME: work.folder, AWS_SHARED_CREDENTIALS_FILE: path };
    const options = { env, extendEnv: false, cwd: import.meta.dirname };
    const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', PROGRAM], options);
    expect(stdout).toBe('1');
    await expect(client(ANY).send(new ListKeysCommand({}))).rejects.toThrow(NO_KEY);
    const own = credentialsIn(path);
    await expect(client({ ...own, secretAccessKey: 'x' }).send(new ListKeysCommand({}))).rejects.toThrow('signature');
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(existsSync(path)).toBe(false);
    for (const file of [work.keyring, work.log])
      expect(readFileSync(file, 'latin1')).not.toContain(own.secretAccessKey);
    const next = await served(work, ...ANYWHERE);
    await expect(next.client(own).send(new ListKeysCommand({}))).rejects.toThrow(NO_KEY);
  });

  test('without a terminal, a credentials file or access keys: no caller, so it does not start', async () => {
    const work = await workplace();
    const { exitCode, stdout, stderr } = await work.kms('serve', ...LOOPBACK);
    expect([exitCode, stdout]).toEqual([253, '']);
    expect(stderr).toContain('there is no terminal to show a temporary one on');
    for (const way of ['--credentials-file', 'create-access-key', '--socket', '--no-verify-signatures']) {
      expect(stderr).toMatch(new RegExp(`^hint: .*${way}`, 'm'));
    }
    expect(readdirSync(dirname(work.keyring)).toSorted()).toEqual(['audit.jsonl', 'keyring.db']);
  });

  test('on a terminal it is shown what a client needs, and that is all that a client needs', async () => {
    const work = await workplace();
    await createKey(work);
    const shell = spawn(SCRIPT, ['-qec', `"${process.execPath}" "${BIN}" serve --listen 127.0.0.1:0`, '/dev/null'], {
      cwd: work.folder,
      env: { ...work.env, SHELL: '/bin/sh' },
    });
    onTestFinished(() => void shell.kill('SIGKILL'));
    let screen = '';
    shell.stdout.setEncoding('utf8');
    for await (const piece of shell.stdout as AsyncIterable<string>) {
      screen += piece;
      if (/^http:/m.test(screen)) break;
    }
    const lines = screen.replaceAll('\r\n', '\n').split('\n');
    expect(lines[0]).toContain('requests must be signed with the temporary access key of this server');
    const exports = Object.fromEntries(
      lines.filter((line) => line.startsWith('export ')).map((line) => line.slice(7).split(/=(.*)/, 2)),
    ) as Record<string, string>;
    expect(Object.keys(exports)).toEqual([
      'AWS_ENDPOINT_URL_KMS',
      'AWS_ENDPOINT_URL_STS',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_REGION',
      'AWS_DEFAULT_REGION',
    ]);
    const env = { PATH: process.env['PATH'], HOME: work.folder, AWS_SESSION_TOKEN: 'of another life', EXPORTS: '' };
    env.EXPORTS = lines.filter((line) => /^(?:export|unset) /.test(line)).join('\n');
    const run = `eval "$EXPORTS"; exec "${process.execPath}" --input-type=module -e "$0"`;
    const seen = await execa('sh', ['-c', run, PROGRAM], { env, extendEnv: false, cwd: import.meta.dirname });
    expect(seen.stdout).toBe('1');
    expect(readFileSync(work.log, 'latin1')).not.toContain(exports['AWS_SECRET_ACCESS_KEY']);
    shell.kill('SIGHUP');
  });

  test('on a socket file: its owner, with any credentials, from the moment that it is there', async () => {
    const work = await workplace();
    const path = join(work.folder, 'kms.sock');
    const modes: number[] = [];
    const watcher = watch(work.folder, () => {
      if (existsSync(path)) modes.push(statSync(path).mode & 0o777);
    });
    const { url, child, ended, said } = await served(work, '--socket', path);
    watcher.close();
    expect(url).toBe(`unix:${path}`);
    expect(said()).toBe(`kms: only you can open the socket; calls are made as ${ROOT}\n`);
    expect([...new Set([...modes, statSync(path).mode & 0o777])]).toEqual([0o600]);
    expect(await overSocket(path)).toMatchObject({ status: 200 });
    await work.json('identity', 'create-access-key', ROOT);
    expect(await overSocket(path)).toMatchObject({ status: 400, text: expect.stringContaining(NO_KEY) });
    child.kill('SIGTERM');
    await ended;
    expect(existsSync(path)).toBe(false);
  });

  test('in memory alone: every program; no keyring is needed, and none is left', async () => {
    const work = await workplace({ init: false });
    const { kms, said } = await served(work, ...LOOPBACK, '--ephemeral', '--account-id', '444455556666');
    expect(said()).toContain('signatures are not verified: every user and program on this machine');
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    expect(KeyMetadata!.Arn).toContain(':444455556666:');
    expect(existsSync(work.keyring)).toBe(false);
  });

  test('every program where that is asked for by name', async () => {
    const work = await workplace();
    const { kms, said } = await served(work, ...LOOPBACK, '--no-verify-signatures');
    expect(said()).toContain('signatures are not verified: every user and program on this machine');
    await kms.send(new ListKeysCommand({}));
  });

  test.each([
    [['--listen', '0.0.0.0:0'], 'connections are not encrypted'],
    [['--listen', '0.0.0.0:0', '--allow-plain-http'], 'the keyring has no access keys'],
    [['--listen', '0.0.0.0:0', '--allow-plain-http', '--ephemeral'], 'the keyring has no access keys'],
    [
      ['--listen', '0.0.0.0:0', '--allow-plain-http', '--no-verify-signatures'],
      'requires a loopback address or a socket',
    ],
    [['--listen', 'nowhere'], 'is not a valid address'],
    [['--listen', 'nowhere.invalid:80'], 'the name cannot be resolved'],
    [['--tls-cert', 'x'], 'must be specified together'],
    [['--tls-cert', 'x', '--tls-key', 'y'], 'cannot be read'],
    [['--socket', 'x', '--listen', '127.0.0.1:0'], 'cannot be combined'],
    [['--socket', 'nowhere/x'], 'the folder nowhere of the socket does not exist'],
    [['--socket', 'x'.repeat(200)], 'the name is too long'],
    [['--credentials-file', 'c', '--no-verify-signatures'], 'cannot be combined'],
    [['--credentials-file', 'nowhere/c'], 'does not exist'],
    [
      ['--allow-host', 'a', '--listen', '0.0.0.0:0', '--allow-plain-http', '--ephemeral'],
      'other addresses accept every host',
    ],
    [['--allow-host', 'a', '--socket', 'x'], '--allow-host requires --listen'],
  ])('%j is refused', async (args, text) => {
    const work = await workplace();
    const { exitCode, stderr } = await work.kms('serve', ...args);
    expect([exitCode, stderr]).toEqual([253, expect.stringContaining(text)]);
    const wrong = await work.kms('serve', '--allow-host', 'a/b');
    expect(wrong).toMatchObject({ exitCode: 252, stderr: expect.stringContaining("Value 'a/b' at 'allowHost") });
    expect(readdirSync(work.folder).filter((name) => /^(?:c|x+)$/.test(name))).toEqual([]);
    expect(readdirSync(dirname(work.keyring)).toSorted()).toEqual(['audit.jsonl', 'keyring.db']);
  });

  test('access keys of the keyring: those that there are at this moment', async () => {
    const work = await workplace();
    const first = keyOf(await work.json('identity', 'create-access-key', ROOT));
    const { client, said } = await served(work, ...LOOPBACK);
    expect(said()).toBe('kms: requests must be signed with an access key of the keyring (1)\n');
    await expect(client(ANY).send(new ListKeysCommand({}))).rejects.toThrow(NO_KEY);
    await client(first).send(new ListKeysCommand({}));
    const listed = await work.text('identity', 'list-access-keys');
    expect(listed).toContain(first.accessKeyId);
    expect(listed).not.toContain(first.secretAccessKey);
    const second = keyOf(await work.json('identity', 'create-access-key', ROOT));
    await client(second).send(new ListKeysCommand({}));
    for (const { accessKeyId } of [first, second]) await work.text('identity', 'delete-access-key', accessKeyId);
    for (const credentials of [first, second, ANY]) {
      await expect(client(credentials).send(new ListKeysCommand({}))).rejects.toThrow(NO_KEY);
    }
    const third = keyOf(await work.json('identity', 'create-access-key', ROOT));
    await client(third).send(new ListKeysCommand({}));
  });

  test('other containers: the seed has the access key that they sign with', async () => {
    const work = await workplace({ init: false });
    const chosen = { accessKeyId: 'CONTAINER_ACCESS_KEY', secretAccessKey: 'known.to.all.containers' };
    const [AccessKeyId, SecretAccessKey] = [chosen.accessKeyId, chosen.secretAccessKey];
    const PrincipalArn = 'arn:aws:iam::000000000000:user/App';
    const seed = { AccessKeys: [{ PrincipalArn, AccessKeyId, SecretAccessKey }] };
    writeFileSync(join(work.folder, 'seed.json'), JSON.stringify(seed));
    const everywhere = ['--listen', '0.0.0.0:0', '--allow-plain-http', '--ephemeral', '--seed', 'seed.json'];
    const { url, client, said } = await served(work, ...everywhere);
    expect(said()).toContain('requests must be signed with an access key of the keyring (1)');
    const { port } = new URL(url);
    const asContainer = (credentials: Credentials): Promise<unknown> =>
      new KMSClient({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials, maxAttempts: 1 }).send(
        new CreateKeyCommand({}),
      );
    await expect(asContainer(chosen)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(asContainer({ ...chosen, secretAccessKey: 'x' })).rejects.toThrow('signature');
    await expect(asContainer(ANY)).rejects.toThrow(NO_KEY);
    await expect(client(ANY).send(new ListKeysCommand({}))).rejects.toThrow(NO_KEY);
    const local = await served(work, ...LOOPBACK, '--ephemeral', '--seed', 'seed.json');
    await expect(local.client(ANY).send(new ListKeysCommand({}))).rejects.toThrow(NO_KEY);
  });

  test('a seed that is a template has the options of kms apply; what is skipped is told', async () => {
    const work = await workplace({ init: false });
    const KeyId = '1234abcd-12ab-34cd-56ef-1234567890ab';
    const Arn = 'arn:aws:iam::000000000000:policy/own';
    const PolicyDocument = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' }],
    };
    writeFileSync(join(work.folder, 'policies.json'), JSON.stringify({ ManagedPolicies: [{ Arn, PolicyDocument }] }));
    const template = {
      Parameters: { Stage: { Type: 'String' } },
      Resources: {
        Key: {
          Type: 'AWS::KMS::Key',
          Properties: {
            Description: {
              'Fn::Join': [' ', [{ Ref: 'Stage' }, { Ref: 'AWS::StackName' }, { 'Fn::ImportValue': 'shared' }]],
            },
            Tags: [{ Key: '_custom_id_', Value: KeyId }],
          },
        },
        Role: { Type: 'AWS::IAM::Role', Properties: { ManagedPolicyArns: [Arn] } },
        Bucket: { Type: 'AWS::S3::Bucket\u001b[2J' },
      },
    };
    writeFileSync(join(work.folder, 'app.json'), JSON.stringify(template));
    const file = [
      '--seed',
      'app.json',
      '--stack-name',
      'live',
      '--parameters',
      'Stage=test',
      '--imports',
      'shared=other',
    ];
    const seed = ['--ephemeral', ...file, '--managed-policies', 'policies.json', '--localstack-tags'];
    const { client, said } = await served(work, ...LOOPBACK, ...seed);
    expect(said()).toContain('skipped Bucket: resources of type AWS::S3::Bucket\\u001b[2J are not created');
    const { KeyMetadata } = await client(ANY).send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({ KeyId, Description: 'test live other' });
    expect(said()).toContain('applied app.json: 3 changes');
  });

  test('an access key that was chosen comes from a file, never from the line', async () => {
    const work = await workplace();
    const chosen = { accessKeyId: 'CHOSEN_ACCESS_KEY_1', secretAccessKey: 'chosen+by/somebody=else' };
    const path = join(work.folder, 'chosen');
    const lines = [`aws_access_key_id = ${chosen.accessKeyId}`, `aws_secret_access_key = ${chosen.secretAccessKey}`];
    writeFileSync(path, ['[mine]', ...lines].join('\n'), { mode: 0o600 });
    const create = ['identity', 'create-access-key', ROOT, '--from-file', 'chosen'];
    const made = await work.json(...create);
    expect(Object.keys(made)).toEqual(['PrincipalArn', 'AccessKeyId', 'CreateDate']);
    const { client } = await served(work, ...LOOPBACK);
    await client(chosen).send(new ListKeysCommand({}));
    const again = await work.kms(...create);
    expect([again.exitCode, again.stderr]).toEqual([253, expect.stringContaining('CHOSEN_ACCESS_KEY_1 already')]);
    chmodSync(path, 0o640);
    const open = await work.kms(...create);
    expect([open.exitCode, open.stderr]).toEqual([253, expect.stringContaining('is accessible to other users')]);
    for (const file of [work.keyring, work.log]) {
      expect(readFileSync(file, 'latin1')).not.toContain(chosen.secretAccessKey);
    }
    await work.text('identity', 'delete-access-key', chosen.accessKeyId);
    await expect(client(chosen).send(new ListKeysCommand({}))).rejects.toThrow(NO_KEY);
  });

  test('the last access key is deleted: a socket accepts no caller, also after a restart', async () => {
    const work = await workplace();
    const { accessKeyId } = keyOf(await work.json('identity', 'create-access-key', ROOT));
    const path = join(work.folder, 'kms.sock');
    const { child, ended } = await served(work, '--socket', path);
    await work.text('identity', 'delete-access-key', accessKeyId);
    expect(await overSocket(path)).toMatchObject({ status: 400, text: expect.stringContaining(NO_KEY) });
    child.kill('SIGTERM');
    await ended;
    const again = await work.kms('serve', '--socket', path);
    expect([again.exitCode, again.stderr]).toEqual([253, expect.stringContaining('requests must be signed')]);
    const unsigned = await served(work, '--socket', path, '--no-verify-signatures');
    expect(await overSocket(path)).toMatchObject({ status: 200 });
    unsigned.child.kill('SIGTERM');
    await unsigned.ended;
    expect(await work.json('identity', 'list-access-keys')).toEqual({ AccessKeys: [], VerifySignatures: true });
    await work.text('identity', 'disable-signature-verification');
    await served(work, '--socket', path);
    expect(await overSocket(path)).toMatchObject({ status: 200 });
    await work.text('identity', 'enable-signature-verification');
    expect(await overSocket(path)).toMatchObject({ status: 400 });
    expect(work.events().map(({ eventName }) => eventName)).toEqual(
      expect.arrayContaining(['DisableSignatureVerification', 'EnableSignatureVerification']),
    );
  });

  test('a page that has its own name lead here (DNS rebinding) is not', async () => {
    const work = await workplace({ init: false });
    const { url } = await served(work, ...LOOPBACK, '--ephemeral', '--allow-host', 'kms.test', 'other.test');
    const { port } = new URL(url);
    const ping = (host: string): Promise<number | undefined> =>
      new Promise((resolve) => {
        request({ port, host: '127.0.0.1', path: '/ping', headers: { host } }, ({ statusCode }) =>
          resolve(statusCode),
        ).end();
      });
    const hosts = [
      'localhost',
      `127.0.0.1:${port}`,
      'kms.test:80',
      'other.test',
      'evil.example',
      `evil.example:${port}`,
    ];
    expect(await Promise.all(hosts.map(ping))).toEqual([200, 200, 200, 200, 400, 400]);
  });
});

/** ListKeys with any credentials. */
const overSocket = (path: string): Promise<{ readonly status: number | undefined; readonly text: string }> =>
  new Promise((resolve, reject) => {
    const headers = {
      host: 'localhost',
      'x-amz-target': 'TrentService.ListKeys',
      authorization:
        'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/kms/aws4_request, SignedHeaders=host;x-amz-date, Signature=00',
    };
    const call = request({ socketPath: path, method: 'POST', path: '/', headers }, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    call.on('error', reject).end('{}');
  });

/** Tries to connect again and again; prints how often it was refused once it is told to end, or that it got in. */
const KNOCKER = `
  const { connect } = require('node:net');
  let refused = 0;
  const knock = () => connect(process.argv[1])
    .on('connect', () => { console.log('in'); process.exit(); })
    .on('error', ({ code }) => { if (code === 'EACCES') refused += 1; setImmediate(knock); });
  process.on('SIGTERM', () => { console.log(refused > 0 ? 'refused' : 'never there'); process.exit(); });
  knock();
  console.log('knocking');`;

describe('a socket file', () => {
  test('is closed to another user who tries all the time, from before it is there', async () => {
    const work = await workplace();
    const path = join(work.folder, 'kms.sock');
    chmodSync(work.folder, 0o711);
    const other = { uid: 65534, gid: 65534 };
    const knocker = spawn(process.execPath, ['-e', KNOCKER, path], { cwd: '/', env: {}, ...other });
    onTestFinished(() => void knocker.kill('SIGKILL'));
    let said = '';
    knocker.stdout.setEncoding('utf8').on('data', (piece: string) => (said += piece));
    const gone = once(knocker, 'close');
    await once(knocker.stdout, 'data');
    for (let round = 0; round < 3; round += 1) {
      const { child, ended, url } = await served(work, '--socket', path);
      expect(url).toBe(`unix:${path}`);
      await new Promise((resolve) => void setTimeout(resolve, 100));
      child.kill('SIGTERM');
      await ended;
    }
    knocker.kill('SIGTERM');
    await gone;
    expect(said).toBe('knocking\nrefused\n');
  });

  test('that a killed server left behind is replaced; one that is served is not', async () => {
    const work = await workplace();
    const path = join(work.folder, 'kms.sock');
    const first = await served(work, '--socket', path);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(lstatSync(path).isSocket()).toBe(true);
    await served(work, '--socket', path);
    const { exitCode, stderr } = await work.kms('serve', '--socket', path);
    expect([exitCode, stderr]).toEqual([253, expect.stringContaining('another process is listening')]);
    expect(await overSocket(path)).toMatchObject({ status: 200 });
  });

  test('several at once: one listens, and what is there is its own', async () => {
    const work = await workplace();
    const path = join(work.folder, 'kms.sock');
    const killed = await served(work, '--socket', path);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const started = await Promise.all(Array.from({ length: 4 }, () => served(work, '--socket', path)));
    expect(started.filter(({ url }) => url === `unix:${path}`)).toHaveLength(1);
    expect(await overSocket(path)).toMatchObject({ status: 200 });
    expect(readdirSync(work.folder).filter((name) => name.startsWith('kms.sock'))).toEqual(['kms.sock']);
  });

  test.each([
    ['a file', (path: string) => writeFileSync(path, 'data'), 'is not a socket'],
    ['a link', (path: string) => symlinkSync('elsewhere', path), 'is not a socket'],
    ['a folder', (path: string) => mkdirSync(path), 'is not a socket'],
  ])('%s at its place stays', async (_, make, text) => {
    const work = await workplace();
    const path = join(work.folder, 'precious');
    make(path);
    const { exitCode, stderr } = await work.kms('serve', '--socket', path);
    expect([exitCode, stderr]).toEqual([253, expect.stringContaining(text)]);
    expect(lstatSync(path, { throwIfNoEntry: false })).toBeDefined();
  });

  test('is not made where others can write, unless they cannot replace it', async () => {
    const work = await workplace();
    const open = join(work.folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    const { exitCode, stderr } = await work.kms('serve', '--socket', join(open, 'kms.sock'));
    expect([exitCode, stderr]).toEqual([253, expect.stringContaining('is writable by other users')]);
    chmodSync(open, 0o1777);
    expect((await served(work, '--socket', join(open, 'kms.sock'))).url).toContain('unix:');
  });
});

describe('a credentials file', () => {
  test('that a killed server left behind is replaced, by one that is closed to others', async () => {
    const work = await workplace();
    const path = join(work.folder, 'credentials');
    const killed = await served(work, ...ANYWHERE);
    killed.child.kill('SIGKILL');
    await killed.ended;
    chmodSync(path, 0o644);
    const { kms } = await served(work, ...ANYWHERE);
    await kms.send(new ListKeysCommand({}));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(work.folder).filter((name) => name.startsWith('.kms'))).toEqual([]);
  });

  test('that has taken its place stays when the server ends', async () => {
    const work = await workplace();
    const path = join(work.folder, 'credentials');
    const first = await served(work, ...ANYWHERE);
    const second = await served(work, ...ANYWHERE);
    const text = readFileSync(path, 'utf8');
    first.child.kill('SIGTERM');
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(readFileSync(path, 'utf8')).toBe(text);
    await second.kms.send(new ListKeysCommand({}));
  });

  const PRECIOUS = '[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n';
  test.each([
    ['credentials of somebody', (path: string) => writeFileSync(path, PRECIOUS, { mode: 0o600 })],
    ['a link to a file', (path: string) => symlinkSync(path.replace(/[^/]*$/, 'target'), path)],
    ['a dangling link', (path: string) => symlinkSync('nowhere', path)],
    ['a folder', (path: string) => mkdirSync(path)],
    ['a pipe', (path: string) => execFileSync(MKFIFO, [path])],
  ])('is not written over %s', async (_, make) => {
    const work = await workplace();
    const target = join(work.folder, 'target');
    writeFileSync(target, PRECIOUS);
    const path = join(work.folder, 'credentials');
    make(path);
    const before = lstatSync(path);
    const { exitCode, stderr } = await work.kms('serve', ...ANYWHERE);
    expect([exitCode, stderr]).toEqual([253, expect.stringContaining('was not written by kms serve')]);
    expect(lstatSync(path)).toMatchObject({ ino: before.ino, mode: before.mode, size: before.size });
    expect(readFileSync(target, 'utf8')).toBe(PRECIOUS);
  });

  test('is not written where others can', async () => {
    const work = await workplace();
    const open = join(work.folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    const { exitCode, stderr } = await work.kms('serve', ...LOOPBACK, '--credentials-file', join(open, 'c'));
    expect([exitCode, stderr]).toEqual([253, expect.stringContaining('is writable by other users')]);
  });
});

test.each(['and a call is made', 'and none is made any more'])(
  'the head of the log is removed while it runs, %s: it is there when it ends',
  async (then) => {
    const work = await workplace();
    await createKey(work);
    const { kms, child, ended } = await served(work, ...ANYWHERE);
    await kms.send(new ListKeysCommand({}));
    rmSync(`${work.log}.head`);
    if (then === 'and a call is made') await kms.send(new ListKeysCommand({}));
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect((await work.kms('list-keys')).exitCode).toBe(0);
    expect(await work.json('audit', 'verify')).toMatchObject({ Valid: true });
    expect(work.events().filter(({ eventName }) => eventName === 'RecreateAuditLogHead')).toHaveLength(1);
  },
);

test('a disk that is full: errors of the service, a line a second, and nothing lost', async () => {
  const work = await workplace({ init: false });
  const disk = join(work.folder, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k,mode=0700', 'tmpfs', disk]);
  try {
    const there: Workplace = { ...work, env: { ...work.env, POCKET_KMS_KEYRING: join(disk, 'ring') } };
    const run = (...args: string[]) => work.kmsWith({ env: there.env }, ...args);
    expect((await run('init')).exitCode).toBe(0);
    const { kms, said, child, ended } = await served(there, ...LOOPBACK, '--no-verify-signatures');
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    expect(() => writeFileSync(join(disk, 'ballast'), Buffer.alloc(1 << 20))).toThrow('ENOSPC');
    const begun = performance.now();
    const outcomes: unknown[] = [];
    while (outcomes.filter((outcome) => outcome instanceof Error).length < 50) {
      const call = kms.send(new CreateKeyCommand({ Description: 'x'.repeat(8000) }));
      outcomes.push(await call.catch((error: unknown) => error));
    }
    const failed = outcomes.find((outcome) => outcome instanceof Error);
    expect(failed).toMatchObject({ name: 'KMSInternalException', $metadata: { httpStatusCode: 500 } });
    rmSync(join(disk, 'ballast'));
    await kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata!.KeyId }));
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, signal: null });
    const lines = said().split('\n').slice(1, -1);
    const reported = lines.filter((line) => /disk is full|cannot be (?:read or )?written/.test(line));
    expect(lines.filter((line) => !reported.includes(line))).toEqual(['kms: stopping after the requests in progress']);
    expect(reported.length).toBeGreaterThan(0);
    // two kinds of failure at most: of the keyring and of the log
    expect(reported.length).toBeLessThanOrEqual(2 * (2 + Math.ceil((performance.now() - begun) / 1000)));
    const counted = reported.map((line) => Number(/: (\d+) more requests?$/.exec(line)?.[1] ?? 1));
    expect(counted.reduce((sum, count) => sum + count)).toBe(50);
    const listed = await run('list-keys', '--query', 'length(Keys)');
    expect(listed.stdout).toBe(`${1 + outcomes.length - 50}\n`);
    expect((await run('audit', 'verify')).exitCode).toBe(0);
  } finally {
    execFileSync('umount', ['-l', disk]);
  }
});

test('stderr that cannot be written does not end the server', async () => {
  const work = await workplace({ init: false });
  const line = 'exec "$0" "$1" serve --ephemeral --listen 127.0.0.1:0 2>/dev/full';
  const child = spawn('sh', ['-c', line, process.execPath, BIN], { cwd: work.folder, env: work.env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  const endpoint = first.toString().trim();
  const kms = new KMSClient({ endpoint, region: 'us-east-1', credentials: ANY, maxAttempts: 1 });
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata!.KeyId }));
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([0, null]);
});

describe('end', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s finishes what runs', async (signal) => {
    const work = await workplace();
    const { child, ended, kms } = await served(work, ...ANYWHERE);
    await kms.send(new ListKeysCommand({}));
    const slow = kms.send(new CreateKeyCommand({ KeySpec: 'RSA_4096', KeyUsage: 'SIGN_VERIFY' }));
    const begun = performance.now();
    while (performance.now() - begun < 100) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    const { KeyMetadata } = await slow;
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(readdirSync(dirname(work.keyring)).toSorted()).toEqual(['audit.jsonl', 'audit.jsonl.head', 'keyring.db']);
    await work.json('describe-key', '--key-id', KeyMetadata!.KeyId!);
  });

  // the log and its head, put back together, hide at most the events since the last anchor (ADR 16)
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s anchors the log: none of its events can be hidden',
    async (signal) => {
      const work = await workplace();
      const { child, ended, kms } = await served(work, ...ANYWHERE);
      await kms.send(new ListKeysCommand({}));
      const files = ['audit.jsonl', 'audit.jsonl.head'].map((name) => join(dirname(work.keyring), name));
      const earlier = files.map((file) => readFileSync(file));
      await kms.send(new ListKeysCommand({}));
      child.kill(signal);
      expect(await ended).toEqual({ code: 0, signal: null });
      await work.json('audit', 'verify');
      files.forEach((file, at) => writeFileSync(file, earlier[at]!));
      await expect(work.json('list-keys')).rejects.toThrow();
    },
  );

  test('key pairs are generated in other threads: calls are answered meanwhile', async () => {
    const work = await workplace();
    const { kms } = await served(work, ...ANYWHERE);
    let made = 0;
    const slow = Array.from({ length: 4 }, async () => {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: 'RSA_4096', KeyUsage: 'SIGN_VERIFY' }));
      made += 1;
      return KeyMetadata!.KeyId!;
    });
    for (let call = 0; call < 5; call += 1) await kms.send(new ListKeysCommand({}));
    expect(made).toBeLessThan(4);
    const ids = await Promise.all(slow);
    const { Keys } = await kms.send(new ListKeysCommand({}));
    expect(new Set(Keys!.map(({ KeyId }) => KeyId))).toEqual(new Set(ids));
    const names = work.events().map(({ eventName }) => eventName);
    expect(names.lastIndexOf('CreateKey')).toBeGreaterThan(names.indexOf('ListKeys') + 4);
  });

  test('killed under load: every answer is in the log and in the keyring', { timeout: 120_000 }, async () => {
    const work = await workplace();
    const keys = new Set<string>();
    const requests = new Set<string>();
    for (let round = 0; round < 4; round += 1) {
      const { child, ended, kms } = await served(work, ...ANYWHERE);
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
      const caller = async (): Promise<void> => {
        for (;;) {
          const made = await kms.send(new CreateKeyCommand({ Description: `round ${round}` }));
          keys.add(made.KeyMetadata!.KeyId!);
          requests.add(made.$metadata.requestId!);
          const used = await kms.send(new EncryptCommand({ KeyId: KeyMetadata!.KeyId, Plaintext: Buffer.from('x') }));
          requests.add(used.$metadata.requestId!);
        }
      };
      const callers = Array.from({ length: 8 }, () => caller().catch(() => undefined));
      const enough = keys.size + 20;
      while (keys.size < enough) await new Promise((resolve) => setTimeout(resolve, 10));
      child.kill('SIGKILL');
      await ended;
      await Promise.all(callers);
    }
    expect(keys.size).toBeGreaterThan(50);
    const check = await work.json('audit', 'verify');
    expect(check).toMatchObject({ Valid: true });
    const logged = new Set(work.events().map((event) => event['requestID']));
    expect([...requests].filter((id) => !logged.has(id))).toEqual([]);
    const { Keys } = (await work.json('list-keys')) as { Keys: { KeyId: string }[] };
    const kept = new Set(Keys.map(({ KeyId }) => KeyId));
    expect([...keys].filter((id) => !kept.has(id))).toEqual([]);
    expect(await work.json('keyring', 'verify')).toMatchObject({ Problems: [] });
    const { kms } = await served(work, ...ANYWHERE);
    await kms.send(new DescribeKeyCommand({ KeyId: [...keys].at(-1)! }));
  });
});
