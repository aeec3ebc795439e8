/** Libraries in the process of a caller, as commands and programs have them, and processes whose parent is gone. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import type { ClusterEntry } from '../../../src/key-managers/hsm/cluster-entry.ts';
import { temporaryFolders } from '../../support/folder.ts';
import { faultyToken, softHsmToken, TOKENS } from '../../support/pkcs11/token.ts';
import { CLUSTER, connected, entryOf, FIRST, hsmOf, keyOf, secret } from './cluster.ts';

const folder = temporaryFolders();

function newToken(kind: keyof typeof TOKENS = 'SoftHSM'): ReturnType<typeof faultyToken> {
  const at = folder();
  return faultyToken(at, TOKENS[kind](at));
}

const SOURCES = new URL('../../../src/key-managers/hsm/pkcs11/', import.meta.url);

/** A program with `tokensHere`, `tokensInProcesses`, and `encrypt(tokens, entry, password)`, which also decrypts. */
function start(
  env: { readonly [name: string]: string },
  entries: readonly ClusterEntry[],
  code: string,
): ChildProcess & { stdout: NonNullable<ChildProcess['stdout']>; stderr: NonNullable<ChildProcess['stderr']> } {
  const program = `
    import { tokensHere } from '${new URL('tokens-here.ts', SOURCES).href}';
    import { tokensInProcesses } from '${new URL('tokens-in-processes.ts', SOURCES).href}';
    const entries = ${JSON.stringify(entries)};
    const label = '${keyOf(FIRST).label}';
    const password = Buffer.from('${FIRST}');
    const times = (count, work) => Promise.all(Array.from({ length: count }, (_, at) => work(at)));
    async function works(tokens, entry, key = { label, password }, size = 9) {
      const plaintext = Buffer.alloc(size, 5), aad = Buffer.from('context');
      const sealed = await tokens.call(entry, 'encrypt', { ...key, plaintext, aad });
      const opened = await tokens.call(entry, 'decrypt', { ...key, ...sealed, aad });
      if (!plaintext.equals(opened)) throw new Error('another plaintext');
    }
    ${code}`;
  const args = ['--expose-gc', '--input-type=module', '--eval', program];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function run(...args: Parameters<typeof start>): Promise<string> {
  const child = start(...args);
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return out + errors;
}

test('two users of one library in a process do not end the sessions of each other in the middle of a call', async () => {
  const token = newToken();
  await connected(token);
  token.faults('C_Encrypt slow 3', 'C_Decrypt slow 3');
  const out = await run(
    token.env,
    [entryOf(token)],
    `const [entry] = entries, one = tokensHere(), other = tokensHere();
    let ends = false;
    const load = times(8, async () => {
      while (!ends) await works(one, entry);
    });
    await times(5, () => other.call(entry, 'connect', { passwords: [password], next: password }));
    await works(other, entry);
    await other.close();
    ends = true;
    await load;
    await one.close();
    console.log('done');`,
  );
  expect(out).toBe('done\n');
});

test('clusters whose library gets other arguments for each are never taken for each other', async () => {
  const tokens = [newToken('NSS'), newToken('NSS')];
  const clusters = ['cluster-a2b3c4d5e6f', 'cluster-b2b3c4d5e6f'];
  const passwords = ['passwordOfOne1', 'passwordOfOther2'];
  const entries = tokens.map((token, at) => entryOf(token, { clusterId: clusters[at]!, module: tokens[0]!.module }));
  for (const [at, token] of tokens.entries()) {
    const hsm = hsmOf(token, { clusterId: clusters[at]! });
    await hsm.connect(clusters[at]!, [secret(token.password)], secret(passwords[at]!));
    await hsm.createKey({ ...keyOf(passwords[at]!, `key-${at}`), clusterId: clusters[at]! });
  }
  const failed = tokens[0]!.counts('C_Login').failed;
  const out = await run(
    tokens[0]!.env,
    entries,
    `const tokens = tokensHere(), passwords = ${JSON.stringify(passwords)};
    const one = (at) => works(tokens, entries[at], { label: 'key-' + at, password: Buffer.from(passwords[at]) });
    await one(0);
    await one(1);
    await one(0);
    await times(20, (call) => one(call % 2));
    await tokens.close();
    console.log('done');`,
  );
  expect(out).toBe('done\n');
  expect(tokens[0]!.counts('C_Login').failed).toBe(failed);
});

test.each(['2', '4'])('300 calls in a process of %s threads: one thread is left to it', async (threads) => {
  const token = newToken();
  await connected(token);
  const before = token.counts('C_OpenSession').ok;
  const code = `const tokens = tokensHere();
    await times(300, () => works(tokens, entries[0]));
    await tokens.close();
    console.log('done');`;
  expect(await run({ ...token.env, UV_THREADPOOL_SIZE: threads }, [entryOf(token)], code)).toBe('done\n');
  expect(token.counts('C_OpenSession').ok - before).toBe(Number(threads) - 1);
});

test('what functions read and write stays where it is while garbage is collected', async () => {
  const token = newToken();
  await connected(token);
  const functions = ['OpenSession', 'Login', 'FindObjectsInit', 'FindObjects', 'GetAttributeValue', 'GenerateRandom'];
  token.faults(...[...functions, 'Encrypt', 'Decrypt', 'GetTokenInfo'].map((name) => `C_${name} slow 5`));
  const out = await run(
    { ...token.env, UV_THREADPOOL_SIZE: '20' },
    [entryOf(token)],
    `const tokens = tokensHere(), [entry] = entries;
    let ends = false;
    (function collect() {
      gc();
      globalThis.garbage = Array.from({ length: 200 }, (_, at) => Buffer.alloc(8 + 8 * at, 0xa5));
      if (!ends) setTimeout(collect, 1);
    })();
    await times(20, async (at) => {
      for (let call = 0; call < 10; call += 1) {
        await works(tokens, entry, undefined, 1 + 97 * at);
        const found = await tokens.call(entry, 'findKeys', { label, password });
        if (found.length !== 1) throw new Error(found.length + ' keys');
      }
    });
    ends = true;
    await tokens.close();
    console.log('done');`,
  );
  expect(out).toBe('done\n');
});

test.each(['C_GenerateRandom hang', 'C_Initialize hang'])(
  '%s: the process of the token ends after its parent is gone',
  async (fault) => {
    const token = newToken();
    await connected(token);
    token.faults(fault);
    const child = start(
      token.env,
      [entryOf(token)],
      `const tokens = tokensInProcesses();
      tokens.call(entries[0], 'random', { password, size: 4 }).catch(() => undefined);
      setTimeout(() => console.log('calls'), 1500);`,
    );
    await once(child.stdout, 'data');
    // not before the process of the token, which has the same stderr, has ended
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    const timeout = new Promise((resolve) => void setTimeout(resolve, 10_000, 'it lives').unref());
    expect(await Promise.race([closed, timeout])).toEqual([null, 'SIGKILL']);
  },
);

test('a key is made and destroyed while no other function runs', async () => {
  const token = newToken();
  const { hsm, key } = await connected(token);
  token.faults('C_GenerateKey alone 20', 'C_DestroyObject alone 20');
  const load = Array.from({ length: 10 }, async () => {
    for (let call = 0; call < 200; call += 1) await hsm.random(key, 16);
  });
  const others = Array.from({ length: 3 }, async (_, at) => {
    await hsm.createKey(keyOf(FIRST, `other-${at}`));
    await hsm.destroyKeys(keyOf(FIRST, `other-${at}`));
  });
  const made = await Promise.allSettled(others);
  await Promise.all(load);
  expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
});

test('every session that is opened is closed', async () => {
  const token = newToken();
  const { hsm, key } = await connected(token);
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([...Array.from({ length: 20 }, () => hsm.random(key, 4)), hsm.disconnect(CLUSTER)]);
  }
  await hsm.disconnect(CLUSTER);
  expect(token.counts('C_OpenSession').ok).toBeGreaterThan(10);
  expect(token.counts('C_CloseSession').ok).toBe(token.counts('C_OpenSession').ok);
});

