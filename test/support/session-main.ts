/**
 * The command as sessions run it: composed like src/main.ts, but with a clock that moves one second a call and seeded
 * randomness, so that the same session always has the same output. The count of calls is kept in $HOME.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { write } from '../../src/frontends/cli/output/stdout.ts';
import { run } from '../../src/frontends/cli/run.ts';
import { terminal } from '../../src/frontends/cli/terminal.ts';
import { openSession } from '../../src/runtime/session.ts';
import { agentInProcess } from './agent-in-process.ts';

const home = process.env['HOME']!;
const calls = `${home}/.calls`;

/** Each call takes a number of its own, those of one pipe too: making a folder fails if it is there. */
function nextCall(): number {
  mkdirSync(calls, { recursive: true });
  for (let call = readdirSync(calls).length; ; call += 1) {
    try {
      mkdirSync(`${calls}/${call}`);
      return call;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

const call = nextCall();
let drawn = 0;

function seeded(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 32) {
    drawn += 1;
    bytes.set(
      createHash('sha256')
        .update(`${call}:${drawn}`)
        .digest()
        .subarray(0, length - at),
      at,
    );
  }
  return bytes;
}

const version = 'pocket-kms/session';
const clock = (): number => Date.UTC(2026, 0, 15, 9, 30, 0) + call * 1000;

void run({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  home: () => home,
  version,
  terminal,
  clock,
  write,
  openSession: async (options) => openSession({ ...options, random: seeded }),
  serve: async (...asked) => (await import('../../src/frontends/http/serve.ts')).serve(...asked),
  serveXksProxy: async (deps, options, trace) =>
    (await import('../../src/frontends/xks-proxy/serve.ts')).serveXksProxy(deps, options, { version, trace }),
  agent: process.env['SESSION_AGENT'] === '1' ? agentInProcess({ home, clock, random: seeded, version }) : undefined,
}).then((status) => process.exit(status));
