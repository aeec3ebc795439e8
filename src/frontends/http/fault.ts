/** Errors as responses: AWS's status and body for errors of calls, and of requests that are not calls. */
import { EnvironmentError, KmsError } from '../../model/error.ts';

export interface Fault {
  readonly status: number;
  readonly code: string;
  /** Empty: the body has no such member. */
  readonly message: string;
}

/** Server errors; all others are client errors, with status 400. */
const SERVER_FAULTS: { readonly [code: string]: number } = {
  KMSInternalException: 500,
  DependencyTimeoutException: 500,
  KeyUnavailableException: 500,
};

/** What HTTP itself has a status for. */
const HTTP_STATUS: { readonly [code: string]: number } = {
  ...SERVER_FAULTS,
  UnknownOperationException: 404,
  RequestEntityTooLargeException: 413,
  RequestTimeoutException: 408,
};

export function faultOf(thrown: unknown): Fault {
  if (thrown instanceof KmsError) {
    return { status: HTTP_STATUS[thrown.code] ?? 400, code: thrown.code, message: thrown.message };
  }
  // a full disk or a damaged keyring is a server error, and its text is for the operator of the server
  return {
    status: 500,
    code: 'KMSInternalException',
    message: thrown instanceof EnvironmentError ? 'The keyring cannot be used; see the output of kms serve.' : '',
  };
}
