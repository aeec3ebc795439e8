/** The worker pool: what it computes, what its threads keep, and what becomes of calls when a thread dies. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { privateKeyObject } from '../../src/crypto/key-object.ts';
import { generateKeyMaterial, publicKeyOf } from '../../src/crypto/key-material.ts';
import { algorithmOf, KEY_SPECS } from '../../src/crypto/key-spec.ts';
import { oaepEncrypt } from '../../src/crypto/rsa-encryption.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { verify, type Signing } from '../../src/crypto/signature.ts';
import { bytesOf, ownBytes } from '../../src/runtime/worker-message.ts';
import { WorkerPool, type PoolOptions } from '../../src/runtime/worker-pool.ts';

function poolOf(options?: PoolOptions): WorkerPool {
  const pool = new WorkerPool(options);
  onTestFinished(() => pool.close());
  return pool;
}

const CASES = [
  ['RSA_2048', 'RSASSA_PSS_SHA_256', 'RAW'],
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', 'DIGEST'],
  ['ECC_NIST_P256', 'ECDSA_SHA_256', 'DIGEST'],
  ['ECC_NIST_EDWARDS25519', 'ED25519_PH_SHA_512', 'DIGEST'],
  ['SM2', 'SM2DSA', 'RAW'],
  ['ML_DSA_44', 'ML_DSA_SHAKE_256', 'RAW'],
  ['ML_DSA_44', 'ML_DSA_SHAKE_256', 'EXTERNAL_MU'],
] as const;

test.each(CASES)('signs and verifies: %s %s %s', async (name, algorithmName, messageType) => {
  const { compute } = poolOf({ size: 1 });
  const algorithm = algorithmOf(KEY_SPECS[name], 'SIGN_VERIFY', algorithmName);
  const { secret, publicKey } = await generateKeyMaterial(KEY_SPECS[name], randomBytes);
  const before = Buffer.from(secret.expose());
  const whole = randomBytes(algorithm.digestLength + 8);
  const signing: Signing = { algorithm, messageType, message: whole.subarray(0, algorithm.digestLength) };
  const signature = await compute('sign', { ...signing, key: privateKeyObject(secret) });
  expect(await verify(publicKey!, signing, signature)).toBe(true);
  expect(await compute('verify', { ...signing, key: publicKey!, signature })).toBe(true);
  signature[8]! ^= 1;
  expect(await compute('verify', { ...signing, key: publicKey!, signature })).toBe(false);
  // what was sent is a copy: ours is neither moved away nor wiped
  expect([Buffer.from(secret.expose()), whole.length]).toEqual([before, algorithm.digestLength + 8]);
});

test.each(['RSA_2048', 'ECC_NIST_P384', 'ML_DSA_65', 'ML_KEM_768', 'SM2'] as const)('generates %s', async (name) => {
  const { compute } = poolOf({ size: 1 });
  const { privateKey, publicKey } = await compute('generateKeyPair', KEY_SPECS[name].keyPair!);
  expect(Buffer.from(publicKeyOf(new Secret(privateKey)))).toEqual(Buffer.from(publicKey));
});

test.each([
  ['RSA_2048', 'RSAES_OAEP_SHA_1'],
  ['SM2', 'SM2PKE'],
] as const)('encrypts and decrypts: %s %s', async (name, algorithmName) => {
  const { compute } = poolOf({ size: 1 });
  const algorithm = algorithmOf(KEY_SPECS[name], 'ENCRYPT_DECRYPT', algorithmName);
  const { secret, publicKey } = await generateKeyMaterial(KEY_SPECS[name], randomBytes);
  const key = privateKeyObject(secret);
  const plaintext = randomBytes(20);
  const ciphertext = await compute('encrypt', { key: publicKey!, algorithm, plaintext });
  const opened = await compute('decrypt', { key, algorithm, ciphertext });
  expect(Buffer.from(opened!)).toEqual(plaintext);
  ciphertext[ciphertext.length - 1]! ^= 1;
  expect(await compute('decrypt', { key, algorithm, ciphertext })).toBeUndefined();
});

test.each(['ECC_NIST_P384', 'SM2'] as const)('derives a shared secret: %s', async (name) => {
  const { compute } = poolOf({ size: 1 });
  const curve = KEY_SPECS[name].keyPair!.namedCurve;
  const [mine, theirs] = await Promise.all([1, 2].map(() => generateKeyMaterial(KEY_SPECS[name], randomBytes)));
  const shared = (own: typeof mine, peer: typeof mine) =>
    compute('deriveSharedSecret', { curve, key: privateKeyObject(own!.secret), peerPublicKey: peer!.publicKey! });
  const one = await shared(mine, theirs);
  expect(one).toBeInstanceOf(Uint8Array);
  expect(await shared(theirs, mine)).toEqual(one);
  const peerPublicKey = Uint8Array.of(1);
  const wrong = { curve, key: privateKeyObject(mine!.secret), peerPublicKey };
  expect(await compute('deriveSharedSecret', wrong)).toBeUndefined();
});

test('unwraps key material, in its canonical encoding', async () => {
  const { compute } = poolOf({ size: 1 });
  const { secret, publicKey } = await generateKeyMaterial(KEY_SPECS.RSA_2048, randomBytes);
  const wrapping = { wrappingAlgorithm: 'RSAES_OAEP_SHA_256', wrappingKeySpec: 'RSA_2048' };
  const of = { key: privateKeyObject(secret), keySpec: 'ECC_NIST_P384', ...wrapping } as const;
  const pair = await generateKeyMaterial(KEY_SPECS.ECC_NIST_P384, randomBytes);
  const wrapped = oaepEncrypt(publicKey!, 'sha256', pair.secret.expose());
  const unwrapped = await compute('unwrapKeyMaterial', { ...of, wrapped });
  expect(unwrapped).toEqual({
    secret: Uint8Array.from(pair.secret.expose()),
    publicKey: Uint8Array.from(pair.publicKey!),
  });
  expect(await compute('unwrapKeyMaterial', { ...of, wrapped: wrapped.subarray(1) })).toBe('not-wrapped');
  expect(await compute('unwrapKeyMaterial', { ...of, keySpec: 'ECC_NIST_P256', wrapped })).toBe('not-fitting');
});

test('does as many tasks at once as it has threads, which are used again', async () => {
  let started = 0;
  const newWorker = async (): Promise<Worker> => {
    started += 1;
    return echo();
  };
  const { compute } = poolOf({ size: 2, newWorker });
  await Promise.all(Array.from({ length: 8 }, () => compute('generateKeyPair', { type: 'ed25519' })));
  await compute('generateKeyPair', { type: 'ed25519' });
  expect(started).toBe(2);
});

test('refuses tasks when too many wait, and does those that wait', async () => {
  const { compute } = poolOf({ size: 1, maxWaiting: 2, newWorker: async () => echo() });
  const asked = Array.from({ length: 4 }, () => compute('generateKeyPair', { type: 'ed25519' }));
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
});

test.each([
  ['exits', 'process.exit(3)', 'a thread of the worker pool died: exit 3'],
  ['throws', 'throw new RangeError("a secret")', 'a thread of the worker pool died: RangeError'],
])('a thread that %s fails its task alone, and is replaced', async (_, death, message) => {
  const threads = [scripted(death), echo()];
  const { compute } = poolOf({ size: 1, newWorker: async () => threads.shift()! });
  const [first, second] = await Promise.allSettled([
    compute('generateKeyPair', { type: 'ed25519' }),
    compute('generateKeyPair', { type: 'ed25519' }),
  ]);
  expect(first).toMatchObject({ status: 'rejected', reason: { message } });
  expect(second).toEqual({ status: 'fulfilled', value: 'done' });
});

test('closed: what is done and what waits fails, and no thread is started any more', async () => {
  let started = 0;
  const newWorker = async (): Promise<Worker> => {
    started += 1;
    return scripted(''); // never answers
  };
  const pool = poolOf({ size: 1, newWorker });
  const tasks = [1, 2].map(() => pool.compute('generateKeyPair', { type: 'ed25519' }));
  const outcomes = Promise.allSettled(tasks);
  await pool.close();
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(pool.compute('generateKeyPair', { type: 'ed25519' })).rejects.toThrow('the worker pool is closed');
  expect(started).toBe(1);
});

test('a thread that dies while it has nothing to do is replaced', async () => {
  const first = echo();
  const threads = [first, echo()];
  const { compute } = poolOf({ size: 1, newWorker: async () => threads.shift()! });
  await compute('generateKeyPair', { type: 'ed25519' });
  await first.terminate();
  expect(await compute('generateKeyPair', { type: 'ed25519' })).toBe('done');
});

test('a thread wipes what it was sent, after its work and after an error', async () => {
  const thread = new Worker(new URL('../../src/runtime/worker.ts', import.meta.url));
  onTestFinished(async () => void (await thread.terminate()));
  const { publicKey } = await generateKeyMaterial(KEY_SPECS.SM2, randomBytes);
  const algorithm = algorithmOf(KEY_SPECS.SM2, 'ENCRYPT_DECRYPT', 'SM2PKE');
  for (const key of [publicKey!, Uint8Array.of(1)]) {
    const plaintext = new Uint8Array(new SharedArrayBuffer(16)).fill(7); // we see what the thread has
    const answer = once(thread, 'message');
    thread.postMessage({ name: 'encrypt', input: { key, algorithm, plaintext } }, []);
    const [{ output, error }] = (await answer) as [{ output?: Uint8Array; error?: string }];
    expect([output === undefined, error === undefined]).toEqual(key === publicKey ? [false, true] : [true, false]);
    expect(plaintext.every((byte) => byte === 0)).toBe(true);
  }
});

test('an error of a task is without values, and the thread goes on', async () => {
  const { compute } = poolOf({ size: 1 });
  const key = privateKeyObject((await generateKeyMaterial(KEY_SPECS.ECC_NIST_P256, randomBytes)).secret);
  const algorithm = algorithmOf(KEY_SPECS.ML_DSA_44, 'SIGN_VERIFY', 'ML_DSA_SHAKE_256');
  const wrong = compute('sign', { key, algorithm, messageType: 'EXTERNAL_MU', message: new Uint8Array(64) });
  await expect(wrong).rejects.toThrow('not an ML-DSA key');
  await compute('generateKeyPair', { type: 'ed25519' });
});

test('bytes are sent without those beside them, and the originals are wiped where they are to be', () => {
  const whole = Uint8Array.of(1, 2, 3, 4);
  const sent = ownBytes({ key: whole.subarray(1, 3), name: 'x' }, 'wiped');
  expect([sent.key, sent.key.buffer.byteLength, sent.name]).toEqual([Uint8Array.of(2, 3), 2, 'x']);
  expect(whole).toEqual(Uint8Array.of(1, 0, 0, 4));
  expect(ownBytes(whole, 'kept')).toEqual(whole);
  expect(whole).toEqual(Uint8Array.of(1, 0, 0, 4));
  expect(bytesOf(sent)).toEqual([Uint8Array.of(2, 3)]);
});

const scripted = (onMessage: string): Worker =>
  new Worker(
    `const { parentPort } = require('node:worker_threads'); parentPort.on('message', () => { ${onMessage} })`,
    {
      eval: true,
    },
  );
const echo = (): Worker => scripted("parentPort.postMessage({ output: 'done' })");
