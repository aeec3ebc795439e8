/** The text of the external key store proxy. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const xksProxy: CommandTexts = {
  XksProxy: {
    summary: 'Serves an external key store proxy',
    description: [
      'Opens the keyring and serves requests of the AWS KMS External Key Store Proxy API until SIGTERM or SIGINT; requests in progress are completed first. The KMS keys of the keyring that --map lists are external keys: a custom key store of type EXTERNAL_KEY_STORE, in another keyring or in AWS, encrypts with them. Each use of an external key is a call of Encrypt or Decrypt by the caller of this command, which key policies can deny, and it has an event in the audit log of the keyring. Other processes can use the same keyring at the same time.',
      'The map is JSON or YAML: "Paths" is a list of URI paths, each with "UriPath" (it ends in /kms/xks/v1), "Credentials", a list of credential files, and "Keys", a list of external keys, each with "XksKeyId", "Key" (the ID, ARN or alias of a KMS key of the keyring) and "Usage" (ENCRYPT, DECRYPT; default: both). A credential file is a proxy configuration file of the AWS KMS console: JSON with "XksProxyUriPath" and "XksProxyAuthenticationCredential", which has "AccessKeyId" and "RawSecretAccessKey". It must be owned by you with mode 0600; its path is relative to the folder of the map. Two credentials of a URI path are valid at once, so that they can be replaced without interruption: on SIGHUP the map, the credential files and the certificates are read again, except where standard error is a terminal.',
      'GET /ping checks, without a signature, that the proxy is running.',
    ],
    members: {
      Map: 'The file with URI paths, credentials and external keys.',
      Hsm: 'The cluster ID of a PKCS#11 token (kms hsm add) whose keys are external keys, instead of KMS keys of a keyring: "Key" of the map is the label of an AES-256 key. Requires --pin-file; no keyring is opened. Default: a keyring.',
      PinFile:
        'A file with the password of the user of the token (mode 0600). A password of AWS CloudHSM is that of kmsuser.',
      Listen:
        'The address to listen on, HOST:PORT. Port 0 selects a free port. An address that is not a loopback address requires TLS. Default: 127.0.0.1:4600.',
      TlsCert: 'A PEM file with the certificate of the proxy and its chain. Enables TLS 1.2 and 1.3.',
      TlsKey: 'A PEM file with the private key of the certificate, owned by the user with mode 0600.',
      ClientCa:
        'A PEM file with the CA certificate that client certificates must be issued by. Requires --client-name and TLS. Clients without such a certificate are disconnected after the TLS handshake.',
      ClientName:
        'The common name that client certificates must have. That of AWS KMS is cks.kms.REGION.amazonaws.com.',
      AccessLog:
        'The file to append a line of JSON to for each request (created with mode 0600): time, client, path, status, duration, access key ID, external key and request metadata, but no plaintext, ciphertext or additional authenticated data. Default: no access log.',
    },
    errors: [],
    examples: [
      {
        title: 'Make a credential, and serve one key as an external key',
        lines: [
          'umask 077',
          'id=$(head -c 16 /dev/urandom | base32 | tr -d = | cut -c 1-24) secret=$(head -c 36 /dev/urandom | base64)',
          'echo "{\\"XksProxyUriPath\\": \\"/kms/xks/v1\\", \\"XksProxyAuthenticationCredential\\": {\\"AccessKeyId\\": \\"$id\\", \\"RawSecretAccessKey\\": \\"$secret\\"}}" > credential.json',
          'echo \'{"Paths": [{"UriPath": "/kms/xks/v1", "Credentials": ["credential.json"], "Keys": [{"XksKeyId": "key-1", "Key": "alias/external"}]}]}\' > map.json',
          'kms xks-proxy --map map.json --access-log access.jsonl',
        ],
      },
    ],
    seeAlso: ['CreateCustomKeyStore', 'CreateKey', 'Serve'],
  },
};
