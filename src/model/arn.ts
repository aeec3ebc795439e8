/** ARNs of KMS, and the four ways in which a request may name a key. */
import { DEFAULT_REGION } from './region.ts';
import { isAccountId } from './account.ts';
import { KmsError } from './error.ts';

export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** Everything after the fifth colon, which can include further colons. */
  readonly resource: string;
}

/** @returns undefined for a text without the six parts of an ARN; the parts are not checked */
export const parseArn = (text: string): Arn | undefined =>
  text.startsWith('arn:') ? parseArnPattern(text) : undefined;

/** A pattern of ARNs, each part of which can be a pattern, the first included. */
export function parseArnPattern(text: string): Arn | undefined {
  const [, partition, service, region, account, ...resource] = text.split(':');
  if (!partition || !service || region === undefined || account === undefined || resource.length === 0)
    return undefined;
  return { partition, service, region, account, resource: resource.join(':') };
}

export const arnText = ({ partition, service, region, account, resource }: Arn): string =>
  `arn:${partition}:${service}:${region}:${account}:${resource}`;

export const partitionOf = (region: string): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';

/** An account and Region, in which a bare key ID or alias name is looked up. */
export interface Home {
  readonly account: string;
  readonly region: string;
}

/** @param resource with its kind: `key/ID`, `alias/NAME`, or a pattern of either */
export const kmsArn = ({ account, region }: Home, resource: string): string =>
  arnText({ partition: partitionOf(region), service: 'kms', region, account, resource });

export const keyArn = (home: Home, keyId: string): string => kmsArn(home, `key/${keyId}`);

/** An unspecified key of an account. */
export const unknownKeyArn = (account: string, region = DEFAULT_REGION): string =>
  keyArn({ account, region }, '00000000-0000-0000-0000-000000000000');

/** @param name with its prefix, as in the API: `alias/example` */
export const aliasArn = (home: Home, name: string): string => kmsArn(home, name);

export type KeyIdentifier =
  | ({ readonly kind: 'key'; readonly keyId: string } & Home)
  | ({ readonly kind: 'alias'; readonly name: string } & Home);

export const KEY_ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}';
const WHOLE_KEY_ID = new RegExp(`^(?:${KEY_ID})$`);

export const isKeyId = (text: string): boolean => WHOLE_KEY_ID.test(text);

/** The part of a key ID that people tell keys apart by. */
export const shortKeyId = (keyId: string): string => keyId.slice(0, keyId.startsWith('mrk-') ? 12 : 8);

/** The name in an ARN, or in a pattern of ARNs, of aliases. */
export function aliasNameIn(text: string): string | undefined {
  const arn = parseArn(text);
  return arn?.service === 'kms' && arn.resource.startsWith('alias/') ? arn.resource : undefined;
}

export const isAliasIdentifier = (text: string): boolean =>
  text.startsWith('alias/') || aliasNameIn(text) !== undefined;

/**
 * Reads a KeyId member. A bare key ID or alias name is looked up in the caller's account and Region; an ARN has both,
 * and its Region must be the call's.
 */
export function parseKeyIdentifier(text: string, home: Home): KeyIdentifier {
  if (!text.startsWith('arn:')) {
    if (text.startsWith('alias/')) return { kind: 'alias', name: text, ...home };
    if (isKeyId(text)) return { kind: 'key', keyId: text, ...home };
    throw new KmsError('NotFoundException', `Invalid keyId '${text}'`);
  }
  const arn = parseArn(text);
  if (arn?.service !== 'kms' || arn.region === '' || !isAccountId(arn.account)) {
    throw new KmsError('InvalidArnException', `Invalid ARN: ${text}`);
  }
  const { account, region, resource } = arn;
  if (region !== home.region) throw new KmsError('NotFoundException', `Invalid arn ${region}`);
  const place = { account, region };
  if (resource.startsWith('alias/')) return { kind: 'alias', name: resource, ...place };
  if (!resource.startsWith('key/')) throw new KmsError('InvalidArnException', `Invalid ARN: ${text}`);
  const keyId = resource.slice('key/'.length);
  if (!isKeyId(keyId)) throw new KmsError('NotFoundException', `Invalid keyId ${keyId}`);
  return { kind: 'key', keyId, ...place };
}
