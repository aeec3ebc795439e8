/** TLS settings: version 1.3, with a post-quantum key agreement preferred. */
import { readFileSync } from 'node:fs';
import { createSecureContext, type TlsOptions } from 'node:tls';
import { EnvironmentError } from '../../model/error.ts';
import { readSecretFile } from '../../files/private-file.ts';

export interface TlsFiles extends TlsOptions {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Names of files. */
interface TlsFileNames {
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
}

/**
 * X25519MLKEM768: draft-ietf-tls-ecdhe-mlkem, the hybrid that AWS KMS's own endpoints offer. Groups after a `/`
 * are used only for clients that do not support it, even if they prefer them.
 */
const GROUPS = 'X25519MLKEM768/X25519:P-256:P-384';

/** Of `--tls-cert` and `--tls-key`; undefined: connections are not encrypted. */
export function tlsOfOptions({ tlsCert: cert, tlsKey: key }: TlsFileNames): TlsFiles | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw new EnvironmentError('--tls-cert and --tls-key must be specified together');
  return readTlsFiles({ cert, key });
}

/** @throws EnvironmentError if a file cannot be read, the key is accessible to other users, or the two do not belong together */
export function readTlsFiles({ cert, key }: { readonly cert: string; readonly key: string }): TlsFiles {
  const files: TlsFiles = {
    cert: readCertificate(cert),
    key: Buffer.from(readSecretFile(key, 'the TLS key')),
    minVersion: 'TLSv1.3',
    ecdhCurve: GROUPS,
    honorCipherOrder: true,
  };
  try {
    createSecureContext(files);
  } catch (error) {
    throw new EnvironmentError(
      `the certificate ${cert} and the key ${key} cannot be used: ${(error as Error).message}`,
    );
  }
  return files;
}

function readCertificate(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new EnvironmentError(`the certificate ${path} cannot be read: ${(error as Error).message}`);
  }
}
