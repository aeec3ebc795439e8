/**
 * The answer to a request: its path, its signature, its body, the external key and the key's usage are looked at in this order
 * (AWS KMS External Key Store Proxy API Specification).
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { toBase64 } from '../../model/base64.ts';
import { KmsError } from '../../model/error.ts';
import { integrityOf, type ExternalCiphertext } from '../../crypto/external-ciphertext.ts';
import { readRequest, type HttpRequest } from '../http/request.ts';
import { readAuthorization, verifySignature } from '../http/signature.ts';
import { aadOf, ciphertextOf, plaintextOf, readBody, type XksBody } from './body.ts';
import type { ExternalKey, ExternalKeyUsage, KeyManager, KeyUseOrigin, RequestOrigin } from './key-manager.ts';
import type { ProxyMap, ServedPath } from './map-file.ts';
import { XksRefusal } from './refusal.ts';
import { routeOf, type Route, type XksOperation } from './route.ts';

export interface ProxyState {
  readonly map: ProxyMap;
  readonly keys: KeyManager;
  readonly version: string;
  /** Of the real clock, in milliseconds since 1970. */
  readonly clock: () => number;
}

/** What is known of a request by the time of its answer; the access log has it. */
export interface KnownFacts {
  operation?: XksOperation;
  externalKeyId?: string | undefined;
  /** Only of a request with a valid signature. */
  accessKeyId?: string;
  requestMetadata?: XksBody<XksOperation>['requestMetadata'];
}

/** Of the largest request of the specification 17,000 are used by plaintext and AAD, and 8,000 by ARNs. */
export const MAX_REQUEST = 65_536;

/** @throws XksRefusal, and what the key manager throws */
export async function answer(
  message: IncomingMessage,
  requestId: string,
  state: ProxyState,
  known: KnownFacts,
): Promise<object> {
  const route = routeOf(message.url ?? '');
  const served = route && state.map.get(route.uriPath);
  if (!route || !served) throw new XksRefusal('InvalidUriPathException');
  known.operation = route.operation;
  known.externalKeyId = route.externalKeyId;
  const request = await read(message);
  known.accessKeyId = authenticate(request, served, state.clock());
  const { sourceIp, connection } = request;
  return respond[route.operation]({
    request,
    route,
    served,
    state,
    known,
    facts: { requestId, sourceIp, connection },
  });
}

async function read(message: IncomingMessage): Promise<HttpRequest> {
  try {
    return await readRequest(message, MAX_REQUEST);
  } catch (error) {
    if (!(error instanceof KmsError)) throw error;
    const isLarge = error.code === 'RequestEntityTooLargeException';
    throw new XksRefusal(isLarge ? 'UnsupportedOperationException' : 'ValidationException', { text: error.message });
  }
}

/** @returns the access key ID. @throws AuthenticationFailedException, of which only the log has the reason */
function authenticate(request: HttpRequest, { credentials }: ServedPath, now: number): string {
  try {
    const authorization = readAuthorization(request);
    const { accessKeyId } = authorization;
    const keys = credentials.get(accessKeyId);
    if (!keys) throw new KmsError('UnrecognizedClientException', 'The URI path has no such access key ID.');
    verifySignature({ request, authorization, keys, now, service: 'kms-xks-proxy' });
    return accessKeyId;
  } catch (error) {
    if (error instanceof KmsError) throw new XksRefusal('AuthenticationFailedException', { reason: error.message });
    throw error;
  }
}

/** A request with a valid signature. */
interface Authenticated {
  readonly request: HttpRequest;
  readonly route: Route;
  readonly served: ServedPath;
  readonly state: ProxyState;
  readonly known: KnownFacts;
  readonly facts: RequestOrigin;
}

const VENDOR = 'Pocket KMS';

