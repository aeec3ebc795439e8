/** What a call answers, and what connecting tells, when a CloudHSM cluster does not do what it is asked. */
import { KmsError } from '../../model/error.ts';
import type { ConnectionErrorCode } from '../../keyring/key-store.ts';
import { HsmError, type HsmErrorCode } from '../../key-managers/hsm/hsm.ts';

/**
 * Errors of CreateCustomKeyStore and UpdateCustomKeyStore, which look for the cluster alone; the code of a connection that
 * failed; and the text of KMSInvalidStateException when a key is used (AWS KMS Developer Guide, Troubleshooting a custom
 * key store). The texts are our own.
 */
interface Row {
  readonly create?: string;
  readonly connection: ConnectionErrorCode;
  readonly use: string;
  /** The message of the port names nothing of the operator's: those who create a key store get it. */
  readonly isForCallers?: true;
}

/** Of what the library or the token says more about than callers need. */
const WHY = 'The operator can find out why with kms hsm status.';

const ROWS: { readonly [C in HsmErrorCode]: Row } = {
  NO_ENTRY: {
    create: 'CloudHsmClusterNotFoundException',
    connection: 'CLUSTER_NOT_FOUND',
    use: 'The operator has no entry for the CloudHSM cluster of the custom key store: kms hsm add makes one.',
    isForCallers: true,
  },
  CLUSTER_NOT_FOUND: {
    create: 'CloudHsmClusterNotFoundException',
    connection: 'CLUSTER_NOT_FOUND',
    use: `AWS KMS cannot find the CloudHSM cluster of the custom key store. ${WHY}`,
  },
  INCORRECT_TRUST_ANCHOR: {
    create: 'IncorrectTrustAnchorException',
    connection: 'INTERNAL_ERROR',
    use: 'The trust anchor certificate of the custom key store is not that of its CloudHSM cluster.',
    isForCallers: true,
  },
  INSUFFICIENT_CLOUDHSM_HSMS: {
    create: 'CloudHsmClusterInvalidConfigurationException',
    connection: 'INSUFFICIENT_CLOUDHSM_HSMS',
    use: 'The CloudHSM cluster of the custom key store has no active HSM.',
  },
  INVALID_CREDENTIALS: {
    connection: 'INVALID_CREDENTIALS',
    use: 'AWS KMS cannot log in to the CloudHSM cluster of the custom key store: the password of kmsuser is not the one that the key store has. Disconnect the key store, update its password and connect it again.',
  },
  USER_LOCKED_OUT: {
    connection: 'USER_LOCKED_OUT',
    use: 'AWS KMS cannot log in to the CloudHSM cluster of the custom key store: kmsuser is locked out. Disconnect the key store, change the password of kmsuser, update it and connect the key store again.',
  },
  USER_LOGGED_IN: {
    connection: 'USER_LOGGED_IN',
    use: 'AWS KMS cannot log in to the CloudHSM cluster of the custom key store: kmsuser is logged in already.',
  },
  USER_NOT_FOUND: {
    connection: 'USER_NOT_FOUND',
    use: 'AWS KMS cannot log in to the CloudHSM cluster of the custom key store: it has no user kmsuser.',
  },
  NETWORK_ERRORS: {
    create: 'CloudHsmClusterNotActiveException',
    connection: 'NETWORK_ERRORS',
    use: `AWS KMS cannot communicate with the CloudHSM cluster of the custom key store. This may pass: retry the request. ${WHY}`,
  },
  KEY_NOT_FOUND: {
    connection: 'INTERNAL_ERROR',
    use: 'The key material of the KMS key is not in the CloudHSM cluster of its custom key store.',
  },
  NOT_TRUSTED: {
    create: 'CloudHsmClusterNotFoundException',
    connection: 'CLUSTER_NOT_FOUND',
    use: 'The keyring is not trusted, so its custom key stores reach nothing: kms keyring trust allows it.',
    isForCallers: true,
  },
  NO_FREE_SESSION: {
    create: 'KMSInternalException',
    connection: 'INTERNAL_ERROR',
    use: 'There is no free session with the CloudHSM cluster.',
  },
  INTERNAL_ERROR: {
    create: 'CloudHsmClusterInvalidConfigurationException',
    connection: 'INTERNAL_ERROR',
    use: `The CloudHSM cluster of the custom key store has failed. ${WHY}`,
  },
};

/** Paths of libraries and labels of tokens are for the operator. */
export function createError(error: unknown): unknown {
  if (!(error instanceof HsmError)) return error;
  const { create = 'CloudHsmClusterInvalidConfigurationException', use, isForCallers } = ROWS[error.code];
  return new KmsError(create, isForCallers ? error.message : use);
}

/** CreateKey and GenerateRandom have an error for each of these; they have no KMSInvalidStateException (public model). */
export function storeError(error: unknown): unknown {
  if (!(error instanceof HsmError) || error.code === 'NO_FREE_SESSION') return useError(error);
  const isTooSmall = error.code === 'INSUFFICIENT_CLOUDHSM_HSMS';
  const code = isTooSmall ? 'CloudHsmClusterInvalidConfigurationException' : 'CustomKeyStoreInvalidStateException';
  return new KmsError(code, ROWS[error.code].use);
}

/** A cluster that has another trust anchor does not share the backup history. */
export function changeError(error: unknown): unknown {
  if (!(error instanceof HsmError) || error.code !== 'INCORRECT_TRUST_ANCHOR') return createError(error);
  return new KmsError('CloudHsmClusterNotRelatedException', error.message);
}

export const connectionCode = (error: unknown): ConnectionErrorCode =>
  error instanceof HsmError ? ROWS[error.code].connection : 'INTERNAL_ERROR';

/** That no session is free passes, as AWS says: the call may be tried again. */
export function useError(error: unknown): unknown {
  if (!(error instanceof HsmError)) return error;
  if (error.code === 'NO_FREE_SESSION') {
    return new KmsError('KMSInternalException', ROWS.NO_FREE_SESSION.use);
  }
  return new KmsError('KMSInvalidStateException', ROWS[error.code].use);
}
