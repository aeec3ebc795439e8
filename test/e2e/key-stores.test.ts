/**
 * CloudHSM key stores over tokens of SoftHSM and NSS, by real processes: killed at random instants, many at once, and with a
 * token that goes and comes back while a server makes calls.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { faultyToken, TOKENS, type TestToken } from '../support/pkcs11/token.ts';
import { BIN, workplace, type Workplace } from './command.ts';

const CLUSTER = 'cluster-2a23b4cdefg';
/** Of a client whose signature the server does not verify. */
const UNSIGNED =
  'AWS4-HMAC-SHA256 Credential=TEST/20260101/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=00';
const PLAINTEXT = Buffer.from('attack at dawn');

interface Place {
  readonly work: Workplace;
  readonly token: TestToken;
  readonly store: string;
  readonly json: (...args: string[]) => Promise<Record<string, unknown>>;
  readonly env: NodeJS.ProcessEnv;
}

/** A keyring with a key store over a token, not connected yet. */
async function place<T extends TestToken>(tokenIn: (folder: string) => T): Promise<Place & { readonly token: T }> {
  const work = await workplace();
  const token = tokenIn(work.folder);
  const env = { ...work.env, ...token.env };
  const json: Place['json'] = async (...args) => {
    const ran = await work.kmsWith({ env }, ...args);
    if (ran.exitCode !== 0) throw new Error(`${args.join(' ')}: ${ran.signal ?? ran.exitCode} ${ran.stderr}`);
    return ran.stdout === '' ? {} : (JSON.parse(ran.stdout) as Record<string, unknown>);
  };
  await json('hsm', 'add', CLUSTER, ...token.addOptions);
  const certificate = join(work.folder, 'customerCA.crt');
  writeFileSync(certificate, '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
  const made = await json(
    'create-custom-key-store',
    '--custom-key-store-name',
    'store',
    '--cloud-hsm-cluster-id',
    CLUSTER,
    '--key-store-password',
    token.password,
    '--trust-anchor-certificate',
    `file://${certificate}`,
  );
  return { work, token, store: made['CustomKeyStoreId'] as string, json, env };
}

const stateOf = async ({ json }: Place): Promise<unknown> => {
  const [described] = (await json('describe-custom-key-stores'))['CustomKeyStores'] as Record<string, unknown>[];
  return described!['ConnectionState'];
};
const connect = ({ json, store }: Place) => json('connect-custom-key-store', '--custom-key-store-id', store);
const disconnect = ({ json, store }: Place) => json('disconnect-custom-key-store', '--custom-key-store-id', store);
const newKey = async ({ json, store }: Place): Promise<string> =>
  (
    (await json('create-key', '--origin', 'AWS_CLOUDHSM', '--custom-key-store-id', store))['KeyMetadata'] as {
      readonly KeyId: string;
    }
  ).KeyId;
const encrypt = async ({ json }: Place, key: string): Promise<string> =>
  (await json('encrypt', '--key-id', key, '--plaintext', PLAINTEXT.toString('base64')))['CiphertextBlob'] as string;
const decrypt = async ({ json }: Place, blob: string): Promise<string> => {
  const { Plaintext } = await json('decrypt', '--ciphertext-blob', blob);
  return Buffer.from(Plaintext as string, 'base64').toString();
};

/** Kills a command after a while, if it has not ended. */
function killed({ work, env }: Place, args: readonly string[], afterMs: number): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [BIN, ...args], { cwd: work.folder, env, stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
    child.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** NSS has its keys in a database; SoftHSM writes its files in place, and is left without a token if it is killed then. */
describe('killed at any time', () => {
  test('connections: the password of the token is never lost', async () => {
    const at = await place(TOKENS.NSS);
    await connect(at);
    const key = await newKey(at);
    const blob = await encrypt(at, key);
    for (let round = 0; round < 12; round += 1) {
      await disconnect(at);
      await killed(at, ['connect-custom-key-store', '--custom-key-store-id', at.store], 40 + round * 12);
      if ((await stateOf(at)) !== 'CONNECTED') {
        if ((await stateOf(at)) !== 'DISCONNECTED') await disconnect(at);
        await connect(at);
      }
      expect(await stateOf(at), `round ${round}`).toBe('CONNECTED');
      expect(await decrypt(at, blob)).toBe(PLAINTEXT.toString());
    }
    expect((await at.json('audit', 'verify'))['Valid'] ?? true).toBe(true);
  });

  test('calls: every key that is in the keyring is usable', async () => {
    const at = await place(TOKENS.NSS);
    await connect(at);
    for (let round = 0; round < 8; round += 1) {
      await killed(at, ['create-key', '--origin', 'AWS_CLOUDHSM', '--custom-key-store-id', at.store], 50 + round * 15);
    }
    const { Keys } = await at.json('list-keys');
    for (const { KeyId } of Keys as { readonly KeyId: string }[]) {
      expect(await decrypt(at, await encrypt(at, KeyId))).toBe(PLAINTEXT.toString());
    }
  });
});

test('a key store is created and moved only where the token of its cluster is found', async () => {
  const at = await place(TOKENS.SoftHSM);
  const refused = async (...args: string[]): Promise<string> =>
    (await at.work.kmsWith({ env: at.env }, ...args)).stderr;
  const other = 'cluster-3a23b4cdefg';
  const move = ['update-custom-key-store', '--custom-key-store-id', at.store, '--cloud-hsm-cluster-id', other];
  expect(await refused(...move)).toContain('CloudHsmClusterNotFoundException');
  await at.json('hsm', 'add', other, ...at.token.addOptions);
  at.token.remove();
  expect(await refused(...move)).toContain('CloudHsmClusterNotFoundException');
  at.token.putBack();
  await at.json(...move);
});

test('a process that makes a key in a token is killed: the next one deletes it there', async () => {
  const at = await place((folder) => faultyToken(folder, TOKENS.NSS(folder)));
  const inToken = () => at.token.pkcs11Tool(['--list-objects', '--type', 'secrkey'], at.token.password);
  at.token.faults('C_SetPIN value 0x54'); // the password stays the one that pkcs11-tool is given
  await connect(at);
  at.token.faults('C_GenerateKey kill-after');
  const creation = ['create-key', '--origin', 'AWS_CLOUDHSM', '--custom-key-store-id', at.store];
  expect(await at.work.kmsWith({ env: at.env }, ...creation)).toMatchObject({ signal: 'SIGKILL' });
  at.token.faults();
  expect(inToken()).toContain('arn:aws:kms:');
  await at.json('clock', 'advance', '61s');
  expect((await at.json('list-keys'))['Keys']).toEqual([]);
  expect(inToken()).not.toContain('arn:aws:kms:');
  const kept = await newKey(at);
  await at.json('clock', 'advance', '2h');
  expect(await decrypt(at, await encrypt(at, kept))).toBe(PLAINTEXT.toString());
  expect(inToken()).toContain(kept);
});

/** As in AWS KMS Developer Guide, "DeleteKey": what came of the key material in the cluster. */
describe('a process that deletes key material in a token is killed', () => {
  test.each([
    ['before it has found it', 'C_FindObjects kill-before'],
    ['before it has destroyed it', 'C_DestroyObject kill-before'],
    ['after it has destroyed it', 'C_DestroyObject kill-after'],
  ])('%s: the next one deletes it, and tells so', async (_, fault) => {
    const at = await place((folder) => faultyToken(folder, TOKENS.NSS(folder)));
    await connect(at);
    const key = await newKey(at);
    await at.json('schedule-key-deletion', '--key-id', key, '--pending-window-in-days', '7');
    await at.json('clock', 'advance', '8d');
    at.token.faults(fault);
    expect(await at.work.kmsWith({ env: at.env }, 'list-keys')).toMatchObject({ signal: 'SIGKILL' });
    at.token.faults();
    const deletions = () => at.work.events().filter(({ eventName }) => eventName === 'DeleteKey');
    expect(deletions()).toEqual([]);
    await at.json('clock', 'advance', '61s');
    await at.json('list-keys');
    const [event, ...more] = deletions();
    expect(more).toEqual([]);
    const data = event!['additionalEventData'] as Record<string, string>;
    const named = { keyHandle: expect.stringMatching(/^\d+$/), backingKeyId: expect.stringMatching(/^[0-9a-f]{32}$/) };
    expect(JSON.parse(data['backingKeys']!)).toEqual([named]);
    expect(JSON.parse(data['backingKeysDeletionStatus']!)).toEqual([{ ...named, deletionStatus: 'SUCCESS' }]);
  });
});

describe.each(['SoftHSM', 'NSS'] as const)('%s', (kind) => {
  test('many processes at once', async () => {
    const at = await place(TOKENS[kind]);
    await connect(at);
    const key = await newKey(at);
    const blobs = await Promise.all(Array.from({ length: 8 }, () => encrypt(at, key)));
    const opened = await Promise.all(blobs.map((blob) => decrypt(at, blob)));
    expect(new Set(opened)).toEqual(new Set([PLAINTEXT.toString()]));
    const names = at.work.events().map(({ eventName }) => eventName);
    expect(names.filter((name) => name === 'Encrypt' || name === 'Decrypt')).toHaveLength(16);
  });

  test('an agent finds the cluster and the token of whoever unlocked the keyring, and a password changed without it', async () => {
    const made = await place(TOKENS[kind]);
    const runtime = join(made.work.folder, 'run');
    mkdirSync(runtime, { mode: 0o700 });
    const env = { ...made.env, XDG_RUNTIME_DIR: runtime };
    const json: Place['json'] = async (...args) => {
      const ran = await made.work.kmsWith({ env }, ...args);
      if (ran.exitCode !== 0) throw new Error(`${args.join(' ')}: ${ran.stderr}`);
      return ran.stdout === '' ? {} : (JSON.parse(ran.stdout) as Record<string, unknown>);
    };
    const at = { ...made, env, json };
    onTestFinished(async () => void (await json('lock')));
    await json('unlock');
    await connect(at);
    const blob = await encrypt(at, await newKey(at));
    await disconnect(made);
    await connect(made);
    expect(await decrypt(at, blob)).toBe(PLAINTEXT.toString());
    expect(Number((await json('agent', 'status'))['Calls'])).toBeGreaterThan(3);
  });

  test('the token goes and comes back under the calls of a server', async () => {
    const at = await place(TOKENS[kind]);
    await connect(at);
    const key = await newKey(at);
    const server = spawn(process.execPath, [BIN, 'serve', '--listen', '127.0.0.1:0', '--no-verify-signatures'], {
      cwd: at.work.folder,
      env: at.env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void server.kill('SIGKILL'));
    const endpoint = await new Promise<string>((resolve) =>
      server.stdout.once('data', (line: Buffer) => resolve(line.toString().trim())),
    );
    const call = async (operation: string, input: object): Promise<string> => {
      const answer = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'x-amz-target': `TrentService.${operation}`,
          'content-type': 'application/x-amz-json-1.1',
          authorization: UNSIGNED,
        },
        body: JSON.stringify(input),
      });
      const body = (await answer.json()) as Record<string, string>;
      return answer.ok ? 'done' : body['__type']!.replace(/^.*#/, '');
    };
    const uses = () =>
      Promise.all(Array.from({ length: 16 }, () => call('Encrypt', { KeyId: key, Plaintext: 'aGVsbG8=' })));
    const goesOn = async (): Promise<void> => {
      for (let tries = 0; tries < 50; tries += 1) {
        if ((await call('Encrypt', { KeyId: key, Plaintext: 'aGVsbG8=' })) === 'done') return;
        await sleep(100);
      }
      throw new Error('the token is not found again');
    };
    expect(new Set(await uses())).toEqual(new Set(['done']));
    for (let round = 0; round < 3; round += 1) {
      const before = uses();
      at.token.remove();
      await before;
      const away = await uses();
      for (const outcome of away) expect(['done', 'KMSInvalidStateException']).toContain(outcome);
      expect(await call('DescribeKey', { KeyId: key })).toBe('done');
      at.token.putBack();
      await goesOn();
      expect(new Set(await uses())).toEqual(new Set(['done']));
    }
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    expect(await ended).toBe(0);
    // NSS goes on with the files that it has open
    if (kind === 'SoftHSM') expect(readFileSync(at.work.log, 'utf8')).toContain('KMSInvalidStateException');
  });
});
