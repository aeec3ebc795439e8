/** `kms serve`: the KMS API over HTTP. */
import { boolean, list, string, structure } from '../../api/shape.ts';
import { tool } from '../tool.ts';

export const serve = tool({
  name: 'Serve',
  command: 'serve',
  input: structure({
    Listen: string({ min: 1 }),
    Socket: string({ min: 1 }),
    TlsCert: string({ min: 1 }),
    TlsKey: string({ min: 1 }),
    AllowPlainHttp: boolean,
    AllowHost: list(string({ min: 1, max: 253, pattern: '[A-Za-z0-9._-]+' })),
    Ephemeral: boolean,
    AccountId: string({ min: 12, max: 12, pattern: '[0-9]{12}' }),
    Seed: string({ min: 1 }),
  }),
  output: structure({}),
  silent: true,
  async run({ Listen, Socket, TlsCert, TlsKey, AllowPlainHttp, AllowHost, Ephemeral, AccountId, Seed }, house) {
    await house.serve({
      listen: Listen,
      socket: Socket,
      tlsCert: TlsCert,
      tlsKey: TlsKey,
      allowPlainHttp: AllowPlainHttp,
      allowHost: AllowHost,
      ephemeral: Ephemeral,
      account: AccountId,
      seed: Seed,
    });
    return {};
  },
});
