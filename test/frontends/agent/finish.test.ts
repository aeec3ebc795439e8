/** Calls of an agent, side by side and at its end: those in progress are completed, also those of clients that have gone. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { computeHere, type Compute } from '../../../src/crypto/task.ts';
import { answerOn } from '../../../src/frontends/agent/answer.ts';
import { serveOn } from '../../../src/frontends/agent/agent.ts';
import { frame, FrameReader } from '../../../src/frontends/agent/frame.ts';
import { socketPeer } from '../../../src/frontends/agent/peer.ts';
import type { Keyring } from '../../../src/keyring/keyring.ts';
import { memoryLog } from '../../../src/keyring/memory-log.ts';
import { fixture, newKey } from '../../support/fixture.ts';
import { temporaryFolders } from '../../support/folder.ts';

const folder = temporaryFolders();
const limit = { use() {}, hasExpired: false, idleUntil: Infinity, until: Infinity };
const fileOf = ({ id, fingerprint }: Keyring) => ({
  path: join(folder(), 'file'),
  socket: join(folder(), 'socket'),
  keyringId: id,
  fingerprint,
  keyring: '/ring/keyring.db',
  version: 'x/1',
  pid: process.pid,
  callerProof: '1'.repeat(64),
  agentProof: '2'.repeat(64),
});

test('the call of a client that has gone is waited for', async () => {
  const { promise: syncing, resolve: begun } = Promise.withResolvers<void>();
  const { promise: synced, resolve: sync } = Promise.withResolvers<void>();
  const home = await fixture('gone', {
    log: {
      ...memoryLog(),
      syncInBackground() {
        begun();
        return synced;
      },
    },
  });
  await newKey(home);
  home.keyring.setLongLived();
  const file = fileOf(home.keyring);
  const { server, finish } = serveOn({ ...home, file, limit, lock() {}, clock: () => home.now, compute: computeHere });
  server.listen(file.socket);
  const client = connect(file.socket);
  client.write(frame({ hello: 'pocket-kms agent 1', version: file.version, proof: file.callerProof }));
  await once(client, 'data');
  client.write(frame({ ask: 'call', operation: 'ListKeys', input: {}, origin: { userAgent: 'x' } }));
  await syncing;
  client.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50)); // the server sees it
  let hasFinished = false;
  const finished = finish().then(() => (hasFinished = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(hasFinished).toBe(false);
  sync();
  await finished;
  expect(home.events().at(-1)).toMatchObject({ eventName: 'ListKeys' });
});

test('what a client has not taken yet is waited for', async () => {
  const { promise: written, resolve: take } = Promise.withResolvers<void>();
  const home = await fixture('slow');
  const file = fileOf(home.keyring);
  const { serve, finish } = serveOn({ ...home, file, limit, lock() {}, clock: () => home.now, compute: computeHere });
  const server = createServer((socket) => serve({ ...socketPeer(socket), written: () => written }));
  server.listen(file.socket);
  const client = connect(file.socket);
  client.write(frame({ hello: 'pocket-kms agent 1', version: file.version, proof: file.callerProof }));
  await once(client, 'data');
  let hasFinished = false;
  const finished = finish().then(() => (hasFinished = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(hasFinished).toBe(false);
  take();
  await finished;
  client.destroy();
  server.close();
});

test('a call is answered while another one computes what takes long', async () => {
  const { promise: computing, resolve: begun } = Promise.withResolvers<void>();
  const { promise: computed, resolve: goOn } = Promise.withResolvers<void>();
  const compute: Compute = async (name, input) => {
    begun();
    await computed;
    return computeHere(name, input);
  };
  const home = await fixture('long');
  const file = fileOf(home.keyring);
  const { server, finish } = serveOn({ ...home, file, limit, lock() {}, clock: () => home.now, compute });
  server.listen(file.socket);
  const ask = async (operation: string, input: object): Promise<() => Promise<void>> => {
    const client = connect(file.socket);
    client.write(frame({ hello: 'pocket-kms agent 1', version: file.version, proof: file.callerProof }));
    await once(client, 'data');
    client.write(frame({ ask: 'call', operation, input, origin: { userAgent: 'x' } }));
    const answered = once(client, 'data');
    return async () => {
      await answered;
      client.destroy();
    };
  };
  const long = await ask('CreateKey', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  await computing;
  await (
    await ask('ListKeys', {})
  )();
  goOn();
  await long();
  expect(home.events().map(({ eventName }) => eventName)).toEqual(['ListKeys', 'CreateKey']);
  await finish();
});

test.each([
  ['a hello', 0, { hello: 50, question: 60_000 }, []],
  ['a question', 1, { hello: 60_000, question: 50 }, [{ proof: '2'.repeat(64) }, { answer: 'refused' }]],
] as const)('a client that does not send %s in time is left', async (_, hellos, timeouts, answers) => {
  const home = await fixture('silent');
  const file = fileOf(home.keyring);
  const answering = { ...home, file, timeouts, admitCall: () => true, status: () => ({}), lock() {} };
  const server = createServer((socket) => void answerOn(socketPeer(socket), answering));
  server.listen(file.socket);
  const client = connect(file.socket);
  const hello = frame({ hello: 'pocket-kms agent 1', version: file.version, proof: file.callerProof });
  client.write(hellos === 0 ? hello.subarray(0, 10) : hello);
  const reader = new FrameReader();
  const said: unknown[] = [];
  client.on('data', (bytes: Uint8Array) => said.push(...reader.push(bytes)));
  await once(client, 'close');
  expect(said).toEqual(answers);
  server.close();
});
