/** The text of the server. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const serve: CommandTexts = {
  Serve: {
    summary: 'Serves the KMS API over HTTP',
    description: [
      'Opens the keyring once and answers the AWS SDKs and the AWS CLI, whose endpoint is set to the printed address, until it is told to stop (SIGTERM, SIGINT, SIGHUP); what runs then is finished first. Every call takes the same way as on the command line: policies are evaluated, and no answer leaves before its event is in the audit log. Other commands work on the same keyring meanwhile.',
      "Requests must be signed. If the keyring has access keys, with one of them; else with an access key of the server itself, which is the default caller's and is good until the server ends: it is shown on the terminal with the lines that a client needs, or written with --credentials-file, or the start is refused. Who opens a socket file needs none, unless the keyring asks for signatures: the first access key switches that on, and kms identity disable-signature-verification off. A keyring in memory takes any credentials, unless its seed has access keys. STS answers AssumeRole and GetCallerIdentity at the same address. GET /ping tells that the server runs.",
    ],
    members: {
      Listen:
        'The address to listen on, HOST:PORT; port 0 chooses one. Default: 127.0.0.1:4599. Addresses that other machines reach need access keys, and TLS or --allow-plain-http.',
      Socket:
        'A socket file to listen on instead, for you alone (mode 0600), in a folder that others cannot write. Any credentials are taken, unless the keyring asks for signatures.',
      TlsCert: 'A file with the certificate of the server and what leads to it, PEM: TLS 1.3 is spoken then.',
      TlsKey: 'A file with its private key, PEM; yours, closed to others (mode 0600).',
      AllowPlainHttp: 'Answers other machines in clear. Default: off.',
      AllowHost:
        'Further names that requests may have in their Host header, without a port, while the server listens on a loopback address. Without it they are localhost, 127.0.0.0/8, [::1] and the host of --listen: no page on the web reaches the server by a name of its own.',
      VerifySignatures:
        'Whether requests must be signed. --no-verify-signatures makes the calls of every user and every program of this machine, or of whoever may open the socket, as the default caller, and is refused where other machines could call; access keys that are known are verified all the same. --verify-signatures asks for signatures of callers of a socket and of a keyring in memory too.',
      CredentialsFile:
        'A file for an access key of the server, mode 0600, in the format of the AWS SDKs, with Region and endpoint: a client needs AWS_SHARED_CREDENTIALS_FILE set to it. Nothing but what a server has left there is replaced; it is removed when the server ends.',
      Ephemeral:
        'A new keyring in memory, gone with the process; on this machine any credentials are taken, unless its seed has access keys. Default: off.',
      AccountId: 'The account of a keyring in memory, 12 digits. Default: 000000000000.',
      Seed: 'A file whose keys, aliases, policies and grants are applied first, like kms apply does.',
    },
    errors: [],
    examples: [
      { title: 'For tests of a program', lines: ['kms serve --ephemeral --listen 127.0.0.1:0 --seed keys.yaml'] },
      {
        title: 'For other containers, whose access key the seed has',
        lines: ['kms serve --ephemeral --listen 0.0.0.0:4599 --allow-plain-http --seed keys.yaml'],
      },
      {
        title: 'The AWS CLI against your keyring',
        lines: [
          'kms serve --credentials-file ~/.kms-credentials &',
          'AWS_SHARED_CREDENTIALS_FILE=~/.kms-credentials aws kms list-keys',
        ],
      },
    ],
    seeAlso: ['IdentityCreateAccessKey', 'IdentityAssumeRole', 'Init'],
  },
};
