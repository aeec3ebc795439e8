/** Texts of the commands for calls over the network: the server, access keys, sessions. */
import type { CommandTexts } from './text.ts';

export const serving: CommandTexts = {
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

  IdentityCreateAccessKey: {
    summary: 'Creates an access key for a user',
    description: [
      'Requests that it signs are made as this user. The secret access key is shown this once; the keyring keeps it sealed. From the first access key on the keyring asks for signatures, also after the last one was deleted.',
    ],
    members: {
      PrincipalArn: 'ARN of the user, or of the root user of an account. A bare word may give it.',
      FromFile:
        'A file with an access key that was chosen, in the format of the AWS SDKs (aws_access_key_id and aws_secret_access_key of its only profile, or of the profile default); yours, closed to others (mode 0600). The ID has 16 to 128 letters, digits and underscores, does not begin with ASIA, and is not there yet; the secret has 16 to 128 visible characters of ASCII. Default: a new one.',
    },
    errors: [],
    examples: [
      { title: 'For Alice', lines: ['kms identity create-access-key arn:aws:iam::111122223333:user/Alice'] },
      {
        title: 'One that clients have already',
        lines: ['kms identity create-access-key arn:aws:iam::111122223333:root --from-file ~/.aws/pocket-kms'],
      },
    ],
    seeAlso: ['IdentityListAccessKeys', 'IdentityDeleteAccessKey', 'Serve'],
  },

  IdentityListAccessKeys: {
    summary: 'Lists the access keys',
    description: [
      'Without their secrets, which are shown only when they are made. VerifySignatures tells whether the keyring asks callers of a socket for signatures.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'For people', lines: ['kms identity list-access-keys --output table'] }],
    seeAlso: ['IdentityCreateAccessKey', 'IdentityDeleteAccessKey'],
  },

  IdentityDeleteAccessKey: {
    summary: 'Deletes an access key',
    description: ['Requests that it signed are refused from now on, by servers that run already too.'],
    members: { AccessKeyId: 'ID of the access key. A bare word may give it.' },
    errors: [],
    examples: [{ title: 'By its ID', lines: ['kms identity delete-access-key AKIAIOSFODNN7EXAMPLE'] }],
    seeAlso: ['IdentityListAccessKeys'],
  },

  IdentityEnableSignatureVerification: {
    summary: 'Requires signed requests on a socket',
    description: [
      'kms serve --socket then refuses requests that no access key has signed, as servers on addresses always do; servers that run already do so too. The first access key of a keyring switches this on.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'For this keyring', lines: ['kms identity enable-signature-verification'] }],
    seeAlso: ['IdentityDisableSignatureVerification', 'IdentityCreateAccessKey', 'Serve'],
  },

  IdentityDisableSignatureVerification: {
    summary: 'Accepts unsigned requests on a socket',
    description: [
      'kms serve --socket then makes requests that no known access key has signed as the default caller: only the owner of the socket can open it. Servers on addresses go on asking for signatures. Deleting the last access key does not do this.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'For this keyring', lines: ['kms identity disable-signature-verification'] }],
    seeAlso: ['IdentityEnableSignatureVerification', 'Serve'],
  },

  IdentityAssumeRole: {
    summary: 'Creates temporary credentials for a session of a role',
    description: [
      'Like sts assume-role, for whoever can unlock the keyring: requests that are signed with them are made as the session, bounded by its session policy, until it expires.',
    ],
    members: {
      RoleArn: 'ARN of the role. A bare word may give it.',
      RoleSessionName: 'The name of the session, which stands in its ARN. Default: session.',
      DurationSeconds: 'How long it lasts, 900 to 43200 seconds. Default: 3600.',
      Policy: 'A session policy: JSON, of which only what the role may do too is allowed.',
      Tags: 'Session tags: conditions see them as aws:PrincipalTag.',
    },
    errors: [],
    examples: [
      {
        title: 'A session that may only decrypt',
        lines: [
          'kms identity assume-role arn:aws:iam::111122223333:role/App --policy \'{"Statement":[{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}]}\'',
        ],
      },
    ],
    seeAlso: ['IdentityCreateAccessKey', 'Serve', 'GetCallerIdentity'],
  },

  Apply: {
    summary: 'Creates and updates what a file declares',
    description: [
      'Makes the keys with these IDs, their aliases and grants, and the principals that the file lists, and changes descriptions, policies, tags, states and rotation that differ. What the file does not speak of stays as it is; applying it again changes nothing.',
      'The file is JSON or YAML, {Keys: [...], Principals: [...], AccessKeys: [...]} with the names of the API, or a CloudFormation template, of which AWS::KMS::Key, AWS::KMS::ReplicaKey and AWS::KMS::Alias are taken. KeyMaterial gives a key its material, base64: for tests that need the same ciphertexts everywhere; AccessKeys have a PrincipalArn, an AccessKeyId and a SecretAccessKey that were chosen.',
    ],
    members: {
      File: 'The file. A bare word may give it.',
      DryRun: 'Tells what would be done, and does nothing. Default: off.',
    },
    errors: [],
    examples: [
      { title: 'What would change', lines: ['kms apply keys.yaml --dry-run --output table'] },
      { title: 'The keys of a stack', lines: ['kms apply template.yaml --region eu-central-1'] },
    ],
    seeAlso: ['Serve', 'CreateKey', 'CreateAlias'],
  },
};
