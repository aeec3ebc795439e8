/** The map of a proxy: which URI paths it answers, with whose credentials, and which key stands behind each external key ID. */
import { dirname, resolve } from 'node:path';
import { check } from '../../model/check.ts';
import { EnvironmentError, KmsError } from '../../model/error.ts';
import { isObject } from '../../model/json-object.ts';
import { list, oneOf, required, string, structure, type ValueOf } from '../../model/shape.ts';
import { refuseUnknown } from '../../commands/apply/seed/unknown.ts';
import { parse } from '../../commands/apply/seed/parse.ts';
import { readLimited, utf8 } from '../../files/limited-read.ts';
import { checkFileAndFolders } from '../../files/private-file.ts';
import { SigningKeys } from '../http/signing-keys.ts';
import { readCredentialFile } from './credential-file.ts';
import type { ExternalKey, ExternalKeyUsage } from './key-manager.ts';
import { EXTERNAL_KEY_ID, URI_PATH } from './route.ts';

/** One URI path: an external key store for its clients. */
export interface ServedPath {
  /** By access key ID. */
  readonly credentials: ReadonlyMap<string, SigningKeys>;
  /** By external key ID. */
  readonly keys: ReadonlyMap<string, ExternalKey>;
}

/** By URI path. */
export type ProxyMap = ReadonlyMap<string, ServedPath>;

const externalKey = structure({
  XksKeyId: required(string({ min: 1, max: 128, pattern: `^${EXTERNAL_KEY_ID}$` })),
  Key: required(string({ min: 1, max: 2048 })),
  Usage: list(oneOf(['ENCRYPT', 'DECRYPT'])),
});
const servedPath = structure({
  UriPath: required(string({ min: 10, max: 128, pattern: `^${URI_PATH}$` })),
  Credentials: required(list(string({ min: 1 }), { min: 1, max: 10 })),
  Keys: required(list(externalKey)),
});
const mapShape = structure({ Paths: required(list(servedPath, { min: 1 })) });

const BOTH: readonly ExternalKeyUsage[] = ['ENCRYPT', 'DECRYPT'];
const MAX_MAP = 4 * 2 ** 20;

/** @throws EnvironmentError, with the line or the member where something is wrong; also for a file that others can write */
export async function readMap(file: string): Promise<ProxyMap> {
  const subject = `the map ${file}`;
  checkFileAndFolders(file, 'the map');
  const value = await parse(utf8(readLimited(file, { subject, limit: MAX_MAP }), subject), subject);
  try {
    if (!isObject(value)) throw new EnvironmentError('neither an object of JSON nor a mapping of YAML');
    refuseUnknown(mapShape, value);
    return pathsOf(check(mapShape, value), dirname(resolve(file)));
  } catch (error) {
    if (error instanceof KmsError) throw new EnvironmentError(`${subject}: ${error.message}`);
    if (error instanceof EnvironmentError && !error.message.startsWith('the credential file'))
      throw new EnvironmentError(`${subject}: ${error.message}`, error.hints);
    throw error;
  }
}

function pathsOf({ Paths }: ValueOf<typeof mapShape>, folder: string): ProxyMap {
  const paths = new Map<string, ServedPath>();
  for (const { UriPath, Credentials, Keys } of Paths) {
    if (paths.has(UriPath)) throw twice('UriPath', UriPath);
    const credentials = new Map<string, SigningKeys>();
    for (const name of Credentials) {
      const { accessKeyId, secret } = readCredentialFile(resolve(folder, name), UriPath);
      if (credentials.has(accessKeyId)) throw twice('AccessKeyId', accessKeyId);
      credentials.set(accessKeyId, new SigningKeys(secret));
    }
    const keys = new Map<string, ExternalKey>();
    for (const { XksKeyId, Key, Usage } of Keys) {
      if (keys.has(XksKeyId)) throw twice('XksKeyId', XksKeyId);
      keys.set(XksKeyId, { externalKeyId: XksKeyId, key: Key, usage: new Set(Usage ?? BOTH) });
    }
    paths.set(UriPath, { credentials, keys });
  }
  return paths;
}

const twice = (member: string, value: string): EnvironmentError =>
  new EnvironmentError(`${member} ${value} occurs more than once`);
