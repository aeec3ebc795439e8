/** The client of external key store proxies. */
import { toBase64 } from '../../model/base64.ts';
import { readCiphertext, readError, readHealth, readKeyMetadata, readPlaintext } from './answer.ts';
import { XksConnections } from './connections.ts';
import { exchange, type HttpsAnswer } from './exchange.ts';
import { checkAddress, keyPath } from './proxy-address.ts';
import { connectedAddress, findEntry, hostOf, withAdvice, type XksHosts } from './proxy-host.ts';
import { signRequest } from './request-signature.ts';
import { XksError, type Xks, type XksCallMetadata, type XksKeyUseMetadata, type XksProxyAddress } from './xks.ts';

export interface XksClientDeps extends XksHosts {
  /** Milliseconds since 1970, of the real clock: proxies refuse signatures that are more than 5 minutes off. */
  readonly clock: () => number;
  /** For one try, in milliseconds. */
  readonly timeout?: number;
}

/** AWS KMS Developer Guide, "Latency and timeout errors". */
export const TIMEOUT = 250;

export function createXksClient({ timeout = TIMEOUT, clock, ...hosts }: XksClientDeps): Xks {
  const connections = new XksConnections();

  const call = async (proxy: XksProxyAddress, path: string, members: object): Promise<Uint8Array> => {
    checkAddress(proxy);
    const found = hostOf(proxy.uriEndpoint, hosts);
    const { host } = found;
    const { address, port } = connectedAddress(found);
    const agent = connections.agentOf(found);
    const body = JSON.stringify(members);
    const fullPath = `${proxy.uriPath}${path}`;
    const attempt = (): Promise<HttpsAnswer> =>
      exchange(
        {
          agent,
          options: {
            host: address,
            port,
            servername: host,
            path: fullPath,
            headers: {
              host,
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
              ...signRequest({ host, path: fullPath, body, time: clock() }, proxy),
            },
          },
          body,
        },
        { timeout, closing: connections.closing },
      );
    const again = (error: unknown): Promise<HttpsAnswer> => {
      if (error instanceof XksError && error.errorName === 'XksProxyTimedOut') return attempt();
      throw error;
    };
    const answer = await attempt()
      .catch(again)
      .catch((error: unknown) => {
        throw withAdvice(error, host);
      });
    if (answer.status !== 200) throw readError(answer.body);
    return answer.body;
  };

  return {
    findEntry: (uriEndpoint) => findEntry(uriEndpoint, hosts),
    privateDnsNameOf: (service) => hosts.hosts().find((one) => one.vpcEndpointServiceName === service)?.host,
    async getHealthStatus(proxy, { kmsRequestId, kmsOperation }) {
      return readHealth(await call(proxy, '/health', { requestMetadata: { kmsRequestId, kmsOperation } }));
    },
    async getKeyMetadata(proxy, externalKeyId, metadata) {
      const body = { requestMetadata: ofCall(metadata) };
      return readKeyMetadata(await call(proxy, `${keyPath(externalKeyId)}/metadata`, body));
    },
    async encrypt(proxy, externalKeyId, request) {
      const body = {
        requestMetadata: ofKeyUse(request.metadata),
        plaintext: toBase64(request.plaintext),
        encryptionAlgorithm: 'AES_GCM',
        ...additionalData(request.aad),
        ciphertextDataIntegrityValueAlgorithm: 'SHA_256',
      };
      return readCiphertext(await call(proxy, `${keyPath(externalKeyId)}/encrypt`, body), request);
    },
    async decrypt(proxy, externalKeyId, request) {
      const { ciphertextMetadata } = request;
      const body = {
        requestMetadata: ofKeyUse(request.metadata),
        ciphertext: toBase64(request.ciphertext),
        ...(ciphertextMetadata?.length ? { ciphertextMetadata: toBase64(ciphertextMetadata) } : {}),
        encryptionAlgorithm: 'AES_GCM',
        ...additionalData(request.aad),
        initializationVector: toBase64(request.iv),
        authenticationTag: toBase64(request.tag),
      };
      return readPlaintext(await call(proxy, `${keyPath(externalKeyId)}/decrypt`, body), request);
    },
    close: async () => connections.close(),
  };
}

const additionalData = (aad: Uint8Array): object =>
  aad.length === 0 ? {} : { additionalAuthenticatedData: toBase64(aad) };

/** Only the members of the specification, whatever else the object has; JSON leaves out those that are undefined. */
const ofCall = ({ awsPrincipalArn, awsSourceVpc, awsSourceVpce, kmsOperation, kmsRequestId }: XksCallMetadata) => ({
  awsPrincipalArn,
  awsSourceVpc,
  awsSourceVpce,
  kmsOperation,
  kmsRequestId,
});

const ofKeyUse = ({ kmsKeyArn, kmsViaService, ...rest }: XksKeyUseMetadata) => ({
  ...ofCall(rest),
  kmsKeyArn,
  kmsViaService,
});
