/** An agent in the process of the call, with its clock and randomness: calls take the whole way, over a socket. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { computeHere } from '../../src/crypto/task.ts';
import { agentFilePath, encodeAgentFile, type AgentFile } from '../../src/frontends/agent/agent-file.ts';
import { serveOn } from '../../src/frontends/agent/agent.ts';
import { callsOf } from '../../src/frontends/agent/client.ts';
import { DEFAULT_LIMITS, limiter } from '../../src/frontends/agent/limits.ts';
import type { AgentFrontend } from '../../src/frontends/cli/process.ts';
import { listenOn } from '../../src/frontends/http/socket.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { realKeyring } from '../../src/keyring/place.ts';
import { openSession } from '../../src/runtime/session.ts';

interface AgentInProcess {
  readonly home: string;
  readonly version: string;
  readonly clock: () => number;
  readonly random: (length: number) => Uint8Array;
}

export const agentInProcess = ({ home, version, clock, random }: AgentInProcess): AgentFrontend => ({
  async calls(options, usual) {
    const session = openSession({ ...options, random });
    let keyring: Keyring;
    try {
      keyring = await session.open();
    } catch {
      return undefined; // nothing that could be held open
    }
    const runtime = `${home}/.agent-${process.pid}`;
    const folder = `${runtime}/pocket-kms`;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const proof = (): string => randomBytes(32).toString('hex');
    const file: AgentFile = {
      path: agentFilePath(folder, keyring.id),
      socket: `${folder}/${keyring.id}.00000000`,
      keyringId: keyring.id,
      fingerprint: keyring.fingerprint,
      keyring: realKeyring(session.place),
      version,
      pid: process.pid,
      callerProof: proof(),
      agentProof: proof(),
    };
    const limit = limiter(DEFAULT_LIMITS, { wall: clock, steady: () => 0 });
    // an agent has processes for tokens, which this bundle has no file for
    const reached = session.keyManagersFor(keyring, { inProcesses: false });
    const keyManagers = reached.open;
    const { server } = serveOn({
      file,
      keyring,
      limit,
      lock: () => {},
      clock,
      random,
      compute: computeHere,
      keyManagers,
    });
    await listenOn(server, file.socket);
    writeFileSync(file.path, encodeAgentFile(file), { mode: 0o600 });
    const withRuntime = { ...options, env: { ...options.env, XDG_RUNTIME_DIR: runtime } };
    const calls = (await callsOf(withRuntime, { usual, version })) ?? (await usual());
    const close = async (): Promise<void> => {
      await calls.close();
      server.close();
      await reached.close();
      keyring.close();
      rmSync(runtime, { recursive: true });
    };
    return { ...calls, close };
  },
  control: () => Promise.reject(new Error('not here')),
  run: () => Promise.reject(new Error('not here')),
});
