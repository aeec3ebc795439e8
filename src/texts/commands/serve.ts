/** The text of the server. */
import type { CommandTexts } from '../command-text/command-text.ts';
import { applyMembers } from './apply.ts';

export const serve: CommandTexts = {
  Serve: {
    summary: 'Serves the KMS API over HTTP',
    description: [
      'Opens the keyring and serves requests of AWS SDKs and the AWS CLI (endpoint URL: the printed address) until SIGTERM, SIGINT or SIGHUP; requests in progress are completed first. Calls behave as on the command line: policies are evaluated, and no response is sent before its event is in the audit log. Other processes can use the same keyring at the same time.',
      'Requests must be signed with an access key of the keyring. If the keyring has no access keys, the server creates one for the default caller, which is valid until the server stops. It is printed on the terminal or written to --credentials-file; otherwise the server does not start. Requests on a socket need not be signed, unless the keyring requires signatures: the first access key enables this, kms identity disable-signature-verification disables it. A keyring in memory accepts any credentials, unless the seed has access keys. The STS operations AssumeRole, AssumeRoleWithWebIdentity (for tokens of providers that kms identity-provider put registers), GetSessionToken, GetFederationToken and GetCallerIdentity are available at the same address. GET /ping checks that the server is running.',
    ],
    members: {
      Listen:
        'The address to listen on, HOST:PORT. Port 0 selects a free port. An address that is not a loopback address requires access keys, and TLS or --allow-plain-http. Default: 127.0.0.1:4599.',
      Socket:
        'The Unix domain socket to listen on instead of an address (mode 0600). Other users must not have write access to its folder. Any credentials are accepted, unless the keyring requires signatures.',
      TlsCert: 'A PEM file with the certificate of the server and its chain. Enables TLS 1.3.',
      TlsKey: 'A PEM file with the private key of the certificate, owned by the user with mode 0600.',
      AllowPlainHttp: 'Allow unencrypted connections from other machines. Default: off.',
      AllowHost:
        'Additional host names, without a port, to accept in the Host header on a loopback address. Other names are rejected, as a protection against DNS rebinding. Default: localhost, 127.0.0.0/8, [::1] and the host of --listen.',
      VerifySignatures:
        'Require signed requests. --verify-signatures requires signatures on a socket and for a keyring in memory too. --no-verify-signatures makes unsigned requests of any local process as the default caller, and is rejected on an address that is not a loopback address; signatures with an access key of the keyring are still verified.',
      CredentialsFile:
        'The credentials file to write the access key of the server to (mode 0600), with Region and endpoint URL. Clients use it through AWS_SHARED_CREDENTIALS_FILE. Only a file of an earlier server is overwritten. It is removed when the server stops.',
      Ephemeral:
        'Use a new keyring in memory, which is discarded when the server stops. Local clients can use any credentials, unless the seed has access keys. Default: off.',
      AccountId: 'The account of the keyring in memory, 12 digits. Default: 000000000000.',
      TransitionTime:
        'The TransitionTime to set in the keyring before the server starts, 0 to 1h, as with kms settings put. Default: unchanged.',
      Seed: 'A file to apply before the server starts, as with kms apply, with the options for it that kms apply has.',
      ...applyMembers,
    },
    errors: [],
    examples: [
      {
        title: 'Serve a keyring in memory for tests',
        lines: ['kms serve --ephemeral --listen 127.0.0.1:0 --seed keys.yaml'],
      },
      {
        title: 'Serve other containers, with access keys of the seed',
        lines: ['kms serve --ephemeral --listen 0.0.0.0:4599 --allow-plain-http --seed keys.yaml'],
      },
      {
        title: 'Use the AWS CLI with your keyring',
        lines: [
          'kms serve --credentials-file ~/.kms-credentials &',
          'AWS_SHARED_CREDENTIALS_FILE=~/.kms-credentials aws kms list-keys',
        ],
      },
    ],
    seeAlso: ['IdentityCreateAccessKey', 'IdentityAssumeRole', 'Init'],
  },
};
