/** `kms xks-proxy`: an external key store proxy, whose external keys are the KMS keys of a keyring. */
import { fileName } from '../../model/members.ts';
import { required, string, structure } from '../../model/shape.ts';
import type { KeyManagerAccess, KeyringAccess } from '../../runtime/capabilities.ts';
import { knownCluster } from '../../operations/key-stores/members.ts';
import type { Notes, Output, TerminalText } from '../command/capabilities.ts';
import { localCommand, type EventDeps } from '../command/local-command.ts';

export interface XksProxyOptions {
  /** `HOST:PORT` */
  readonly listen?: string | undefined;
  readonly map: string;
  /** Cluster ID of the entry of a token, whose keys are served in place of a keyring's. */
  readonly hsm?: string | undefined;
  readonly pinFile?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Of client certificates. */
  readonly clientCa?: string | undefined;
  readonly clientName?: string | undefined;
  readonly accessLog?: string | undefined;
}

export interface XksProxying {
  /** Answers requests until a signal stops it. */
  readonly serveXksProxy: (options: XksProxyOptions) => Promise<void>;
}

/** The dependencies of a proxy. */
export interface XksProxyDeps
  extends KeyringAccess, KeyManagerAccess, EventDeps, Notes, TerminalText, Pick<Output, 'print'> {}

export const xksProxy = localCommand({
  name: 'XksProxy',
  command: 'xks-proxy',
  input: structure({
    Map: required(fileName),
    Hsm: knownCluster,
    PinFile: fileName,
    Listen: string({ min: 1 }),
    TlsCert: fileName,
    TlsKey: fileName,
    ClientCa: fileName,
    ClientName: string({ min: 1, max: 253 }),
    AccessLog: fileName,
  }),
  output: structure({}),
  silent: true,
  async run(input, { serveXksProxy }: XksProxying) {
    await serveXksProxy({
      listen: input.Listen,
      map: input.Map,
      hsm: input.Hsm,
      pinFile: input.PinFile,
      tlsCert: input.TlsCert,
      tlsKey: input.TlsKey,
      clientCa: input.ClientCa,
      clientName: input.ClientName,
      accessLog: input.AccessLog,
    });
    return {};
  },
});
