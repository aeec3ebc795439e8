/**
 * Credentials of clients: a file for each, in the format of the proxy configuration file of the AWS KMS console, so that the same
 * file tells both sides:
 *
 *     {"XksProxyUriPath": "/kms/xks/v1",
 *      "XksProxyAuthenticationCredential": {"AccessKeyId": "...", "RawSecretAccessKey": "..."}}
 */
import { EnvironmentError } from '../../model/error.ts';
import { isObject } from '../../model/json-object.ts';
import { utf8 } from '../../crypto/bytes.ts';
import { Secret } from '../../crypto/secret.ts';
import { readSecretFile } from '../../files/private-file.ts';

export interface XksCredential {
  readonly accessKeyId: string;
  readonly secret: Secret;
}

/** Public model of AWS KMS, XksProxyAuthenticationAccessKeyIdType and XksProxyAuthenticationRawSecretAccessKeyType. */
const ACCESS_KEY_ID = /^[A-Z2-7]{20,30}$/;
const SECRET = /^[A-Za-z0-9/+=]{43,64}$/;
const WHAT = 'the credential file';

/** @throws EnvironmentError, which quotes nothing of a secret; also for a file that others can read */
export function readCredentialFile(path: string, uriPath: string): XksCredential {
  const invalid = (text: string, ...hints: string[]): EnvironmentError =>
    new EnvironmentError(`${WHAT} ${path}: ${text}`, hints);
  const value = parse(readSecretFile(path, WHAT));
  if (!isObject(value)) throw invalid('not a JSON object');
  const { XksProxyUriPath: ofPath, XksProxyAuthenticationCredential: credential, ...more } = value;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw invalid(`unknown member ${JSON.stringify(unknown)}`);
  if (ofPath !== undefined && ofPath !== uriPath)
    throw invalid(`XksProxyUriPath is ${JSON.stringify(ofPath)}, and not ${uriPath}, whose credential it is to be`);
  if (!isObject(credential)) throw invalid('XksProxyAuthenticationCredential is missing');
  const { AccessKeyId: accessKeyId, RawSecretAccessKey: secret } = credential;
  if (typeof accessKeyId !== 'string' || !ACCESS_KEY_ID.test(accessKeyId))
    throw invalid('AccessKeyId must be 20 to 30 characters of A-Z and 2-7');
  if (typeof secret !== 'string' || !SECRET.test(secret))
    throw invalid('RawSecretAccessKey must be 43 to 64 characters of A-Z, a-z, 0-9, /, + and =');
  return { accessKeyId, secret: new Secret(utf8(secret)) };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined; // the error would quote the text
  }
}
