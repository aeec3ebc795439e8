/** `kms serve`: the KMS API over HTTP. */
import { accountId } from '../../model/account.ts';
import { fileName } from '../../model/members.ts';
import { boolean, list, string, structure } from '../../model/shape.ts';
import type { KeyManagerAccess, KeyringAccess } from '../../runtime/capabilities.ts';
import { applyMembers, fileOptions, type FileOptions } from '../apply/apply-options.ts';
import type { Notes, Output, TerminalText } from '../command/capabilities.ts';
import { localCommand, type EventDeps } from '../command/local-command.ts';

/** The options of the server. */
export interface ServeOptions {
  /** `HOST:PORT` */
  readonly listen?: string | undefined;
  readonly socket?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** In clear to other machines too. */
  readonly allowPlainHttp?: boolean | undefined;
  /** Further host names for requests to a server on a loopback address. */
  readonly allowHost?: readonly string[] | undefined;
  /** Whether callers must sign; undefined: the default for the address or socket. */
  readonly verifySignatures?: boolean | undefined;
  /** Where the access key of the server goes. */
  readonly credentialsFile?: string | undefined;
  /** Serves a keyring in memory, which ends with the process. */
  readonly ephemeral?: boolean | undefined;
  /** Of a keyring in memory. */
  readonly account?: string | undefined;
  /** The keyring's TransitionTime is set to it first. */
  readonly transitionTime?: string | undefined;
  /** A file whose contents are applied first. */
  readonly seed?: string | undefined;
  readonly seedOptions?: FileOptions | undefined;
}

export interface Serving {
  /** Serves requests until a signal stops it. */
  readonly serve: (options: ServeOptions) => Promise<void>;
}

/** The dependencies of a server. */
export interface ServeDeps
  extends KeyringAccess, KeyManagerAccess, EventDeps, Notes, TerminalText, Pick<Output, 'print'> {}

export const serve = localCommand({
  name: 'Serve',
  command: 'serve',
  input: structure({
    Listen: string({ min: 1 }),
    Socket: fileName,
    TlsCert: fileName,
    TlsKey: fileName,
    AllowPlainHttp: boolean,
    AllowHost: list(string({ min: 1, max: 253, pattern: '[A-Za-z0-9._-]+' })),
    VerifySignatures: boolean,
    CredentialsFile: fileName,
    Ephemeral: boolean,
    AccountId: accountId,
    TransitionTime: string({ min: 1, max: 64 }),
    Seed: fileName,
    ...applyMembers,
  }),
  output: structure({}),
  silent: true,
  async run(input, { serve: answer }: Serving) {
    await answer({
      listen: input.Listen,
      socket: input.Socket,
      tlsCert: input.TlsCert,
      tlsKey: input.TlsKey,
      allowPlainHttp: input.AllowPlainHttp,
      allowHost: input.AllowHost,
      verifySignatures: input.VerifySignatures,
      credentialsFile: input.CredentialsFile,
      ephemeral: input.Ephemeral,
      account: input.AccountId,
      transitionTime: input.TransitionTime,
      seed: input.Seed,
      seedOptions: fileOptions(input),
    });
    return {};
  },
});
