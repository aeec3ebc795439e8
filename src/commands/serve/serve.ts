/** `kms serve`: the KMS API over HTTP. */
import { accountId } from '../../model/account.ts';
import { boolean, list, string, structure } from '../../model/shape.ts';
import { localCommand } from '../command/local-command.ts';

export const serve = localCommand({
  name: 'Serve',
  command: 'serve',
  input: structure({
    Listen: string({ min: 1 }),
    Socket: string({ min: 1 }),
    TlsCert: string({ min: 1 }),
    TlsKey: string({ min: 1 }),
    AllowPlainHttp: boolean,
    AllowHost: list(string({ min: 1, max: 253, pattern: '[A-Za-z0-9._-]+' })),
    VerifySignatures: boolean,
    CredentialsFile: string({ min: 1 }),
    Ephemeral: boolean,
    AccountId: accountId,
    Seed: string({ min: 1 }),
  }),
  output: structure({}),
  silent: true,
  async run(input, session) {
    await session.serve({
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
      seed: input.Seed,
    });
    return {};
  },
});
