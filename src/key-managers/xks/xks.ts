/**
 * The port to external key store proxies: the four calls of the AWS KMS External Key Store Proxy API Specification, as
 * KMS makes them, and the errors of a call.
 */
import type { Secret } from '../../crypto/secret.ts';

/** Where a proxy is, and the credential that requests to it are signed with. */
export interface XksProxyAddress {
  /** `https://` and a host name. */
  readonly uriEndpoint: string;
  /** Ends in `/kms/xks/v1`. */
  readonly uriPath: string;
  readonly accessKeyId: string;
  /** The raw secret access key, as UTF-8. */
  readonly secret: Secret;
  /** From which KMS calls. */
  readonly region: string;
}

/** The error names of the specification ("Error codes"). */
export const PROXY_ERRORS = {
  ValidationException: true,
  InvalidStateException: true,
  InvalidCiphertextException: true,
  InvalidKeyUsageException: true,
  AuthenticationFailedException: true,
  AccessDeniedException: true,
  KeyNotFoundException: true,
  InvalidUriPathException: true,
  ThrottlingException: true,
  UnsupportedOperationException: true,
  DependencyTimeoutException: true,
  InternalException: true,
} as const;

export type XksProxyErrorName = keyof typeof PROXY_ERRORS;

/** What a proxy has answered, or why there is no answer that can be used. */
export type XksErrorName =
  | XksProxyErrorName
  /** The operator has not allowed connections to the host. */
  | 'XksProxyNotAllowed'
  | 'XksProxyUnreachable'
  /** It says that none of its external key managers can be used. */
  | 'XksProxyUnhealthy'
  | 'XksProxyTimedOut'
  | 'XksProxyTls'
  | 'XksProxyInvalidResponse';

/** Its message has nothing of what the proxy has sent. */
export class XksError extends Error {
  override readonly name = 'XksError';
  readonly errorName: XksErrorName;
  /** What the operator can do. */
  readonly hints: readonly string[];
  constructor(errorName: XksErrorName, message: string, hints: readonly string[] = []) {
    super(message);
    this.errorName = errorName;
    this.hints = hints;
  }
}

export interface XksHealthMetadata {
  readonly kmsRequestId: string;
  readonly kmsOperation: 'CreateCustomKeyStore' | 'ConnectCustomKeyStore' | 'UpdateCustomKeyStore' | 'KmsHealthCheck';
}

/** About the call to KMS that a request is made for. */
export interface XksCallMetadata {
  readonly awsPrincipalArn: string;
  /** Of a call through a VPC endpoint. */
  readonly awsSourceVpc?: string | undefined;
  readonly awsSourceVpce?: string | undefined;
  readonly kmsOperation: string;
  /** That of the CloudTrail event. */
  readonly kmsRequestId: string;
}

export interface XksKeyUseMetadata extends XksCallMetadata {
  readonly kmsKeyArn: string;
  readonly kmsViaService?: string | undefined;
}

export interface XksHealth {
  readonly xksProxyFleetSize: number;
  readonly xksProxyVendor: string;
  readonly xksProxyModel: string;
  readonly ekmVendor: string;
  /** 1 to 10. */
  readonly ekmFleetDetails: readonly {
    readonly id: string;
    readonly model: string;
    readonly healthStatus: 'ACTIVE' | 'DEGRADED' | 'UNAVAILABLE';
  }[];
}

export interface XksKeyMetadata {
  readonly keySpec: string;
  readonly keyUsage: readonly string[];
  readonly keyStatus: 'ENABLED' | 'DISABLED';
}

/** What a proxy has encrypted; all of it is needed to decrypt. */
export interface XksCiphertext {
  /** As long as the plaintext. */
  readonly ciphertext: Uint8Array;
  /** 12 or 16 bytes. */
  readonly iv: Uint8Array;
  /** 16 bytes. */
  readonly tag: Uint8Array;
  /** At most 20 bytes. */
  readonly ciphertextMetadata?: Uint8Array | undefined;
}

export interface XksEncryption {
  /** At most 4,300 bytes. */
  readonly plaintext: Uint8Array;
  /** At most 8,192 bytes. */
  readonly aad: Uint8Array;
  readonly metadata: XksKeyUseMetadata;
}

export interface XksDecryption extends XksCiphertext {
  readonly aad: Uint8Array;
  readonly metadata: XksKeyUseMetadata;
}

/** Every request takes at most 250 ms, and is tried once more if it has taken that long. @throws XksError */
export interface Xks {
  /** The operator's entry for the host, which may name the VPC endpoint service that has this private DNS name. */
  findEntry(uriEndpoint: string): { readonly vpcEndpointServiceName?: string | undefined } | undefined;
  /** The host whose entry names this service. */
  privateDnsNameOf(vpcEndpointServiceName: string): string | undefined;
  getHealthStatus(proxy: XksProxyAddress, metadata: XksHealthMetadata): Promise<XksHealth>;
  getKeyMetadata(proxy: XksProxyAddress, externalKeyId: string, metadata: XksCallMetadata): Promise<XksKeyMetadata>;
  encrypt(proxy: XksProxyAddress, externalKeyId: string, request: XksEncryption): Promise<XksCiphertext>;
  /** @returns the plaintext, as long as the ciphertext; that it is the one that was encrypted, the caller verifies */
  decrypt(proxy: XksProxyAddress, externalKeyId: string, request: XksDecryption): Promise<Uint8Array>;
  /** Closes all connections; calls that wait for an answer fail. */
  close(): Promise<void>;
}
