/**
 * The access key of a server's process: it belongs to the default caller, is valid as long as the process runs, and is shown
 * on the terminal or written to a credentials file, in the format of the AWS SDKs ("Shared config and credentials files").
 */
import { shellWord } from '../../model/shell-word.ts';
import { lstatSync, readFileSync, rmSync, type Stats } from 'node:fs';
import { EnvironmentError } from '../../model/error.ts';
import type { RandomBytes } from '../../crypto/seal.ts';
import { outputTo, REFUSED } from '../../files/output.ts';
import { secretText, type KeyPair } from '../../keyring/access-key.ts';
import { explainFileError } from '../../files/private-file.ts';
import { checkFolders } from '../../files/parent-folders.ts';
import { formatCredentials } from '../../commands/identities/credentials-file.ts';

/** The settings of a client besides the access key. */
export interface Client {
  /** undefined: an SDK cannot be told where, as with a socket file. */
  readonly endpoint: string | undefined;
  readonly region: string;
}

/** For a shell. */
export function exportLines({ id, secret }: KeyPair, { endpoint, region }: Client): string {
  const variables: readonly (readonly [name: string, value: string | undefined])[] = [
    ['AWS_ENDPOINT_URL_KMS', endpoint],
    ['AWS_ENDPOINT_URL_STS', endpoint],
    ['AWS_ACCESS_KEY_ID', id],
    ['AWS_SECRET_ACCESS_KEY', secretText(secret)],
    ['AWS_REGION', region],
    ['AWS_DEFAULT_REGION', region],
  ];
  const lines = variables.map(([name, value]) => (value === undefined ? '' : `export ${name}=${shellWord(value)}\n`));
  return `${lines.join('')}unset AWS_SESSION_TOKEN\n`;
}

const MARK = '# written by kms serve: valid until it stops\n';
const WHAT = 'the credentials file';

/** @throws EnvironmentError unless there is no file at this path, or that of a server that was killed */
export function checkCredentialsFile(path: string): void {
  try {
    checkFolders(path, WHAT);
    const stats = statsOf(path);
    if (!stats) return;
    const isOurs = stats.isFile() && stats.uid === process.geteuid?.() && readFileSync(path, 'latin1').startsWith(MARK);
    if (isOurs) return;
  } catch (error) {
    throw explainFileError(error, `${WHAT} ${path}`);
  }
  throw new EnvironmentError(`${WHAT} ${path} already exists, and was not written by kms serve`, [
    'specify another file, or remove it first',
  ]);
}

interface Written {
  /** Unless another one has taken its place. */
  remove(): void;
}

export async function writeCredentialsFile(
  path: string,
  { key, client, random }: { readonly key: KeyPair; readonly client: Client; readonly random: RandomBytes },
): Promise<Written> {
  checkCredentialsFile(path);
  rmSync(path, { force: true });
  const { endpoint, region } = client;
  const more = { region, ...(endpoint === undefined ? {} : { endpoint_url: endpoint }) };
  const text = MARK + formatCredentials({ id: key.id, secret: secretText(key.secret) }, more);
  await outputTo(path, { random, mode: 0o600, existing: REFUSED }).write([Buffer.from(text)]);
  const written = statsOf(path);
  return {
    remove() {
      const now = statsOf(path);
      const isSame =
        now && written && now.ino === written.ino && now.dev === written.dev && now.mtimeMs === written.mtimeMs;
      if (isSame) rmSync(path, { force: true });
    },
  };
}

const statsOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });
