/** Runs test/support/xks-proxy.js, an external key store proxy that does what a test tells it, as a process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Identity } from './certificates.ts';

/** Members as xks-proxy.js describes them. */
export interface ProxyConfiguration {
  readonly prefix?: string | readonly string[];
  readonly credentials: { readonly [accessKeyId: string]: string };
  readonly keys: {
    readonly [id: string]: {
      readonly material: string;
      readonly status?: 'DISABLED';
      readonly usage?: readonly string[];
      readonly metadata?: string;
      readonly ivLength?: number;
    };
  };
  readonly health?: object;
  /** undefined: plain HTTP. */
  readonly tls:
    | (Identity & { readonly minVersion?: string; readonly maxVersion?: string; readonly ciphers?: string })
    | undefined;
  readonly keepAliveTimeout?: number;
}

interface LoggedRequest {
  readonly path: string;
  readonly connection: number;
  readonly answered: boolean;
  readonly operation?: string;
  readonly metadata?: object;
  readonly members?: readonly string[];
  readonly headers?: { readonly [name: string]: string };
}

export interface ProxyLog {
  /** Since the last time. */
  readonly requests: readonly LoggedRequest[];
  /** Ever made. */
  readonly connections: number;
  readonly open: number;
}

export interface ExternalProxy {
  readonly port: number;
  /** The commands of xks-proxy.js. */
  readonly behave: (as: object, times?: number) => Promise<void>;
  readonly configure: (changes: Partial<ProxyConfiguration>) => Promise<void>;
  readonly secure: (tls: Identity) => Promise<void>;
  readonly closeIdle: (how: 'end' | 'reset') => Promise<void>;
  readonly log: () => Promise<ProxyLog>;
  readonly stop: () => Promise<void>;
}

export async function startProxy(configuration: ProxyConfiguration): Promise<ExternalProxy> {
  const program = join(import.meta.dirname, 'xks-proxy.js');
  const child = spawn(process.execPath, [program, JSON.stringify(configuration)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse(String((await lines.next()).value));
  let last: Promise<unknown> = next();
  const { port } = (await last) as { port: number };
  const tell = (command: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    last = last.then(next);
    return last;
  };
  const order = async (command: object): Promise<void> => void (await tell(command));
  return {
    port,
    behave: (as, times) => order({ do: 'behave', as, times }),
    configure: (changes) => order({ do: 'configure', ...changes }),
    secure: (tls) => order({ do: 'secure', tls }),
    closeIdle: (how) => order({ do: 'closeIdle', how }),
    log: async () => (await tell({ do: 'log' })) as ProxyLog,
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
