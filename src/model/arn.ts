/** ARNs of KMS, and the four ways in which a request may name a key. */
import { DEFAULT_REGION } from './region.ts';
import { isAccountId } from './account.ts';
import { KmsError } from './error.ts';

export const partitionOf = (region: string): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';

/** An account in a Region: what a key ID or an alias name alone is looked up in. */
export interface Home {
  readonly account: string;
  readonly region: string;
}

export const keyArn = ({ account, region }: Home, keyId: string): string =>
  `arn:${partitionOf(region)}:kms:${region}:${account}:key/${keyId}`;

/** A key of an account of which nothing else is known. */
export const unknownKeyArn = (account: string, region = DEFAULT_REGION): string =>
  keyArn({ account, region }, '00000000-0000-0000-0000-000000000000');

/** @param name with its prefix, as in the API: `alias/example` */
export const aliasArn = ({ account, region }: Home, name: string): string =>
  `arn:${partitionOf(region)}:kms:${region}:${account}:${name}`;

export type KeyIdentifier =
  | ({ readonly kind: 'key'; readonly keyId: string } & Home)
  | ({ readonly kind: 'alias'; readonly name: string } & Home);

const KEY_ID = /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;

const isKeyId = (text: string): boolean => KEY_ID.test(text);
export const isAliasIdentifier = (text: string): boolean =>
  text.startsWith('alias/') || /^arn:[^:]*:kms:[^:]*:[^:]*:alias\//.test(text);

/**
 * Reads a KeyId member. A bare key ID or alias name means the caller's own account and Region; an ARN names its own,
 * and its Region must be the call's.
 */
export function parseKeyIdentifier(text: string, home: Home): KeyIdentifier {
  if (!text.startsWith('arn:')) {
    if (text.startsWith('alias/')) return { kind: 'alias', name: text, ...home };
    if (isKeyId(text)) return { kind: 'key', keyId: text, ...home };
    throw new KmsError('NotFoundException', `Invalid keyId '${text}'`);
  }
  const [, , service, region, account, ...rest] = text.split(':');
  const resource = rest.join(':');
  if (service !== 'kms' || !region || !isAccountId(account ?? '')) {
    throw new KmsError('InvalidArnException', `Invalid ARN: ${text}`);
  }
  if (region !== home.region) throw new KmsError('NotFoundException', `Invalid arn ${region}`);
  const place = { account: account!, region };
  if (resource.startsWith('alias/')) return { kind: 'alias', name: resource, ...place };
  if (!resource.startsWith('key/')) throw new KmsError('InvalidArnException', `Invalid ARN: ${text}`);
  const keyId = resource.slice('key/'.length);
  if (!isKeyId(keyId)) throw new KmsError('NotFoundException', `Invalid keyId ${keyId}`);
  return { kind: 'key', keyId, ...place };
}
