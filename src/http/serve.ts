/** `kms serve`: from what was asked for to a server that answers, and to its end. */
import { EnvironmentError } from '../api/error.ts';
import { uuid } from '../crypto/uuid.ts';
import type { House, Wishes } from '../operations/tool.ts';
import { createSts } from '../service/sts.ts';
import { createKms, type Kms } from '../service/road.ts';
import type { Trace } from '../service/trace.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { countAccessKeys } from '../keyring/access-key.ts';
import { failureLog } from './failure-log.ts';
import { loopbackHosts } from './host.ts';
import { isLoopback, listenAt, listenOn, readAddress, type Address } from './listen.ts';
import { startServer, type Running } from './server.ts';
import { readTlsFiles } from './tls.ts';

const USUAL_ADDRESS = '127.0.0.1:4599';
const ACCOUNT = '000000000000';
const REGION = 'us-east-1';

export async function serve(house: House, wishes: Wishes, trace?: Trace): Promise<void> {
  const { clock, random } = house;
  const address = addressOf(wishes);
  const tls = tlsOf(wishes);
  const isPrivate = address === undefined || isLoopback(address);
  if (!isPrivate && !tls && !wishes.allowPlainHttp) {
    throw new EnvironmentError(`${address.host} is open to other machines, and the connection in clear`, [
      'name a certificate with --tls-cert and --tls-key',
      'or say --allow-plain-http',
    ]);
  }
  const keyring = await keyringOf(house, wishes);
  keyring.stay();
  const kms = createKms({ keyring, clock, random, trace });
  if (wishes.seed !== undefined) await applySeed(wishes.seed, { ...house, open: async () => keyring }, kms);
  const keys = await keyring.transact(countAccessKeys);
  if (!isPrivate && keys === 0) {
    throw new EnvironmentError('other machines may call only with access keys, and the keyring has none', [
      'kms identity create-access-key makes one',
    ]);
  }
  const failures = failureLog({ say: quietly(house.say), trace });
  const running = await startServer(
    {
      kms,
      sts: createSts({ keyring, clock, random }),
      verification: {
        required: isPrivate ? 'by the keyring' : 'always',
        defaultCaller: house.caller,
        processKey: undefined,
        clock,
      },
      hosts: address && isLoopback(address) ? loopbackHosts([address.host, ...(wishes.allowHost ?? [])]) : undefined,
      newId: () => uuid(random),
      failures,
    },
    tls,
  );
  const where = await listen(running, { address, socket: wishes.socket });
  if (keys === 0)
    house.say('there are no access keys: any credentials are taken, and every call is made as the default caller');
  house.print(address ? `${tls ? 'https' : 'http'}://${where}` : `unix:${where}`);
  await untilTold();
  const say = quietly(house.say);
  say('stopping: what runs is finished first');
  await running.stop();
  failures.close();
  keyring.close();
}

function addressOf({ listen, socket }: Wishes): Address | undefined {
  if (socket !== undefined && listen !== undefined) throw new EnvironmentError('either --listen or --socket, not both');
  return socket === undefined ? readAddress(listen ?? USUAL_ADDRESS) : undefined;
}

function tlsOf({ tlsCert: cert, tlsKey: key }: Wishes) {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) throw new EnvironmentError('--tls-cert and --tls-key go together');
  return readTlsFiles({ cert, key });
}

async function keyringOf(house: House, { ephemeral, account }: Wishes): Promise<Keyring> {
  const { clock, random, region = REGION } = house;
  const keyring = ephemeral
    ? await inMemory({ account: account ?? ACCOUNT, region, clock, random })
    : await house.open();
  return keyring;
}

async function applySeed(file: string, house: House, kms: Kms): Promise<void> {
  const { applyFile } = await import('../operations/seed/apply.ts');
  const invoke: House['invoke'] = async (operation, input, region = house.region) => {
    const { caller } = house;
    const answer = await kms.invoke({
      operation,
      input,
      caller,
      region,
      sourceIp: '127.0.0.1',
      userAgent: 'kms serve',
    });
    return answer.output;
  };
  const changes = await applyFile(await house.open(), file, { house: { ...house, invoke } });
  house.say(`applied ${file}: ${changes.filter(({ Action }) => Action !== 'unchanged').length} changes`);
}

async function inMemory(settings: Parameters<typeof import('../service/memory-keyring.ts').memoryKeyring>[0]) {
  const { memoryKeyring } = await import('../service/memory-keyring.ts');
  return (await memoryKeyring(settings)).keyring;
}

async function listen(
  { server }: Running,
  { address, socket }: { readonly address: Address | undefined; readonly socket: string | undefined },
): Promise<string> {
  if (address) return listenAt(server, address);
  await listenOn(server, socket!);
  return socket!;
}

/** A server goes on where nobody can be told any more: stderr may be on the very disk that is full. */
const quietly =
  (say: House['say']): House['say'] =>
  (line) => {
    try {
      say(line);
    } catch {
      // told to nobody
    }
  };

/** A second signal ends the process at once, as signals do. */
const untilTold = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