test('calls that still have the password before a rotation do not ask the token for it', async () => {
  const token = newToken();
  token.faults('C_Login times 1');
  const hsm = hsmOf(token);
  await hsm.connect(CLUSTER, [secret(token.password)], secret(FIRST));
  const old = hsm.random(keyOf(token.password), 4);
  await expect(old).rejects.toThrow(expect.objectContaining({ code: 'INVALID_CREDENTIALS' }));
  expect((await hsm.random(keyOf(FIRST), 4)).length).toBe(4);
});

test('two tokens of one library in a process', async () => {
  const at = folder();
  const [first, second] = [softHsmToken(at), softHsmToken(at, { label: 'others' })];
  const clusters = ['cluster-a2b3c4d5e6f', 'cluster-b2b3c4d5e6f'];
  const entries = [first, second].map((token, index) => entryOf(token, { clusterId: clusters[index]! }));
  const out = await run(
    first.env,
    entries,
    `const tokens = tokensHere();
    for (const entry of entries) {
      await tokens.call(entry, 'connect', { passwords: [Buffer.from('${first.password}')], next: password });
      await tokens.call(entry, 'createKey', { label, password });
    }
    await times(100, (call) => works(tokens, entries[call % 2]));
    await tokens.close();
    console.log('done');`,
  );
  expect(out).toBe('done\n');
});
