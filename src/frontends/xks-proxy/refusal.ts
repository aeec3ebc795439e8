/** Refusals of an external key store proxy: error names, statuses and texts of the specification's "Error codes". */
import { EnvironmentError, KmsError } from '../../model/error.ts';
import { HsmError } from '../../key-managers/hsm/hsm.ts';
import type { XksProxyErrorName } from '../../key-managers/xks/xks.ts';

interface ErrorRow {
  readonly status: number;
  readonly text: string;
}

const ERRORS: { readonly [N in XksProxyErrorName]: ErrorRow } = {
  ValidationException: { status: 400, text: 'The request is not valid.' },
  InvalidStateException: { status: 400, text: 'The external key is not enabled.' },
  InvalidCiphertextException: {
    status: 400,
    text: 'The ciphertext, its metadata, the initialization vector, the additional authenticated data or the authentication tag is not valid.',
  },
  InvalidKeyUsageException: { status: 400, text: 'The external key does not support the operation.' },
  AuthenticationFailedException: { status: 401, text: 'The request has no valid signature.' },
  AccessDeniedException: { status: 403, text: 'The operation on the external key is not allowed.' },
  KeyNotFoundException: { status: 404, text: 'The external key is not found.' },
  InvalidUriPathException: { status: 404, text: 'The URI path is not valid.' },
  ThrottlingException: { status: 429, text: 'The request rate is too high.' },
  UnsupportedOperationException: { status: 501, text: 'The operation is not supported.' },
  DependencyTimeoutException: { status: 503, text: 'The key manager did not answer in time.' },
  InternalException: { status: 500, text: 'The key manager cannot be used.' },
};

/** Thrown where a request is refused. */
export class XksRefusal extends Error {
  override readonly name = 'XksRefusal';
  readonly errorName: XksProxyErrorName;
  /** For the access log: what clients are not told. */
  readonly reason: string | undefined;
  /** @param text for the client; undefined: that of the error */
  constructor(errorName: XksProxyErrorName, { text, reason }: { text?: string; reason?: string } = {}) {
    super(text ?? ERRORS[errorName].text);
    this.errorName = errorName;
    this.reason = reason;
  }
}

/** The specification: less than 512 characters of printable ASCII. */
const MAX_MESSAGE = 511;

export interface RefusalAnswer {
  readonly status: number;
  readonly body: { readonly errorName: XksProxyErrorName; readonly errorMessage: string };
}

export const answerOf = ({ errorName, message }: XksRefusal): RefusalAnswer => ({
  status: ERRORS[errorName].status,
  body: { errorName, errorMessage: message.replaceAll(/[^ -~]/g, '?').slice(0, MAX_MESSAGE) },
});

/** What the calls of a keyring are refused with. Others are failures of the keyring. */
const OF_KEYRING: { readonly [code: string]: XksProxyErrorName } = {
  NotFoundException: 'KeyNotFoundException',
  DisabledException: 'InvalidStateException',
  KMSInvalidStateException: 'InvalidStateException',
  AccessDeniedException: 'AccessDeniedException',
  InvalidKeyUsageException: 'InvalidKeyUsageException',
  InvalidCiphertextException: 'InvalidCiphertextException',
  UnsupportedOperationException: 'UnsupportedOperationException',
  ThrottlingException: 'ThrottlingException',
  LimitExceededException: 'ThrottlingException',
  DependencyTimeoutException: 'DependencyTimeoutException',
  KeyUnavailableException: 'DependencyTimeoutException',
};

/** Of anything that is thrown. Texts of a keyring are for the operator of the proxy, who may not be the one of the client. */
export function refusalOf(thrown: unknown): XksRefusal {
  if (thrown instanceof XksRefusal) return thrown;
  const isKnown = [KmsError, EnvironmentError, HsmError].some((type) => thrown instanceof type);
  const reason = isKnown && thrown instanceof Error ? thrown.message : undefined;
  const errorName = (thrown instanceof KmsError ? OF_KEYRING[thrown.code] : undefined) ?? 'InternalException';
  return new XksRefusal(errorName, reason === undefined ? {} : { reason });
}