/** The specification: the integrity value is computed, and then the ciphertext is decrypted, before either is sent. */
async function encryptVerified(
  keys: KeyManager,
  ...[key, input, use]: Parameters<KeyManager['encrypt']>
): Promise<{ readonly made: ExternalCiphertext; readonly integrity: Uint8Array }> {
  let verified: { readonly made: ExternalCiphertext; readonly integrity: Uint8Array } | undefined;
  const opened = await keys.encryptAndDecrypt(key, input, use, (made) => {
    verified = { made, integrity: integrityOf(input.aad, made) };
  });
  if (verified && opened.length === input.plaintext.length && timingSafeEqual(opened, input.plaintext)) return verified;
  throw new XksRefusal('InternalException', { reason: 'what was encrypted is not what is decrypted' });
}

const respond: { readonly [O in XksOperation]: (given: Authenticated) => Promise<object> } = {
  async GetHealthStatus({ request, state: { keys, version }, known, facts }) {
    known.requestMetadata = readBody('GetHealthStatus', request.body).requestMetadata;
    return {
      xksProxyFleetSize: 1,
      xksProxyVendor: VENDOR,
      xksProxyModel: version,
      ekmVendor: VENDOR,
      ekmFleetDetails: [await keys.health(facts)],
    };
  },

  async GetKeyMetadata({ request, route, served, state: { keys }, known, facts }) {
    known.requestMetadata = readBody('GetKeyMetadata', request.body).requestMetadata;
    const key = keyOf(served, route);
    return { ...(await keys.describe(key, facts)), keyUsage: [...key.usage] };
  },

  async Encrypt({ request, route, served, state: { keys }, known, facts }) {
    const body = readBody('Encrypt', request.body);
    known.requestMetadata = body.requestMetadata;
    const [plaintext, aad] = [plaintextOf(body), aadOf(body)];
    const key = keyOf(served, route);
    requireUsage(key, 'ENCRYPT');
    const isVerified = body.ciphertextDataIntegrityValueAlgorithm !== undefined;
    if (isVerified) requireUsage(key, 'DECRYPT');
    const use = keyUse(facts, body);
    const { made, integrity } = isVerified
      ? await encryptVerified(keys, key, { plaintext, aad }, use)
      : { made: await keys.encrypt(key, { plaintext, aad }, use), integrity: undefined };
    return {
      ciphertext: toBase64(made.ciphertext),
      initializationVector: toBase64(made.iv),
      authenticationTag: toBase64(made.tag),
      ...(made.metadata.length > 0 && { ciphertextMetadata: toBase64(made.metadata) }),
      ...(integrity && { ciphertextDataIntegrityValue: toBase64(integrity) }),
    };
  },

  async Decrypt({ request, route, served, state: { keys }, known, facts }) {
    const body = readBody('Decrypt', request.body);
    known.requestMetadata = body.requestMetadata;
    const ciphertext = { ...ciphertextOf(body), aad: aadOf(body) };
    const key = keyOf(served, route);
    requireUsage(key, 'DECRYPT');
    return { plaintext: toBase64(await keys.decrypt(key, ciphertext, keyUse(facts, body))) };
  },
};

function keyOf({ keys }: ServedPath, { externalKeyId = '' }: Route): ExternalKey {
  const key = keys.get(externalKeyId);
  if (!key) throw new XksRefusal('KeyNotFoundException');
  return key;
}

function requireUsage({ usage }: ExternalKey, needed: ExternalKeyUsage): void {
  if (!usage.has(needed)) throw new XksRefusal('InvalidKeyUsageException');
}

const keyUse = (facts: RequestOrigin, { requestMetadata }: XksBody<'Encrypt' | 'Decrypt'>): KeyUseOrigin => ({
  ...facts,
  awsPrincipalArn: requestMetadata.awsPrincipalArn,
  kmsOperation: requestMetadata.kmsOperation,
  kmsRequestId: requestMetadata.kmsRequestId,
  kmsKeyArn: requestMetadata.kmsKeyArn,
});
