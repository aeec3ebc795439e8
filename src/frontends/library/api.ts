/** The types of the library, which the package includes as they are here. */
import type { InputOf, OperationName, OutputOf } from '../../operations/index.ts';

export interface CallOptions {
  /** ARN of the caller: a user, a role, a session, the account's root. Default: the root user of the account. */
  readonly principal?: string;
  /** Tags of the principal, for conditions on `aws:PrincipalTag`. */
  readonly tags?: { readonly [key: string]: string };
  readonly region?: string;
}

/** The input is optional if none of its members is required. */
export type CallParameters<N extends OperationName> =
  {} extends InputOf<N> ? [input?: InputOf<N>, options?: CallOptions] : [input: InputOf<N>, options?: CallOptions];

/** `kms.encrypt({ ... })` is `kms.call('Encrypt', { ... })`. */
export type Methods = {
  readonly [N in OperationName as Uncapitalize<N>]: (...parameters: CallParameters<N>) => Promise<OutputOf<N>>;
};

/** A CloudTrail record. */
export interface AuditEvent {
  readonly [member: string]: unknown;
}

export interface PocketKms extends Methods {
  /** The account of the keyring. */
  readonly account: string;
  /** The Region of calls that name none. */
  readonly region: string;
  /**
   * A call of the KMS API. Blobs are `Uint8Array`, timestamps `Date`.
   * @param operation as in the API: `Encrypt`
   * @throws KmsException
   */
  readonly call: <N extends OperationName>(operation: N, ...parameters: CallParameters<N>) => Promise<OutputOf<N>>;
  /** All events of the audit log, as CloudTrail records. */
  events(): Promise<readonly AuditEvent[]>;
  close(): void;
}
