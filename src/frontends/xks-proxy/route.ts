/** The paths of an external key store proxy. */

export type XksOperation = 'GetHealthStatus' | 'GetKeyMetadata' | 'Encrypt' | 'Decrypt';

export interface Route {
  /** As clients have it in their configuration: it ends in `/kms/xks/v1`. */
  readonly uriPath: string;
  readonly operation: XksOperation;
  /** undefined: of the health check. */
  readonly externalKeyId: string | undefined;
}

/** Public model of AWS KMS, XksProxyUriPathType, without empty segments, which other programs remove from paths. */
export const URI_PATH = '(?:/[A-Za-z0-9_-]+)*/kms/xks/v1';
/** Public model of AWS KMS, XksKeyIdType. `.` and `..` alone are no names: they are removed from paths. */
export const EXTERNAL_KEY_ID = '(?!\\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,128}';

const PATH = new RegExp(`^(${URI_PATH})/(?:health|keys/(${EXTERNAL_KEY_ID})/(metadata|encrypt|decrypt))$`);
/** The specification allows 256 characters for the whole URI. */
const MAX_PATH = 512;

const OPERATIONS = { metadata: 'GetKeyMetadata', encrypt: 'Encrypt', decrypt: 'Decrypt' } as const;

/**
 * @param target of the request, as it was sent: a path that has to be decoded or normalized, or has a query, is none
 */
export function routeOf(target: string): Route | undefined {
  const [, uriPath, externalKeyId, ending] = (target.length <= MAX_PATH && PATH.exec(target)) || [];
  if (uriPath === undefined) return undefined;
  const operation = ending === undefined ? 'GetHealthStatus' : OPERATIONS[ending as keyof typeof OPERATIONS];
  return { uriPath, operation, externalKeyId };
}
