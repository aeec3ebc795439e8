/**
 * What KMS answers when the proxy of an external key store refuses a call, or does not answer it (External Key Store Proxy
 * API Specification, Error codes; AWS KMS Developer Guide, Troubleshooting external key stores). Only the name of the
 * proxy's error matters. The texts are our own, but for that of a rejected ciphertext.
 */
import { KmsError } from '../../model/error.ts';
import type { ConnectionErrorCode } from '../../keyring/key-store.ts';
import { EndpointServiceError, type EndpointServiceProblem } from './endpoint-service.ts';
import { XksError, type XksErrorName } from '../../key-managers/xks/xks.ts';

interface Row {
  /** Of CreateCustomKeyStore and UpdateCustomKeyStore. */
  readonly create: string;
  readonly createKey: string;
  readonly connection: ConnectionErrorCode;
  readonly text: string;
}

const STATE = 'CustomKeyStoreInvalidStateException';
const INVALID_RESPONSE = 'XksProxyInvalidResponseException';
const UNREACHABLE = 'XksProxyUriUnreachableException';
const ADMINISTRATOR = 'Report this to the administrator of the external key store proxy.';

const ROWS: { readonly [N in XksErrorName]: Row } = {
  ValidationException: {
    create: INVALID_RESPONSE,
    createKey: STATE,
    connection: 'XKS_PROXY_INVALID_RESPONSE',
    text: `The external key store proxy rejected the request as not valid. ${ADMINISTRATOR}`,
  },
  InvalidStateException: {
    create: INVALID_RESPONSE,
    createKey: 'XksKeyInvalidConfigurationException',
    connection: 'XKS_PROXY_INVALID_RESPONSE',
    text: 'The external key is not enabled in its external key manager.',
  },
  InvalidCiphertextException: {
    create: INVALID_RESPONSE,
    createKey: STATE,
    connection: 'XKS_PROXY_INVALID_RESPONSE',
    text: 'The external key store proxy rejected the request because the specified ciphertext or additional authenticated data is corrupted, missing, or otherwise invalid.',
  },
  InvalidKeyUsageException: {
    create: INVALID_RESPONSE,
    createKey: 'XksKeyInvalidConfigurationException',
    connection: 'XKS_PROXY_INVALID_RESPONSE',
    text: 'The external key does not support the requested operation.',
  },
  AuthenticationFailedException: {
    create: 'XksProxyIncorrectAuthenticationCredentialException',
    createKey: STATE,
    connection: 'INVALID_CREDENTIALS',
    text: 'The external key store proxy could not authenticate AWS KMS. Verify the authentication credential of the external key store, and update it.',
  },
  AccessDeniedException: {
    create: INVALID_RESPONSE,
    createKey: STATE,
    connection: 'XKS_PROXY_ACCESS_DENIED',
    text: 'The external key store proxy denied access to the operation. Verify that the user and the external key are both authorized there.',
  },
  KeyNotFoundException: {
    create: INVALID_RESPONSE,
    createKey: 'XksKeyNotFoundException',
    connection: 'XKS_PROXY_INVALID_RESPONSE',
    text: 'The external key store proxy cannot find the external key.',
  },
  InvalidUriPathException: {
    create: 'XksProxyInvalidConfigurationException',
    createKey: STATE,
    connection: 'XKS_PROXY_INVALID_CONFIGURATION',
    text: 'The external key store proxy rejected the request because the URI path is not valid. Verify the URI path of the external key store, and update it.',
  },
  ThrottlingException: {
    create: UNREACHABLE,
    createKey: STATE,
    connection: 'XKS_PROXY_NOT_REACHABLE',
    text: 'The external key store proxy rejected the request because of a high rate of requests. Reduce the rate of calls on the keys of this external key store.',
  },
  UnsupportedOperationException: {
    create: INVALID_RESPONSE,
    // XksKeyInvalidResponseException, which the documents name here, is no error of the API
    createKey: 'XksKeyInvalidConfigurationException',
    connection: 'XKS_PROXY_INVALID_RESPONSE',
    text: `The external key store proxy does not support the requested cryptographic operation. ${ADMINISTRATOR}`,
  },
  DependencyTimeoutException: {
    create: UNREACHABLE,
    createKey: STATE,
    connection: 'XKS_PROXY_TIMED_OUT',
    text: `The external key store proxy did not respond to the request in time. Retry it; if this persists, report it to the administrator of the external key store proxy.`,
  },
  InternalException: {
    create: INVALID_RESPONSE,
    createKey: STATE,
    connection: 'XKS_PROXY_INVALID_RESPONSE',
    text: `The external key store proxy has failed. ${ADMINISTRATOR}`,
  },
  XksProxyNotAllowed: {
    create: UNREACHABLE,
    createKey: STATE,
    connection: 'XKS_PROXY_NOT_REACHABLE',
    text: 'Connections to the host of the external key store proxy are not allowed here.',
  },
  XksProxyUnreachable: {
    create: UNREACHABLE,
    createKey: STATE,
    connection: 'XKS_PROXY_NOT_REACHABLE',
    text: 'AWS KMS cannot communicate with the external key store proxy. Retry the request; if this persists, verify that the proxy is active, and that the endpoint of the external key store is correct.',
  },
  XksProxyUnhealthy: {
    create: UNREACHABLE,
    createKey: STATE,
    connection: 'XKS_PROXY_NOT_REACHABLE',
    text: `The external key store proxy is not healthy. ${ADMINISTRATOR}`,
  },
  XksProxyTimedOut: {
    create: UNREACHABLE,
    createKey: STATE,
    connection: 'XKS_PROXY_TIMED_OUT',
    text: 'The external key store proxy did not respond to the request in time. Retry it; if this persists, report it to the administrator of the external key store proxy.',
  },
  XksProxyTls: {
    create: UNREACHABLE,
    createKey: STATE,
    connection: 'XKS_PROXY_INVALID_TLS_CONFIGURATION',
    text: 'AWS KMS cannot establish a TLS connection with the external key store proxy. Verify its TLS configuration and certificate.',
  },
  XksProxyInvalidResponse: {
    create: INVALID_RESPONSE,
    createKey: STATE,
    connection: 'XKS_PROXY_INVALID_RESPONSE',
    text: `AWS KMS cannot interpret the response of the external key store proxy. ${ADMINISTRATOR}`,
  },
};

