/**
 * What of a key store's record becomes part of a request: a keyring that others have written can have anything there, and
 * would choose the path and the headers of a request to a host that the operator trusts.
 */
import { isRegion } from '../../model/region.ts';
import { XksError, type XksProxyAddress } from './xks.ts';

/** AWS KMS API Reference, XksProxyConfigurationType and XksProxyAuthenticationCredentialType: UriPath, AccessKeyId. */
const URI_PATH = /^(?:\/[a-zA-Z0-9/_-]+)?\/kms\/xks\/v\d{1,2}$/;
const ACCESS_KEY_ID = /^[A-Z2-7]{20,30}$/;
/** The same, XksKeyConfigurationType: Id. */
const KEY_ID = /^[a-zA-Z0-9_.-]{1,128}$/;

/** @throws XksError */
export function checkAddress({ uriPath, accessKeyId, region }: XksProxyAddress): void {
  if (!URI_PATH.test(uriPath)) {
    throw new XksError('InvalidUriPathException', 'the URI path is not one of an external key store proxy');
  }
  if (!ACCESS_KEY_ID.test(accessKeyId) || !isRegion(region)) {
    throw new XksError('AuthenticationFailedException', 'the credential is not one of an external key store proxy');
  }
}

/** @throws XksError for what would be another path */
export function keyPath(externalKeyId: string): string {
  if (KEY_ID.test(externalKeyId) && !/^\.\.?$/.test(externalKeyId)) return `/keys/${externalKeyId}`;
  throw new XksError('KeyNotFoundException', 'the external key ID is not one');
}
