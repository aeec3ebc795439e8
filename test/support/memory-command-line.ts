/** The command line in one process over a keyring in memory: everything is as src/main.ts has it but the keyring's place. */
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { run } from '../../src/frontends/cli/run.ts';
import { openSession } from '../../src/runtime/session.ts';
import type { Fixture } from './fixture.ts';

export interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

const none = (what: string) => (): never => {
  throw new Error(`no ${what} here`);
};

/** @param words those behind `kms` */
export async function memoryCommand(home: Fixture, words: readonly string[]): Promise<Ended> {
  const written: { [fd: number]: string } = { 1: '', 2: '' };
  const exit = await run({
    argv: words,
    env: { LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    cwd: tmpdir(),
    home: () => '/nonexistent',
    version: 'pocket-kms/test',
    terminal: {
      isTerminal: () => false,
      columns: () => undefined,
      color: () => false,
      has: () => false,
      prompts: { passphrase: none('terminal'), newPassphrase: none('terminal'), secret: none('terminal') },
    },
    clock: () => home.now,
    write(fd, text) {
      written[fd] += text;
      return true;
    },
    async openSession(options) {
      const session = openSession({ ...options, random: home.random });
      const { sourceIp = '127.0.0.1', userAgent, service, network } = options;
      return {
        ...session,
        open: async () => home.keyring,
        async invoke(operation, input, region = options.region) {
          const origin = { caller: session.caller, sourceIp, userAgent, service, network, region };
          return (await home.kms.invoke(operation, input, origin)).output;
        },
        invokeChain(operation, chain) {
          const origin = { caller: session.caller, sourceIp, userAgent, service, network, region: options.region };
          return home.kms.invokeChain(operation, chain, origin);
        },
        invokeSeries(calls, how) {
          const origin = { caller: session.caller, sourceIp, userAgent, service, network, region: options.region };
          return home.kms.invokeSeries(calls, origin, how);
        },
        close: async () => undefined,
      };
    },
    serve: none('server'),
    serveXksProxy: none('proxy'),
    agent: undefined,
  });
  return { exit, stdout: written[1]!, stderr: written[2]! };
}

/** What a shell makes of each of some texts: the words behind each `kms` in it. One shell reads them all. */
export function shellCommands(texts: readonly string[]): readonly (readonly (readonly string[])[])[] {
  const script = [`kms() { printf '%s\\0' "$@"; printf '\\0'; }`, ...texts.flatMap((text) => [text, `printf '\\0'`])];
  const printed = execFileSync('sh', ['-c', script.join('\n')], { encoding: 'utf8' });
  return printed
    .split('\0\0\0')
    .slice(0, -1)
    .map((commands) => commands.split('\0\0').map((words) => words.split('\0')));
}