/** What the operator of this program can do follows AWS's part of the message. */
const textOf = ({ errorName, hints }: XksError): string => [ROWS[errorName].text, ...hints].join(' ');

const translated =
  (codeOf: (row: Row) => string) =>
  (error: unknown): unknown =>
    error instanceof XksError ? new KmsError(codeOf(ROWS[error.errorName]), textOf(error)) : error;

const SERVICE_PROBLEMS: { readonly [P in EndpointServiceProblem]: Pick<Row, 'create' | 'connection'> } = {
  NOT_FOUND: {
    create: 'XksProxyVpcEndpointServiceNotFoundException',
    connection: 'XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND',
  },
  INVALID_CONFIGURATION: {
    create: 'XksProxyVpcEndpointServiceInvalidConfigurationException',
    connection: 'XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION',
  },
};

const ofProxy = translated(({ create }) => create);
export const createError = (error: unknown): unknown =>
  error instanceof EndpointServiceError
    ? new KmsError(SERVICE_PROBLEMS[error.problem].create, error.message)
    : ofProxy(error);
export const createKeyError = translated(({ createKey }) => createKey);
export const useError = translated(() => 'KMSInvalidStateException');

export function connectionCode(error: unknown): ConnectionErrorCode {
  if (error instanceof EndpointServiceError) return SERVICE_PROBLEMS[error.problem].connection;
  return error instanceof XksError ? ROWS[error.errorName].connection : 'INTERNAL_ERROR';
}
